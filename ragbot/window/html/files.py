"""Files that papers came from, and what they bring while they come in, as HTML. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ragbot.service.intake import Intake
from ragbot.text.english import counted
from ragbot.types import WHOLE_FILE, FileReport, Progress, Skipped
from ragbot.window.html.escaped import escaped
from ragbot.window.html.notes import problem_html, said_html

__all__ = ["intake_html", "sources_html"]

# Reasons listed in full for one file; the rest are counted.
_REASONS = 8


def sources_html(sources: Sequence[tuple[str, int]]) -> str:
    """The files that papers came from, in the order they came."""
    rows = "".join(
        f'<tr><th scope="row">{escaped(name)}</th><td>{papers:,}</td></tr>'
        for name, papers in sources
    )
    if not rows:
        return "<h2>Sources</h2><p>None yet.</p>"
    return (
        '<h2>Sources</h2><table class="ledger"><thead><tr><th scope="col">File</th>'
        f'<th scope="col">Papers</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def intake_html(job: Intake) -> str:
    """A table of what files brought, under it what is happening now."""
    return _table(job.reports) + _now(job)


def _now(job: Intake) -> str:
    if job.problem:
        return problem_html(job.problem)
    if not job.over.is_set():
        return _progress(job)
    return said_html(_ending(job)) if job.stopping else ""


def _table(reports: Sequence[FileReport]) -> str:
    if not reports:
        return ""
    rows = "".join(map(_row, reports))
    return (
        '<table class="ledger"><thead><tr><th scope="col">File</th><th scope="col">New</th>'
        '<th scope="col">Updated</th><th scope="col">Duplicates</th>'
        '<th scope="col">Skipped</th>'
        f"</tr></thead><tbody>{rows}</tbody></table>"
    )


def _ending(job: Intake) -> str:
    """What a stop left: the same files again go on there, as nothing is added twice."""
    done = f"{job.done} of {counted(len(job.files), 'file')}"
    return f"Stopped after {done}: drop them again to go on from there."


def _row(report: FileReport) -> str:
    numbers = "".join(
        f'<td class="{"" if n else "none"}">{n}</td>'
        for n in (report.new, report.updated, report.duplicates)
    )
    skipped = len(report.skipped)
    row = (
        f'<tr><th scope="row">{escaped(Path(report.path).name)}</th>{numbers}'
        f'<td class="{"some" if skipped else "none"}">{_how_many(report)}</td></tr>'
    )
    if not skipped:
        return row
    reasons = "".join(map(_reason, report.skipped[:_REASONS]))
    if skipped > _REASONS:
        reasons += f"<li>and {skipped - _REASONS} more</li>"
    return f'{row}<tr class="reasons"><td colspan="5"><ul>{reasons}</ul></td></tr>'


def _reason(skipped: Skipped) -> str:
    where = "" if skipped.where == WHOLE_FILE else skipped.where
    return f"<li><b>{escaped(where)}</b> {escaped(skipped.reason)}</li>"


def _how_many(report: FileReport) -> str:
    return "all" if report.format is None else str(len(report.skipped))


def _progress(job: Intake) -> str:
    name, which, reading = "Waiting for files dropped before", "", job.reading
    if reading:
        name = reading.name
        if len(job.files) > 1:
            which = f" · file {job.done + 1} of {len(job.files)}"
    share, done = _done(job.progress)
    if job.stopping:
        done += " · stopping"
    return (
        f'<div class="working" role="status"><p><b>{escaped(name)}</b>{which}</p>'
        f'<progress {share} aria-label="Indexing"></progress><p class="told">{done}</p></div>'
    )


def _done(step: Progress | None) -> tuple[str, str]:
    """How far a file is, for a bar and in words."""
    if step is None or not step.total:
        return "", "reading"
    done = f"{step.done} of {step.total} papers"
    if step.seconds_left is not None:
        done += f" · {step.rate:.0f} papers/s · {step.seconds_left:.0f} s left"
    return f'value="{step.done}" max="{step.total}"', done
