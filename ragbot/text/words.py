"""Words and letters: stop words, words of a text, and the forms in which texts are compared."""

from __future__ import annotations

import re
import unicodedata
from itertools import filterfalse
from typing import Literal

import regex

__all__ = [
    "STOPWORDS",
    "content_words",
    "folded",
    "match_form",
    "printable",
    "whole",
    "words",
]

STOPWORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being
    below between both but by can cannot could did do does doing done down during each either else
    ever every few for from further get gets give given got had has have having he her here hers
    him his how i if in into is it its itself just let like made make makes many may me might more
    most much must my near neither no nor not now of off on once one only or other our out over own
    per please quite rather really say says she should show shows since so some such tell than that
    the their them then there these they thing things this those through to together too under
    until up upon us use used uses using very via was way we well were what when where whether
    which while who whom whose why will with within without would yes yet you your""".split()
)


# Sorting a run of combining marks takes time that grows with its square; no language has so many,
# and Unicode's stream-safe format (UAX 15) allows as many.
_MARKS = regex.compile(r"(\p{M}{30})\p{M}++")


def _normal(form: Literal["NFKC", "NFKD"], text: str) -> str:
    if not text.isascii():
        text = _MARKS.sub(r"\1", text)
    return unicodedata.normalize(form, text)


def match_form(text: str) -> str:
    """NFKC, lower case, letters and digits only: how titles and evidence are compared."""
    return "".join(filter(str.isalnum, _normal("NFKC", text).lower()))


def folded(text: str) -> str:
    """Case and accents taken away, for finding one text in another."""
    decomposed = _normal("NFKD", text.casefold())
    return "".join(filterfalse(unicodedata.combining, decomposed))


# C0 and C1 controls but tab and line feed, the zero-width space, and marks that turn text around.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """The text without what a terminal obeys instead of showing it, escape sequences above all."""
    return _CONTROLS.sub("", text)


_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*[+]{0,2}")


def whole(text: str) -> str:
    """The text with the halves of characters joined, and � for a half without the other.

    Halves (surrogates) come from JSON, which may write a character as two; nothing can encode them.
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def words(text: str) -> list[str]:
    """Lower-case words; hyphenated ones stay whole (``low-rank``), signs are dropped."""
    return [w.lower().replace("’", "'") for w in _WORD.findall(text)]


def content_words(text: str) -> list[str]:
    """The `words` of a text that are no stop words."""
    return list(filterfalse(STOPWORDS.__contains__, words(text)))
