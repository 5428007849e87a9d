"""Runs and comparisons as lines of text for a terminal. Pure."""

from __future__ import annotations

from ragbot.evaluation.report.page import REPORT
from ragbot.evaluation.runs.records import Run
from ragbot.evaluation.scores.compare import Comparison
from ragbot.evaluation.scores.metrics import HEADLINE, LOWER_IS_BETTER, METRICS

__all__ = ["comparison_table", "run_table"]

_WIDTH = max(map(len, METRICS))


def run_table(run: Run) -> str:
    """A run's figures with their intervals, then one line for each type and metric of finding."""
    told = run.told
    lines = [
        f"{told['set']['name']}: {told['questions']} questions, mean and 95 % interval"
    ]
    for metric, value in told["overall"].items():
        low, high = told["ci"][metric]
        lower = "  (lower is better)" if metric in LOWER_IS_BETTER else ""
        lines.append(
            f"  {metric:{_WIDTH}}  {value:.4f}  [{low:.3f}, {high:.3f}]{lower}"
        )
    for type_, figures in told["by_type"].items():
        shown = [m for m in figures if m != HEADLINE and not m.startswith("citation_")]
        if shown:
            lines.append(f"{type_}:")
            lines.append("  " + "  ".join(f"{m} {figures[m]:.3f}" for m in shown))
    times = told["latency_ms"]
    for what in ("search", "ask"):
        half, most = times[f"{what}_p50"], times[f"{what}_p95"]
        if half is not None:
            lines.append(f"{what}: median {half:.0f} ms, 95 % within {most:.0f} ms")
    if told["errors"]:
        lines.append(
            f"{told['errors']} questions were refused with an error: see the report"
        )
    lines += [
        f"{n} answers without {metric}: the language model gave no verdict"
        for metric, n in told["unjudged"].items()
    ]
    return "\n".join([*lines, f"report: {run.folder / REPORT}"])


def comparison_table(comparison: Comparison) -> str:
    """Every run against the base, metric by metric; a word marks what is hardly chance."""
    lines = [f"base: {comparison.base.name}"]
    for run in comparison.others:
        lines += [
            "",
            run.name,
            f"  {'':{_WIDTH}}  {'base':>6}  {'run':>6}  {'change':>6}  {'95 % interval':>16}"
            f"  {'p (Holm)':>8}  {'won/lost/tied':>13}",
        ]
        for d in comparison.differences:
            if d.run == run.name:
                span, won = (
                    f"[{d.low:+.3f}, {d.high:+.3f}]",
                    f"{d.wins}/{d.losses}/{d.ties}",
                )
                verdict = "" if d.verdict == "even" else f"  {d.verdict}"
                lines.append(
                    f"  {d.metric:{_WIDTH}}  {d.base_value:6.3f}  {d.value:6.3f}  "
                    f"{d.difference:+6.3f}  {span:>16}  {d.p_corrected:8.3f}  {won:>13}{verdict}"
                )
    return "\n".join([*lines, *([""] if comparison.notes else []), *comparison.notes])
