"""Whether runs over one set differ, question by question. Knows finished runs only."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from operator import attrgetter
from statistics import fmean
from typing import Any

import numpy as np

from ragbot.errors import InputError
from ragbot.evaluation.runs.records import Outcome, Run, having, in_overall
from ragbot.evaluation.scores.metrics import CASES_PASSED, LOWER_IS_BETTER, METRICS
from ragbot.evaluation.scores.statistics import holm, interval, randomisation_test

__all__ = ["SIGNIFICANT", "Change", "Comparison", "Difference", "compare"]

SIGNIFICANT = 0.05
# The figures by which a single question is told to have gained or lost: no question has both.
_TELLING = ("ndcg@10", CASES_PASSED)


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
        risen = self.difference > 0
        if risen == (self.metric in LOWER_IS_BETTER):
            return "worse"
        return "better"


@dataclass(frozen=True, slots=True)
class Change:
    """One question in the base and in a run, with what it gained in a metric."""

    base: Outcome
    other: Outcome
    metric: str

    @property
    def gain(self) -> float:
        """The run less the base."""
        return self.after - self.before

    @property
    def before(self) -> float:
        """The value in the base."""
        return self.base.figures[self.metric]

    @property
    def after(self) -> float:
        """The value in the run."""
        return self.other.figures[self.metric]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs against the first of them."""

    base: Run
    others: tuple[Run, ...]
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]

    def changes(self, run: Run) -> list[Change]:
        """The questions whose nDCG@10 moved and the ask cases that came to pass or to fail, the
        largest gain first."""
        changes: list[Change] = []
        for metric in _TELLING:
            changes += _changes(metric, self.base, run)
        moved = filter(attrgetter("gain"), changes)
        return sorted(moved, key=attrgetter("gain"), reverse=True)

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
    base, *others = _comparable(runs)
    rows = [
        _Row(run, metric, _changes(metric, base, run))
        for run, metric in itertools.product(others, METRICS)
    ]
    rows = list(filter(attrgetter("changes"), rows))
    p_values = np.array([randomisation_test(row.gains, seed=seed) for row in rows])
    # A test in which no question moved could not have come out: it does not count (Tarone, 1990).
    moved = np.array([any(row.gains) for row in rows], bool)
    corrected = np.ones(len(rows))
    corrected[moved] = holm(p_values[moved].tolist())
    difference = partial(_difference, seed=seed)
    differences = tuple(map(difference, rows, p_values.tolist(), corrected.tolist()))
    return Comparison(base, tuple(others), differences, tuple(_notes(base, others)))


def _comparable(runs: Sequence[Run]) -> Sequence[Run]:
    """The runs under names of their own.

    Raises:
        InputError: they cannot be compared.
    """
    if len(runs) < 2:
        raise InputError("a comparison needs two runs", "name their folders")
    base = runs[0]
    its_set = base.told["set"]
    for run in runs:
        if run.told["set"]["digest"] != its_set["digest"]:
            raise InputError(
                f"{run.folder}: is over another set ({run.told['set']['name']}) than "
                f"{base.folder} ({its_set['name']})",
                "compare runs over the same questions",
            )
    names = set(map(attrgetter("name"), runs))
    if len(names) < len(runs):
        return [replace(r, told={**r.told, "label": str(r.folder)}) for r in runs]
    return runs


@dataclass(frozen=True, slots=True)
class _Row:
    """A metric of a run, with the questions that have it there and in the base."""

    run: Run
    metric: str
    changes: Sequence[Change]

    @property
    def gains(self) -> list[float]:
        return list(map(attrgetter("gain"), self.changes))


def _changes(metric: str, base: Run, run: Run) -> list[Change]:
    """The questions that have the metric in both runs, in the base's order."""
    others = {outcome.key: outcome for outcome in having(metric, run.outcomes)}
    changes = []
    for own in having(metric, in_overall(base.outcomes)):
        other = others.get(own.key)
        if other is not None:
            changes.append(Change(own, other, metric))
    return changes


def _difference(row: _Row, p: float, corrected: float, seed: int) -> Difference:
    gains = row.gains
    low, high = interval(gains, seed=seed)
    up, down = sum(g > 0 for g in gains), sum(g < 0 for g in gains)
    wins, losses = up, down
    if row.metric in LOWER_IS_BETTER:
        wins, losses = down, up
    return Difference(
        run=row.run.name,
        metric=row.metric,
        questions=len(gains),
        base_value=fmean(map(attrgetter("before"), row.changes)),
        value=fmean(map(attrgetter("after"), row.changes)),
        difference=fmean(gains),
        low=low,
        high=high,
        p=p,
        p_corrected=corrected,
        wins=wins,
        losses=losses,
        ties=len(gains) - up - down,
    )


def _notes(base: Run, others: Sequence[Run]) -> list[str]:
    """What else differs and could explain a difference."""
    return [
        f"{run.name} ran {differing} than {base.name}."
        for run, (differing, of) in itertools.product(others, _CIRCUMSTANCES.items())
        if of(run.told) != of(base.told)
    ]


_CIRCUMSTANCES: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "over another collection": lambda told: told["fingerprint"]["collection"],
    "over another index": lambda told: told["fingerprint"]["index"],
    "with other code": lambda told: told["versions"]["code"],
}
