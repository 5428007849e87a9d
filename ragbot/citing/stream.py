"""A language model's text, as it streams, into safe Markdown whose ``[n]`` are citations.

Owns the answer's own numbering and what is held back until it is whole. Foreign markup is
disarmed on the way: HTML is shown as text, images and link targets are dropped. An unescaped
bracket in the result, code apart, is always a citation. Knows no papers, only how many there are.

Rules where a form could mean two things:

- brackets around whole numbers from 1 up are citations; ``[0, 1]`` has a zero and ``[0.5]`` a
  fraction, so they are text, and so are ``x[1]``, "the range [1, 2]" and ``\\[1\\]``;
- any other number in brackets claims to be a source: unknown ones, ``[2023]`` too, are removed;
- "(1)" is a citation where a clause ends behind it and no word such as "Eq.", "layers" or "and"
  stands before it; an unknown number in such parentheses is no citation, and stays;
- "²" is a citation behind a word or a full stop, an exponent behind a digit, a letter or a unit.
"""

from __future__ import annotations

from collections.abc import Callable

import regex

from ragbot.citing import forms as markers
from ragbot.text.markdown import as_text

__all__ = ["CitationStream", "clean_markdown"]

_CITED = "\ue000"  # stands for a citation in the text already read
_LOOKED_BACK = 240  # characters looked back at

_PLAIN = regex.compile(r"[^\s\w\\`$\[\]【［〔⟦(（<&!*_^~⁰¹²³⁴-⁹,;:\ue000]+")
_SAME = regex.compile(r"\w+|[ \t\u00a0\u202f]+")
_TRIGGERS = frozenset(" \t\u00a0\u202f,;[【［〔⟦(（<*_^~\\¹²³⁴⁵⁶⁷⁸⁹⁰")

_ADDRESS = regex.compile(
    r"(?<!\w)(?:https?:|ftp:|mailto:|www\.)"
    r"(?:[^\s<>\[\]【】()`]|\([^\s()]*\)|(?<![.,;:!?)])\[[^\s\[\]]*\])*"
    r"(?=[\s<>\]【】)`]|(?<=[.,;:!?)])\[|\[[^\s\[\]]*[\s\[]|\([^\s()]*[\s(])"
)
_TARGET = r"\((?:<[^<>\n]{0,400}>|(?:[^\s()]|\([^\s()]*\)){0,400})(?:\s\"[^\"\n]*\")?\)"
_IMAGE = regex.compile(rf"!\[([^\[\]\n]{{0,200}})\]{_TARGET}")
_LINK = regex.compile(rf"\[([^\[\]\n]{{1,200}})\]{_TARGET}")
_CODE = regex.compile(r"(`+)((?:[^`\n]|(?!\1(?=[^`]))`+(?=[^`])){1,300})\1(?=[^`])")
_MATH = regex.compile(
    r"\$\$(?:[^$\n]|\n(?=[^\n])){1,1000}\$\$"
    r"|\$(?=[^\s$0-9]|[0-9.,]+[^\s0-9.,;:)kKmMbB])(?:[^$\\\n]|\\.){0,200}?(?<=\S)\$(?=[^0-9])"
    r"|\\\((?:[^\\\n]|\\[^)\n]){1,300}\\\)"
    r"|\\\[(?:[^\\\n]|\\[^\]\n]|\n(?=[^\n])){1,1000}\\\]"
)
_ENTITY = regex.compile(r"&#?[A-Za-z0-9]{1,31};")
_FENCE = regex.compile(r"([ \t>]*)(?:(`{3,})(?=[^`])[^`\n]*|(~{3,})(?=[^~])[^\n]*)\n")
_ESCAPED_NUMBERS = regex.compile(r"\\\[[0-9,; –-]+\\\]")
_ESCAPED = regex.compile(r"\\[!-/:-@\[-`{-~]")


class _More(Exception):
    """What stands here cannot be told before more has been read."""


class CitationStream:
    """Feed it pieces; it gives back what may be shown. One for each answer.

    ``numbers`` maps the LLM's numbers to those shown, in order of first use; ``invalid`` counts
    the unknown ones that were removed. With ``papers=None`` nothing is a citation.
    """

    def __init__(self, papers: int | None) -> None:
        self._papers = papers
        self.numbers: dict[int, int] = {}
        self.invalid = 0
        self._text = ""  # what was read lately, then what waits
        self._at = 0
        self._fence: tuple[str, str] | None = None  # its indentation and its marks
        self._skip_space = False  # a removed marker opened the line
        self._owed: str | None = None  # the space before a marker just removed
        self._final = False

    def feed(self, piece: str) -> str:
        """What of the text so far may be shown now and was not yet."""
        # A carriage return alone is no line end to Markdown, nor is it worth waiting for.
        self._text += piece.replace("\r", "").replace(_CITED, "")
        return self._run()

    def finish(self) -> str:
        """The rest: what was held back and turned out to be text."""
        self._final = True
        self._text += "\n"  # whatever waits for a character behind it has one
        return self._run().removesuffix("\n")

    def _run(self) -> str:
        shown: list[str] = []
        try:
            while self._at < len(self._text):
                shown.append(self._fenced(*self._fence) if self._fence else self._step())
        except _More:
            pass
        if self._at > 2 * _LOOKED_BACK:
            self._text = self._text[self._at - _LOOKED_BACK :]
            self._at = _LOOKED_BACK
        return "".join(shown)

    # -- one token: each reads on and returns what to show -----------------------------------

    def _step(self) -> str:
        char = self._text[self._at]
        if self._line_start() and char in " \t>`~" and (fence := self._match(_FENCE)):
            self._fence = (fence[1], fence[2] or fence[3])
            return self._take(fence.end())
        if self._skip_space and char in " \t":
            return self._take(self._at + 1, "")
        self._skip_space = False
        if plain := _PLAIN.match(self._text, self._at):
            return self._take(plain.end())
        if char in _TRIGGERS and self._papers is not None:
            marker = self._marker(self._papers)
            if marker is not None:
                return marker
        for first, pattern, show in _TOKENS:
            if first(char) and (match := self._match(pattern)):
                return self._take(match.end(), show(match))
        if char == ":" and self._before().rpartition("\n")[2].strip(" >") == _CITED:
            return self._take(self._at + 1, "\\:")  # "[1]: …" would define a link
        if same := _SAME.match(self._text, self._at):
            return self._take(same.end())
        return self._take(self._at + 1, f"\\{char}" if char in "[<`$" else char)

    def _marker(self, papers: int) -> str | None:
        """The citation that begins here as it is shown, "" if its numbers are unknown."""
        before = self._before()
        joined = before.endswith(_CITED) or self._owed is not None
        if self._text[self._at] in ",;" and not joined:
            return None
        for pattern in markers.ALWAYS[joined]:
            if match := self._match(pattern):
                attached = not (match["lead"] or joined) and match["marker"][0] in "[［^"
                if attached and markers.is_index(before):
                    return None
                if markers.is_interval(before, match["marker"]):
                    return None
                read = markers.read(match["marker"], papers)
                self.invalid += read.unknown
                return self._cite(match, read.known)
        if match := self._match(markers.PARENTHESIS):
            read = markers.read(match["marker"], papers)
            if not read.unknown and (joined or markers.may_be_parenthesis(before)):
                return self._cite(match, read.known)
        if match := self._match(markers.RAISED):
            numbers = markers.raised_numbers(before + match["lead"], match["marker"], papers)
            if numbers:
                return self._cite(match, numbers, space=" ")
        return None

    def _cite(self, match: regex.Match[str], known: tuple[int, ...], space: str = "") -> str:
        """Put a citation's sign, or nothing, in the place of a marker."""
        start, lead = match.start(), match["lead"] if self._owed is None else self._owed
        opens = start == 0 or self._text[start - 1] == "\n"
        self._text = self._text[:start] + (_CITED if known else "") + self._text[match.end() :]
        self._at = start + bool(known)
        self._skip_space = opens and not known
        self._owed = None if known else lead
        cited = "".join(f"[{self.numbers.setdefault(n, len(self.numbers) + 1)}]" for n in known)
        return (lead or ("" if opens else space)) + cited if known else ""

    # -- code blocks -----------------------------------------------------------------------------

    def _fenced(self, indent: str, marks: str) -> str:
        """A line of a code block, or what is there of it."""
        end = self._text.find("\n", self._at)
        line = self._text[self._at : end if end >= 0 else None]
        if self._line_start():
            rest = line.strip(" \t>")
            if end < 0 and not rest.strip(marks[0]):
                raise _More  # it may become the closing line
            quoted = ">" in indent
            if (quoted and not line.lstrip(" ").startswith(">")) or (
                not quoted and len(indent) > 1 and line[:1].strip()
            ):
                self._fence = None  # the quotation or the list item that held the block is over
                return ""
            if rest.startswith(marks) and not rest.strip(marks[0]):
                self._fence = None
        return self._take(end + 1 if end >= 0 else len(self._text))

    # -- reading -------------------------------------------------------------------------------

    def _match(self, pattern: regex.Pattern[str]) -> regex.Match[str] | None:
        """A match here, if there is one."""
        match = pattern.match(self._text, self._at, partial=not self._final)
        if match and match.partial:
            raise _More
        return match

    def _before(self) -> str:
        return self._text[max(0, self._at - _LOOKED_BACK) : self._at]

    def _line_start(self) -> bool:
        return self._at == 0 or self._text[self._at - 1] == "\n"

    def _take(self, end: int, shown: str | None = None) -> str:
        taken = self._text[self._at : end]
        self._at, self._owed = end, None
        return taken if shown is None else shown


def _as_math(match: regex.Match[str]) -> str:
    """LaTeX as plain text; brackets that were only escaped stay so."""
    return match.group() if _ESCAPED_NUMBERS.fullmatch(match.group()) else as_text(match.group())


# What a token may begin with, its pattern and how it is shown.
_TOKENS: tuple[
    tuple[Callable[[str], bool], regex.Pattern[str], Callable[[regex.Match[str]], str]], ...
] = (
    ("!".__eq__, _IMAGE, lambda m: as_text(m[1])),
    ("[".__eq__, _LINK, lambda m: as_text(m[1])),
    ("`".__eq__, _CODE, lambda m: m.group()),
    ("$\\".__contains__, _MATH, _as_math),
    ("\\".__eq__, _ESCAPED, lambda m: m.group()),
    ("&".__eq__, _ENTITY, lambda m: f"\\{m.group()}"),
    (str.isalnum, _ADDRESS, lambda m: as_text(m.group())),
)


def clean_markdown(text: str) -> str:
    """Foreign Markdown with its HTML, images and links disarmed, and no citation in it."""
    stream = CitationStream(None)
    return stream.feed(text) + stream.finish()
