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

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from operator import itemgetter

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
_SPACES = r"[ \t\u00a0\u202f]{0,8}+"
_OPENS = r"(?=[\[【［〔⟦(（<*_^~\\¹²³⁴⁵⁶⁷⁸⁹⁰])"
# What may stand before a citation, by whether another one stands before that; "Paper 1" claims no
# space.
_LEAD = {
    False: regex.compile(rf"(?=\p{{L}})|{_SPACES}{_OPENS}"),
    True: regex.compile(rf"(?=\p{{L}})|{_SPACES}(?:[,;]{_SPACES})?+{_OPENS}"),
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
    """What opened a block of code: what stands before its marks, and what closes it."""

    indent: str
    closing: regex.Pattern[str]


class CitationStream:
    """Feed it pieces; it gives back what may be shown. One for each answer.

    ``numbers`` maps the LLM's numbers to those shown, in order of first use; ``invalid`` counts
    the unknown ones that were removed.
    """

    def __init__(self, papers: int) -> None:
        self._papers = papers
        self.numbers: dict[int, int] = defaultdict(count(1).__next__)
        self.invalid = 0
        self._text = ""  # what was read lately, then what waits
        self._at = 0
        self._read = self._step  # what reads on: in a block of code another
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
                shown.append(self._read())
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
            mark = fence["marks"][0]
            closing = rf"[ \t>]*+{fence['marks']}{mark}*+[ \t>]*+\n"
            opened = _Fence(fence["indent"], regex.compile(closing))
            self._read = partial(self._fenced, opened)
            return self._take(fence.end(), fence.group())
        self._skip_space = False
        citation = self._citation()
        return self._other(char) if citation is None else citation

    def _other(self, char: str) -> str:
        """What stands here and is no citation."""
        for pattern, show in _TOKENS.get(char, _OTHERS):
            if match := self._match(pattern):
                return self._take(match.end(), show(match))
        if same := _SAME.match(self._text, self._at):
            return self._take(same.end(), same.group())
        return self._take(self._at + 1, char.translate(_ESCAPED_ALONE))

    # -- citations -------------------------------------------------------------------------------

    def _citation(self) -> str | None:
        """The citation that begins here as it is shown, "" if its numbers are unknown."""
        is_behind_citation = self._text.endswith(_CITED, 0, self._at)
        joined = is_behind_citation or self._owed is not None
        lead = self._match(_LEAD[joined])
        if lead is None:
            return None
        marker = self._marker(lead.end(), joined=joined)
        if marker is None:
            return None
        if marker.signs == "h":  # a closing tag of what was read as a citation
            return self._take(marker.end, lead.group())
        return self._cite(lead.group(), marker)

    def _marker(self, start: int, *, joined: bool) -> Marker | None:
        """What is a citation where it stands: "works [1]", "works¹", "Paper 1 shows"."""
        marker = forms.marker_at(self._text, start, self._papers, final=self._final)
        before = self._text[max(0, start - _LOOKED_BACK) : start]
        if marker is None or lookalikes.is_lookalike(before, marker, joined=joined):
            return None
        is_open = marker.plain_parenthesis and not self._closes_clause(marker)
        return None if is_open else marker

    def _closes_clause(self, marker: Marker) -> bool:
        """Whether "(1)" is a citation: of papers that are known, where a clause ends."""
        if forms.read(marker, self._papers).unknown:
            return False
        ends = forms.match_at(_CLAUSE_END, self._text, marker.end, final=self._final)
        return ends is not None

    def _cite(self, lead: str, marker: Marker) -> str:
        """Put a citation's sign, or nothing, in the place of a marker behind its ``lead``."""
        read = forms.read(marker, self._papers)
        self.invalid += read.unknown
        opens_line = self._line_start()
        if self._owed is not None:
            lead = self._owed
        if not read.known:
            self._replace(marker.end, "")
            self._skip_space, self._owed = opens_line, lead
            return ""
        self._replace(marker.end, _CITED)
        self._skip_space, self._owed = False, None
        if not opens_line:
            lead = lead or marker.space
        own = map(self.numbers.__getitem__, read.known)
        return lead + "".join(map("[{}]".format, own))

    def _replace(self, end: int, sign: str) -> None:
        """Put a sign in the place of the text up to ``end``, and read on behind it."""
        self._text = self._text[: self._at] + sign + self._text[end:]
        self._at += len(sign)

    # -- code blocks -----------------------------------------------------------------------------

    def _fenced(self, fence: _Fence) -> str:
        """A line of a code block, or what is there of it."""
        before, line_end, _ = self._text[self._at :].partition("\n")
        line = before + line_end
        if self._line_start():
            closes = self._match(fence.closing)
            if _is_out_of(fence.indent, line):
                self._read = (
                    self._step
                )  # the quotation or list item that held it is over
                return ""
            if closes:
                self._read = self._step
        return self._take(self._at + len(line), line)

    # -- reading -------------------------------------------------------------------------------

    def _match(self, pattern: regex.Pattern[str]) -> regex.Match[str] | None:
        """A match here, if there is one."""
        return forms.match_at(pattern, self._text, self._at, final=self._final)

    def _line_start(self) -> bool:
        return self._text[max(0, self._at - 1) : self._at] in ("", "\n")

    def _take(self, end: int, shown: str) -> str:
        """Read on to ``end``; what was read is ``shown`` so."""
        self._at, self._owed = end, None
        return shown


def _is_out_of(indent: str, line: str) -> bool:
    """Whether a line stands outside the quotation or the list item in which a code block began."""
    if ">" in indent:
        return not line.lstrip(" ").startswith(">")
    return len(indent) > 1 and line[:1].strip() != ""


def _label(match: regex.Match[str]) -> str:
    return as_text(match[1])


def _foreign(match: regex.Match[str]) -> str:
    return as_text(match.group())


def _backslashed(match: regex.Match[str]) -> str:
    return f"\\{match.group()}"


_Token = tuple[regex.Pattern[str], Callable[[regex.Match[str]], str]]
# What may begin with a character, and how it is shown.
_TOKENS: dict[str, tuple[_Token, ...]] = {
    "!": ((_IMAGE, _label),),
    "[": ((_LINK, _label),),
    "`": ((_CODE, itemgetter(0)),),
    "$": ((_MATH, _foreign),),
    "\\": ((_MATH, _foreign), (_ESCAPED, itemgetter(0))),
    "&": ((_ENTITY, _backslashed),),
    ":": ((_DEFINES, _backslashed),),  # "[1]: …" would define a link
}
_OTHERS: tuple[_Token, ...] = ((_ADDRESS, _foreign),)
