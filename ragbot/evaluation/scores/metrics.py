"""What each figure means. Pure: from what one question brought to its figures, and their averages.

The paper metrics come from ir-measures. A question has only the figures that its type defines; an
average is taken over the questions that have the figure.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, product, starmap
from operator import attrgetter, methodcaller
from statistics import fmean
from typing import Any, TypeVar

from ragbot.errors import InputError
from ragbot.evaluation.scores.matching import holds
from ragbot.evaluation.sets.questions import TOPICAL, Question
from ragbot.text.words import match_form
from ragbot.types import Answer

__all__ = [
    "CASES_PASSED",
    "FILTER_DATED",
    "HEADLINE",
    "KINDS_PASSED",
    "LOWER_IS_BETTER",
    "METRICS",
    "answer_figures",
    "averages",
    "collected",
    "deciding",
    "failures",
    "paper_figures",
]

T = TypeVar("T")

HEADLINE = "ndcg@10_topical"
FILTER_DATED = "filter_dated"
KINDS_PASSED = "cases_passed_macro"
"""Share of the ask cases that pass, every kind counting alike however many cases it has."""
CASES_PASSED = "cases_passed"
METRICS = (
    HEADLINE,
    "ndcg@10",
    "recall@10",
    "mrr@10",
    "hit@1",
    "hit@5",
    "evidence_hit@3",
    "abstention_far",
    "abstention_near",
    "false_abstention",
    "adversarial_ok",
    "citation_valid",
    "citation_coverage",
    "citation_support",
    "judge_faithfulness",
    "judge_relevancy",
    "judge_correctness",
    KINDS_PASSED,
    CASES_PASSED,
    "first_quote_answers",
    "any_quote_answers",
    "cited_precision",
    "cited_recall",
)
LOWER_IS_BETTER = frozenset({"false_abstention"})
_EVIDENCE_TYPES = ("single", "known_item", "follow_up")


def deciding(relevant: Mapping[str, int]) -> frozenset[str]:
    """The papers that recall, reciprocal rank and hits look for: grade 2, or 1 if there is no 2."""
    wanted = min(2, max([1, *relevant.values()]))
    return frozenset(id_ for id_, grade in relevant.items() if grade >= wanted)


def paper_figures(question: Question, found: Sequence[str]) -> dict[str, float]:
    """The figures of a ranking of paper ids, best first; none if there is nothing to find."""
    to_be_found = question.answerable or question.type != "adversarial"
    if not (question.relevant and to_be_found):
        return {}
    from ir_measures import RR, R, Success, nDCG

    # dcg="log2" is linear gain, trec_eval's.
    graded = {nDCG(cutoff=10, dcg="log2"): "ndcg@10"}
    binary = {
        R @ 10: "recall@10",
        RR @ 10: "mrr@10",
        Success @ 1: "hit@1",
        Success @ 5: "hit@5",
    }
    wanted = dict.fromkeys(deciding(question.relevant), 1)
    figures = {
        **_measured(graded, question.relevant, found),
        **_measured(binary, wanted, found),
    }
    if question.type in TOPICAL:
        figures[HEADLINE] = figures["ndcg@10"]
    return _in_order(figures)


def _in_order(figures: Mapping[str, T]) -> dict[str, T]:
    """The figures in the order of `METRICS`."""
    measured = filter(figures.__contains__, METRICS)
    return {name: figures[name] for name in measured}


def _measured(
    names: Mapping[Any, str], grades: Mapping[str, int], found: Sequence[str]
) -> dict[str, float]:
    """The figures of a ranking under their names, by the measures of ir-measures."""
    import ir_measures as ir

    # trec_eval orders by score and breaks ties by id: ranks as scores keep our order.
    run = [ir.ScoredDoc("q", id_, float(-rank)) for rank, id_ in enumerate(found)]
    judged = [ir.Qrel("q", id_, grade) for id_, grade in grades.items()]
    measured = ir.iter_calc(list(names), judged, run)
    return {names[metric.measure]: metric.value for metric in measured}


def answer_figures(question: Question, answer: Answer | None) -> dict[str, float]:
    """The figures of an answer; ``None`` is a question that was refused with an error."""
    given = answer or _NONE_GIVEN
    own = {
        name: float(figure.of(question, given))
        for name, figure in _ANSWER_FIGURES.items()
        if figure.applies(question)
    }
    return own | _citation_figures(given)


# A refused question was neither answered nor declined.
_NONE_GIVEN = Answer(
    question="",
    standalone_question="",
    mode="extractive",
    text="",
    abstained=False,
    reason=None,
    sentences=(),
    quotes=(),
    papers=(),
    also_retrieved=(),
    invalid_citations_removed=0,
    confidence=0.0,
    fingerprint={},
)


def _has_evidence(question: Question) -> bool:
    return question.type in _EVIDENCE_TYPES and bool(question.evidence)


def _quotes_evidence(question: Question, answer: Answer) -> bool:
    quotes = [match_form(quote.text) for quote in answer.quotes[:3]]
    pairs = product(quotes, map(match_form, question.evidence))
    return any(starmap(holds, pairs))


def _misses(how: str, question: Question) -> bool:
    return question.miss == how


def _stands_up(question: Question, answer: Answer) -> bool:
    return _EXPECTED[question.expect](question, answer)


def _abstains(_: Question, answer: Answer) -> bool:
    return answer.abstained


def _cites_an_answer(question: Question, answer: Answer) -> bool:
    return any(question.relevant.get(c.paper.id) == 2 for c in answer.papers)


def _is_valid(_: Question, answer: Answer) -> bool:
    """Whether the parts of an answer agree: numbers that lead somewhere, no papers if abstained."""
    numbers = list(map(attrgetter("n"), answer.papers))
    used = chain.from_iterable(map(attrgetter("citations"), answer.sentences))
    quoted = map(attrgetter("n"), answer.quotes)
    agreeing = (
        bool(answer.text.strip()),
        numbers == list(range(1, len(numbers) + 1)),
        {*used, *quoted} <= set(numbers),
        not (answer.abstained and numbers),
    )
    return all(agreeing)


_EXPECTED: Mapping[str | None, Callable[[Question, Answer], bool]] = {
    "refuse_or_abstain": _abstains,
    "no_crash": _is_valid,
    "answer_from_corpus": _cites_an_answer,
}


@dataclass(frozen=True, slots=True)
class _AnswerFigure:
    """A share of answers: the questions that have it, and whether an answer counts for it."""

    applies: Callable[[Question], object]
    of: Callable[[Question, Answer], bool]


_ANSWER_FIGURES = {
    "evidence_hit@3": _AnswerFigure(_has_evidence, _quotes_evidence),
    "abstention_far": _AnswerFigure(partial(_misses, "far"), _abstains),
    "abstention_near": _AnswerFigure(partial(_misses, "near"), _abstains),
    "false_abstention": _AnswerFigure(attrgetter("answerable"), _abstains),
    "adversarial_ok": _AnswerFigure(attrgetter("expect"), _stands_up),
}


def _citation_figures(answer: Answer) -> dict[str, float]:
    stating = list(filter(attrgetter("states"), answer.sentences))
    cited = list(filter(attrgetter("citations"), stating))
    supported = list(map(attrgetter("support"), cited)).count("supported")
    kept = sum(len(sentence.citations) for sentence in answer.sentences)
    shares = {
        "citation_valid": (kept, kept + answer.invalid_citations_removed),
        "citation_coverage": (len(cited), len(stating)),
        "citation_support": (supported, len(cited)),
    }
    return {name: part / whole for name, (part, whole) in shares.items() if whole}


def collected(rows: Iterable[Mapping[str, float]]) -> dict[str, list[float]]:
    """The values of each figure in the rows that have it, in the order of `METRICS`."""
    values = defaultdict(list)
    for name, value in chain.from_iterable(map(methodcaller("items"), rows)):
        values[name].append(value)
    return _in_order(values)


def averages(rows: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each figure over the rows that have it, in the order of `METRICS`."""
    return {name: fmean(values) for name, values in collected(rows).items()}


def failures(
    overall: Mapping[str, float], thresholds: Mapping[str, float]
) -> list[str]:
    """One line for each threshold that is missed; `LOWER_IS_BETTER` ones are ceilings.

    Raises:
        InputError: a metric that the run has not measured; the message lists those it has.
    """
    missed = []
    for name, wanted in thresholds.items():
        if name not in overall:
            raise InputError(
                f"'{name}' is not measured here", f"choose from {', '.join(overall)}"
            )
        value = overall[name]
        side = _WRONG_SIDE[name in LOWER_IS_BETTER]
        if side.holds(value, wanted):
            missed.append(f"{name} is {value:.4f}, {side.name} {wanted:g}")
    return missed


@dataclass(frozen=True, slots=True)
class _Side:
    """Where a value lies that misses a threshold."""

    name: str
    holds: Callable[[float, float], bool]


_WRONG_SIDE = {False: _Side("below", operator.lt), True: _Side("above", operator.gt)}
