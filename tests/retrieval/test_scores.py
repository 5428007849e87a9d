"""The arithmetic of retrieval: fusion of scores, ranking of sentences."""

from __future__ import annotations

from typing import get_args

import pytest

from ragbot.reading.abstracts import read_sentences
from ragbot.retrieval.asking import ANSWERING, Asking
from ragbot.retrieval.fusion import Fused, convex
from ragbot.retrieval.rank import (
    FEATURES,
    best_texts,
    features_of,
    rank_sentences,
)
from ragbot.testing import HashEmbedder, tiny_papers
from ragbot.text.sentences import split_sentences
from ragbot.text.words import words
from ragbot.types import Kind, RankedSentence

OLINEAR = tiny_papers()[0]


def by_id(fused: list[Fused]) -> dict[str, float]:
    return {f.paper_id: f.score for f in fused}


def test_the_best_of_both_sides_has_one() -> None:
    fused = convex(
        {"a": 0.9, "b": 0.4}, {"a": 7.0, "b": 3.5}, weight=0.25, dense_minimum=-0.1
    )
    assert by_id(fused) == pytest.approx({"a": 1.0, "b": 0.75 * 0.5 + 0.25 * 0.5})
    assert [f.paper_id for f in fused] == ["a", "b"]


def test_a_paper_unknown_to_a_side_has_that_sides_least() -> None:
    fused = convex({"a": 0.9, "b": 0.4}, {"c": 2.0}, weight=0.25, dense_minimum=-0.1)
    c = next(f for f in fused if f.paper_id == "c")
    assert (c.dense, c.lexical) == (0.4, 2.0)
    assert c.score == pytest.approx(0.75 * 0.5 + 0.25)
    assert by_id(fused)["a"] == pytest.approx(0.75)


@pytest.mark.parametrize(("weight", "first"), [(0.0, "dense"), (1.0, "words")])
def test_the_weight_is_the_lexical_share(weight: float, first: str) -> None:
    fused = convex(
        {"dense": 0.9, "words": 0.1},
        {"dense": 1.0, "words": 9.0},
        weight=weight,
        dense_minimum=-0.1,
    )
    assert fused[0].paper_id == first


def test_equal_scores_are_in_a_fixed_order() -> None:
    fused = convex(dict.fromkeys("cab", 0.5), {}, weight=0.2, dense_minimum=-0.1)
    assert [f.paper_id for f in fused] == ["a", "b", "c"]


def test_nothing_fuses_to_nothing() -> None:
    assert convex({}, {}, weight=0.2, dense_minimum=-0.1) == []


_CODE = "The code is available at https://github.com/jackyue1994/OLinear."


def ranked(
    question: str, kind: Kind, weights: dict[str, float]
) -> list[RankedSentence]:
    """The sentences of an abstract as a question of that kind ranks them."""
    embedder = HashEmbedder()
    sentences = read_sentences(f"{OLINEAR.abstract} {_CODE}", words)
    features = features_of(
        sentences,
        embedder.embed_queries(sentences.texts),
        embedder.embed_queries([question])[0],
        weights,
        Asking(question),
    )
    assert features.shape == (len(sentences.texts), len(FEATURES))
    return rank_sentences(sentences, features, kind)


def test_sentences_are_ranked_verbatim_and_by_the_question() -> None:
    sentences = [*split_sentences(OLINEAR.abstract), _CODE]
    question = "On how many benchmarks and forecasting tasks was it tested?"
    weights = {"benchmarks": 5.0, "forecasting": 1.0, "tasks": 2.0}
    found = ranked(question, "dataset", weights)
    assert found[0].text.startswith("Extensive experiments on 24 benchmarks")
    assert sorted(r.position for r in found) == list(range(len(sentences)))
    assert all(sentences[r.position] == r.text for r in found)
    assert [r.score for r in found] == sorted((r.score for r in found), reverse=True)
    assert best_texts(found, 2) == (found[0].text, found[1].text)


def test_what_a_question_asks_for_decides_between_sentences() -> None:
    question = "Is it open?"
    assert ranked(question, "availability", {})[0].text == _CODE
    assert ranked(question, "dataset", {})[0].text.startswith("Extensive experiments")


def test_the_words_of_a_link_say_nothing() -> None:
    read = read_sentences(
        "The code is at https://github.com/benchmarks/forecasting", words
    )
    assert {"code"} <= read.terms[0]
    assert not {"benchmarks", "forecasting", "github"} & read.terms[0]


def test_every_kind_has_its_weights() -> None:
    for kind in get_args(Kind):
        assert ranked("OLinear", kind, {})


@pytest.mark.parametrize(
    ("sentence", "way"),
    [
        ("So mixup is a data augmentation technique.", "copula"),
        ("It is like mixup, a data augmentation technique.", "apposition"),
        ("We call this technique mixup.", "naming"),
        ("Convex combinations of examples (mixup) help.", "spelling_out"),
        ("Training with mixups helps.", None),
        ("Remixup is a tool.", None),
    ],
)
def test_what_defines_a_subject(sentence: str, way: str | None) -> None:
    shown = dict(zip(ANSWERING, Asking("", "mixup").answered_in(sentence), strict=True))
    assert [name for name, found in shown.items() if found] == ([way] if way else [])


@pytest.mark.parametrize(
    ("question", "sentence", "counts"),
    [
        (
            "How many houses are there?",
            "It has 535 sample houses from California.",
            True,
        ),
        (
            "how many crowd datasets is it tested on",
            "We use five crowd datasets.",
            True,
        ),
        ("How many houses are there?", "In 2020 prices rose.", False),
        ("Which houses?", "It has 535 sample houses from California.", False),
    ],
)
def test_what_counts_the_things_asked_about(
    question: str, sentence: str, counts: bool
) -> None:
    shown = dict(zip(ANSWERING, Asking(question).answered_in(sentence), strict=True))
    assert (shown["counting"] == 1.0) is counts
