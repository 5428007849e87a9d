"""ragbot/retrieval/nearest.py: whichever way the nearest of a range are found, they are exact."""

from __future__ import annotations

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
    vectors = bot.stores.vectors
    every = vectors.compare(vector, vectors.ids())
    return [c for i, c in every if filters.admits(dates[paper_of(i)])][:N]


@pytest.mark.parametrize(
    ("few", "some"),
    [(0, 0), (0, 1000), (1000, 1000)],
    ids=["sifted", "chosen", "compared"],
)
@pytest.mark.parametrize("filters", RANGES, ids=str)
def test_the_nearest_of_a_range_are_the_exact_ones(
    bot: Ragbot,
    monkeypatch: pytest.MonkeyPatch,
    filters: Filters,
    few: int,
    some: int,
) -> None:
    monkeypatch.setattr(nearest, "_FEW_PAPERS", few)
    monkeypatch.setattr(nearest, "_SOME_PAPERS", some)
    view, chunking = bot.stores.view(), bot.settings.chunking
    for question in ("time series forecasting", "pruning of channels", "KV cache"):
        vector = bot._embedder().embed_queries([question])[0]
        found = nearest_chunks(view, vector, N, filters, chunking)
        cosines = [cosine for _, cosine in found]
        assert cosines == pytest.approx(exact(bot, vector, filters), abs=1e-4)


def test_a_range_far_from_the_question_is_found_by_asking_for_more(
    bot: Ragbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest, "_SOME_PAPERS", 0)
    monkeypatch.setattr(nearest, "_SURPLUS", 1e-9)
    view, chunking = bot.stores.view(), bot.settings.chunking
    vector = bot._embedder().embed_queries(["pruning of channels"])[0]
    for filters in RANGES:
        found = nearest_chunks(view, vector, N, filters, chunking)
        assert [c for _, c in found] == pytest.approx(
            exact(bot, vector, filters), abs=1e-4
        )
