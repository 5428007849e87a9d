"""Whether a text is English, told by its letters and its commonest words; scripts parted."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

__all__ = ["is_english", "parted"]

_SMALL_WORD = re.compile(r"(?<!\w)[^\W\d_A-Z]++(?!\w)")
_SEAM = re.compile(
    r"(?<=[\u3000-\uffff])(?=[0-9A-Za-z])|(?<=[0-9A-Za-z%])(?=[\u3001-\uffff])",
    re.ASCII,
)
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
    own = sum(word in english for word in said)
    foreign = max(sum(word in common for word in said) for common in others)
    return own >= foreign + _foreign_letters(text)


def parted(text: str) -> str:
    """With spaces between Chinese, Japanese or Korean and what is not: "缩小 6 倍"."""
    return _SEAM.sub(" ", text)


def _is_latin(text: str) -> bool:
    """Whether next to no letters are of other scripts."""
    letters = [c for c in text if c.isalpha()]
    others = [c for c in letters if c > "\u024f" and not "\u1e00" <= c < "\u1f00"]
    return len(others) <= _FOREIGN_SHARE * len(letters)


def _foreign_letters(text: str) -> int:
    """How many words have letters that English does not write: no names, which begin large."""
    marked = [word for word in text.split() if word[0].islower() and not word.isascii()]
    return sum(
        any("\u00c0" <= c < "\u1f00" and c.isalpha() for c in word) for word in marked
    )
