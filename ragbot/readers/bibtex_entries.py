"""BibTeX and BibLaTeX, an entry at a time; what cannot be parsed is told by its line."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import filterfalse, repeat
from typing import cast

from bibtexparser.entrypoint import parse_string
from bibtexparser.library import Library
from bibtexparser.middlewares import RemoveEnclosingMiddleware
from bibtexparser.middlewares.names import (
    split_multiple_persons_names as _people,
)
from bibtexparser.model import (
    Block,
    DuplicateFieldKeyBlock,
    Entry,
    Field,
    ParsingFailedBlock,
    String,
)

from ragbot.readers.document import Document
from ragbot.readers.formats import Format, Records
from ragbot.readers.kinds import first
from ragbot.readers.record import given_first, iso_date
from ragbot.readers.reference import OURS, parted, reference, somebody
from ragbot.text.tex_fields import untexed
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT"]

# What cannot be parsed is told as skipped, not on standard error.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)

# A block ends where the next begins
_END = ("Unexpectedly reached end of file.", "its closing brace is missing")
_START = re.compile(r"\s*@[A-Za-z]+\s*[{(]")
# An entry with its first field, or what may stand before entries
_HEAD = re.compile(
    r"^[ \t]*@(?:\w+[ \t]*[{(]\s*[^\s,{}=\"]*\s*,\s*[\w-]+\s*=|"
    r"(?i:string|preamble|comment)\s*[{(])",
    re.MULTILINE,
)
_BEFORE = 5_000  # characters of remarks before the first entry

_VENUE = (
    "journaltitle",
    "journal",
    "booktitle",
    "maintitle",
    "eventtitle",
    "howpublished",
)
_NO_VENUE = re.compile(r"arxiv\b.*|.*(?:https?://|\\url).*", re.IGNORECASE | re.DOTALL)
_VENUES = {False: (_VENUE, _NO_VENUE), True: (_VENUE[:-1], re.compile("(?!)"))}
_URL = ("url", "link", "ee", "biburl", "bdsk-url-1")
_TOLD = (
    "arxivid",
    "journal",
    "howpublished",
    "note",
    "number",
    "volume",
    "eprint",
    "ee",
)
_KEYWORDS = ("keywords", "keyword", "author_keywords", "mendeley-tags")
_NOTES = ("note", "annote")

_PIECE = re.compile(r'"([^"]*)"|\{((?:[^{}]|\{[^{}]*\})*)\}|([^\s#{}"]+)')
_BRACED = re.compile(r"\{(?:[^{}]|\{[^{}]*\})*\}")
_WHOLE = re.compile(r"\A\{((?:[^{}]|\{[^{}]*\})*)\}\Z")
_HIDDEN = str.maketrans(",;", "\0\1")
_SHOWN = str.maketrans("\0\1", ",;")
_TIES = re.compile(r"\\url\s*|[{}]|\\(?=[_%&#~$])")


def _read(document: Document) -> Records:
    macros: dict[str, str] = {}
    for line, text in _blocks(document.lines()):
        for block in parse_string(text, [RemoveEnclosingMiddleware()]).blocks:
            yield from _records(block, line, macros)


def _blocks(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """What begins with ``@type{`` on a line of its own, up to the next; with its first line."""
    block: list[str] = []
    first = 1
    for number, line in lines:
        if _START.match(line):
            yield first, "\n".join(block)
            block, first = [line], number
        elif block:
            block.append(line)
    yield first, "\n".join(block)


def _records(block: Block, line: int, macros: dict[str, str]) -> Records:
    """The paper of an entry, or why there is none; of what is no entry nothing."""
    line += cast(int, block.start_line)
    if isinstance(block, DuplicateFieldKeyBlock):
        entry = cast(Entry, block.ignore_error_block)
        block = RemoveEnclosingMiddleware().transform_entry(entry, Library())
    if isinstance(block, Entry):
        yield _paper(block, line, macros)
    elif isinstance(block, String):
        macros[block.key.lower()] = block.value
    elif isinstance(block, ParsingFailedBlock):
        yield Skipped(f"line {line}", f"no whole entry: {_why(block.error)}")


def _why(error: Exception) -> str:
    reason = str(getattr(error, "abort_reason", error))
    return " ".join(reason.replace(*_END).split()).rstrip(" .")[:120]


def _paper(entry: Entry, line: int, macros: Mapping[str, str]) -> Paper | Skipped:
    """The first of fields with one name counts."""
    fields = {f.key.lower(): _value(f, macros) for f in reversed(entry.fields)}
    ours = fields.get("library") == OURS
    eprint = fields.get("eprint", "")
    return reference(
        f"line {line}, {entry.key}",
        untexed(fields.get("latextitle") or _title(fields)),
        untexed(first(fields, ("abstract", "abstractnote"))),
        ours=ours,
        notes="; ".join(map(fields.get, _NOTES, repeat(""))).split("; "),
        told=[f"arxiv:{eprint}", *map(_address, map(fields.get, _TOLD, repeat("")))],
        doi=_address(fields.get("doi", "")),
        url=_address(first(fields, _URL)),
        authors=list(map(_name, somebody(_people(fields.get("author", ""))))),
        organisation=untexed(fields.get("organization", "")) if ours else "",
        venue=_venue(fields, ours),
        date=_date(fields),
        keywords=_keywords(first(fields, _KEYWORDS)),
    )


def _value(field: Field, macros: Mapping[str, str]) -> str:
    """What stands in braces or quotes, or the pieces that ``#`` joins, macros by what they mean."""
    value = str(field.value)
    if field.enclosing != "no-enclosing":
        return value
    return "".join(
        quoted + braced + macros.get(macro.lower(), macro)
        for quoted, braced, macro in _PIECE.findall(value)
    )


def _title(fields: Mapping[str, str]) -> str:
    title, subtitle = fields.get("title", ""), fields.get("subtitle", "")
    return title if subtitle in title else f"{title}: {subtitle}"


def _address(text: str) -> str:
    r"""An address or an identifier without what LaTeX needs around it: ``\url{a\_b}``."""
    return _TIES.sub("", text)


def _venue(fields: Mapping[str, str], ours: bool) -> str:
    """Where it was published; an archive or an address is no venue, if it is not ours."""
    names, none = _VENUES[ours]
    told = filter(None, map(fields.get, names))
    return untexed(next(filterfalse(none.fullmatch, told), ""))


def _date(fields: Mapping[str, str]) -> str | None:
    """``date`` of BibLaTeX, else year, month (``jul``, ``09--15 Jun``) and day."""
    told = {name: _address(fields.get(name, "")) for name in ("year", "month", "day")}
    months = re.findall(r"[A-Za-z]{3,}|\d{1,2}", told["month"])
    told["month"] = max(months, key=str.isalpha, default="")
    parts = "-".join(filter(None, told.values()))
    return iso_date(fields.get("date", ""), parts)


def _name(told: str) -> str:
    """ "Given Family"; what stands in braces as a whole is a collective's name, commas and all."""
    if _BRACED.fullmatch(told):
        return untexed(told)
    return given_first(untexed(_hidden(told))).translate(_SHOWN)


def _keywords(told: str) -> list[str]:
    """What commas part, or semicolons where there are any; none within braces."""
    bare = _WHOLE.sub(r"\1", told)
    return [untexed(keyword).translate(_SHOWN) for keyword in parted(_hidden(bare))]


def _hidden(told: str) -> str:
    """Text whose commas and semicolons within braces part nothing."""
    return _BRACED.sub(lambda braced: braced.group().translate(_HIDDEN), told)


FORMAT = Format(
    "bibtex",
    "BibTeX and BibLaTeX",
    (".bib", ".bibtex", ".txt"),
    lambda head: _HEAD.search(head, 0, _BEFORE + 2_000),
    _read,
)
