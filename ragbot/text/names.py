"""What looks like the name of a method, a model or a data set, and where it stands. Words only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, repeat
from typing import NamedTuple

import regex

from ragbot.text.latex import readable
from ragbot.text.words import STOPWORDS, match_form

__all__ = ["names_in", "phrases_in", "stands_in"]

# Names have Latin, Greek and Cyrillic letters: a Chinese sentence around them is none.
_LETTER = "A-Za-zÀ-ÖØ-öø-ʯͰ-ϿЀ-ӿ"
# Raised and lowered digits and signs, as readable formulas have them: "M³AE"
_SCRIPTS = "²³¹⁰-₎"
_NAME = re.compile(
    rf"(?<![{_LETTER}{_SCRIPTS}0-9_-])[{_LETTER}](?:[{_LETTER}0-9_]|[+.-]++(?=[{_LETTER}0-9_]))++\+{{0,2}}+"
)
_SCRIPT = re.compile(rf"[{_SCRIPTS}]+")
_MARKED = regex.compile(r"\d|(?<=.)\p{Lu}")
_CAPITALISED = r"[A-Z][\w-]++(?: [A-Z][\w-]++)++"
_PHRASE = re.compile(rf"\A{_CAPITALISED}|(?<![\w-])({_CAPITALISED})")
_SHOUTED_LETTERS, _SHOUTED_SHARE = 12, 0.7
_GAP = regex.compile(r"[^\p{L}\p{N}]+")
# A letter that belongs to the word of its neighbour: Chinese writes no spaces.
_UNSPACED = "\u3000"
_ADJOINING = rf"[^ {_UNSPACED}-\U0010ffff]"
# What may be glued to a name: a plural, a version.
_INFLECTION = r"(?:s|es|v?\d{1,5})?"


def names_in(question: str) -> list[str]:
    """Words that look like names of methods, models or data sets: inner or all capitals, a digit.

    ``KiloNeRF``, ``OTFusion``, ``PVD-AL``, ``Meta-SpikeFormer``; not ``Which`` or ``end-to-end``.
    """
    # Most pieces of abstracts have neither a digit nor an inner capital.
    if not _MARKED.search(question) or _is_shouted(question):
        return []
    marked = filter(_MARKED.search, _NAME.findall(question))
    return [word for word in dict.fromkeys(marked) if word.lower() not in STOPWORDS]


def _is_shouted(question: str) -> bool:
    capitals = sum(map(str.isupper, question))
    if capitals <= _SHOUTED_SHARE * _SHOUTED_LETTERS:
        return False
    letters = sum(map(str.isalpha, question))
    return letters > _SHOUTED_LETTERS and capitals > _SHOUTED_SHARE * letters


def phrases_in(question: str) -> list[str]:
    """Runs of two or more capitalised words that do not begin the question, in order:
    "Deep Interest Network"."""
    return list(filter(None, _PHRASE.findall(question)))


def stands_in(name: str, text: str, *, inflected: bool = False) -> bool:
    """Whether a name stands in a text as a word of its own, however it is spelled.

    ``inflected``: or with an ending, a plural's or a version's.
    """
    form, plain = match_form(name), _plain(text)
    if form not in plain.letters:
        return False
    # To make a pattern of a name takes longer than all the rest.
    if inflected or not plain.has_spaces:
        return _standing(form, inflected).search(plain.words) is not None
    return any(map(plain.is_whole, _places(form, plain.letters), repeat(len(form))))


class _Plain(NamedTuple):
    """A text as it is read, in small letters: its words with single spaces, and its letters alone;
    at which of them words begin or end, and whether all of its scripts have spaces."""

    words: str
    letters: str
    edges: frozenset[int]
    has_spaces: bool

    def is_whole(self, start: int, length: int) -> bool:
        """Whether so many letters begin and end where words do."""
        return {start, start + length} <= self.edges


def _places(part: str, text: str) -> Iterator[int]:
    """Where a part stands in a text, nowhere an empty one."""
    at = text.find(part)
    while part and at >= 0:
        yield at
        at = text.find(part, at + 1)


@lru_cache(maxsize=4096)
def _standing(form: str, inflected: bool) -> regex.Pattern[str]:
    """The letters and digits of a name, with or without gaps; an empty one is nowhere."""
    letters = " ?+".join(form) or "(?!)"
    ending = _INFLECTION if inflected else ""
    return regex.compile(rf"(?<!{_ADJOINING}){letters}{ending}(?!{_ADJOINING})")


@lru_cache(maxsize=1024)
def _plain(text: str) -> _Plain:
    """A text as it is read; "BT²" is no longer word than "BT^2"."""
    scripts_apart = _SCRIPT.sub(r"^\g<0>", readable(text))
    small = unicodedata.normalize("NFKC", scripts_apart).lower()
    words = _GAP.split(small)
    edges = frozenset(accumulate(map(len, words), initial=0))
    return _Plain(
        " ".join(words), "".join(words), edges, max(small, default="") < _UNSPACED
    )
