"""A language model's text, as it streams, into safe Markdown whose ``[n]`` are citations.

Owns the answer's own numbering and what is held back until it is whole. Foreign markup is
disarmed on the way: HTML is shown as text, images and link targets are dropped. An unescaped
bracket in the result, code apart, is always a citation. Knows no papers, only how many there are.

Rules where a form could mean two things:

- brackets around whole numbers are citations; ``[0.5]`` has a fraction, so it is text, and so are
  ``x[1]``, "[0, 1]", "the range [1, 2]" and "Wang et al. [2024]";
- any other number in brackets claims to be a source: unknown ones, ``[0]`` and ``[2023]`` too, are
  removed and counted;
- "(1)" is a citation where a clause ends behind it and no word such as "Eq.", "layers" or "and"
  stands before it; an unknown number in such parentheses is no citation, and stays;
- "²" is a citation behind a word or a full stop, an exponent behind a digit, a letter or a unit;
- "Paper 1" in the text names a paper that was given, or else stays.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import regex

from ragbot.citing import forms, lookalikes
from ragbot.citing.forms import Marker, Unfinished
from ragbot.text.markdown import as_text

__all__ = ["CitationStream"]

_CITED = "\ue000"  # stands for a citation in the text already read
_LOOKED_BACK = 120  # characters looked back at
_AT_ONCE = 2000  # characters read at once: a marker's removal copies them
# Longest spans that are read as one; what is longer is text.
_CODE_SPAN, _FORMULA, _DISPLAY, _LABEL, _ADDRESS_PART = 300, 200, 400, 200, 400

# What means nothing here, so far as it is of one kind. Chinese and Japanese one by one: "Paper 1"
# may begin at each.
_SAME = regex.compile(
    r"[^\W\u3000-\uffff]++|[\u3000-\uffff]|[ \t\u00a0\u202f]++|"
    r"[^\s\w\\`$\[\]【［〔⟦(（<&!*_^~⁰¹²³⁴-⁹,;:\ue000]++"
)
_OPENS = frozenset("[【［〔⟦(（<*_^~\\¹²³⁴⁵⁶⁷⁸⁹⁰")
_OPENS_OR_LEADS = _OPENS.union(" \t\u00a0\u202f,;")
_LEAD = {
    False: regex.compile(r"[ \t\u00a0\u202f]{0,8}+"),
    True: regex.compile(r"[ \t\u00a0\u202f]{0,8}+(?:[,;][ \t\u00a0\u202f]{0,8}+)?+"),
}
# What stands behind a plain "(1)" that closes a clause.
_CLAUSE_END = regex.compile(
    r"[ \t\u00a0\u202f]{0,3}+(?:[.,;!?…。，；)\]\n]|[(（][ \t]{0,3}+[0-9]|"
    r"(?<=[ ])(?:and|but|or|while|whereas|yet|though|although|because|which)[ ][^\s(])"
)

_ADDRESS = regex.compile(
    r"(?<!\w)(?:https?:|ftp:|mailto:|www\.)"
    r"(?:[^\s<>\[\]【】()`]|\([^\s()]{0,200}+\)|(?<![.,;:!?)])\[[^\s\[\]]{0,200}+\]){0,500}+"
    r"(?=[\s<>\]【】)`]|(?<=[.,;:!?)])\[|\[[^\s\[\]]{0,200}+[\s\[]|\([^\s()]{0,200}+[\s(])"
)
_TARGET = (
    rf"\((?:<[^<>\n]{{0,{_ADDRESS_PART}}}+>|(?:[^\s()]|\([^\s()]{{0,200}}+\)){{0,{_ADDRESS_PART}}}+)"
    r"(?:\s\"[^\"\n]{0,200}+\")?+\)"
)
_IMAGE = regex.compile(rf"!\[([^\[\]\n]{{0,{_LABEL}}}+)\]{_TARGET}")
_LINK = regex.compile(rf"\[([^\[\]\n]{{1,{_LABEL}}}+)\]{_TARGET}")
# A run of marks of another length than the opening one is part of the code.
_CODE = regex.compile(
    rf"(?P<marks>`++)(?P<code>(?:[^`\n]|(?!(?P=marks)[^`])`++(?=[^`])){{1,{_CODE_SPAN}}}+)"
    r"(?P=marks)(?=[^`])"
)
_MATH = regex.compile(
    rf"\$\$(?:[^$\n]|\n(?=[^\n])){{1,{_DISPLAY}}}+\$\$"
    r"|\$(?=[^\s$0-9]|[0-9.,]{1,20}+[^\s0-9.,;:)kKmMbB])"
    rf"(?:[^$\\\n]|\\.){{0,{_FORMULA}}}+(?<=\S)\$(?=[^0-9])"
    r"|\\\((?:[^\\\n]|\\[^)\n]){1,300}+\\\)"
    rf"|\\\[(?:[^\\\n]|\\[^\]\n]|\n(?=[^\n])){{1,{_DISPLAY}}}+\\\]"
)
_ENTITY = regex.compile(r"&#?[A-Za-z0-9]{1,31}+;")
_ESCAPED = regex.compile(r"\\[!-/:-@\[-`{-~]")
_FENCE = regex.compile(
    r"(?P<indent>[ \t>]{0,40}+)"
    r"(?:(?P<marks>`{3,80}+)[^`\n]*+|(?P<marks>~{3,80}+)(?=[^~])[^\n]*+)\n"
)
_DEFINES = regex.compile(rf"(?m)(?<=^[ >]{{0,{_LOOKED_BACK}}}{_CITED}[ >]{{0,9}}):")
_ESCAPED_ALONE = str.maketrans({sign: f"\\{sign}" for sign in "[<`$"})


@dataclass(frozen=True, slots=True)
class _Fence:
    """What opened a block of code: what stands before its marks, and the marks."""

    indent: str
    marks: str


@dataclass(frozen=True, slots=True)
class _Opening:
    """Where a citation may begin, behind its ``lead`` of spaces.

    ``before`` is the text in front, the lead included; ``joined``: its end is a citation.
    """

    start: int
    lead: str
    before: str
    joined: bool


class CitationStream:
    """Feed it pieces; it gives back what may be shown. One for each answer.

    ``numbers`` maps the LLM's numbers to those shown, in order of first use; ``invalid`` counts
    the unknown ones that were removed.
    """

    def __init__(self, papers: int) -> None:
        self._papers = papers
        self.numbers: dict[int, int] = {}
        self.invalid = 0
        self._text = ""  # what was read lately, then what waits
        self._at = 0
        self._fence: _Fence | None = None
        self._skip_space = False  # a removed marker opened the line
        self._owed: str | None = None  # the space before a marker just removed
        self._final = False

    def feed(self, piece: str) -> str:
        """What of the text so far may be shown now and was not yet."""
        # A carriage return alone is no line end to Markdown, nor is it worth waiting for.
        piece = piece.replace("\r", "").replace(_CITED, "")
        shown = ""
        for start in range(0, len(piece), _AT_ONCE):
            self._text += piece[start : start + _AT_ONCE]
            shown += self._run()
        return shown

    def finish(self) -> str:
        """The rest: what was held back and turned out to be text."""
        self._final = True
        self._text += "\n"  # whatever waits for a character behind it has one
        return self._run().removesuffix("\n")

    def _run(self) -> str:
        shown: list[str] = []
        with suppress(Unfinished):
            while self._at < len(self._text):
                shown.append(self._fenced(self._fence) if self._fence else self._step())
        if self._at > 2 * _LOOKED_BACK:
            self._text = self._text[self._at - _LOOKED_BACK :]
            self._at = _LOOKED_BACK
        return "".join(shown)

    # -- one token: each reads on and returns what to show -----------------------------------

    def _step(self) -> str:
        char = self._text[self._at]
        if self._skip_space and char in " \t":
            return self._take(self._at + 1, "")
        if self._line_start() and (fence := self._match(_FENCE)):
            self._fence = _Fence(fence["indent"], fence["marks"])
            return self._take(fence.end())
        self._skip_space = False
        citation = self._citation(char)
        return self._other(char) if citation is None else citation

    def _other(self, char: str) -> str:
        """What stands here and is no citation."""
        for pattern, show in _tokens(char):
            if match := self._match(pattern):
                return self._take(match.end(), show(match))
        if same := _SAME.match(self._text, self._at):
            return self._take(same.end())
        return self._take(self._at + 1, char.translate(_ESCAPED_ALONE))

    # -- citations -------------------------------------------------------------------------------

    def _citation(self, char: str) -> str | None:
        """The citation that begins here as it is shown, "" if its numbers are unknown."""
        if char.isalpha():
            return self._named()
        if char not in _OPENS_OR_LEADS:
            return None
        is_behind_citation = self._text.endswith(_CITED, 0, self._at)
        joined = is_behind_citation or self._owed is not None
        lead = _LEAD[joined].match(self._text, self._at)
        assert lead is not None, "it matches nothing, too"
        start = lead.end()
        if start == len(self._text):
            raise Unfinished
        if self._text[start] not in _OPENS:
            return None
        before = self._text[max(0, start - _LOOKED_BACK) : start]
        opening = _Opening(start, lead.group(), before, joined)
        return self._raised(opening) or self._bracketed(opening)

    def _bracketed(self, opening: _Opening) -> str | None:
        """Numbers in brackets and the like: "works [1]"."""
        marker = forms.marker_at(self._text, opening.start, final=self._final)
        if marker is None or not self._cites(marker, opening):
            return None
        if marker.signs == "h":  # a closing tag of what was read as a citation
            return self._take(marker.end, opening.lead)
        read = forms.read(marker, self._papers)
        self.invalid += read.unknown
        return self._cite(opening.lead, marker, read.known)

    def _cites(self, marker: Marker, opening: _Opening) -> bool:
        """Whether a marker is a citation where it stands."""
        before, joined = opening.before, opening.joined
        if lookalikes.is_lookalike(before, marker, joined=joined):
            return False
        return not marker.plain_parenthesis or self._closes_clause(marker, opening)

    def _closes_clause(self, marker: Marker, opening: _Opening) -> bool:
        """Whether "(1)" is a citation: of papers that are known, where a clause ends."""
        if forms.read(marker, self._papers).unknown:
            return False
        if not opening.joined and not lookalikes.may_be_parenthesis(opening.before):
            return False
        ends = forms.match_at(_CLAUSE_END, self._text, marker.end, final=self._final)
        return ends is not None

    def _raised(self, opening: _Opening) -> str | None:
        """Raised numbers: "works¹", "works^1"."""
        raised = forms.raised_at(self._text, opening.start, final=self._final)
        if raised is None or not lookalikes.is_raisable(opening.before):
            return None
        numbers = forms.raised_numbers(raised.signs, self._papers)
        if not numbers:
            return None
        return self._cite(opening.lead, raised, numbers, space=" ")

    def _named(self) -> str | None:
        """A paper named by its number in the text: "Paper 1 shows"."""
        named = forms.named_at(self._text, self._at, self._papers, final=self._final)
        if named is None:
            return None
        return self._cite("", named, forms.read(named, self._papers).known)

    def _cite(
        self, lead: str, marker: Marker, known: tuple[int, ...], space: str = ""
    ) -> str:
        """Put a citation's sign, or nothing, in the place of a marker.

        ``space`` stands before it within a line where it has no ``lead``.
        """
        opens_line = self._line_start()
        if self._owed is not None:
            lead = self._owed
        if not known:
            self._replace(marker.end, "")
            self._skip_space, self._owed = opens_line, lead
            return ""
        self._replace(marker.end, _CITED)
        self._skip_space, self._owed = False, None
        if not lead and not opens_line:
            lead = space
        for number in known:
            own = self.numbers.setdefault(number, len(self.numbers) + 1)
            lead += f"[{own}]"
        return lead

    def _replace(self, end: int, sign: str) -> None:
        """Put a sign in the place of the text up to ``end``, and read on behind it."""
        self._text = self._text[: self._at] + sign + self._text[end:]
        self._at += len(sign)

    # -- code blocks -----------------------------------------------------------------------------

    def _fenced(self, fence: _Fence) -> str:
        """A line of a code block, or what is there of it."""
        line, line_end, _ = self._text[self._at :].partition("\n")
        if self._line_start():
            rest = line.strip(" \t>")
            closes = not rest.strip(fence.marks[0])
            if closes and not line_end:
                raise Unfinished  # it may become the closing line
            if _is_out_of(fence.indent, line):
                self._fence = None  # the quotation or list item that held it is over
                return ""
            if closes and rest.startswith(fence.marks):
                self._fence = None
        return self._take(self._at + len(line) + len(line_end))

    # -- reading -------------------------------------------------------------------------------

    def _match(self, pattern: regex.Pattern[str]) -> regex.Match[str] | None:
        """A match here, if there is one."""
        return forms.match_at(pattern, self._text, self._at, final=self._final)

    def _line_start(self) -> bool:
        return self._text[max(0, self._at - 1) : self._at] in ("", "\n")

    def _take(self, end: int, shown: str | None = None) -> str:
        """Read on to ``end``; what was read is shown as it is, or as ``shown``."""
        taken = self._text[self._at : end]
        self._at, self._owed = end, None
        return taken if shown is None else shown


def _is_out_of(indent: str, line: str) -> bool:
    """Whether a line stands outside the quotation or the list item in which a code block began."""
    if ">" in indent:
        return not line.lstrip(" ").startswith(">")
    return len(indent) > 1 and line[:1].strip() != ""


def _label(match: regex.Match[str]) -> str:
    return as_text(match[1])


def _foreign(match: regex.Match[str]) -> str:
    return as_text(match.group())


def _whole(match: regex.Match[str]) -> str:
    return str(match.group())


def _backslashed(match: regex.Match[str]) -> str:
    return f"\\{match.group()}"


_Token = tuple[regex.Pattern[str], Callable[[regex.Match[str]], str]]
# What may begin with a character, and how it is shown.
_TOKENS: dict[str, tuple[_Token, ...]] = {
    "!": ((_IMAGE, _label),),
    "[": ((_LINK, _label),),
    "`": ((_CODE, _whole),),
    "$": ((_MATH, _foreign),),
    "\\": ((_MATH, _foreign), (_ESCAPED, _whole)),
    "&": ((_ENTITY, _backslashed),),
    ":": ((_DEFINES, _backslashed),),  # "[1]: …" would define a link
}
_WORDS: tuple[_Token, ...] = ((_ADDRESS, _foreign),)


def _tokens(char: str) -> tuple[_Token, ...]:
    return _WORDS if char.isalnum() else _TOKENS.get(char, ())
