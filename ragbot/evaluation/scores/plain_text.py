"""An answer's Markdown as the words that a person reads, for patterns to be matched with. Pure."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import partial
from itertools import filterfalse

__all__ = ["plain"]

_BLANK_LINES = re.compile(r"\n\s*\n")
# The line below an answer that says what it was made of, in italics.
_CLOSING_LINE = re.compile(r"\*(?!\*).*\*", re.DOTALL)
_QUOTE_SIGN = re.compile(r"^\s*>\s?")
_CITATION = re.compile(r"(?<!\\)\[\d+\](?!\()")
_BREAK_OF_ADDRESSES = re.compile("\u200b")
_EMPHASIS = re.compile(r"(?<!\\)\*{1,3}")
_ESCAPED = re.compile(r"\\([^\w\s])")
_SIGNS = str.maketrans("’‘“”–—", "''\"\"--")


def plain(markdown: str, *, quotes: bool = True) -> str:
    """The answer without closing line, citations, emphasis, escapes and signs of quotes.

    With ``quotes=False`` quoted sentences are left out, too. NFKC, with plain quotation marks
    and dashes.
    """
    lines = _without_closing_line(markdown).split("\n")
    if not quotes:
        lines = [*filterfalse(_QUOTE_SIGN.match, lines)]
    text = "\n".join(map(partial(_QUOTE_SIGN.sub, ""), lines))
    for sign in (_CITATION, _BREAK_OF_ADDRESSES, _EMPHASIS):
        text = sign.sub("", text)
    text = _ESCAPED.sub(r"\1", html.unescape(text))
    return unicodedata.normalize("NFKC", text).translate(_SIGNS)


def _without_closing_line(markdown: str) -> str:
    blocks = _BLANK_LINES.split(markdown.strip())
    if len(blocks) > 1 and _CLOSING_LINE.fullmatch(blocks[-1].strip()):
        blocks.pop()
    return "\n\n".join(blocks)
