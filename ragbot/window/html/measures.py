"""Runs and comparisons as HTML for the window: progress, tables, reports in frames. Pure."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from ragbot.evaluation.scores.compare import SIGNIFICANT, Comparison, Difference
from ragbot.evaluation.scores.metrics import HEADLINE, LOWER_IS_BETTER
from ragbot.service.trials import Evaluation
from ragbot.text.english import counted
from ragbot.window.html.escaped import escaped
from ragbot.window.html.notes import problem_html, said_html

__all__ = [
    "EMPTY",
    "comparison_html",
    "ending_html",
    "figures_html",
    "progress_html",
    "report_html",
]

EMPTY = """<div class="pane-empty"><h2>Report</h2>
<p>A run asks Ragbot every question of a set and measures whether it finds the papers that answer,
quotes the sentence that does, and declines what the abstracts do not say. Each figure has its 95 %
interval; the report shows where it went wrong.</p>
<p>Change a setting or add papers, run the set again, and compare: only a difference that is hardly
chance is called one.</p></div>"""

_LEGEND = f"""<p class="told">A change in colour is hardly chance: p &lt; {SIGNIFICANT} after Holm's
correction.</p>"""


def progress_html(job: Evaluation) -> str:
    """How far a run is."""
    step, share, doing = job.progress, "", "loading the model"
    if step:
        share, doing = (
            f'value="{step.done}" max="{step.total}"',
            f"{step.done} of {step.total} questions",
        )
        if step.done == step.total:
            doing += " · writing the report"
        elif job.stopping:
            doing += " · stopping"
        elif job.seconds_left is not None:
            doing += f" · {_duration(job.seconds_left)} left"
    return (
        f'<div class="working" role="status"><p><b>{escaped(job.questions.name)}</b></p>'
        f'<progress {share} aria-label="Questions asked"></progress><p class="told">{doing}</p>'
        "</div>"
    )


def ending_html(job: Evaluation) -> str:
    """What came of a run that is over."""
    if job.problem:
        return problem_html(job.problem)
    done, total = 0, 0
    if job.progress:
        done, total = job.progress.done, job.progress.total
    if job.run:
        return said_html(f"{counted(done, 'question')} asked.")
    asked = f"{done} of {counted(total, 'question')}"
    return said_html(f"Stopped after {asked}: Run goes on from there.")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def figures_html(record: Mapping[str, Any]) -> str:
    """A run's averages with their intervals, and its times."""
    rows = "".join(
        f'<tr class="{"headline" if metric == HEADLINE else ""}">{_metric(metric)}'
        f"<td>{value:.3f}</td>{_span('.2f', *record['ci'][metric])}</tr>"
        for metric, value in record["overall"].items()
    )
    head = _head("Figure", "Mean", "95 % interval")
    asked = "ask case" if "by_kind" in record else "question"
    return (
        f"<h2>{_set_name(record)}<small>{counted(record['questions'], asked)}</small></h2>"
        f'<table class="ledger">{head}<tbody>{rows}</tbody></table>{_times(record["latency_ms"])}'
        f"{_failures(record)}"
    )


def _times(times: Mapping[str, float | None]) -> str:
    told = ""
    for key, what in (("ask", "To an answer"), ("search", "To a search")):
        half, most = times[f"{key}_p50"], times[f"{key}_p95"]
        if half is not None:
            told += f'<p class="told">{what} {half:.0f} ms, 19 of 20 within {most:.0f} ms</p>'
    return told


def _failures(record: Mapping[str, Any]) -> str:
    errors = record["errors"]
    if not errors:
        return ""
    return problem_html(f"{errors} of the questions were refused with an error")


def comparison_html(comparison: Comparison) -> str:
    """Each run against the base, metric by metric; colour marks what is hardly chance."""
    base = comparison.base
    notes = "".join(f"<p>{escaped(note)}</p>" for note in comparison.notes)
    parts = [f"<h2>{_set_name(base.told)}<small>compared</small></h2>"]
    for run in comparison.others:
        rows = "".join(
            _difference(d) for d in comparison.differences if d.run == run.name
        )
        parts.append(
            f'<dl class="versus"><dt>Before</dt><dd>{escaped(base.name)}</dd><dt>After</dt>'
            f"<dd>{escaped(run.name)}</dd>{_changed(base.told, run.told)}</dl>"
            f'<table class="ledger">{_head("Figure", "Before", "After", "Change", "95 % interval")}'
            f"<tbody>{rows}</tbody></table>"
        )
    return "".join([*parts, _LEGEND, notes])


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The settings that differ, which are what most comparisons are about."""
    was, now = _dotted(before["settings"]), _dotted(after["settings"])
    values = ""
    for key, old in was.items():
        new = now.get(key, old)
        if new != old:
            values += f"<dd>{escaped(f'{key}: {old} → {new}')}</dd>"
    return f"<dt>Settings</dt>{values or '<dd>the same</dd>'}"


def _dotted(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The settings of all sections by their whole names."""
    return {
        f"{section}.{key}": value
        for section, keys in settings.items()
        for key, value in keys.items()
    }


def _difference(d: Difference) -> str:
    title = (
        f"p {d.p_corrected:.3f} (Holm); won {d.wins}, lost {d.losses}, tied {d.ties}"
    )
    return (
        f'<tr class="{d.verdict}" title="{title}">{_metric(d.metric)}<td>{d.base_value:.3f}</td>'
        f"<td>{d.value:.3f}</td><td><b>{_number('+.3f', d.difference)}</b></td>"
        f"{_span('+.3f', d.low, d.high)}</tr>"
    )


def _metric(name: str) -> str:
    lower = "<small>lower is better</small>" if name in LOWER_IS_BETTER else ""
    breakable = escaped(name).replace("_", "_<wbr>").replace("@", "<wbr>@")
    return f'<th scope="row">{breakable}{lower}</th>'


def _span(form: str, low: float, high: float) -> str:
    return f'<td class="span">{_number(form, low)} to&nbsp;{_number(form, high)}</td>'


def _number(form: str, value: float) -> str:
    """The number with a minus sign where it has one, and no sign if it is nothing."""
    text = f"{value:{form}}"
    return text.replace("-", "−") if text.strip("+-0.") else text.lstrip("+-")


def _head(*columns: str) -> str:
    cells = "".join(f'<th scope="col">{column}</th>' for column in columns)
    return f"<thead><tr>{cells}</tr></thead>"


def _set_name(record: Mapping[str, Any]) -> str:
    return escaped(record["set"]["name"])


def report_html(page: str, name: str) -> str:
    """A report in a frame that runs no script and has no access to the window; ``name`` is what
    it is called when downloaded.
    """
    return (
        f'<div class="downloads"><button type="button" data-save="{escaped(name)}">'
        'Download the report</button><button type="button" data-full>Full screen</button></div>'
        f'<iframe sandbox title="Report" srcdoc="{html.escape(page)}"></iframe>'
    )
