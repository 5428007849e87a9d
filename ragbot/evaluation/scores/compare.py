"""Whether runs over one set differ, question by question. Knows finished runs only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any

from ragbot.errors import InputError
from ragbot.evaluation.runs.records import Outcome, Run
from ragbot.evaluation.scores.metrics import LOWER_IS_BETTER, METRICS, counts_in_overall
from ragbot.evaluation.scores.statistics import holm, interval, randomisation_test

__all__ = ["SIGNIFICANT", "Change", "Comparison", "Difference", "compare"]

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric of one run against the base, over the questions that have it in both.

    ``difference`` is the run less the base, with its 95 % bootstrap interval; ``p`` is the paired
    randomisation test's and ``p_corrected`` Holm's over the tests of the comparison. A win is a
    question on which the run is better, whichever way better lies.
    """

    run: str
    metric: str
    questions: int
    base_value: float
    value: float
    difference: float
    low: float
    high: float
    p: float
    p_corrected: float
    wins: int
    losses: int
    ties: int

    @property
    def verdict(self) -> str:
        """``better``, ``worse``, or ``even`` where the difference may be chance."""
        if self.p_corrected >= SIGNIFICANT:
            return "even"
        return (
            "better"
            if (self.difference > 0) != (self.metric in LOWER_IS_BETTER)
            else "worse"
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One question in the base and in a run, with what it gained in nDCG@10."""

    base: Outcome
    other: Outcome
    gain: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs against the first of them."""

    base: Run
    others: tuple[Run, ...]
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]

    def changes(self, run: Run) -> list[Change]:
        """The questions whose nDCG@10 moved, the largest gain first."""
        moved = [
            Change(a, b, b.figures["ndcg@10"] - a.figures["ndcg@10"])
            for a, b in _pairs(self.base, run)
            if "ndcg@10" in a.figures and "ndcg@10" in b.figures
        ]
        return sorted((c for c in moved if c.gain), key=lambda c: -c.gain)

    def to_json(self) -> dict[str, Any]:
        """The JSON document of ``ragbot eval compare``."""
        return {
            "base": {"name": self.base.name, "run": str(self.base.folder)},
            "runs": [{"name": r.name, "run": str(r.folder)} for r in self.others],
            "differences": [
                {**asdict(d), "verdict": d.verdict} for d in self.differences
            ],
            "notes": list(self.notes),
        }


def compare(runs: Sequence[Run], *, seed: int = 0) -> Comparison:
    """Every run against the first.

    Raises:
        InputError: fewer than two runs, or runs over different sets.
    """
    if len(runs) < 2:
        raise InputError("a comparison needs two runs: name their folders")
    if len({r.name for r in runs}) < len(runs):
        runs = [replace(r, told={**r.told, "label": str(r.folder)}) for r in runs]
    base, *others = runs
    for run in others:
        if run.told["set"]["digest"] != base.told["set"]["digest"]:
            raise InputError(
                f"{run.folder}: is over another set ({run.told['set']['name']}) than {base.folder} "
                f"({base.told['set']['name']}): compare runs over the same questions"
            )
    rows = [
        (run, metric, values)
        for run in others
        for metric in METRICS
        if (values := _paired(base, run, metric))
    ]
    p_values = [
        randomisation_test([b - a for a, b in values], seed=seed) for *_, values in rows
    ]
    # A test in which no question moved could not have come out: it does not count (Tarone, 1990).
    moved = [i for i, (*_, values) in enumerate(rows) if any(a != b for a, b in values)]
    corrected = dict(zip(moved, holm([p_values[i] for i in moved]), strict=True))
    return Comparison(
        base,
        tuple(others),
        tuple(
            _difference(run, metric, values, p_values[i], corrected.get(i, 1.0), seed)
            for i, (run, metric, values) in enumerate(rows)
        ),
        tuple(_notes(base, others)),
    )


def _pairs(base: Run, run: Run) -> list[tuple[Outcome, Outcome]]:
    other = {o.key: o for o in run.outcomes}
    return [
        (o, other[o.key])
        for o in base.outcomes
        if counts_in_overall(o.type) and o.key in other
    ]


def _paired(base: Run, run: Run, metric: str) -> list[tuple[float, float]]:
    return [
        (a.figures[metric], b.figures[metric])
        for a, b in _pairs(base, run)
        if metric in a.figures and metric in b.figures
    ]


def _difference(
    run: Run,
    metric: str,
    values: Sequence[tuple[float, float]],
    p: float,
    corrected: float,
    seed: int,
) -> Difference:
    gains = [b - a for a, b in values]
    low, high = interval(gains, seed=seed)
    up, down = sum(g > 0 for g in gains), sum(g < 0 for g in gains)
    wins, losses = (down, up) if metric in LOWER_IS_BETTER else (up, down)
    return Difference(
        run=run.name,
        metric=metric,
        questions=len(values),
        base_value=fmean(a for a, _ in values),
        value=fmean(b for _, b in values),
        difference=fmean(gains),
        low=low,
        high=high,
        p=p,
        p_corrected=corrected,
        wins=wins,
        losses=losses,
        ties=len(values) - up - down,
    )


def _notes(base: Run, others: Sequence[Run]) -> list[str]:
    """What else differs and could explain a difference."""
    notes = []
    for run in others:
        for key, what in (
            ("collection", "another collection"),
            ("index", "another index"),
        ):
            if run.told["fingerprint"][key] != base.told["fingerprint"][key]:
                notes.append(f"{run.name} ran over {what} than {base.name}.")
        if run.told["versions"]["code"] != base.told["versions"]["code"]:
            notes.append(f"{run.name} ran with other code than {base.name}.")
    return notes
