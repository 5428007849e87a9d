"""Reports a person would rather look at than read: one self-contained HTML file each.

No script, no font and no picture from anywhere; text from papers and questions is escaped by the
template engine. Numbers come from the run; nothing is measured here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from ragbot.evaluation.report import charts
from ragbot.evaluation.report.faults import SHOWN, WORST, groups
from ragbot.evaluation.runs.records import Outcome, Run
from ragbot.evaluation.scores.compare import Comparison, Difference
from ragbot.evaluation.scores.metrics import (
    HEADLINE,
    LOWER_IS_BETTER,
    METRICS,
    counts_in_overall,
    deciding,
)
from ragbot.text.latex import readable

__all__ = ["REPORT", "write_comparison", "write_report"]

REPORT = "report.html"
_FAMILIES = {
    "Finding papers": (HEADLINE, "ndcg@10", "recall@10", "mrr@10", "hit@1", "hit@5"),
    "Quoting what answers": ("evidence_hit@3",),
    "Knowing when not to answer": (
        "abstention_far",
        "abstention_near",
        "false_abstention",
        "adversarial_ok",
    ),
    "Citing": ("citation_valid", "citation_coverage", "citation_support"),
    "As a language model judges": (
        "judge_faithfulness",
        "judge_relevancy",
        "judge_correctness",
    ),
}
_MEANINGS = {
    HEADLINE: "ranking of the relevant papers; questions about a topic",
    "ndcg@10": "ranking of the relevant papers",
    "recall@10": "share of the papers that answer, among the first ten",
    "mrr@10": "one over the rank of the first paper that answers",
    "hit@1": "a paper that answers comes first",
    "hit@5": "a paper that answers is among the first five",
    "evidence_hit@3": "one of the first three quotes is the sentence that answers",
    "abstention_far": "declined: nothing in the collection comes near",
    "abstention_near": "declined: on topic, but the abstracts do not say",
    "false_abstention": "declined although the collection answers (lower is better)",
    "adversarial_ok": "traps and noise taken as they should be",
    "citation_valid": "citations that lead to a paper it was given",
    "citation_coverage": "statements that bear a citation",
    "citation_support": "cited statements that their abstracts support",
    "judge_faithfulness": "the answer follows from what it quotes",
    "judge_relevancy": "the answer speaks to the question",
    "judge_correctness": "the answer agrees with the reference",
}
_K_TICKS = (1, 2, 5, 10, 20, 50)


def write_report(run: Run) -> Path:
    """Write the run's report into its folder; its path."""
    return _write(
        run.folder / REPORT,
        "run.html",
        run=run,
        told=run.told,
        cards=_cards(run),
        families=_families(run),
        heat=_Heat.of(run),
        recall=_recall_chart(run),
        abstention=_abstention_chart(run),
        latencies=_latency_charts(run),
        groups=groups(run),
    )


def write_comparison(comparison: Comparison, path: Path) -> Path:
    """Write the comparison's report; its path."""
    reach = (
        max(
            (abs(v) for d in comparison.differences for v in (d.low, d.high)), default=0
        )
        or 1
    )
    return _write(
        path,
        "compare.html",
        comparison=comparison,
        told=comparison.base.told,
        meanings=_MEANINGS,
        lower=LOWER_IS_BETTER,
        forest=lambda d: _forest(d, reach),
        shown=SHOWN,
        worst=WORST,
    )


def _forest(d: Difference, reach: float) -> str:
    """Better lies right, whichever way the metric goes."""
    if d.metric in LOWER_IS_BETTER:
        return charts.forest(
            -d.difference, -d.high, -d.low, reach=reach, style=d.verdict
        )
    return charts.forest(d.difference, d.low, d.high, reach=reach, style=d.verdict)


def _write(path: Path, template: str, **values: Any) -> Path:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["readable"] = readable
    path.write_text(templates.get_template(template).render(values), encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True)
class _Card:
    value: str
    label: str
    note: str


def _cards(run: Run) -> list[_Card]:
    overall, intervals = run.told["overall"], run.told["ci"]
    chosen = [m for m in (HEADLINE, "ndcg@10") if m in overall][:1]
    wanted = (
        "evidence_hit@3",
        "abstention_far",
        "false_abstention",
        "recall@10",
        "hit@1",
    )
    chosen += [m for m in wanted if m in overall][: 4 - len(chosen)]
    cards = [
        _Card(
            f"{overall[m]:.3f}",
            m,
            "95 % interval {:.2f} to {:.2f}".format(*intervals[m]),
        )
        for m in chosen
    ]
    times = run.told["latency_ms"]
    for what, label in (("ask", "to an answer"), ("search", "to a search")):
        if times[f"{what}_p50"] is not None:
            half, most = times[f"{what}_p50"], times[f"{what}_p95"]
            cards.append(
                _Card(f"{half:.0f} ms", label, f"median; 19 of 20 within {most:.0f} ms")
            )
    return cards


@dataclass(frozen=True, slots=True)
class _Bar:
    metric: str
    meaning: str
    value: float
    low: float
    high: float
    questions: int
    svg: str


def _families(run: Run) -> dict[str, list[_Bar]]:
    overall = run.told["overall"]
    counted = [o for o in run.outcomes if counts_in_overall(o.type)]
    families = {}
    for family, metrics in _FAMILIES.items():
        bars = []
        for metric in metrics:
            if metric in overall:
                low, high = run.told["ci"][metric]
                style = "lower" if metric in LOWER_IS_BETTER else ""
                bars.append(
                    _Bar(
                        metric,
                        _MEANINGS[metric],
                        overall[metric],
                        low,
                        high,
                        sum(metric in o.figures for o in counted),
                        charts.bar(overall[metric], low, high, style=style),
                    )
                )
        if bars:
            families[family] = bars
    return families


@dataclass(frozen=True, slots=True)
class _Heat:
    """Types by metrics; a cell is a value and how good it is, both 0 to 1, or ``None``."""

    metrics: list[str]
    rows: list[tuple[str, int, list[tuple[float, float] | None]]]

    @classmethod
    def of(cls, run: Run) -> _Heat:
        by_type = run.told["by_type"]
        metrics = [
            m
            for m in METRICS
            if m != HEADLINE and any(m in figures for figures in by_type.values())
        ]
        rows = []
        for type_, figures in by_type.items():
            cells = [
                (figures[m], 1 - figures[m] if m in LOWER_IS_BETTER else figures[m])
                if m in figures
                else None
                for m in metrics
            ]
            rows.append((type_, sum(o.type == type_ for o in run.outcomes), cells))
        return cls(metrics, rows)


def _recall_chart(run: Run) -> str | None:
    ranked = [
        o
        for o in run.outcomes
        if "recall@10" in o.figures and counts_in_overall(o.type)
    ]
    if not ranked:
        return None
    types = [t for t in run.told["by_type"] if sum(o.type == t for o in ranked) >= 10]
    groups = [("all questions", ranked, "c0")]
    if len(types) > 1:
        groups += [
            (t, [o for o in ranked if o.type == t], f"c{1 + i % 5}")
            for i, t in enumerate(types)
        ]
    return charts.lines(
        [
            charts.Line(
                label,
                [(k, fmean(_recall(o, k) for o in some)) for k in range(1, 51)],
                style,
            )
            for label, some, style in reversed(groups)
        ],
        title="Recall against the number of papers looked at",
        x_label="papers looked at (k)",
        x_ticks=_K_TICKS,
        log=True,
    )


def _recall(outcome: Outcome, k: int) -> float:
    sought = deciding({f.id: f.grade for f in outcome.wanted})
    return len(sought & {f.id for f in outcome.found[:k]}) / len(sought)


def _abstention_chart(run: Run) -> str | None:
    """Shares still answered as the similarity asked for rises; the threshold in force is marked."""
    asked = [
        o
        for o in run.outcomes
        if o.confidence is not None and counts_in_overall(o.type)
    ]
    groups = {
        "answerable": [o for o in asked if o.answerable],
        "unanswerable, near": [o for o in asked if "abstention_near" in o.figures],
        "unanswerable, far": [o for o in asked if "abstention_far" in o.figures],
    }
    if not groups["answerable"] or not any(list(groups.values())[1:]):
        return None
    low = int(min(o.confidence or 0 for o in asked) * 10) / 10
    ticks = [round(low + i / 10, 1) for i in range(round((1 - low) * 10) + 1)]
    steps = [low + i * (1 - low) / 200 for i in range(201)]
    curves = [
        charts.Line(
            label,
            [(t, fmean((o.confidence or 0) >= t for o in some)) for t in steps],
            f"c{i}",
        )
        for i, (label, some) in reversed(list(enumerate(groups.items())))
        if some
    ]
    threshold = run.told["settings"]["answer"].get("abstain_below")
    return charts.lines(
        curves,
        title="Share of questions answered against the similarity asked for",
        x_label="similarity asked for",
        x_ticks=ticks,
        marks=[charts.Mark(f"in force: {threshold:g}", threshold)]
        if threshold is not None
        else [],
    )


def _latency_charts(run: Run) -> list[tuple[str, str]]:
    told = run.told["latency_ms"]
    times = {
        "search": [o.search_ms for o in run.outcomes if o.error is None],
        "ask": [o.ask_ms for o in run.outcomes if o.ask_ms is not None],
    }
    return [
        (
            what,
            charts.histogram(
                values,
                title=f"Times of {what}",
                x_label=f"{what}, milliseconds",
                marks=[
                    charts.Mark(
                        f"median {told[f'{what}_p50']:.0f}", told[f"{what}_p50"]
                    ),
                    charts.Mark(
                        f"95 % within {told[f'{what}_p95']:.0f}", told[f"{what}_p95"]
                    ),
                ],
                style=what,
            ),
        )
        for what, values in times.items()
        if values
    ]
