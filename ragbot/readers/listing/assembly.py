"""The parts of a page put together as papers: what stands above a byline is of one paper.

Above it papers without a byline may stand; where each begins is told by what reads as a title with
an abstract below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from operator import attrgetter
from typing import cast

from ragbot.readers.listing.byline import Byline, together
from ragbot.readers.listing.capture import Break, Paragraph, Part, Stated

__all__ = ["TITLE_ALONE", "Found", "Stray", "assembled"]

_CUT = "the file ends in the middle of this record: save the page again"
TITLE_ALONE = "a title without an abstract"
_ABSTRACT_ALONE = "an abstract without a title"
_BYLINE_ALONE = "author and date lines without a title and an abstract above"
_UNSIGNED = Byline()
_ONE_BLOCK = "its title and its abstract cannot be told apart: save the page again"


@dataclass(frozen=True, slots=True)
class Found:
    """One paper's title, the paragraphs of its abstract, and its byline, empty if it has none."""

    title: Paragraph
    abstract: tuple[Paragraph, ...]
    byline: Byline


@dataclass(frozen=True, slots=True)
class Stray:
    """Text that is no paper: where, and why; ``label`` is whether it stands apart from others."""

    line: int
    reason: str
    label: bool = False


Run = list[Paragraph]

# Bundled titles have 13 to 157 characters, abstracts 376 and more.
_LONGEST_TITLE = 250
_LONGEST_IN_CAPITALS = 500
_SHORTEST_ABSTRACT = 100
_FEWEST_BYTES = 30
_MOST_LINES_OF_TITLE = 3
_LONGEST_ORGANISATION = 100
_SENTENCE_END = re.compile(r"([.!?…。！？][\"'”’»)\]}$]*|://\S+|\$)$")
_PROSE = re.compile(rf"^.{{{_SHORTEST_ABSTRACT}}}.*{_SENTENCE_END.pattern}")
_TITLE = re.compile(rf".{{,{_LONGEST_TITLE - 1}}}[^.:;,。：]")
_INITIAL_OF_LONGER = re.compile(r"\b[^\W\d_](?=[^\W\d_]{3})")
_ENDS_ABOVE = re.compile(r"[^,-]\n[A-Z]")
# Headings within an abstract.
_LISTED = re.compile(r"(?:\(?\d{1,2}[.)]|\([a-z]\)|[-•*–])\s")
_WITHIN = re.compile(
    rf"{_LISTED.pattern}|(?=.*[^\W\d_])"
    r"(?:\W|\d|(?:our|the|main|key|and|of|in|a|abstract|summary|introduction|background|motivation|"
    r"aims?|objectives?|goals?|problem|purpose|context|methods?|methodology|approach|experiments?|"
    r"setup|data|datasets?|code|materials?|availability|evaluation|results?|findings?|analysis|"
    r"discussion|conclusions?|limitations?|contributions?|impact|significance|outlook|"
    r"future|work|related|keywords?|highlights|overview|implications|"
    r"acknowledge?ments?|funding|resources|links?|project|page|tl;?dr)\b)++$",
    re.IGNORECASE,
)
# Nothing, or the beginning of a date.
_CUT_DATE = re.compile(r"([A-Z][a-z]{0,8}\.?( \d|$)|$)")


def assembled(page: Iterable[Part]) -> Iterator[Found | Stray]:
    """What the parts of a page are, in their order."""
    every = list(_without_page_dates(page))
    runs: list[Run] = [[]]
    for kind, group in groupby(every, key=type):
        told = list(group)
        if kind is Paragraph:
            runs[-1] += cast(Run, told)
        elif kind is Break:
            runs.append([])
        else:
            last = told[-1] is every[-1]
            yield from _above(_joined(runs), cast(list[Stated], told), last)
            runs = [[]]
    yield from _at_end(_joined(runs), is_open=any(runs[-2:]))


def _without_page_dates(page: Iterable[Part]) -> Iterator[Part]:
    """A date that stands alone, not under an abstract, is no paper's: a break like others."""
    due = dated = False
    for part in page:
        if isinstance(part, Paragraph):
            due |= _is_abstract(part)
            dated = False
        elif isinstance(part, Stated):
            signs = part.byline.signs
            part = Break(part.line) if (signs == "d") > due else part
            # A paper has one date: a second one is that of the next page in the file.
            dated |= "d" in signs
            due = not dated
        yield part


def _above(
    runs: list[Run], stated: list[Stated], last: bool
) -> Iterator[Found | Stray]:
    """The papers above author and date lines, which are of the last of them."""
    if not runs:
        yield Stray(stated[0].line, _BYLINE_ALONE)
        return
    told = together(map(attrgetter("byline"), stated))
    unread = " ".join(map(attrgetter("unread"), stated)).strip()
    undated = last and not told.date
    cut = undated and _CUT_DATE.match(unread) is not None
    if told.signs in {"·", "·d"}:
        told = _with_organisation(runs[-1], told)
    *others, run = runs
    yield from _others(others)
    records = _records(run, last_open=cut)
    yield from _in_turn(records, told, cut=cut)


def _in_turn(records: list[Run], told: Byline, *, cut: bool) -> Iterator[Found | Stray]:
    """Records in their order; the last has the byline, or is cut."""
    *whole, last = records
    yield from map(_found, whole)
    if cut:
        yield Stray(last[0].line, _CUT)
    else:
        yield _found(last, told)


def _with_organisation(run: Run, told: Byline) -> Byline:
    """The last, short paragraph above a dot is an organisation, if an abstract stands above it."""
    name = run[-1].text
    if len(name) > _LONGEST_ORGANISATION or not any(map(_is_abstract, run[1:-1])):
        return told
    run.pop()
    return replace(told, organisation=name)


def _joined(runs: list[Run]) -> list[Run]:
    """Runs with something in them; what a break parts from its title goes to it."""
    found: list[Run] = []
    for run in filter(None, map(_addressed, runs)):
        shapes = list(map(_shape, (*found[-1:], run)))
        if shapes == [[False], [True]]:
            found[-1] += run
        else:
            found.append(run)
    return found


def _shape(run: Run) -> list[bool]:
    """Which of its paragraphs are as long as abstracts."""
    return list(map(_is_abstract, run))


def _addressed(run: Run) -> Run:
    """A run without addresses alone, which go to what stands above them."""
    kept: Run = []
    for paragraph in run:
        if paragraph.text:
            kept.append(paragraph)
        elif kept:
            url = kept[-1].url or paragraph.url
            kept[-1] = replace(kept[-1], url=url)
    return kept


def _others(runs: list[Run]) -> Iterator[Found | Stray]:
    """What stands above a break: labels that are not known, or papers without their byline."""
    for run in runs:
        if any(map(_is_abstract, run)):
            yield from map(_found, _records(run, last_open=False))
        else:
            yield Stray(run[0].line, TITLE_ALONE, label=True)


def _at_end(runs: list[Run], *, is_open: bool) -> Iterator[Found | Stray]:
    """The papers at the end of the file, which may have cut off the last of them."""
    if not runs:
        return
    *others, run = runs
    yield from _others(others)
    records = _records(run, last_open=is_open)
    if is_open and _may_be_title_cut(records[-1]):
        records.append([records[-1].pop()])
    last = records[-1]
    finished = _SENTENCE_END.search(last[-1].text) is not None
    cut = is_open > finished
    if len(last) == 1:
        cut = len(last[0].lines) <= _MOST_LINES_OF_TITLE
    yield from _in_turn(records, _UNSIGNED, cut=cut)


def _may_be_title_cut(record: Run) -> bool:
    """Whether a file's last block, under an abstract, may be the beginning of the next title, such
    as "(GG) MoE vs.": no paper is to be given the words of another."""
    return len(record) > 2 and len(record[-1].text) <= _LONGEST_TITLE


def _records(run: Run, *, last_open: bool) -> list[Run]:
    """Paragraphs grouped into records: a new one begins at a title that an abstract follows, or the
    little that is left of one where the file was cut off."""
    records: list[Run] = [[run[0]]]
    headed = any(map(attrgetter("heading"), run[1:]))
    known = run[: len(run) - last_open]
    for at, paragraph in enumerate(run[1:], 2):
        behind = known[at : at + 1]
        begins = paragraph.heading >= headed and _is_title(paragraph.text, behind)
        if begins and _is_over(records[-1], behind, last_open=last_open):
            records.append([paragraph])
        else:
            records[-1].append(paragraph)
    return records


def _is_over(record: Run, behind: Run, *, last_open: bool) -> bool:
    """Whether a record ends where a title stands: it has an abstract, or is a line that is none.

    Of the last paragraph that is known only if it is open: it may be the beginning of a title.
    """
    if not behind:
        return last_open and len(record) > 1
    return len(record) > 1 or not _is_abstract(record[0])


def _is_title(text: str, behind: Run) -> bool:
    """Whether a paragraph reads as a title, and what stands behind it as its abstract."""
    if _WITHIN.match(text) or not (_TITLE.fullmatch(text) or _in_capitals(text)):
        return False
    return all(map(_is_unlisted_abstract, behind))


def _is_unlisted_abstract(paragraph: Paragraph) -> bool:
    listed = _LISTED.match(paragraph.text)
    return listed is None and _is_abstract(paragraph)


def _in_capitals(text: str) -> bool:
    """Whether most words of some length begin with a capital, as in English titles."""
    initials = _INITIAL_OF_LONGER.findall(text[: _LONGEST_IN_CAPITALS + 1])
    capital = sum(map(str.isupper, initials))
    return len(text) <= _LONGEST_IN_CAPITALS and capital > max(1, 0.6 * len(initials))


def _is_abstract(paragraph: Paragraph) -> bool:
    """Whether it is as long as abstracts are, in bytes: other scripts say more in a letter."""
    return len(paragraph.text.encode()) >= _SHORTEST_ABSTRACT


def _found(record: Run, told: Byline = _UNSIGNED) -> Found | Stray:
    """One record as a title and an abstract, or why it is none."""
    # Without a byline a short text is more likely the next title.
    fewest = _SHORTEST_ABSTRACT
    if told.signs:
        record, fewest = _parted(record), _FEWEST_BYTES
    title, *abstract = record
    text = "".join(map(attrgetter("text"), abstract))
    if len(text.encode()) >= fewest:
        return Found(title, tuple(abstract), told)
    if len(title.lines) > _MOST_LINES_OF_TITLE:
        return Stray(title.line, _ONE_BLOCK)
    prose = _PROSE.search(title.text)
    return Stray(title.line, _ABSTRACT_ALONE if prose else TITLE_ALONE)


def _parted(record: Run) -> Run:
    """A record of one block of wrapped lines as title and abstract; any other as it is.

    The title ends with the line that has room for the next word, where that begins with a capital.
    """
    if len(record) > 1:
        return record
    block = record[0]
    widest = max(map(len, block.lines))
    for at, (line, below) in enumerate(pairwise(block.lines), 1):
        if _is_title_end(line, below, widest):
            title, abstract = block.lines[:at], block.lines[at:]
            return [_of_lines(block, title), _of_lines(block, abstract)]
    return record


def _is_title_end(line: str, below: str, widest: int) -> bool:
    word = below.split()[0]
    room = widest - len(line) - len(word)
    begins = _ENDS_ABOVE.search(f"{line}\n{word}")
    return begins is not None and room > 0


def _of_lines(block: Paragraph, lines: tuple[str, ...]) -> Paragraph:
    return replace(block, text=" ".join(lines), lines=lines)
