"""ragbot/retrieval/nearest.py: whichever way the nearest of a range are found, they are exact."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import cycle

import numpy as np
import pytest

from ragbot.index.chunks import paper_of
from ragbot.pipeline import Ragbot
from ragbot.retrieval import nearest
from ragbot.retrieval.nearest import nearest_chunks
from ragbot.testing import tiny_collection, tiny_papers
from ragbot.text.sentences import split_sentences
from ragbot.types import Filters, Paper

N = 8
DATES = ["2023", "2024-02", "2024-02-10", "2024-02-11", "2024-07-01", "2025-01-05"]
RANGES = [
    Filters("2024-01-01", "2024-12-31"),
    Filters("2024-02-01", "2024-02-29"),
    Filters("2024-02-10", "2024-02-10"),
    Filters("2023-05-01", "2023-06-30"),
    Filters(None, "2024-02-10"),
    Filters("2024-07-01", None),
    Filters("2019-01-01", "2019-12-31"),
]


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ragbot]:
    """Papers of three sentences each, every second undated, that share words by chance."""
    drawn = np.random.default_rng(3)
    sentences = [s for paper in tiny_papers() for s in split_sentences(paper.abstract)]
    dates = cycle([date for dated in DATES for date in (dated, None)])
    papers = [
        Paper(
            f"p{number:03}",
            f"Paper {number}",
            " ".join(drawn.choice(sentences, 6, replace=False)),
            date=next(dates),
        )
        for number in range(240)
    ]
    with tiny_collection(tmp_path_factory.mktemp("nearest")) as bot:
        bot.add(papers, source="drawn")
        yield bot


def exact(bot: Ragbot, vector: np.ndarray, filters: Filters) -> list[float]:
    dates = {paper.id: paper.date for paper in bot.papers()}
    vectors = bot.stores.vectors.get(bot.stores.vectors.ids())
    within = [rows for i, rows in vectors.items() if filters.admits(dates[paper_of(i)])]
    return sorted((float(rows @ vector) for rows in within), reverse=True)[:N]


@pytest.mark.parametrize("compared", [math.inf, 0], ids=["sifted", "compared"])
@pytest.mark.parametrize("filters", RANGES, ids=str)
def test_the_nearest_of_a_range_are_the_exact_ones(
    bot: Ragbot, monkeypatch: pytest.MonkeyPatch, filters: Filters, compared: float
) -> None:
    monkeypatch.setattr(nearest, "_COMPARED", compared)
    for question in ("time series forecasting", "pruning of channels", "KV cache"):
        vector = bot._embedder().embed_queries([question])[0]
        found = nearest_chunks(bot.stores.view(), vector, N, filters)
        assert [c for _, c in found] == pytest.approx(
            exact(bot, vector, filters), abs=1e-4
        )


def test_both_ways_find_the_same_chunks(
    bot: Ragbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    vector = bot._embedder().embed_queries(["pruning of channels"])[0]
    compared = nearest_chunks(bot.stores.view(), vector, 1000, RANGES[0])
    monkeypatch.setattr(nearest, "_COMPARED", math.inf)
    sifted = nearest_chunks(bot.stores.view(), vector, 1000, RANGES[0])
    assert dict(compared) == pytest.approx(dict(sifted), abs=1e-4)
    assert len(compared) > 80


def test_a_range_far_from_the_question_is_found_by_asking_for_more(
    bot: Ragbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest, "_COMPARED", math.inf)
    monkeypatch.setattr(nearest, "_SURPLUS", 1e-9)
    vector = bot._embedder().embed_queries(["pruning of channels"])[0]
    for filters in RANGES:
        found = nearest_chunks(bot.stores.view(), vector, N, filters)
        assert [c for _, c in found] == pytest.approx(
            exact(bot, vector, filters), abs=1e-4
        )
