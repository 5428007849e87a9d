"""Runs and comparisons as lines of text for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ragbot.evaluation.report.page import REPORT
from ragbot.evaluation.runs.records import Run
from ragbot.evaluation.scores.compare import Comparison, Difference
from ragbot.evaluation.scores.metrics import (
    HEADLINE,
    KINDS_PASSED,
    LOWER_IS_BETTER,
    METRICS,
)
from ragbot.text.words import printable

__all__ = ["comparison_table", "run_table"]

_WIDTH = max(map(len, METRICS))
# Beginnings of figures that say little about a single type.
_OF_ALL_TYPES = (HEADLINE, "citation_")


def run_table(run: Run) -> str:
    """A run's figures with their intervals; then those of each type, or the cases that passed of
    each kind and those that failed."""
    told = run.told
    details = _types(told)
    if "by_kind" in told:
        details = _kinds(told)
    lines = [
        _heading(told),
        *map(partial(_figure, told), told["overall"]),
        *details,
        *_times(told["latency_ms"]),
        *_remarks(told),
        *_failures(run),
        f"report: {run.folder / REPORT}",
    ]
    return "\n".join(map(printable, lines))


def _heading(told: Mapping[str, Any]) -> str:
    name = told["set"]["name"]
    if "by_kind" in told:
        kinds, mean = len(told["by_kind"]), told["overall"][KINDS_PASSED]
        passed = f"{told['passed']} of {told['cases']} ask cases pass"
        return f"{name}: {passed}, mean over {kinds} kinds {mean:.3f}"
    return f"{name}: {told['questions']} questions, mean and 95 % interval"


def _figure(told: Mapping[str, Any], metric: str) -> str:
    value, (low, high) = told["overall"][metric], told["ci"][metric]
    line = f"  {metric:{_WIDTH}}  {value:.4f}  [{low:.3f}, {high:.3f}]"
    if metric in LOWER_IS_BETTER:
        return f"{line}  (lower is better)"
    return line


def _types(told: Mapping[str, Any]) -> Iterator[str]:
    for type_, figures in told["by_type"].items():
        shown = []
        for metric, value in figures.items():
            if not metric.startswith(_OF_ALL_TYPES):
                shown.append(f"{metric} {value:.3f}")
        if shown:
            yield f"{type_}:"
            yield f"  {'  '.join(shown)}"


def _kinds(told: Mapping[str, Any]) -> Iterator[str]:
    yield "passed of each kind:"
    for kind, passes in told["by_kind"].items():
        passed, cases = passes["passed"], passes["cases"]
        yield f"  {kind:{_WIDTH}}  {passed:3}/{cases:<3}  {passed / cases:.2f}"


def _times(times: Mapping[str, float | None]) -> Iterator[str]:
    for what in ("search", "ask"):
        half, most = times[f"{what}_p50"], times[f"{what}_p95"]
        if half is not None:
            yield f"{what}: median {half:.0f} ms, 95 % within {most:.0f} ms"


def _remarks(told: Mapping[str, Any]) -> Iterator[str]:
    if told["errors"]:
        yield f"{told['errors']} questions were refused with an error: see the report"
    for metric, n in told["unjudged"].items():
        yield f"{n} answers without {metric}: the language model gave no verdict"
    yield from told["notes"]


def _failures(run: Run) -> Iterator[str]:
    """Each case that failed: what was asked, and what is wrong by each of its checks."""
    for outcome in run.failures:
        turns = map(str.split, outcome.turns)
        asked = map(" ".join, turns)
        yield f"failed: {outcome.id}  {' | '.join(asked)}"
        for check, said in outcome.failed.items():
            yield f"  {check}: {said}"


def comparison_table(comparison: Comparison) -> str:
    """Every run against the base, metric by metric; a word marks what is hardly chance."""
    lines = [f"base: {comparison.base.name}"]
    for run in comparison.others:
        lines += ["", run.name, _HEADING]
        own = filter(partial(_is_of, run), comparison.differences)
        lines += map(_line, own)
    if comparison.notes:
        lines += ["", *comparison.notes]
    return "\n".join(lines)


def _is_of(run: Run, difference: Difference) -> bool:
    return difference.run == run.name


_HEADING = (
    f"  {'':{_WIDTH}}  {'base':>6}  {'run':>6}  {'change':>6}  {'95 % interval':>16}"
    f"  {'p (Holm)':>8}  {'won/lost/tied':>13}"
)


def _line(d: Difference) -> str:
    span = f"[{d.low:+.3f}, {d.high:+.3f}]"
    won = f"{d.wins}/{d.losses}/{d.ties}"
    line = (
        f"  {d.metric:{_WIDTH}}  {d.base_value:6.3f}  {d.value:6.3f}  {d.difference:+6.3f}"
        f"  {span:>16}  {d.p_corrected:8.3f}  {won:>13}"
    )
    if d.verdict == "even":
        return line
    return f"{line}  {d.verdict}"
