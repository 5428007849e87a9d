"""Files that papers came from, and what they bring while they come in, as HTML. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ragbot.types import FileReport, Progress
from ragbot.window.html.escaped import escaped
from ragbot.window.html.notes import problem_html

__all__ = ["report_html", "sources_html"]

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


def report_html(
    reports: Sequence[FileReport],
    *,
    reading: str | None = None,
    step: Progress | None = None,
    of: int = 0,
    problem: str | None = None,
) -> str:
    """A table of what files brought, under it what is happening now."""
    parts = []
    if reports:
        rows = "".join(_row(report) for report in reports)
        parts.append(
            '<table class="ledger"><thead><tr><th scope="col">File</th><th scope="col">New</th>'
            '<th scope="col">Updated</th><th scope="col">Duplicates</th>'
            '<th scope="col">Skipped</th>'
            f"</tr></thead><tbody>{rows}</tbody></table>"
        )
    if reading is not None and step is not None:
        parts.append(_progress(reading, len(reports) + 1, of, step))
    if problem:
        parts.append(problem_html(problem))
    return "".join(parts)


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
    reasons = [
        f"<li><b>{escaped(s.where)}</b> {escaped(s.reason)}</li>"
        for s in report.skipped[:_REASONS]
    ]
    if skipped > _REASONS:
        reasons.append(f"<li>and {skipped - _REASONS} more</li>")
    return f'{row}<tr class="reasons"><td colspan="5"><ul>{"".join(reasons)}</ul></td></tr>'


def _how_many(report: FileReport) -> str:
    return "all" if report.format is None else str(len(report.skipped))


def _progress(name: str, number: int, of: int, step: Progress) -> str:
    which = f" · file {number} of {of}" if of > 1 else ""
    if step.total:
        told = f"{step.done} of {step.total} papers"
        if step.seconds_left is not None:
            told += f" · {step.rate:.0f} papers/s · {step.seconds_left:.0f} s left"
        share = f'value="{step.done}" max="{step.total}"'
    else:
        told, share = "reading", ""
    return (
        f'<div class="working" role="status"><p><b>{escaped(name)}</b>{which}</p>'
        f'<progress {share} aria-label="Indexing"></progress><p class="told">{told}</p></div>'
    )
