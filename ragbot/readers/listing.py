"""Saved *Daily Papers* pages. Owns their two layouts; knows nothing of files or of the index.

*Spaced*: blocks between blank lines. Page chrome, the page's date, then for each paper its title,
its abstract and ``N authors`` or an organisation, ``·``, a date, perhaps a count of comments::

    Titles of Papers

    The abstract.

      • 4 authors
    ·
    Sep 16, 2024 5

*Compact*: no blank lines and no dates. ``Subscribe`` glued to the first title, then abstract and
title in turn.

A date without a year belongs to the year in which the page was saved, which is one more than the
latest year the page states: the site leaves out the year of the current year only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import dropwhile, groupby

from ragbot.papers.identity import paper_id
from ragbot.readers.formats import Format
from ragbot.text.english import MONTHS
from ragbot.types import Paper, Skipped

__all__ = ["COMPACT", "SPACED", "read_compact", "read_spaced"]

_DATE = re.compile(r"^([A-Z][a-z]{2,8})\.? (\d{1,2})(?:, (\d{4}))?(?: (\d+))?$")
# Nothing, or the beginning of a date.
_CUT_DATE = re.compile(r"([A-Z][a-z]{0,8}\.?( \d|$)|$)")
_AUTHORS = re.compile(r"•?\s*(\d+) authors?$")
_WHO = re.compile(rf"(?:{_AUTHORS.pattern}|[• ]*(?P<organisation>.+)?)")
_CHROME = re.compile(
    r"new|hugging face|models|datasets|spaces|docs|enterprise|pricing|log in|sign up|"
    r"get trending papers in your email inbox.*|subscribe|daily papers|trending papers|"
    r"by\s?ak and the research community|submit|daily|weekly|monthly|previous|next|back to top|"
    r"system theme|company|tos|privacy|about|careers|website|inference providers|community",
    re.I,
)
# What stands above the papers: chrome, and the page's own date.
_PAGE_HEAD = re.compile(rf"(?i:{_CHROME.pattern})|{_DATE.pattern}")
_HEADING = re.compile(
    r"get trending papers in your email inbox|^daily papers$", re.I | re.M
)
# The compact layout glues the button's label to the first title.
_GLUED = re.compile(r"^Subscribe(?=\S)")
_GLUED_LINE = re.compile(_GLUED.pattern, re.M)
_LONE_DOT = re.compile(r"^[ \t]*·[ \t]*$", re.M)
_BLANK_LINE = re.compile(r"\S\n[ \t]*\n[ \t]*\S")
# Bundled titles have 13 to 157 characters, abstracts 376 and more.
_LONGEST_TITLE = 250
_SHORTEST_ABSTRACT = 100


@dataclass(frozen=True, slots=True)
class _Block:
    line: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.lines)


@dataclass(frozen=True, slots=True)
class _Meta:
    """The lines under an abstract; ``complete`` once the date has been seen."""

    author_count: int | None = None
    organisation: str | None = None
    month: int | None = None
    day: int = 1
    year: int | None = None
    comments: int | None = None
    complete: bool = False


_UNKNOWN = _Meta()


def _is_spaced(text: str) -> bool:
    """Whether the text has the lone ``·`` above a date, or the page's heading and blank lines."""
    if _LONE_DOT.search(text):
        return True
    return bool(_HEADING.search(text) and _BLANK_LINE.search(text))


def _is_compact(text: str) -> bool:
    """Whether the text has the page's heading and ``Subscribe`` glued to a title."""
    return bool(_HEADING.search(text) and _GLUED_LINE.search(text))


def read_compact(text: str) -> Iterator[Paper | Skipped]:
    """Papers of the compact layout; a title or an abstract cut off at the end is skipped."""
    listed = dropwhile(lambda line: not _GLUED.match(line[1]), _numbered(text))
    blocks = [_Block(n, (_GLUED.sub("", line),)) for n, line in listed if line]
    yield from _at_end(blocks)


def read_spaced(text: str) -> Iterator[Paper | Skipped]:
    """Papers of the spaced layout, dated as far as the page tells; undated ones too."""
    blocks = _blocks(text)
    metas = [_parse_meta(block) for block in blocks]
    first = _first_record(blocks, metas)
    saved_in = _saved_in(metas)

    waiting: list[_Block] = []
    for block, meta in zip(blocks[first:], metas[first:], strict=True):
        if meta is None:
            waiting.append(block)
        elif not meta.complete and block is blocks[-1]:
            yield from _before_cut_meta(waiting)
            return
        else:
            yield from _above_meta(waiting, block.line, meta, saved_in)
            waiting = []
    yield from _at_end(waiting)


def _saved_in(metas: Sequence[_Meta | None]) -> int | None:
    """The year in which a page was saved: one more than the latest that it states."""
    years = [meta.year for meta in metas if meta and meta.month and meta.year]
    return max(years) + 1 if years else None


_CUT = "the file ends in the middle of this record: save the page again"


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text with their numbers."""
    return enumerate(map(str.strip, text.split("\n")), 1)


def _blocks(text: str) -> list[_Block]:
    """The lines between blank ones."""
    blocks = []
    for is_text, group in groupby(_numbered(text), key=lambda line: line[1] != ""):
        if is_text:
            numbers, lines = zip(*group, strict=True)
            blocks.append(_Block(numbers[0], lines))
    return blocks


def _first_record(blocks: list[_Block], metas: list[_Meta | None]) -> int:
    """Where the papers begin: after the chrome and the page's own date, if they are there."""
    for at, (block, meta) in enumerate(zip(blocks, metas, strict=True)):
        if meta or not _PAGE_HEAD.fullmatch(block.text):
            return at
    return len(blocks)


def _parse_meta(block: _Block) -> _Meta | None:
    """The author, organisation and date lines; ``None`` if the block is none of that."""
    above, dot, below = "\n".join(["", *block.lines, ""]).partition("\n·\n")
    if not dot and not _AUTHORS.match(block.lines[0]):
        return None
    who = _WHO.match(above.replace("\n", " ").strip())
    when = below.replace("\n", " ").strip()
    assert who is not None, "it matches nothing, too"
    meta = _Meta(_whole_number(who[1]), who["organisation"])
    found = _DATE.match(when)
    if found is None:
        return replace(meta, complete=not _CUT_DATE.match(when))
    return replace(
        meta,
        month=MONTHS.get(found[1][:3].lower()),
        day=int(found[2]),
        year=_whole_number(found[3]),
        comments=_whole_number(found[4]),
        complete=True,
    )


def _whole_number(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _segments(blocks: list[_Block], *, last_open: bool) -> list[list[_Block]]:
    """Blocks grouped into records: a new one begins at a title that an abstract follows, or the
    little that is left of one where the file was cut off."""
    records: list[list[_Block]] = []
    for at, block in enumerate(blocks):
        behind = blocks[at + 1 : at + 3]
        begins = _is_title(block, behind, last_open=last_open)
        if records and not (begins and len(records[-1]) > 1):
            records[-1].append(block)
        else:
            records.append([block])
    return records


def _is_title(block: _Block, behind: Sequence[_Block], *, last_open: bool) -> bool:
    """Whether a block reads as a title, and what stands behind it as its abstract, as far as it
    can be told: the last block may be the beginning of one."""
    text = block.text
    if len(text) > _LONGEST_TITLE or text.endswith((".", ":", ";", ",")):
        return False
    if len(behind) <= int(last_open):
        return True
    return len(behind[0].text) >= _SHORTEST_ABSTRACT


def _above_meta(
    blocks: list[_Block], line: int, meta: _Meta, saved_in: int | None
) -> Iterator[Paper | Skipped]:
    """The papers above author and date lines, which are of the last of them."""
    records = _segments(blocks, last_open=False)
    if not records:
        reason = "author and date lines without a title and an abstract above"
        yield Skipped(f"line {line}", reason)
        return
    *others, last = records
    yield from map(_read, others)
    yield _read(last, meta, saved_in)


def _before_cut_meta(blocks: list[_Block]) -> Iterator[Paper | Skipped]:
    """The papers above author and date lines that the end of the file cuts: all but the last."""
    if not blocks:
        return
    *whole, cut = _segments(blocks, last_open=True)
    yield from map(_read, whole)
    yield Skipped(f"line {cut[0].line}", _CUT)


def _at_end(blocks: list[_Block]) -> Iterator[Paper | Skipped]:
    """The papers at the end of the file, which may have cut off the last of them."""
    while blocks and _CHROME.fullmatch(blocks[-1].text):
        blocks.pop()
    if not blocks:
        return
    *others, last = _segments(blocks, last_open=True)
    if _may_be_title_cut(last):
        *last, title = last
        others, last = [*others, last], [title]
    yield from map(_read, others)
    if _is_finished(_abstract(last)):
        yield _read(last)
    else:
        yield Skipped(f"line {last[0].line}", _CUT)


def _read(
    record: list[_Block], meta: _Meta = _UNKNOWN, saved_in: int | None = None
) -> Paper | Skipped:
    """One record: its title, its abstract, and what is known of it besides."""
    title, abstract = record[0], _abstract(record)
    where = f"line {title.line}"
    if not abstract:
        if len(title.text) > _LONGEST_TITLE:
            return Skipped(where, "an abstract without a title")
        return Skipped(where, "a title without an abstract")
    if not any(map(str.isalpha, title.text)):
        return Skipped(where, f"no title: {title.text[:40]!r} has no letters")
    return _paper(title.text, abstract, meta, saved_in)


def _abstract(record: list[_Block]) -> str:
    return " ".join(block.text for block in record[1:])


def _may_be_title_cut(record: list[_Block]) -> bool:
    """Whether a file's last block, under an abstract, may be the beginning of the next title, such
    as "(GG) MoE vs.": no paper is to be given the words of another."""
    return len(record) > 2 and len(record[-1].text) <= _LONGEST_TITLE


def _is_finished(text: str) -> bool:
    """Whether an abstract at the end of a file ends as one does: a sentence's end or an address."""
    return bool(re.search(r"([.!?…][\"'”’)\]}$]*|://\S+|\$)$", text))


def _paper(title: str, abstract: str, meta: _Meta, saved_in: int | None) -> Paper:
    stated = _date(meta, saved_in)
    return Paper(
        id=paper_id(title),
        title=title,
        abstract=abstract,
        date=stated,
        date_inferred=stated is not None and meta.year is None,
        author_count=meta.author_count,
        organisation=meta.organisation,
        comments=meta.comments,
    )


def _date(meta: _Meta, saved_in: int | None) -> str | None:
    """The date in ISO form; none where no year is known, and none of "Feb 30"."""
    year = meta.year or saved_in
    if meta.month is None or year is None:
        return None
    try:
        return date(year, meta.month, meta.day).isoformat()
    except ValueError:
        return None


SPACED = Format(
    "listing",
    "a saved Daily Papers page",
    (".txt", ".md"),
    _is_spaced,
    lambda document: read_spaced(document.text()),
)
COMPACT = Format(
    "listing-compact",
    "a saved Daily Papers page without blank lines",
    (".txt", ".md"),
    _is_compact,
    lambda document: read_compact(document.text()),
)
