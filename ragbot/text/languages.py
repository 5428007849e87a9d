"""Whether a text is English, told by its letters and its commonest words; scripts parted."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import regex

__all__ = ["is_english", "language_of", "parted"]

_SMALL_WORD = re.compile(r"(?<![\w'’])[^\W\d_A-Z]++(?!\w)")
_OPENING = re.compile(r"\A\W*[^\W\d_][^\W\d_A-Z]*(?![\w-])")
_SEAM = re.compile(
    r"(?<=[\u3000-\uffff])(?=[0-9A-Za-z])|(?<=[0-9A-Za-z%])(?=[\u3001-\uffff])",
    re.ASCII,
)
_LETTER = regex.compile(r"\p{L}")
_OTHER_SCRIPT = regex.compile(r"(?=\p{L})[^\0-\u024f\u1e00-\u1eff]")
# Words with letters that English does not write: no names, which begin large.
_FOREIGN_WORD = regex.compile(
    r"(?<!\S)(?=\p{Lowercase})\S*?(?=\p{L})[\u00c0-\u1eff]\S*+"
)
# Of the letters of a text; the others may be names, which every language writes in Latin ones.
_FOREIGN_SHARE = 0.2


class _Telling(NamedTuple):
    """Common words of English and of another language that tell the two apart."""

    english: frozenset[str]
    other: frozenset[str]


@cache
def _telling() -> Mapping[str, _Telling]:
    """By the code of the other language."""
    path = Path(__file__).parent / "languages.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    listed = {code: frozenset(words.split()) for code, words in table.items()}
    english = listed.pop("en")
    return {
        code: _Telling(english - words, words - english)
        for code, words in listed.items()
    }


@cache
def _words_of_others() -> frozenset[str]:
    """Those that speak for any other language."""
    return frozenset().union(*map(attrgetter("other"), _telling().values()))


# Japanese and Korean texts may have Chinese signs, not the other way round.
_SCRIPTS = {
    "ja": regex.compile(r"[\p{Hiragana}\p{Katakana}]"),
    "ko": regex.compile(r"\p{Hangul}"),
    "zh": regex.compile(r"\p{Han}"),
    "uk": regex.compile(r"[іїєґ]", regex.IGNORECASE),
    "ru": regex.compile(r"\p{Cyrillic}"),
    "ar": regex.compile(r"\p{Arabic}"),
    "el": regex.compile(r"\p{Greek}{3}"),
    "he": regex.compile(r"\p{Hebrew}"),
    "hi": regex.compile(r"\p{Devanagari}"),
    "th": regex.compile(r"\p{Thai}"),
}


def language_of(text: str) -> str:
    """The ISO 639-1 code of a text's language as far as its script and its commonest words tell;
    "en" where nothing speaks for another, empty for another that is not known."""
    if is_english(text):
        return "en"
    if not _is_latin(text):
        written = (code for code, sign in _SCRIPTS.items() if sign.search(text))
        return next(written, "")
    said = _small_words(text)
    counts = {"": 0}
    counts |= {code: _common(said, words.other) for code, words in _telling().items()}
    return max(counts, key=counts.__getitem__)


def is_english(text: str) -> bool:
    """Whether the words of English abstracts can be expected in a text.

    A text without a common word of any language, such as a list of names, is taken for English.
    """
    said = _small_words(text)
    if text.isascii() and _words_of_others().isdisjoint(said):
        return True
    foreign_words = len(_FOREIGN_WORD.findall(text))
    return _is_latin(text) and all(
        _common(said, words.english) >= _common(said, words.other) + foreign_words
        for words in _telling().values()
    )


def _small_words(text: str) -> list[str]:
    """Words that begin small, or begin the text: "KAN" is no Swedish word."""
    opened_small = _OPENING.sub(lambda opening: opening[0].lower(), text, count=1)
    return _SMALL_WORD.findall(opened_small)


def _common(said: Collection[str], listed: Collection[str]) -> int:
    return sum(map(listed.__contains__, said))


def parted(text: str) -> str:
    """With spaces between Chinese, Japanese or Korean and what is not: "缩小 6 倍"."""
    return _SEAM.sub(" ", text)


def _is_latin(text: str) -> bool:
    """Whether next to no letters are of other scripts."""
    letters = len(_LETTER.findall(text))
    others = len(_OTHER_SCRIPT.findall(text))
    return others <= _FOREIGN_SHARE * letters
