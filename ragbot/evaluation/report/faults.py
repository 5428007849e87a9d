"""What went wrong in a run: its worst questions, in groups of one kind of fault. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ragbot.evaluation.runs.records import Found, Outcome, Run
from ragbot.evaluation.scores.metrics import counts_in_overall

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


def groups(run: Run) -> list[tuple[str, str, list[Case]]]:
    """Headed groups of cases, the worst first, empty ones left out."""
    counted = [o for o in run.outcomes if counts_in_overall(o.type)]
    missed = sorted(
        (o for o in counted if o.figures.get("ndcg@10", 1) < 1),
        key=lambda o: o.figures["ndcg@10"],
    )
    unquoted = [
        o for o in counted if o.figures.get("evidence_hit@3") == 0 and not o.abstained
    ]
    answered = [
        o
        for o in counted
        if 0 in (o.figures.get("abstention_far"), o.figures.get("abstention_near"))
    ]
    groups = [
        (
            "Papers it missed",
            "Lowest nDCG@10 first.",
            [(o, f"nDCG@10 {o.figures['ndcg@10']:.2f}") for o in missed[:WORST]],
        ),
        (
            "Declined although the collection answers",
            "Nearest to the threshold first.",
            [
                (o, _similarity(o))
                for o in _by_confidence(
                    o for o in counted if o.figures.get("false_abstention")
                )
            ],
        ),
        (
            "Answered although the collection does not say",
            "Most similar first.",
            [(o, _similarity(o)) for o in _by_confidence(answered)[:WORST]],
        ),
        (
            "Traps it fell into",
            "Adversarial questions.",
            [
                (o, "refused" if o.error else "declined" if o.abstained else "answered")
                for o in counted
                if o.figures.get("adversarial_ok") == 0
            ],
        ),
        (
            "Quotes that miss the sentence that answers",
            "What it quoted beside the evidence of the set.",
            [(o, "evidence not quoted") for o in unquoted[:WORST]],
        ),
        (
            "Refused with an error",
            "",
            [(o, str(o.error)) for o in counted if o.error],
        ),
    ]
    return [
        (heading, note, [_case(o, verdict) for o, verdict in cases])
        for heading, note, cases in groups
        if cases
    ]


def _by_confidence(outcomes: Iterable[Outcome]) -> list[Outcome]:
    return sorted(outcomes, key=lambda o: -(o.confidence or 0))


def _similarity(outcome: Outcome) -> str:
    return (
        f"similarity {outcome.confidence:.2f}" if outcome.confidence is not None else ""
    )


def _case(outcome: Outcome, verdict: str) -> Case:
    ranks = {f.id: rank for rank, f in enumerate(outcome.found, 1)}
    return Case(
        outcome,
        verdict,
        [(f, ranks.get(f.id)) for f in outcome.wanted],
        outcome.found[:SHOWN],
    )
