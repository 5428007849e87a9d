"""What a question asks of the catalog costs the same in a collection ten times as large.

Counted in steps of SQLite's virtual machine, the second time that the same is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from ragbot.index.catalog import Catalog
from ragbot.types import Filters, Paper

SIZES = (200, 2000)
FEW = 20
YEAR = Filters("2024-01-01", "2024-12-31")
DAY = Filters("2024-03-05", "2024-03-05")
IDS = [f"p{number:04}" for number in range(FEW)]

ASKED: dict[str, Callable[[Catalog], object]] = {
    "whether there is a paper": Catalog.is_empty,
    "papers": Catalog.count,
    "papers of a year": lambda catalog: catalog.count(YEAR),
    "first and last date": Catalog.date_span,
    "papers of a day": lambda catalog: catalog.count(DAY),
    "some dates": lambda catalog: catalog.dates(FEW),
    "dates of some papers": lambda catalog: catalog.dates_of(IDS),
    "papers by id": lambda catalog: catalog.get(IDS),
    "the first page": lambda catalog: catalog.papers(None, FEW),
    "the first page of a year": lambda catalog: catalog.papers(YEAR, FEW),
    "papers without names": Catalog.count_unsigned,
    "papers by year": Catalog.years,
    "organisations": Catalog.organisations,
    "generation": Catalog.generation,
}


def filled(path: Path, size: int) -> Catalog:
    """A catalog of committed papers; the same number of them, one, on each day."""
    catalog = Catalog(path)
    first = date(2024, 1, 1) - timedelta(days=size // 2)
    papers = [
        Paper(
            f"p{number:04}",
            f"Title {number}",
            "An abstract.",
            date=str(first + timedelta(days=number)),
            sources=("file",),
        )
        for number in range(size)
    ]
    with catalog.transaction():
        for paper in papers:
            catalog.add_record(paper, keep_id=True)
        catalog.commit(indexed=[paper.id for paper in papers])
    return catalog


@pytest.fixture(scope="module")
def catalogs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Catalog]]:
    folder = tmp_path_factory.mktemp("growth")
    made = [filled(folder / f"{size}.sqlite", size) for size in SIZES]
    yield made
    for catalog in made:
        catalog.close()


def steps(catalog: Catalog, ask: Callable[[Catalog], object]) -> int:
    """How many steps SQLite's machine makes for what is asked, to within 10."""
    made = 0

    def count() -> int:
        nonlocal made
        made += 10
        return 0

    catalog._db.set_progress_handler(count, 10)
    ask(catalog)
    catalog._db.set_progress_handler(None, 0)
    return made


@pytest.mark.parametrize("what", ASKED)
def test_ten_times_the_papers_cost_no_more(catalogs: list[Catalog], what: str) -> None:
    for catalog in catalogs:
        ASKED[what](catalog)
    few, many = (steps(catalog, ASKED[what]) for catalog in catalogs)
    assert many <= 1.5 * few + 50


def test_kept_numbers_are_those_of_now(tmp_path: Path) -> None:
    """Whoever writes: this connection, another one, or a transaction that is rolled back."""
    catalog, other = (
        filled(tmp_path / "one.sqlite", 30),
        Catalog(tmp_path / "one.sqlite"),
    )
    assert catalog.count() == other.count() == 30
    catalog.drop_papers(["p0000"])
    assert catalog.count() == other.count() == 29
    with pytest.raises(RuntimeError), catalog.transaction():  # noqa: PT012
        catalog.drop_papers(["p0001"])
        assert catalog.count() == 28
        raise RuntimeError
    assert catalog.count() == other.count() == 29
    other.drop_papers(["p0002"])
    assert catalog.count() == other.count() == 28
    assert catalog.date_span()[0] == other.date_span()[0] == "2023-12-18"
    catalog.close()
    other.close()


def test_pages_follow_one_another(catalogs: list[Catalog]) -> None:
    catalog, _ = catalogs
    for filters in (None, YEAR, DAY, Filters("2023-11-01", "2024-02-01")):
        whole = catalog.papers(filters)
        pages = [catalog.papers(filters, 7, skip) for skip in range(0, len(whole), 7)]
        assert [paper for page in pages for paper in page] == whole
    assert catalog.papers(None, 7, 1000) == []


def test_months_and_years_alone_are_paged_in_their_place(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    for given in ("2024", "2024-02", "2024-02-10", "2024-02-11", "2025", None):
        paper = Paper(str(given), f"Of {given}", "", date=given, sources=("file",))
        catalog.add_record(paper, keep_id=True)
        catalog.commit(indexed=[paper.id])
    within = Filters("2024-02-10", "2025-06-30")
    order = ["2025", "2024-02-11", "2024-02-10", "2024-02", "2024"]
    assert [paper.id for paper in catalog.papers(within)] == order
    assert [catalog.papers(within, 1, at)[0].id for at in range(5)] == order
    assert sorted(catalog.dates()) == sorted([*order, "None"])
    assert catalog.dates_of(["2024-02", "None", "x"]) == {
        "2024-02": "2024-02",
        "None": None,
    }
    assert [heading.id for heading in catalog.headings(within)] == order
    catalog.close()
