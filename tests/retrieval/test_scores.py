"""The arithmetic of retrieval: fusion of scores, ranking of sentences."""

from __future__ import annotations

import numpy as np
import pytest

from ragbot.retrieval.fusion import Fused, convex
from ragbot.retrieval.rank import best_texts, rank_sentences, read_sentences
from ragbot.testing import HashEmbedder, tiny_papers
from ragbot.text.sentences import split_sentences
from ragbot.text.words import words

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


def test_sentences_are_ranked_verbatim_and_by_the_question() -> None:
    embedder = HashEmbedder()
    sentences = split_sentences(OLINEAR.abstract)
    vectors = embedder.embed_queries(sentences)
    question = "On how many benchmarks and forecasting tasks was it tested?"
    ranked = rank_sentences(
        read_sentences(OLINEAR.abstract, words),
        vectors,
        embedder.embed_queries([question])[0],
        {"benchmarks": 5.0, "forecasting": 1.0, "tasks": 2.0},
    )
    assert ranked[0].text.startswith("Extensive experiments on 24 benchmarks")
    assert sorted(r.position for r in ranked) == list(range(len(sentences)))
    assert all(sentences[r.position] == r.text for r in ranked)
    assert [r.score for r in ranked] == sorted((r.score for r in ranked), reverse=True)
    assert best_texts(ranked, 2) == (ranked[0].text, ranked[1].text)


def test_the_words_of_a_link_say_nothing() -> None:
    (read,) = read_sentences(
        "The code is at https://github.com/benchmarks/forecasting", words
    )
    assert {"code"} <= read.terms
    assert not {"benchmarks", "forecasting", "github"} & read.terms


def test_vectors_that_do_not_belong_to_the_sentences_rank_nothing() -> None:
    read = read_sentences(OLINEAR.abstract, words)
    assert (
        rank_sentences(read, np.zeros((1, 8), np.float32), np.ones(8, np.float32), {})
        == []
    )
