"""A year or a month alone is a date: a range that touches it has the paper, however it is found."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import pytest

from ragbot.pipeline import Ragbot
from ragbot.retrieval import nearest
from ragbot.testing import tiny_collection
from ragbot.types import Filters, Paper

DATES = {"year": "2019", "month": "2019-05", "day": "2019-05-12"}
# From, to, and what the range has.
RANGES = [
    (None, "2019-12-31", "day month year"),
    ("2019-05-01", "2019-05-31", "day month year"),
    ("2019-05-13", "2019-05-20", "month year"),
    ("2019-07-01", "2019-08-31", "year"),
    ("2019-01-01", "2019-02-28", "year"),
    ("2018-01-01", "2018-12-31", ""),
    ("2020-01-01", None, ""),
]


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path_factory.mktemp("dates")) as bot:
        kept = [paper.id for paper in bot.papers()]
        for id_, date in DATES.items():
            paper = Paper(id_, f"Zebra {id_}", f"Zebras of one {id_}.", date=date)
            bot.add([paper], source=id_)
        bot.remove(kept)
        yield bot


@pytest.mark.parametrize(("low", "high", "found"), RANGES)
def test_a_range_has_what_it_touches(
    bot: Ragbot, monkeypatch: pytest.MonkeyPatch, low: str, high: str, found: str
) -> None:
    filters = Filters(low, high)
    listed = [paper.id for paper in bot.papers(filters)]
    assert sorted(listed) == found.split()
    assert [id_ for id_, date in DATES.items() if filters.admits(date)] == sorted(
        found.split(), reverse=True
    )
    for compared in (math.inf, 0):  # sifted out of all, and compared
        monkeypatch.setattr(nearest, "_COMPARED", compared)
        hits = bot.search("zebras", 10, filters).hits
        assert sorted(hit.paper.id for hit in hits) == found.split()


def test_facts_of_later_versions_are_kept_and_shown(bot: Ragbot) -> None:
    paper = Paper(
        "facts",
        "Facts",
        "Facts.",
        arxiv_id="1512.03385",
        doi="10.1109/CVPR.2016.90",
        venue="CVPR",
        keywords=("residual", "vision"),
    )
    bot.add([paper], source="one")
    (kept,) = bot.stores.catalog.get(["facts"]).values()
    assert dataclasses.replace(kept, sources=()) == paper
    again = Paper("other", "Other title", "", doi="10.1109/cvpr.2016.90")
    assert bot.stores.catalog.identify(again) == "facts"
