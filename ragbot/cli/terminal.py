"""Values as text for people at a terminal. Returns text; only `watch` shows it, on a stream given.

Answers are Markdown already; the lists here are made in the same way, so that one renderer wraps,
indents and sets in bold. On anything but a terminal, and with NO_COLOR, the text is plain.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, ClassVar, TextIO

from ragbot.papers.describe import names_of, web_address
from ragbot.text.english import counted, framed
from ragbot.text.latex import readable
from ragbot.text.markdown import as_text
from ragbot.text.words import printable
from ragbot.types import (
    Answer,
    IngestReport,
    LookedUp,
    Paper,
    Partial,
    SearchResult,
)

if TYPE_CHECKING:
    from ragbot.doctor import Check
    from ragbot.service.precompute import Precomputed

__all__ = [
    "answer_text",
    "checks_text",
    "embed_text",
    "formats_text",
    "ingest_text",
    "looked_up_text",
    "markdown_text",
    "papers_text",
    "search_text",
    "watch",
]

# Longer lines are tiring to read.
_WIDEST = 100


def answer_text(answer: Answer, stream: TextIO) -> str:
    """An answer, and the papers that it cites."""
    papers = _numbered(
        [
            _entry(c.paper.title, [*_facts(c.paper), *_url(c.paper)])
            for c in answer.papers
        ]
    )
    return _render(
        f"{answer.text}\n\n**Papers**\n\n{papers}" if papers else answer.text, stream
    )


def markdown_text(markdown: str, stream: TextIO) -> str:
    """A text in Markdown."""
    return _render(markdown, stream)


def watch(states: Iterator[Partial | Answer], stream: TextIO) -> Answer:
    """Show an answer on a terminal as it grows, its end if it is longer than the screen.

    Once it is finished the screen is as before; interrupted, what had come is left there.
    """
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(file=stream)
    shown, begun = "Reading the abstracts …", False

    def view() -> Text:
        lines = _render(shown, stream).splitlines()
        return Text.from_ansi("\n".join(lines[2 - console.height :]))

    with Live(
        console=console, get_renderable=view, refresh_per_second=10, transient=True
    ) as live:
        try:
            for state in states:
                if isinstance(state, Answer):
                    return state
                shown = state.text or "Reasoning …"
                if state.text and not begun:
                    begun = True
                    live.refresh()  # at once; the rest as often as it can be read
        except KeyboardInterrupt:
            live.transient = False
            raise
    raise AssertionError("a stream ends with its answer")


def search_text(result: SearchResult, stream: TextIO) -> str:
    """Hits in their order, each with its score and its evidence."""
    entries = []
    for hit in result.hits:
        facts = [f"score {hit.score:.2f}", *_facts(hit.paper), hit.paper.id]
        quotes = "\n>\n".join(f"> {as_text(sentence)}" for sentence in hit.evidence)
        entries.append(f"{_entry(hit.paper.title, facts)}\n\n{quotes}")
    found = len(result.hits)
    foot = f"{counted(found, 'paper')} in {result.seconds * 1000:.0f} ms"
    foot += framed("; {} undated left out", result.undated_left_out)
    return _render(f"{_numbered(entries)}\n\n*{foot}*", stream)


def papers_text(papers: Sequence[Paper], total: int, stream: TextIO) -> str:
    """A line a paper: id, date, title, cut to a terminal's width. ``~`` marks an inferred year."""
    width = _width(stream) if stream.isatty() else None
    lines = []
    for paper in papers:
        date = f"{'~' * paper.date_inferred}{paper.date or ''}"
        lines.append(
            f"{paper.id}  {date:>11}  {printable(readable(paper.title))}"[:width]
        )
    lines.append(f"{len(papers)} of {counted(total, 'paper')}")
    return _text(lines)


def ingest_text(report: IngestReport, *, dry_run: bool) -> str:
    """What each file brought, with the reason for everything skipped."""
    verb = "would be" if dry_run else "are"
    known = f"{report.papers} papers {verb} in the collection"
    last = _text([f"{known} ({report.seconds:.1f} s)"])
    return _text(_files_read(report)) + looked_up_text(report.looked_up) + last


def looked_up_text(done: LookedUp | None) -> str:
    """How many of the vectors came from a file, if there is one."""
    if done is None:
        return ""
    passages = counted(done.passages, "passage")
    all_there = f"the vectors of all {passages} were in {done.file}"
    absent = f"{done.missing:,} of {passages} were not in {done.file}"
    return _text([f"{absent} and were embedded here" if done.missing else all_there])


def embed_text(made: Precomputed) -> str:
    """What each file brought, and what was made of it."""
    vectors = f"the vectors of {counted(made.passages, 'passage')}"
    papers = counted(made.read.papers, "paper")
    about = f"{made.size / 1e6:.1f} MB, {made.read.seconds:.1f} s"
    return _text(
        [*_files_read(made.read), f"{made.file}: {vectors} of {papers} ({about})"]
    )


def _files_read(report: IngestReport) -> list[str]:
    lines = []
    for file in report.files:
        counts = {
            "new": file.new,
            "updated": file.updated,
            "known": file.duplicates,
            "undated": file.undated,
        }
        known = filter(itemgetter(1), counts.items())
        brought = [f", {n} {what}" for what, n in known]
        lines.append(f"{file.path}: {file.records} records{''.join(brought)}")
        lines += [f"  skipped {s.where}: {s.reason}" for s in file.skipped]
    passed_over = [f"{u.where}: not read: {u.reason}" for u in report.unread]
    return lines + passed_over


def formats_text(formats: Iterable[tuple[str, str, Sequence[str]]]) -> str:
    """A line a format: its name, what it is, the suffixes of its files."""
    return "".join(
        f"{name:<18} {title} ({' '.join(suffixes)})\n"
        for name, title, suffixes in formats
    )


def checks_text(checks: Iterable[Check]) -> str:
    """A line a check, and the remedy under each that failed."""
    lines = []
    for check in checks:
        first, *more = check.detail.splitlines()
        lines.append(f"{'ok    ' if check.ok else 'FAILED'}  {check.name}: {first}")
        lines += [f"        {line}" for line in more]
        if check.remedy:
            lines.append(f"        remedy: {check.remedy}")
    return _text(lines)


def _text(lines: Iterable[str]) -> str:
    return "".join(map("{}\n".format, map(printable, lines)))


def _facts(paper: Paper) -> list[str]:
    facts = [
        f"{paper.date} (year inferred)"
        if paper.date_inferred
        else paper.date or "undated"
    ]
    if paper.organisation:
        facts.append(paper.organisation)
    elif paper.author_count:
        facts.append(counted(paper.author_count, "author"))
    return [*facts, *names_of(paper)]


def _url(paper: Paper) -> list[str]:
    address = web_address(paper)
    return [address] if address else []


def _entry(title: str, facts: Sequence[str]) -> str:
    return f"**{as_text(title)}**\\\n{as_text(' · '.join(facts))}"


def _numbered(entries: Sequence[str]) -> str:
    """An ordered list; what belongs to an entry is indented under it."""
    indented = (entry.replace("\n", "\n    ") for entry in entries)
    return "\n\n".join(f"{i}. {entry}" for i, entry in enumerate(indented, 1))


def _width(stream: TextIO) -> int:
    from rich.console import Console

    return Console(file=stream).width


def _render(markdown: str, stream: TextIO) -> str:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.markdown import BlockQuote, Markdown, MarkdownContext, MarkdownElement
    from rich.padding import Padding
    from rich.theme import Theme

    class Quote(BlockQuote):
        """Indented, with a line between one quotation and the next."""

        def on_child_close(
            self, context: MarkdownContext, child: MarkdownElement
        ) -> bool:
            self.elements.append(Padding(child, (0, 0, 1, 4)))
            return False

        def __rich_console__(
            self, console: Console, options: ConsoleOptions
        ) -> RenderResult:
            yield self.elements

    class Page(Markdown):
        elements: ClassVar = {**Markdown.elements, "blockquote_open": Quote}

    console = Console(
        file=stream,
        theme=Theme({"markdown.item.number": "none", "markdown.item.bullet": "none"}),
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
    )
    console.width = min(console.width, _WIDEST)
    with console.capture() as capture:
        console.print(Page(printable(markdown), hyperlinks=False))
    text = "\n".join(map(str.rstrip, capture.get().splitlines()))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"
