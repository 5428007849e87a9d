"""What went wrong in a run: its worst questions, in groups of one kind of fault. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

from ragbot.evaluation.runs.records import Found, Outcome, Run, in_overall

__all__ = ["SHOWN", "WORST", "Case", "groups"]

# Papers shown of a ranking, and questions of a group.
SHOWN, WORST = 5, 12


@dataclass(frozen=True, slots=True)
class Case:
    """A question that went wrong: what was wanted with the rank it had, beside what was found."""

    outcome: Outcome
    verdict: str
    wanted: list[tuple[Found, int | None]]
    found: Sequence[Found]


@dataclass(frozen=True, slots=True)
class _Fault:
    """A kind of fault: whether an outcome shows it, what is said of it, and which come first."""

    heading: str
    note: str
    shows: Callable[[Outcome], object]
    verdict: Callable[[Outcome], str]
    first: Callable[[Outcome], float] = lambda _: 0.0
    most: int | None = None


def _scores(metric: str, value: float, outcome: Outcome) -> bool:
    return outcome.figures.get(metric) == value


def _misses_papers(outcome: Outcome) -> bool:
    return outcome.figures.get("ndcg@10", 1.0) < 1


def _ndcg(outcome: Outcome) -> float:
    return outcome.figures["ndcg@10"]


def _answers_wrongly(outcome: Outcome) -> bool:
    far = _scores("abstention_far", 0, outcome)
    return far or _scores("abstention_near", 0, outcome)


def _quotes_wrongly(outcome: Outcome) -> bool:
    return _scores("evidence_hit@3", 0, outcome) and not outcome.abstained


def _least_sure(outcome: Outcome) -> float:
    return -(outcome.confidence or 0.0)


def _similarity(outcome: Outcome) -> str:
    if outcome.confidence is None:
        return ""
    return f"similarity {outcome.confidence:.2f}"


def _what_it_did(outcome: Outcome) -> str:
    if outcome.error:
        return "refused"
    if outcome.abstained:
        return "declined"
    return "answered"


_FAULTS = (
    _Fault(
        "Cases that failed",
        "",
        attrgetter("failed"),
        lambda outcome: ", ".join(outcome.failed),
    ),
    _Fault(
        "Papers it missed",
        "Lowest nDCG@10 first.",
        _misses_papers,
        lambda outcome: f"nDCG@10 {_ndcg(outcome):.2f}",
        first=_ndcg,
        most=WORST,
    ),
    _Fault(
        "Declined although the collection answers",
        "Nearest to the threshold first.",
        partial(_scores, "false_abstention", 1),
        _similarity,
        first=_least_sure,
    ),
    _Fault(
        "Answered although the collection does not say",
        "Most similar first.",
        _answers_wrongly,
        _similarity,
        first=_least_sure,
        most=WORST,
    ),
    _Fault(
        "Traps it fell into",
        "Adversarial questions.",
        partial(_scores, "adversarial_ok", 0),
        _what_it_did,
    ),
    _Fault(
        "Quotes that miss the sentence that answers",
        "What it quoted beside the evidence of the set.",
        _quotes_wrongly,
        lambda _: "evidence not quoted",
        most=WORST,
    ),
    _Fault("Refused with an error", "", attrgetter("error"), attrgetter("error")),
)


def groups(run: Run) -> list[tuple[str, str, list[Case]]]:
    """Headed groups of cases, the worst first, empty ones left out."""
    asked, found = in_overall(run.outcomes), []
    for fault in _FAULTS:
        faulty = sorted(filter(fault.shows, asked), key=fault.first)
        if faulty:
            cases = [_case(o, fault.verdict(o)) for o in faulty[: fault.most]]
            found.append((fault.heading, fault.note, cases))
    return found


def _case(outcome: Outcome, verdict: str) -> Case:
    ranks = {f.id: rank for rank, f in enumerate(outcome.found, 1)}
    return Case(
        outcome,
        verdict,
        [(f, ranks.get(f.id)) for f in outcome.wanted],
        outcome.found[:SHOWN],
    )
