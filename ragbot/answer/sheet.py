"""A quoting answer as it is put together: blocks of Markdown, and what is cited in them.

Everything it states about a paper is a verbatim sentence of its abstract, cited. Leads are titles
and neutral words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import NamedTuple

from ragbot.papers.describe import dated
from ragbot.text.english import counted
from ragbot.text.markdown import as_text
from ragbot.types import Citation, Draft, Hit, Quote, Sentence

__all__ = ["Entry", "Page", "Said", "TableRow"]


@dataclass(frozen=True, slots=True)
class Said:
    """A verbatim sentence, and what stands before it: "Method"."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper with what is quoted of it, in that order."""

    hit: Hit
    said: tuple[Said, ...] = ()


class TableRow(NamedTuple):
    """A label, and the verbatim sentence of each paper that tells it, "" where none does."""

    label: str
    texts: Sequence[str]


class Page:
    """Collects blocks, and numbers papers in order of first use.

    ``cited`` are papers that have numbers already, from text of a language model that the answer
    ``follows``.
    """

    def __init__(
        self, cited: Sequence[Citation] = (), *, follows: bool = False
    ) -> None:
        self._blocks: list[str] = []
        self._sentences: list[Sentence] = []
        self._quotes: list[Quote] = []
        self._cited = {c.paper.id: (c, list(c.evidence)) for c in cited}
        self._follows = follows
        self._names_papers = False

    def lead(self, text: str) -> None:
        """Words of our own, in Markdown."""
        self._blocks.append(text)
        self._sentences.append(Sentence(text, (), False, "not_checked"))

    def block(self, text: str) -> None:
        """Markdown that says nothing."""
        self._blocks.append(text)

    def paper(self, entry: Entry, prefix: str = "") -> None:
        """A paper's title and what is quoted of it, as a block."""
        n = self._number(entry)
        lines = [prefix + _headed(entry, n), *self._quoted(entry, n, "")]
        self._blocks.append("\n".join(lines))

    def item(self, at: int, entry: Entry) -> None:
        """The same as an item of a numbered list, with the paper's date."""
        n = self._number(entry)
        prefix = f"{at}. "
        date = dated(entry.hit.paper) if entry.hit.paper.date else ""
        lines = [prefix + _headed(entry, n, date)]
        if entry.said:
            lines += ["", *self._quoted(entry, n, " " * len(prefix))]
        self._blocks.append("\n".join(lines))

    def table(self, entries: Sequence[Entry], rows: Iterable[TableRow]) -> None:
        """Papers side by side, a column each.

        What a paper does not tell is a dash; a row of dashes is left out.
        """
        numbers = list(map(self._number, entries))
        head = map(_headed, entries, numbers)
        lines = [_row(["", *head]), _row(["---"] * (len(entries) + 1))]
        for label, texts in rows:
            if any(texts):
                cells = map(self._cell, entries, numbers, texts)
                lines.append(_row([label, *cells]))
        self._blocks.append("\n".join(lines))

    def _cell(self, entry: Entry, n: int, text: str) -> str:
        if not text:
            return "–"
        self._quote(entry, n, text)
        return f"{as_text(text)} [{n}]"

    def _number(self, entry: Entry) -> int:
        """The number of a paper, which it now has."""
        self._names_papers = True
        hit = entry.hit
        new = Citation(len(self._cited) + 1, hit.paper, hit.score, hit.evidence)
        citation, _ = self._cited.setdefault(hit.paper.id, (new, []))
        self._sentences.append(
            Sentence(hit.paper.title, (citation.n,), False, "not_checked")
        )
        return citation.n

    def _quoted(self, entry: Entry, n: int, indent: str) -> list[str]:
        """The lines that quote a paper; what has a label stands apart."""
        lines: list[str] = []
        for said in entry.said:
            if said.label:
                lines += ["", f"{indent}{said.label}:", ""]
            elif lines:
                lines.append(f"{indent}>")
            lines.append(f"{indent}> {as_text(said.text)} [{n}]")
            self._quote(entry, n, said.text)
        return lines

    def _quote(self, entry: Entry, n: int, text: str) -> None:
        _, quoted = self._cited[entry.hit.paper.id]
        if text not in quoted:
            quoted.append(text)
        self._quotes.append(Quote(n, text))
        self._sentences.append(Sentence(text, (n,), True, "supported"))

    def finish(self, collection: int, note: str) -> Draft:
        """The answer and what it was made of; ``collection`` is how many papers there are."""
        used = len(set(map(attrgetter("n"), self._quotes)))
        # Nobody wrote this, which is not so where it follows what a language model wrote.
        how = "" if self._follows else "; no language model was used"
        searched = counted(collection, "abstract")
        did = f"Quoted from {used} of" if self._names_papers else "Searched"
        self._blocks.append(f"*{did} {searched}{how}.{note}*")
        papers = [
            replace(citation, evidence=tuple(quoted) or citation.evidence)
            for citation, quoted in self._cited.values()
        ]
        return Draft(
            "\n\n".join(self._blocks),
            tuple(self._sentences),
            tuple(self._quotes),
            tuple(papers) if self._names_papers else (),
        )


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _headed(entry: Entry, n: int, date: str = "") -> str:
    """A paper's title, its number, and what there is to know beside what is quoted of it."""
    bare = "" if entry.hit.paper.abstract else "no abstract"
    title = f"**{as_text(entry.hit.paper.title)}** [{n}]"
    return " · ".join(filter(None, (title, date, bare)))
