"""Misspelt words are read as the papers of a real index spell them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ragbot.pipeline import Ragbot
from ragbot.question.spelling import respelled
from ragbot.testing import tiny_collection


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path_factory.mktemp("tiny")) as bot:
        yield bot


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("time series forcasting", "time series forecasting"),
        ("multivaraite series", "multivariate series"),
        # Of the papers' words none is like these
        ("how to bake sourdough bread", "how to bake sourdough bread"),
        # English, though no paper has them
        ("lamps and drones", "lamps and drones"),
        ("Is it better than Gamma-3?", "Is it better than Gamma-3?"),
        ("Summarise it", "Summarise it"),
        ("Wie funktioniert das Forcasting?", "Wie funktioniert das Forcasting?"),
        ("", ""),
    ],
)
def test_misspelt_words_are_read_as_meant(
    tiny: Ragbot, question: str, read: str
) -> None:
    assert respelled(question, tiny.retriever()) == read


def test_a_misspelt_question_finds_its_paper(tiny: Ragbot) -> None:
    answer = tiny.ask("linear model for time series forcasting")
    assert answer.papers[0].paper.title.startswith("OLinear")
    assert "forecasting" in answer.standalone_question


def test_words_are_spelled_as_on_the_papers_side_of_the_atlantic(tiny: Ragbot) -> None:
    lexicon = tiny.retriever()
    assert any("utilizing" in paper.abstract for paper in tiny.papers())
    assert respelled("utilising noise", lexicon) == "utilizing noise"
    assert respelled("utilizing noise", lexicon) == "utilizing noise"
