"""Reports a person would rather look at than read: one self-contained HTML file each.

No script, no font and no picture from anywhere; text from papers and questions is escaped by the
template engine. Numbers come from the run; nothing is measured here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, cycle
from operator import attrgetter
from pathlib import Path
from statistics import fmean
from typing import Any

from ragbot.evaluation.report import charts
from ragbot.evaluation.report.faults import SHOWN, WORST, groups
from ragbot.evaluation.runs.records import (
    Outcome,
    Run,
    by_type,
    having,
    in_overall,
    known,
    times,
)
from ragbot.evaluation.scores.compare import Comparison, Difference
from ragbot.evaluation.scores.metrics import (
    CASES_PASSED,
    HEADLINE,
    KINDS_PASSED,
    LOWER_IS_BETTER,
    METRICS,
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
    "Passing ask cases": (
        KINDS_PASSED,
        CASES_PASSED,
        "first_quote_answers",
        "any_quote_answers",
        "cited_precision",
        "cited_recall",
    ),
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
    KINDS_PASSED: "cases that pass all their checks, every kind counting alike",
    CASES_PASSED: "cases that pass all their checks",
    "first_quote_answers": "the first quote is a sentence that answers",
    "any_quote_answers": "one of the quotes is a sentence that answers",
    "cited_precision": "share of the cited papers that are relevant",
    "cited_recall": "share of the relevant papers that are cited",
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
    ends = chain.from_iterable((d.low, d.high) for d in comparison.differences)
    reach = max(map(abs, ends), default=0) or 1
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
    ends = d.difference, d.low, d.high
    if d.metric in LOWER_IS_BETTER:
        ends = -d.difference, -d.high, -d.low
    return charts.forest(*ends, reach=reach, style=d.verdict)


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


# Figures that a report opens with, as far as they are measured: one of the ranking, then others.
_RANKING_CARDS = (HEADLINE, "ndcg@10")
_OTHER_CARDS = (
    KINDS_PASSED,
    "first_quote_answers",
    "cited_precision",
    "cited_recall",
    "evidence_hit@3",
    "abstention_far",
    "false_abstention",
    "recall@10",
    "hit@1",
)
_METRIC_CARDS = 4


def _measured(metrics: Iterable[str], overall: Mapping[str, float]) -> list[str]:
    return list(filter(overall.__contains__, metrics))


@dataclass(frozen=True, slots=True)
class _Card:
    value: str
    label: str
    note: str


def _cards(run: Run) -> list[_Card]:
    overall, intervals = run.told["overall"], run.told["ci"]
    ranking = _measured(_RANKING_CARDS, overall)[:1]
    chosen = [*ranking, *_measured(_OTHER_CARDS, overall)][:_METRIC_CARDS]
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
    asked = in_overall(run.outcomes)
    families = {}
    for family, metrics in _FAMILIES.items():
        measured = _measured(metrics, overall)
        if measured:
            families[family] = list(map(partial(_bar, run, asked), measured))
    return families


def _bar(run: Run, asked: Sequence[Outcome], metric: str) -> _Bar:
    value, (low, high) = run.told["overall"][metric], run.told["ci"][metric]
    style = ""
    if metric in LOWER_IS_BETTER:
        style = "lower"
    return _Bar(
        metric,
        _MEANINGS[metric],
        value,
        low,
        high,
        questions=len(having(_underlying(metric), asked)),
        svg=charts.bar(value, low, high, style=style),
    )


def _underlying(metric: str) -> str:
    """The figure that questions themselves have, of which the metric is an average."""
    if metric == KINDS_PASSED:
        return CASES_PASSED
    return metric


@dataclass(frozen=True, slots=True)
class _Heat:
    """Types by metrics; a cell is a value and how good it is, both 0 to 1, or ``None``."""

    metrics: list[str]
    rows: list[tuple[str, int, list[tuple[float, float] | None]]]

    @classmethod
    def of(cls, run: Run) -> _Heat:
        figures = run.told["by_type"]
        measured = set(chain.from_iterable(figures.values())) - {HEADLINE}
        metrics = list(filter(measured.__contains__, METRICS))
        asked = Counter(map(attrgetter("type"), run.outcomes))
        rows = []
        for type_, own in figures.items():
            cells = list(map(_cell, metrics, map(own.get, metrics)))
            rows.append((type_, asked[type_], cells))
        return cls(metrics, rows)


def _cell(metric: str, value: float | None) -> tuple[float, float] | None:
    if value is None:
        return None
    if metric in LOWER_IS_BETTER:
        return value, 1 - value
    return value, value


# Fewer questions of a type make no curve of their own.
_FEWEST = 10
_STYLES_OF_TYPES = ("c1", "c2", "c3", "c4", "c5")


def _recall_chart(run: Run) -> str | None:
    ranked = having("recall@10", in_overall(run.outcomes))
    if not ranked:
        return None
    large = {
        type_: own for type_, own in by_type(ranked).items() if len(own) >= _FEWEST
    }
    curves = [_recall_curve("all questions", ranked, "c0")]
    if len(large) > 1:
        curves += map(_recall_curve, large, large.values(), cycle(_STYLES_OF_TYPES))
    return charts.lines(
        curves[::-1],
        title="Recall against the number of papers looked at",
        x_label="papers looked at (k)",
        x_ticks=_K_TICKS,
        log=True,
    )


def _recall_curve(label: str, some: Sequence[Outcome], style: str) -> charts.Line:
    means = [(k, fmean(map(partial(_recall, k=k), some))) for k in range(1, 51)]
    return charts.Line(label, means, style)


def _recall(outcome: Outcome, k: int) -> float:
    sought = deciding(dict(map(attrgetter("id", "grade"), outcome.wanted)))
    looked_at = set(map(attrgetter("id"), outcome.found[:k]))
    return len(sought & looked_at) / len(sought)


# Similarities at which the shares of answered questions are drawn.
_STEPS = 200


def _abstention_chart(run: Run) -> str | None:
    """Shares still answered as the similarity asked for rises; the threshold in force is marked."""
    asked = in_overall(run.outcomes)
    groups = _by_what_is_right(asked)
    if "answerable" not in groups:
        return None
    if len(groups) == 1:
        return None
    low = int(min(_similarities(asked)) * 10) / 10
    tenths = round((1 - low) * 10)
    curves = [
        charts.Line(label, _shares_answered(similarities, low), _STYLES[label])
        for label, similarities in groups.items()
    ]
    return charts.lines(
        curves[::-1],
        title="Share of questions answered against the similarity asked for",
        x_label="similarity asked for",
        x_ticks=[round(low + i / 10, 1) for i in range(tenths + 1)],
        marks=_threshold_in_force(run),
    )


_STYLES = {"answerable": "c0", "unanswerable, near": "c1", "unanswerable, far": "c2"}
# The figures that tell which questions are to be answered, and which to be declined.
_TOLD_BY = {
    "answerable": "false_abstention",
    "unanswerable, near": "abstention_near",
    "unanswerable, far": "abstention_far",
}


def _by_what_is_right(asked: Sequence[Outcome]) -> dict[str, list[float]]:
    """The similarities of questions to answer, and of those to decline; no empty groups."""
    groups: dict[str, list[float]] = {}
    for label, figure in _TOLD_BY.items():
        if similarities := _similarities(having(figure, asked)):
            groups[label] = similarities
    return groups


def _similarities(outcomes: Sequence[Outcome]) -> list[float]:
    return known(map(attrgetter("confidence"), outcomes))


def _shares_answered(
    similarities: Sequence[float], low: float
) -> list[tuple[float, float]]:
    shares = []
    for i in range(_STEPS + 1):
        step = low + i * (1 - low) / _STEPS
        answered = [similarity >= step for similarity in similarities]
        shares.append((step, fmean(answered)))
    return shares


def _threshold_in_force(run: Run) -> list[charts.Mark]:
    threshold = run.told["settings"]["answer"].get("abstain_below")
    if threshold is None:
        return []
    return [charts.Mark(f"in force: {threshold:g}", threshold)]


def _latency_charts(run: Run) -> list[tuple[str, str]]:
    return [
        (what, _latency_chart(run, what, values))
        for what, values in times(run.outcomes).items()
        if values
    ]


def _latency_chart(run: Run, what: str, values: Sequence[float]) -> str:
    spent = run.told["latency_ms"]
    half, most = spent[f"{what}_p50"], spent[f"{what}_p95"]
    return charts.histogram(
        values,
        title=f"Times of {what}",
        x_label=f"{what}, milliseconds",
        marks=[
            charts.Mark(f"median {half:.0f}", half),
            charts.Mark(f"95 % within {most:.0f}", most),
        ],
        style=what,
    )
