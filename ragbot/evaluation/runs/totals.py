"""The figures of a run, as run.json tells them: averages, intervals, times. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter, itemgetter
from statistics import fmean
from typing import Any

from ragbot.evaluation.runs.records import Outcome, by_type, having, in_overall, times
from ragbot.evaluation.scores.matching import title_form, title_forms
from ragbot.evaluation.scores.metrics import (
    CASES_PASSED,
    KINDS_PASSED,
    averages,
    collected,
)
from ragbot.evaluation.scores.statistics import interval, percentile
from ragbot.evaluation.sets.cases import AnySet, CaseSet
from ragbot.evaluation.sets.checks import titles_of
from ragbot.text.english import counted
from ragbot.types import Paper

__all__ = ["figures", "notes"]

_FIGURES = attrgetter("figures")
_SHOWN = 3  # of the titles that no paper has


def figures(outcomes: Sequence[Outcome], seed: int) -> dict[str, Any]:
    """What run.json says of the outcomes of a set, in its order; of ask cases also who passed."""
    asked = in_overall(outcomes)
    values = _kinds_alike(asked) | collected(map(_FIGURES, asked))
    unjudged = map(attrgetter("unjudged"), asked)
    return {
        "questions": len(asked),
        "overall": {name: fmean(of_it) for name, of_it in values.items()},
        "ci": {name: list(interval(v, seed=seed)) for name, v in values.items()},
        "by_type": {
            type_: averages(map(_FIGURES, own))
            for type_, own in by_type(outcomes).items()
        },
        "errors": len(list(filter(attrgetter("error"), asked))),
        "unjudged": dict(Counter(chain.from_iterable(unjudged))),
        "latency_ms": _latencies(outcomes),
        **_passed(asked),
    }


def _passes(asked: Sequence[Outcome]) -> dict[str, list[float]]:
    """For each kind of ask cases which of them pass, 0 or 1; nothing for a question set."""
    passes = {}
    for kind, own in by_type(having(CASES_PASSED, asked)).items():
        passes[kind] = [outcome.figures[CASES_PASSED] for outcome in own]
    return passes


def _kinds_alike(asked: Sequence[Outcome]) -> dict[str, list[float]]:
    """Passed cases, weighed so that every kind counts alike in the mean over cases."""
    passes = _passes(asked)
    if not passes:
        return {}
    weighed: list[float] = []
    for of_kind in passes.values():
        weight = len(asked) / (len(passes) * len(of_kind))
        weighed += [weight * value for value in of_kind]
    return {KINDS_PASSED: weighed}


def _passed(asked: Sequence[Outcome]) -> dict[str, Any]:
    """How many cases passed, in all and of each kind; nothing for a question set."""
    by_kind = {
        kind: {"passed": round(sum(of_kind)), "cases": len(of_kind)}
        for kind, of_kind in _passes(asked).items()
    }
    if not by_kind:
        return {}
    passed = sum(map(itemgetter("passed"), by_kind.values()))
    return {"passed": passed, "cases": len(asked), "by_kind": by_kind}


def _latencies(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    spent = times(outcomes)
    return {
        "search_p50": percentile(spent["search"], 50),
        "search_p95": percentile(spent["search"], 95),
        "ask_p50": percentile(spent["ask"], 50),
        "ask_p95": percentile(spent["ask"], 95),
    }


def notes(asked: AnySet, papers: Iterable[Paper]) -> list[str]:
    """What about the set and these papers may lower the figures: titles that no paper has."""
    if not isinstance(asked, CaseSet):
        return []  # a question that names such a title is refused when it is read
    known = title_forms(paper.title for paper in papers)
    unknown: list[str] = []
    for case in asked.cases:
        titles = sorted(titles_of(case.checks))
        unknown += [
            f"“{title}” ({case.id})"
            for title in titles
            if title_form(title) not in known
        ]
    if not unknown:
        return []
    shown = ", ".join(unknown[:_SHOWN])
    count = counted(len(unknown), "title")
    return [f"{count} of the checks, which no paper of the collection has: {shown}"]
