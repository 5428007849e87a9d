"""What the window says of the collection, and what it says while files come in. No layout."""

from __future__ import annotations

import html
import queue
import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from ragbot.config import LlmSettings
from ragbot.errors import FingerprintMismatch, RagbotError, ReadError
from ragbot.pipeline import Ragbot
from ragbot.types import FileReport, Progress, Skipped

__all__ = ["ingest", "masthead_html", "report_html", "sources_html", "writer"]

# Reasons listed in full for one file; the rest are counted.
_REASONS = 8


def masthead_html(bot: Ragbot) -> str:
    """The name, one line on what the collection covers, and how answers are made."""
    return f'<h1>Ragbot</h1><p class="covers">{_covers(bot)}</p><p class="mode">{_mode(bot)}</p>'


def writer(llm: LlmSettings) -> str:
    """The language model that writes the answers, and where it runs; empty if there is none."""
    if llm.provider == "none":
        return ""
    if llm.provider == "local":
        return f"{Path(llm.model).name} on this machine"
    # Without what may stand before an "@".
    host = re.match(r"https?://(?:[^/?#]*@)?([^/?#@]+)", llm.base_url)
    return f"{llm.model} at {host[1]}" if host else f"{llm.model} by {llm.provider}"


def _mode(bot: Ragbot) -> str:
    if name := writer(bot.settings.llm):
        return f"Answers written by {html.escape(name)}; every sentence is checked."
    return (
        '<span title="The Model tab tells how to have answers written.">'
        "Answers by quoting; no language model is used.</span>"
    )


def _covers(bot: Ragbot) -> str:
    catalog = bot.stores.catalog
    count, (first, last, undated) = catalog.count(), catalog.date_span()
    if not count:
        return "The collection is empty: drop listing files on this window to fill it."
    parts = [f"<b>{count:,}</b> paper{'s' * (count != 1)}"]
    if first and last:
        parts.append(f"{html.escape(first)} to {html.escape(last)}")
    if undated:
        parts.append(f"{undated:,} undated")
    parts.append(_index(bot))
    return " · ".join(parts)


def _index(bot: Ragbot) -> str:
    if waiting := bot.stores.catalog.unfinished():
        return f"indexing {waiting:,} more"
    try:
        bot.check()
    except FingerprintMismatch as error:
        told = html.escape(str(error))
        return f'<span title="{told}">index of other settings: run <b>ragbot rebuild</b></span>'
    return "index ready"


def sources_html(bot: Ragbot) -> str:
    """The files that papers came from, in the order they came."""
    rows = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th><td>{papers:,}</td></tr>'
        for name, papers in bot.stores.catalog.sources()
    )
    if not rows:
        return "<h2>Sources</h2><p>None yet.</p>"
    return (
        '<h2>Sources</h2><table class="ledger"><thead><tr><th scope="col">File</th>'
        f'<th scope="col">Papers</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def ingest(bot: Ragbot, files: Sequence[Path]) -> Iterator[str]:
    """Take files in one after the other; the table so far as HTML, again and again.

    A file that cannot be read is a row with its reason; the others are taken.
    """
    reports: list[FileReport] = []
    for path in files:
        for step in _one(bot, path):
            if isinstance(step, Progress):
                yield report_html(reports, reading=path.name, step=step, of=len(files))
            elif isinstance(step, FileReport):
                reports.append(step)
            else:
                yield report_html(reports, problem=str(step))
                return
        yield report_html(reports)


def _one(bot: Ragbot, path: Path) -> Iterator[Progress | FileReport | RagbotError]:
    """One file's progress and, last, its report, or what stopped the whole ingest."""
    told: queue.SimpleQueue[Progress | FileReport | RagbotError | None] = queue.SimpleQueue()

    def work() -> None:
        try:
            told.put(bot.ingest([path], progress=told.put).files[0])
        except ReadError as error:
            told.put(FileReport(path.name, None, 0, 0, 0, (Skipped("", error.problem),)))
        except RagbotError as error:
            told.put(error)
        finally:
            told.put(None)

    yield Progress("read", 0, 0, 0.0)
    threading.Thread(target=work, daemon=True).start()
    while (step := told.get()) is not None:
        yield step


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
        parts.append(f'<p class="problem" role="alert">{html.escape(problem)}</p>')
    return "".join(parts)


def _row(report: FileReport) -> str:
    numbers = "".join(
        f'<td class="{"" if n else "none"}">{n}</td>'
        for n in (report.new, report.updated, report.duplicates)
    )
    skipped = len(report.skipped)
    row = (
        f'<tr><th scope="row">{html.escape(Path(report.path).name)}</th>{numbers}'
        f'<td class="{"some" if skipped else "none"}">{_how_many(report)}</td></tr>'
    )
    if not skipped:
        return row
    reasons = [
        f"<li><b>{html.escape(s.where)}</b> {html.escape(s.reason)}</li>"
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
        f'<div class="working" role="status"><p><b>{html.escape(name)}</b>{which}</p>'
        f'<progress {share} aria-label="Indexing"></progress><p class="told">{told}</p></div>'
    )
