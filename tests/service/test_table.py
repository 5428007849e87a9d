"""ragbot/service/table.py: which papers stand side by side, and what is told of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ragbot.config import load_settings
from ragbot.errors import EmptyCollection, InputError
from ragbot.pipeline import Ragbot
from ragbot.service import Service
from ragbot.testing import tiny_collection
from ragbot.types import Filters, Paper, Row

SPEED = Paper(
    "speed",
    "TurboNet: Pruning Networks in One Shot",
    "Large networks are slow and costly. We propose TurboNet, a method that prunes channels "
    "in one shot. It scores channels by their gradients. Experiments on CIFAR-10 and "
    "ImageNet show a speedup of 3.5x. However, TurboNet requires more memory. "
    "Code is available at https://github.com/turbo/net.",
    date="2024-03-01",
)
OLDER = Paper(
    "older",
    "Pruning Channels Without Gradients",
    "We prune channels without gradients. Magnitudes decide which channels stay.",
    date="2023-01-01",
)
BARE = Paper("bare", "Pruned", "")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with tiny_collection(tmp_path_factory.mktemp("tiny")) as bot:
        bot.add([SPEED, OLDER, BARE], source="more")
        yield Service(bot)


def ids(rows: list[Row]) -> list[str]:
    return [row.paper.id for row in rows]


def test_every_cell_is_a_sentence_of_the_abstract(service: Service) -> None:
    (row,) = service.matrix(ids=["speed"])
    result = "Experiments on CIFAR-10 and ImageNet show a speedup of 3.5x."
    assert row.cells == {
        "problem": "Large networks are slow and costly.",
        "method": "We propose TurboNet, a method that prunes channels in one shot.",
        "result": result,
        "numbers": result,
        "data": result,
        "code": "Code is available at https://github.com/turbo/net.",
    }
    for row in service.matrix():
        assert all(
            text is None or text in row.paper.abstract for text in row.cells.values()
        )


def test_what_is_not_told_is_none(service: Service) -> None:
    bare, older = service.matrix(ids=["bare", "older"])
    assert set(bare.cells.values()) == {None}
    assert [name for name, text in older.cells.items() if text is None] == [
        "problem",
        "numbers",
        "data",
        "code",
    ]


def test_papers_by_id_come_in_that_order_each_once(service: Service) -> None:
    assert ids(service.matrix(ids=["older", "speed", "older"])) == ["older", "speed"]
    with pytest.raises(InputError, match="no paper has the id nobody"):
        service.matrix(ids=["older", "nobody"])


def test_papers_by_what_a_question_asks_for(service: Service) -> None:
    assert ids(service.matrix("Which papers prune channels?")) == ["older", "speed"]
    assert ids(service.matrix("Compare TurboNet and pruning without gradients")) == [
        "speed",
        "older",
    ]
    titled = service.matrix('Which papers have "TurboNet" in the title?')
    assert ids(titled) == ["speed"]
    assert service.matrix("Which papers prune?", filters=Filters("1900", "1901")) == []


def test_all_papers_within_dates(service: Service) -> None:
    assert len(service.matrix()) == service.count()
    assert ids(service.matrix(filters=Filters("2024-03-01", "2024-03-31"))) == ["speed"]


def test_an_empty_collection_says_how_to_fill_it(tmp_path: Path) -> None:
    with (
        Ragbot.open(load_settings(data_dir=tmp_path, environ={})) as bot,
        pytest.raises(EmptyCollection, match="ragbot ingest"),
    ):
        Service(bot).matrix()
