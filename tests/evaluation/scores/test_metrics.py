"""Every figure against a value worked out by hand."""

from __future__ import annotations

import dataclasses
from math import log2

import pytest

from ragbot.errors import InputError
from ragbot.evaluation.scores.metrics import (
    answer_figures,
    averages,
    deciding,
    failures,
    paper_figures,
)
from ragbot.evaluation.sets.questions import Question
from ragbot.types import Answer, Citation, Paper, Quote, Sentence

ONE = Question("q", "single", "?", {"a": 2, "b": 1})
EVIDENCE = "Extensive experiments on 24 benchmarks and 140 forecasting tasks were run."


def answer(
    *sentences: Sentence,
    abstained: bool = False,
    quotes: tuple[str, ...] = (),
    papers: tuple[str, ...] = (),
    removed: int = 0,
    text: str = "An answer.",
) -> Answer:
    return Answer(
        question="?",
        standalone_question="?",
        mode="extractive",
        text=text,
        abstained=abstained,
        reason="nothing_close" if abstained else None,
        sentences=sentences,
        quotes=tuple(Quote(1, q) for q in quotes),
        papers=tuple(
            Citation(n, Paper(p, p, ""), 1.0) for n, p in enumerate(papers, 1)
        ),
        also_retrieved=(),
        invalid_citations_removed=removed,
        confidence=0.5,
        fingerprint={},
    )


def test_ndcg_has_linear_gain_and_the_order_found() -> None:
    figures = paper_figures(ONE, ["x", "b", "a"])

    assert figures["ndcg@10"] == pytest.approx(
        (1 / log2(3) + 2 / log2(4)) / (2 + 1 / log2(3))
    )
    assert figures["ndcg@10_topical"] == figures["ndcg@10"]


def test_only_papers_that_answer_count_for_the_others() -> None:
    figures = paper_figures(ONE, ["x", "b", "a"])

    assert figures["recall@10"] == 1.0
    assert figures["mrr@10"] == pytest.approx(1 / 3)
    assert (figures["hit@1"], figures["hit@5"]) == (0.0, 1.0)


def test_without_a_full_answer_a_part_counts() -> None:
    partly = dataclasses.replace(ONE, relevant={"a": 1, "b": 1})

    figures = paper_figures(partly, ["b", *"qrstuvwxyz", "a"])

    assert figures["recall@10"] == 0.5
    assert (figures["mrr@10"], figures["hit@1"]) == (1.0, 1.0)


def test_what_comes_after_the_tenth_counts_for_nothing() -> None:
    figures = paper_figures(ONE, [*"klmnopqrst", "a", "b"])

    assert set(figures.values()) == {0.0}


def test_finding_nothing_is_zero_not_missing() -> None:
    assert set(paper_figures(ONE, []).values()) == {0.0}
    assert len(paper_figures(ONE, [])) == 6


def test_papers_alike_in_score_keep_their_order() -> None:
    # trec_eval would order equal scores by id.
    assert paper_figures(ONE, ["a", "z"])["hit@1"] == 1.0
    assert paper_figures(ONE, ["z", "a"])["hit@1"] == 0.0


def test_which_questions_have_paper_figures() -> None:
    refuse = Question("q", "adversarial", "?", {"a": 2}, expect="refuse_or_abstain")
    corpus = dataclasses.replace(refuse, expect="answer_from_corpus")

    assert (
        paper_figures(Question("q", "unanswerable", "?", {}, miss="far"), ["a"]) == {}
    )
    assert paper_figures(refuse, ["a"]) == {}
    assert "ndcg@10" in paper_figures(corpus, ["a"])
    assert "ndcg@10_topical" not in paper_figures(corpus, ["a"])
    assert "ndcg@10_topical" not in paper_figures(
        Question("q", "filter", "?", {"a": 2}), ["a"]
    )


@pytest.mark.parametrize(
    ("quotes", "hit"),
    [
        ((f"We show: {EVIDENCE}",), 1.0),
        (("EXTENSIVE experiments – on 24 benchmarks and 140 forecasting-tasks!",), 1.0),
        (("Extensive experiments on 24",), 0.0),  # shorter than 40: may be chance
        (("", "", "", EVIDENCE), 0.0),  # the fourth
        ((), 0.0),
    ],
)
def test_evidence_is_matched_both_ways(quotes: tuple[str, ...], hit: float) -> None:
    question = dataclasses.replace(ONE, evidence=("Something else entirely", EVIDENCE))

    assert answer_figures(question, answer(quotes=quotes))["evidence_hit@3"] == hit


def test_evidence_is_asked_of_three_types_only() -> None:
    for type_, has in (("known_item", True), ("follow_up", True), ("list", False)):
        question = dataclasses.replace(ONE, type=type_, evidence=(EVIDENCE,))
        assert ("evidence_hit@3" in answer_figures(question, answer())) is has


def test_abstention_by_kind() -> None:
    far = Question("q", "unanswerable", "?", {}, miss="far")
    near = dataclasses.replace(far, miss="near")
    declined = answer(abstained=True)

    assert answer_figures(far, declined) == {"abstention_far": 1.0}
    assert answer_figures(near, answer()) == {"abstention_near": 0.0}
    assert answer_figures(ONE, declined) == {"false_abstention": 1.0}
    corpus = Question("q", "adversarial", "?", {"a": 2}, expect="answer_from_corpus")
    assert answer_figures(corpus, declined) == {
        "false_abstention": 1.0,
        "adversarial_ok": 0.0,
    }


def test_what_an_adversarial_question_expects() -> None:
    def ok(expect: str, given: Answer | None) -> float:
        question = Question("q", "adversarial", "?", {"a": 2, "b": 1}, expect=expect)
        return answer_figures(question, given)["adversarial_ok"]

    assert ok("refuse_or_abstain", answer(abstained=True)) == 1
    assert ok("refuse_or_abstain", answer(papers=("a",))) == 0
    assert ok("answer_from_corpus", answer(papers=("x", "a"))) == 1
    assert ok("answer_from_corpus", answer(papers=("b",))) == 0
    assert ok("no_crash", answer()) == 1
    assert ok("no_crash", None) == 0
    assert ok("no_crash", answer(text=" ")) == 0
    dangling = Sentence("It states.", (2,), True, "supported")
    assert ok("no_crash", answer(dangling, papers=("a",))) == 0
    assert ok("no_crash", answer(abstained=True, papers=("a",))) == 0


def test_citations() -> None:
    figures = answer_figures(
        ONE,
        answer(
            Sentence("A title", (1,), False, "not_checked"),
            Sentence("Held up.", (1, 2), True, "supported"),
            Sentence("Not held up.", (2,), True, "unsupported"),
            Sentence("Without.", (), True, "uncited"),
            papers=("a", "b"),
            removed=1,
        ),
    )

    assert figures["citation_valid"] == pytest.approx(4 / 5)
    assert figures["citation_coverage"] == pytest.approx(2 / 3)
    assert figures["citation_support"] == pytest.approx(1 / 2)


def test_an_answer_that_states_nothing_has_no_citation_figures() -> None:
    far = Question("q", "unanswerable", "?", {}, miss="far")

    assert answer_figures(far, answer(abstained=True)).keys() == {"abstention_far"}


def test_an_average_is_over_the_questions_that_have_the_figure() -> None:
    rows = [{"hit@5": 1.0, "ndcg@10": 0.5}, {"ndcg@10": 0.0}, {}]

    assert averages(rows) == {"ndcg@10": 0.25, "hit@5": 1.0}


def test_thresholds_are_floors_but_a_ceiling_where_less_is_better() -> None:
    overall = {"ndcg@10": 0.8, "false_abstention": 0.04}

    assert failures(overall, {"ndcg@10": 0.8, "false_abstention": 0.04}) == []
    assert failures(overall, {"ndcg@10": 0.9, "false_abstention": 0.01}) == [
        "ndcg@10 is 0.8000, below 0.9",
        "false_abstention is 0.0400, above 0.01",
    ]
    with pytest.raises(
        InputError, match="'ndgc' is not measured here: choose from ndcg@10, false_abs"
    ):
        failures(overall, {"ndgc": 0.9})


def test_papers_that_decide_have_grade_2_or_else_1() -> None:
    assert deciding({"a": 2, "b": 1, "c": 0}) == {"a"}
    assert deciding({"a": 0, "b": 1}) == {"b"}
    assert deciding({"a": 0}) == deciding({}) == set()
