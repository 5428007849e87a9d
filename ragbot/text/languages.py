"""Whether a text is English, told by its letters and its commonest words; scripts parted."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path

import regex

__all__ = ["is_english", "parted"]

_SMALL_WORD = re.compile(r"(?<!\w)[^\W\d_A-Z]++(?!\w)")
_SEAM = re.compile(
    r"(?<=[\u3000-\uffff])(?=[0-9A-Za-z])|(?<=[0-9A-Za-z%])(?=[\u3001-\uffff])",
    re.ASCII,
)
_LETTER = regex.compile(r"\p{L}")
_OTHER_SCRIPT = regex.compile(r"(?=\p{L})[^\0-\u024f\u1e00-\u1eff]")
# English writes none of them, nor does it write other scripts.
_FOREIGN_LETTER = regex.compile(r"(?=\p{L})[\u00c0-\u1eff]")
# Of the letters of a text; the others may be names, which every language writes in Latin ones.
_FOREIGN_SHARE = 0.2


@cache
def _common_words() -> tuple[frozenset[str], tuple[frozenset[str], ...]]:
    """The English ones, and those of each other language that English has not."""
    path = Path(__file__).parent / "languages.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    english = frozenset(table.pop("en").split())
    others = tuple(frozenset(listed.split()) - english for listed in table.values())
    return english, others


def is_english(text: str) -> bool:
    """Whether the words of English abstracts can be expected in a text.

    A text without a common word of any language, such as a list of names, is taken for English.
    """
    if not _is_latin(text):
        return False
    english, others = _common_words()
    said = _SMALL_WORD.findall(text)  # "KAN" is no Swedish word
    own = _common(said, english)
    foreign = max(_common(said, listed) for listed in others)
    return own >= foreign + _foreign_letters(text)


def _common(said: Collection[str], listed: Collection[str]) -> int:
    return sum(word in listed for word in said)


def parted(text: str) -> str:
    """With spaces between Chinese, Japanese or Korean and what is not: "缩小 6 倍"."""
    return _SEAM.sub(" ", text)


def _is_latin(text: str) -> bool:
    """Whether next to no letters are of other scripts."""
    letters = len(_LETTER.findall(text))
    others = len(_OTHER_SCRIPT.findall(text))
    return others <= _FOREIGN_SHARE * letters


def _foreign_letters(text: str) -> int:
    """How many words have letters that English does not write: no names, which begin large."""
    if text.isascii():
        return 0
    small = [word for word in text.split() if word[0].islower()]
    return sum(map(bool, map(_FOREIGN_LETTER.search, small)))
