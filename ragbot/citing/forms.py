"""The forms in which language models write citations, and what only looks like one.

Text to numbers; knows neither papers nor the answer's own numbering. A marker is cut into signs,
each spelled as a letter, and one expression over these letters says which spellings cite:
``[Paper 1, 3–4]`` is ``OLncnrnX``. Every step is linear, and a marker has a greatest length.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import regex

__all__ = [
    "Marker",
    "Read",
    "Unfinished",
    "marker_at",
    "match_at",
    "read",
]


class Unfinished(Exception):
    """What stands here cannot be told before more of the text has been read."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A citation as it was written: where it ends, its signs, and the spans of its numbers.

    ``space`` has to stand before it in a line where it is written close to a word.
    """

    end: int
    signs: str
    spans: tuple[tuple[int, int], ...]
    space: str = ""

    @property
    def plain_parenthesis(self) -> bool:
        """Whether it is nothing but numbers in parentheses, as "(1)"."""
        return self.signs.startswith("Pn")


@dataclass(frozen=True, slots=True)
class Read:
    """The known numbers of a marker in order, and how many unknown ones it names."""

    known: tuple[int, ...]
    unknown: int


# -- signs ------------------------------------------------------------------------------------


def _labels() -> tuple[list[str], list[str]]:
    """All labels, and those that name a paper in running text, too; longest first."""
    text = (Path(__file__).parent / "labels.txt").read_text(encoding="utf-8")
    naming = regex.findall(r"(?m)^= (.+)", text)
    others = regex.findall(r"(?m)^([^#=\n].*)", text)
    every = sorted(naming + others, key=len, reverse=True)
    return every, sorted(naming, key=len, reverse=True)


_EVERY, _NAMING_PAPERS = _labels()
_SPACE = r"[ \t\u00a0\u202f]"
_S = rf"{_SPACE}{{0,3}}+"
_DIGIT = "[0-9０-９]"
_DASH = "[-–—‐‑−－~〜～]"
_LABEL = rf"(?:{'|'.join(map(regex.escape, _EVERY))})"
_MARK = r"(?:nos?(?=\.)|[#@№])"
_BEHIND_LABEL = rf"\.?{_S}[:#=_№：-]?{_S}"
_OPEN, _CLOSE = r"[\[【［〔⟦]", r"[\]】］〕⟧]"
_TAG = r"(?:sup|cite|ref|citation|source|paper)"
_JOINING = r"and|und|et|y|e|en|i|och|og|ve|и|と|和|及|与|및|و"
_NUMBERED = (
    rf"(?:(?:{_JOINING}|&)\s)?(?:{_LABEL}{_BEHIND_LABEL}|{_MARK}\.?{_S})?{_DIGIT}++\W"
)
# Each sign with its letter, in the order in which they are tried.
_SIGNS = {
    "K": r"~?\\cite[a-z]{0,8}+\{",
    # "[1, p. 3]", "【1†source】": where in a paper.
    "p": rf"[,;]{_S}(?:pp?\.|sec(?:tion|\.)|fig(?:ure|\.)|table|abstract|lines?|§)"
    rf"[^\[\]()\n]{{0,40}}+|(?::{_DIGIT}{{1,6}}+)?[†‡][^\[\]【】\n]{{0,60}}+",
    "n": rf"[\"“']?{_DIGIT}{{1,60}}+(?:[\"”']|\.(?=[]】］〕⟧]))?",
    "L": rf"{_LABEL}(?![^\W\d_\u0e00-\uffff]){_BEHIND_LABEL}",
    "M": rf"{_MARK}\.?",
    # "[Paper 1: KiloNeRF]": its title.
    "t": rf"(?:[:,：，]|{_DASH}){_S}(?!{_NUMBERED})[^\[\]()【】\n]{{1,160}}+",
    "r": rf"{_DASH}|\.\.|(?:to|bis)(?=\s)",
    "c": rf"[,;，；、]{_S}(?:(?:{_JOINING})\s|&)?+",
    "a": rf"&|(?:{_JOINING})(?=[\s0-9])",
    # Gemini frames what it cites for: "[cite_start]It works.[cite: 1]".
    "h": rf"</(?!sup){_TAG}>|\[cite_(?:start|end)\]",
    "o": r"\\\[",
    "x": r"\\\]",
    "O": _OPEN,
    "X": _CLOSE,
    "P": r"[(（]",
    "Q": r"[)）]",
    "G": rf"<{_TAG}>",
    "H": r"</sup>",
    "B": rf"<(?={_LABEL})",
    "D": r"/?>",
    "Z": r"\}",
    "A": r"\^",
    "E": r"\*{1,3}+|_{1,3}+",
}
_SIGN = regex.compile(
    "|".join(f"(?P<{letter}>{pattern})" for letter, pattern in _SIGNS.items()),
    regex.IGNORECASE,
)
_SPACES = regex.compile(rf"{_SPACE}*+")
_CLOSING = frozenset("xXQHhDZ")
_DEEPER = dict.fromkeys("oOPGBKE", 1) | dict.fromkeys(_CLOSING, -1)
_LOOKED_AT = (
    8  # signs after which a spelling is looked at: most that cite nothing end before
)
_LONGEST = 600  # characters; a list of twenty papers with labels has 200

# -- spellings --------------------------------------------------------------------------------

_ITEM = r"[LM]{0,3}+n(?:r[LM]{0,3}+n)?+"
_BODY = rf"{_ITEM}(?:[ca]{_ITEM})*+"
_ONE = (
    rf"(?:A?+O(?:A?{_BODY}p?+X|rnX|L{{1,3}}+{_BODY}tX)|o{_BODY}x|PL{{1,3}}+{_BODY}[pt]?+Q"
    rf"|G(?:O{_BODY}X|{_BODY})[Hh]|K{_BODY}Z|BL{{1,3}}+nD)"
)
_SEVERAL = rf"{_ONE}(?:c?{_ONE})*+"
_MARKER = regex.compile(
    rf"O{_SEVERAL}X|P{_SEVERAL}Q|E{_SEVERAL}E|{_ONE}|Pn(?:[rca]n)*+Q|h", regex.VERSION0
)
# What may close a marker behind its bracket, "[1](#1)"; a footnote's also a caret, "[^1]^".
_TARGET = r"\((?:https?:|\#|www\.|/)[^\s()]{0,400}+(?:[ ]\"[^\"\n]{0,100}+\")?+\)"
_BEHIND = regex.compile(rf"{_TARGET}|(?P<range>{_DASH}(?=\[))", regex.IGNORECASE)
_BEHIND_NOTE = regex.compile(rf"{_BEHIND.pattern}|\^", regex.IGNORECASE)


def match_at(
    pattern: regex.Pattern[str], text: str, start: int, *, final: bool
) -> regex.Match[str] | None:
    """A match at ``start``, if there is one; ``final``: no more text will come.

    Raises:
        Unfinished: what stands there may become one.
    """
    match = pattern.match(text, start, partial=not final)
    if match and match.partial:
        raise Unfinished
    return match


def marker_at(text: str, start: int, papers: int, *, final: bool) -> Marker | None:
    """The citation that begins at ``start``; ``final``: no more text will come.

    Raises:
        Unfinished: what stands there may become one.
    """
    if text[start].isalpha():
        return _named_at(text, start, papers, final=final)
    raised = _raised_at(text, start, papers, final=final)
    return raised or _bracketed_at(text, start, final=final)


def _bracketed_at(text: str, start: int, *, final: bool) -> Marker | None:
    """A citation in brackets or the like: "[1]", "(Source 1)"."""
    signs = _signs_at(text, start, final=final)
    if not _MARKER.fullmatch(signs.letters):
        return None
    marker = Marker(signs.end, signs.letters, signs.spans)
    if marker.signs[-1] not in "XE":
        return marker
    pattern = _BEHIND_NOTE if marker.signs.startswith("AO") else _BEHIND
    behind = match_at(pattern, text, marker.end, final=final)
    if behind is None:
        return marker
    if behind["range"]:
        return _ranged(text, marker, final=final)
    return replace(marker, end=behind.end())


def _ranged(text: str, marker: Marker, *, final: bool) -> Marker:
    """With the marker behind the dash, if there is one: "[1]–[3]"."""
    signs = _signs_at(text, marker.end + 1, final=final)
    if signs.letters != "OnX":
        return marker
    *before, (low, _) = marker.spans
    _, high = signs.spans[0]
    return replace(marker, end=signs.end, spans=(*before, (low, high)))


class _Signs:
    """The signs of one marker as far as they have been read, where they end, and their numbers."""

    def __init__(self, start: int) -> None:
        self.letters = ""
        self.end = start
        self.spans: tuple[tuple[int, int], ...] = ()
        self._depth = 0

    def add(self, letter: str, written: str, end: int) -> None:
        """Take one more sign; ``written`` is how it stands in the text."""
        if letter == "n":
            self._number(int(written.strip("\"“”'.")))
        self._depth += self._step(letter)
        self.letters += letter
        self.end = end

    def _number(self, number: int) -> None:
        """First and last of what each item names; a number without an upper end is its own."""
        is_upper_end = self.letters.rstrip("LM").endswith("r")
        if not is_upper_end:
            self.spans = (*self.spans, (number, number))
        elif self.spans:
            *before, (low, _) = self.spans
            self.spans = (*before, (low, number))
        else:  # "[-1]"
            self.spans = ((-number, -number),)

    def _step(self, letter: str) -> int:
        """How much deeper a sign leads; a second sign of emphasis closes the first."""
        if letter == "E" and "E" in self.letters:
            return -1
        return _DEEPER.get(letter, 0)

    def may_become_marker(self) -> bool:
        """Whether more signs may make a citation of these."""
        return _MARKER.fullmatch(self.letters, partial=True) is not None

    @property
    def closed(self) -> bool:
        """Whether every bracket is closed."""
        return self._depth <= 0 and self.letters != "A"


def _signs_at(text: str, start: int, *, final: bool) -> _Signs:
    """The signs from ``start`` to where its brackets are closed; none if they are no citation."""
    signs = _Signs(start)
    at = start
    while at - start < _LONGEST:
        sign = _next_sign(text, at, signs, final=final)
        if sign is None:
            break
        signs.add(str(sign.lastgroup), sign.group(), sign.end())
        if signs.closed:
            return signs
        is_looked_at = len(signs.letters) % _LOOKED_AT == 0
        if is_looked_at and not signs.may_become_marker():
            break
        at = _SPACES.match(text, sign.end()).end()
    return _Signs(start)


def _next_sign(
    text: str, at: int, signs: _Signs, *, final: bool
) -> regex.Match[str] | None:
    """The sign at a place, if there is one.

    Raises:
        Unfinished: it is not read to its end, and may complete a citation.
    """
    sign = _SIGN.match(text, at, partial=not final)
    if sign is None:
        return None
    letter = str(sign.lastgroup)
    ends_here = final or sign.end() < len(text) or letter in _CLOSING
    if not ends_here and signs.may_become_marker():
        raise Unfinished
    return None if sign.partial else sign


def read(marker: Marker, papers: int) -> Read:
    """The numbers of a marker among ``papers`` papers.

    A range stands for the known numbers within it; of unknown ones only those written count.
    """
    given = range(1, papers + 1)
    known: dict[int, None] = {}
    unknown = 0
    for ends in marker.spans:
        unknown += len(set(ends).difference(given))
        low, high = max(1, min(ends)), min(papers, max(ends))
        known.update(dict.fromkeys(range(low, high + 1)))
    return Read(tuple(known), unknown)


# -- citations without brackets -------------------------------------------------------------------

_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SIGNS_OF_FORMULAS = "⁺⁻⁼⁽⁾ⁿ"
_SUPER = _DIGITS + _SIGNS_OF_FORMULAS
# 10⁻³ and 2ⁿ name no paper, as 0 does.
_FROM_SUPER = str.maketrans(
    dict(zip(_DIGITS, "0123456789", strict=True))
    | dict.fromkeys(_SIGNS_OF_FORMULAS, " 0 ")
)
_RAISED = regex.compile(
    rf"(?P<numbers>[{_SUPER}]{{1,40}}+(?:[,˒][ ]?[{_SUPER}]{{1,40}}+){{0,40}}+)"
    rf"(?=[^{_SUPER},˒ ]|[ ][^{_SUPER}]|[,˒][ ]?[^{_SUPER} ])"
    r"|\^(?P<numbers>[0-9]{1,3}+)(?=[^0-9\w^{])"
    r"|\^\{(?P<numbers>[0-9]{1,3}+(?:,[ ]?[0-9]{1,3}+){0,40}+)\}"
)
_NAMED = regex.compile(
    r"(?<![-_/A-Za-z0-9])"
    rf"(?:{'|'.join(map(regex.escape, _NAMING_PAPERS))})[ ]?(?P<number>{_DIGIT}{{1,4}}+)"
    # "Papers 1 and 3", but only one of "Paper 1 and 3 others".
    rf"(?:(?<=s[ ]?{_DIGIT}{{1,4}}){_S}(?:and|und|et|y|e|&|,){_S}(?P<number>{_DIGIT}{{1,4}}+))?+"
    r"(?=[^A-Za-z0-9_.,]|[.,](?![0-9]))",
    regex.IGNORECASE,
)
_ENOUGH = 12  # characters that tell what stands behind a number: "1 and 12,", "1.5"
_CLAUSE_ENDS = regex.compile(r"\s*+(?:[.,;:!?…。，；)\]]|$)")


def _raised_at(text: str, start: int, papers: int, *, final: bool) -> Marker | None:
    """Papers that are named by raised numbers, "¹,²" or "^1".

    "¹²" is twelve if there are so many papers, else one and two.
    """
    match = match_at(_RAISED, text, start, final=final)
    if match is None:
        return None
    numbers: list[int] = []
    for run in regex.findall(r"\d+", match["numbers"].translate(_FROM_SUPER)):
        digits = (run,) if int(run) <= papers else run
        numbers += map(int, digits)
    spans = tuple(zip(numbers, numbers, strict=True))
    return _known(Marker(match.end(), "R", spans, space=" "), papers)


def _known(marker: Marker, papers: int) -> Marker | None:
    """The marker, if all of its numbers are papers'."""
    return None if read(marker, papers).unknown else marker


def _named_at(text: str, start: int, papers: int, *, final: bool) -> Marker | None:
    """Papers that are named by their numbers in the text: "Paper 1", "Papers 1 and 3", "论文1".

    A word in small letters has to end a clause with its number: "paper 2 years" counts years.
    """
    match = match_at(_NAMED, text, start, final=final)
    if match is None:
        return None
    end = match.end()
    if not final and len(text) - end < _ENOUGH:
        raise Unfinished
    if match[0][0].islower() and not _CLAUSE_ENDS.match(text, end):
        return None
    numbers = list(map(int, match.captures("number")))
    spans = tuple(zip(numbers, numbers, strict=True))
    return _known(Marker(end, "L", spans), papers)
