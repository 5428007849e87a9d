"""A capture of a page as its parts: paragraphs, bylines, and where no record goes on.

Whatever the tool that made it left in the text is taken away: links and pictures of Markdown, marks
of headings and lists, counts, addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

from ragbot.readers.listing.byline import Byline, byline
from ragbot.readers.listing.furniture import FURNITURE, NAMES_SOMEONE, NOISE
from ragbot.readers.record import known_by, plain

__all__ = ["Break", "Line", "Paragraph", "Part", "Stated", "lines_of", "parts"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line without marks; ``url`` is where it links to, if that tells which paper it is of."""

    number: int
    text: str
    url: str | None = None
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text between blank lines, or a long line of it; ``lines`` are those it is wrapped into."""

    line: int
    text: str
    lines: tuple[str, ...]
    url: str | None = None
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Stated:
    """A byline, where it stands, and the end of it that cannot be read."""

    line: int
    byline: Byline
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Break:
    """A button, a tab, a label."""

    line: int


Part = Paragraph | Stated | Break

# No line that someone has written.
_TOO_LONG = re.compile(r"^.{100000}.*$", re.MULTILINE)
_ADDRESS = r"\(<?((?:https?://|/|#|\.)[^()\s<>]{0,1500})>?(?: \"[^\"]{0,300}\")?\)"
_PICTURE = re.compile(rf"!\[[^\[\]]*+\]{_ADDRESS}")
_LINK = re.compile(rf"\[((?:[^\[\]]++|\[[^\[\]]*+\])*+)\]{_ADDRESS}")
# The two ends of a link that goes over several lines.
_LINK_BEGINS = re.compile(r"^\[(?=[^\[\]]*+$)")
_LINK_ENDS = re.compile(rf"^([^\[\]]*+)\]{_ADDRESS}")
_ADDRESS_ALONE = re.compile(r"^\W{0,2}(https?://\S{1,1500})$")
_ESCAPED = re.compile(r"\\([\[\]_*#+.()!&<>~`-])")
_LINE_BREAK = re.compile(r"\\{1,2}$")
# A line that begins or ends with a link; one within a sentence is what somebody has written.
_IS_MARKDOWN = re.compile(
    r"^[^\w\[\n]{0,10}\[.*\]\(https?://|\]\(https?://[^\s()]{1,1500}\)$", re.MULTILINE
)
_MARKED = re.compile(
    r"(?P<heading>#{1,6} )?(?P<bullet>[-*+•▪◦] (?! ))?(?P<text>.*)", re.S
)
_EMPHASIS = re.compile(r"^(\*\*|__)(?P<text>[^*]*+)\1$")
_DOT = re.compile("[·∙・⋅]")
# The compact layout glues the button's label to the first title.
_GLUED = re.compile(r"Subscribe(?=[A-Z0-9\"'“‘$(\[¿]|[^\x00-\x7f])")
# Lines are not wrapped so late.
_WIDEST = 120
_LONGEST_NAME = 40
# A label, and on the next line the name of whoever submitted the paper.
_SOMEONE = re.compile(
    rf"^([ \t]*(?:{NAMES_SOMEONE.pattern}):?[ \t]*\n\s*)"
    rf"(?:\[.{{0,300}}|.{{1,{_LONGEST_NAME}}})$",
    re.IGNORECASE | re.MULTILINE,
)


def lines_of(text: str) -> Iterator[Line]:
    """The lines of a capture; empty ones, too, which part blocks."""
    markdown = _IS_MARKDOWN.search(text) is not None
    written = _TOO_LONG.sub("", text)
    nameless = _SOMEONE.sub(r"\1by", written)
    for number, raw in enumerate(nameless.split("\n"), 1):
        yield _line(number, plain(raw), markdown)


def _line(number: int, text: str, markdown: bool) -> Line:
    links = _ADDRESS_ALONE.findall(text)
    if markdown:
        text, links = _unlinked(text, links)
    marked = _MARKED.fullmatch(text)
    assert marked is not None, "it matches everything"
    text = _EMPHASIS.sub(r"\g<text>", marked["text"].strip())
    url = next(filter(known_by, links), None)
    return Line(number, text, url, marked["heading"] is not None)


def _unlinked(text: str, links: list[str]) -> tuple[str, list[str]]:
    """A line of Markdown without links and pictures, and what it links to."""
    found = list(links)

    def shown(link: re.Match[str]) -> str:
        found.append(link[2])
        before = text[link.start() - 1 : link.start()].isalnum()
        return f"{' ' * before}{link[1]}"

    text = _PICTURE.sub("", text)
    text = _LINK.sub(shown, text)
    text = _LINK_ENDS.sub(shown, text)
    text = _LINK_BEGINS.sub("", _LINE_BREAK.sub("", text))
    return plain(_ESCAPED.sub(r"\1", text)), found


def parts(lines: Iterable[Line]) -> Iterator[Part]:
    """The parts of a capture in their order."""
    for is_text, block in groupby(lines, key=lambda line: line.text != ""):
        if is_text:
            yield from _of_block(list(block))


def _of_block(block: Sequence[Line]) -> Iterator[Part]:
    """The parts of a block, each line told by its kind and by those above it."""
    kinds = "".join(map(_kind, block))
    kinds = _UNREAD.sub("u", kinds)
    kinds = kinds.replace("s", "t")
    if _is_wrapped(block):
        kinds = _INSIDE_TEXT.sub("t", kinds)
    for run in _RUN.finditer(kinds):
        lines = block[run.start() : run.end()]
        yield from _PARTS[run[0][0]](lines)


# A short line where a date should be.
_UNREAD = re.compile("(?<=[·u])s")
# In wrapped text a word that is furniture elsewhere is text.
_INSIDE_TEXT = re.compile("(?<=t)[fn]|(?<=t[fn])[fn]")
_RUN = re.compile(r"gt*|(.)\1*")


def _kind(line: Line) -> str:
    return next(kind for kind, is_such in _KINDS if is_such(line.text))


_KINDS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("·", _DOT.fullmatch),
    ("b", byline),
    ("g", _GLUED.match),
    ("f", FURNITURE.fullmatch),
    ("n", NOISE.fullmatch),
    ("s", re.compile(rf".{{1,{_LONGEST_NAME}}}").fullmatch),
    ("t", bool),
)
"""Kinds of lines by their letters: dot, byline, glued button, furniture, noise, short, text."""


def _stated(lines: Sequence[Line]) -> Iterator[Part]:
    yield from map(_statement, lines)


def _statement(line: Line) -> Stated:
    told = byline(line.text)
    assert told is not None, "its kind is told by that"
    return Stated(line.number, told)


def _unread(lines: Sequence[Line]) -> Iterator[Part]:
    text = " ".join(map(_TEXT, lines))
    yield Stated(lines[0].number, Byline(), text)


def _break(lines: Sequence[Line]) -> Iterator[Part]:
    yield Break(lines[0].number)


def _glued(lines: Sequence[Line]) -> Iterator[Part]:
    """The first title behind the button's label, and what follows it without a blank line."""
    first, *rest = lines
    title = _GLUED.sub("", first.text)
    yield Break(first.number)
    yield from _paragraphs([replace(first, text=title), *rest])


def _linked(lines: Sequence[Line]) -> Iterator[Part]:
    """Addresses alone, which tell what the text above them is."""
    urls = filter(None, map(_URL, lines))
    url = next(urls, None)
    yield Paragraph(lines[0].number, "", (), url)


def _paragraphs(lines: Sequence[Line]) -> Iterator[Part]:
    """Wrapped lines are one paragraph; where one is too long for that, each is one."""
    if _is_wrapped(lines):
        yield _paragraph(lines)
    else:
        yield from map(_paragraph, zip(lines))


def _is_wrapped(lines: Iterable[Line]) -> bool:
    widths = map(len, map(_TEXT, lines))
    return max(widths) <= _WIDEST


def _paragraph(lines: Sequence[Line]) -> Paragraph:
    first = lines[0]
    texts = tuple(map(_TEXT, lines))
    urls = filter(None, map(_URL, lines))
    url = next(urls, None)
    return Paragraph(first.number, " ".join(texts), texts, url, first.heading)


_TEXT = attrgetter("text")
_URL = attrgetter("url")
_PARTS: dict[str, Callable[[Sequence[Line]], Iterator[Part]]] = {
    "·": _stated,
    "b": _stated,
    "u": _unread,
    "g": _glued,
    "f": _break,
    "n": _linked,
    "t": _paragraphs,
}
