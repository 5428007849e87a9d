"""Records find their paper by what it is known by, through a real catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ragbot.index.catalog import Catalog
from ragbot.papers.identity import paper_id
from ragbot.types import Paper

ARXIV = "https://arxiv.org/abs/1512.03385"
DOI = "https://doi.org/10.1109/CVPR.2016.90"
TITLE = "Deep Residual Learning for Image Recognition"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    yield catalog
    catalog.close()


def record(
    source: str, title: str = TITLE, url: str | None = None, date: str | None = None
) -> Paper:
    return Paper(
        paper_id(title), title, "An abstract.", date=date, url=url, sources=(source,)
    )


def commit(catalog: Catalog) -> list[Paper]:
    catalog.take_up([p.id for p in catalog.waiting()])
    catalog.commit([p.id for p in catalog.waiting()], catalog.removing())
    return catalog.papers()


def test_versions_and_spellings_with_one_arxiv_id_are_one_paper(
    catalog: Catalog,
) -> None:
    assert catalog.add_record(record("a.txt", url=ARXIV)) == "new"
    renamed = record("b.bib", "Deep Residual Learning", f"{ARXIV}v2")
    assert catalog.add_record(renamed) != "new"
    (paper,) = commit(catalog)
    assert paper.id == paper_id(TITLE)
    assert paper.sources == ("a.txt", "b.bib")
    # Its shorter title is an alias of it now.
    assert catalog.identify(record("c.ris", "Deep Residual Learning")) == paper.id


def test_a_title_alone_finds_its_paper(catalog: Catalog) -> None:
    catalog.add_record(record("a.txt"))
    assert catalog.add_record(record("b.bib", TITLE.upper(), ARXIV)) == "updated"
    assert len(commit(catalog)) == 1


def test_two_papers_of_one_title_stay_two(catalog: Catalog) -> None:
    first = record(
        "a.txt", "Attention Is All You Need", "https://arxiv.org/abs/1706.03762", "2017"
    )
    other = record(
        "a.txt", "Attention is all you need", "https://arxiv.org/abs/2401.00001", "2024"
    )
    assert [catalog.add_record(first), catalog.add_record(other)] == ["new", "new"]
    assert len({p.id for p in commit(catalog)}) == 2
    # Where nothing but the title is known, the year tells which is meant.
    undecided = record("b.txt", "Attention Is All You Need", date="2024-01")
    assert (
        catalog.identify(undecided)
        == catalog.identify(other)
        != catalog.identify(first)
    )
    assert catalog.add_record(other) == "duplicate"


def test_a_record_that_knows_both_makes_one_of_two(catalog: Catalog) -> None:
    catalog.add_record(record("a.txt", "ResNet", ARXIV))
    catalog.add_record(record("b.txt", "Residual Networks", DOI))
    assert len(commit(catalog)) == 2
    both = record("c.txt", "Deep Residual Learning", f"{ARXIV} {DOI}")
    assert catalog.add_record(both) != "new"
    (paper,) = commit(catalog)
    assert paper.sources == ("a.txt", "b.txt", "c.txt")
    assert paper.id == paper_id("ResNet")
    assert catalog.add_record(record("b.txt", "Residual Networks", DOI)) == "duplicate"


def test_an_alias_goes_with_the_record_that_gave_it(catalog: Catalog) -> None:
    catalog.add_record(record("a.txt", "ResNet", ARXIV))
    catalog.add_record(record("b.txt", "Residual Networks", ARXIV))
    catalog.drop_source("b.txt")
    commit(catalog)
    assert catalog.add_record(record("d.txt", "Residual Networks")) == "new"


def test_a_paper_that_was_removed_is_known_no_more(catalog: Catalog) -> None:
    catalog.add_record(record("a.txt", "ResNet", ARXIV))
    catalog.drop_papers([paper_id("ResNet")])
    commit(catalog)
    assert catalog.add_record(record("b.txt", "Residual Networks", ARXIV)) == "new"
    (paper,) = commit(catalog)
    assert paper.id == paper_id("Residual Networks")


def test_ids_that_papers_bear_are_kept(catalog: Catalog) -> None:
    for id_ in ("doc:1", "doc:2"):
        paper = Paper(id_, TITLE, "An abstract.", url=ARXIV, sources=("corpus",))
        assert catalog.add_record(paper, keep_id=True) == "new"
    assert {p.id for p in commit(catalog)} == {"doc:1", "doc:2"}


def test_an_id_that_another_paper_bears_is_not_given_again(catalog: Catalog) -> None:
    # Known by another title since its first source was dropped, it keeps its id.
    catalog.add_record(record("a.txt", "ResNet", ARXIV))
    catalog.add_record(record("b.txt", "Residual Networks", ARXIV))
    catalog.drop_source("a.txt")
    assert catalog.add_record(record("c.txt", "ResNet")) == "new"
    assert len({p.id for p in commit(catalog)}) == 2


def test_records_put_down_together_are_those_put_down_one_by_one(
    tmp_path: Path,
) -> None:
    records = [
        record("a.txt", url=ARXIV),
        record("a.txt", "Residual Networks", DOI, "2016"),
        record("a.txt"),  # of the first
        record("b.txt", "RESIDUAL NETWORKS", date="2016"),  # of the second
        record("b.txt", TITLE, "https://arxiv.org/abs/2401.00001"),  # a namesake
        record("b.txt", "Both", f"{ARXIV} {DOI}"),  # makes one of two
        record("b.txt", "After", date="2016"),
        record("b.txt", "After", date="2016"),
    ]
    known: list[tuple[list[str], object]] = []
    for run in (1, 3, len(records)):
        catalog = Catalog(tmp_path / f"{run}.sqlite")
        outcomes = []
        for at in range(0, len(records), run):
            said = [(each, each.sources[0]) for each in records[at : at + run]]
            outcomes += catalog.add_records(said)
        known.append((outcomes, commit(catalog)))
        catalog.close()
    one_by_one = Catalog(tmp_path / "each.sqlite")
    outcomes = [one_by_one.add_record(each) for each in records]
    assert outcomes == ["new", "new", "updated", *outcomes[3:6], "new", "duplicate"]
    assert known == [(outcomes, commit(one_by_one))] * 3
    one_by_one.close()
