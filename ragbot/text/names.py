"""What looks like the name of a method, a model or a data set, and where it stands. Words only."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

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
# A letter that belongs to the word of its neighbour: Chinese writes no spaces.
_ADJOINING = r"[[\p{L}\p{N}]--[\u3000-\U0010ffff]]"
# What may be glued to a name: a plural, a version.
_INFLECTION = r"(?:s|es|v?\d{1,5})?"


def names_in(question: str) -> list[str]:
    """Words that look like names of methods, models or data sets: inner or all capitals, a digit.

    ``KiloNeRF``, ``OTFusion``, ``PVD-AL``, ``Meta-SpikeFormer``; not ``Which`` or ``end-to-end``.
    """
    if _is_shouted(question):
        return []
    marked = filter(_MARKED.search, _NAME.findall(question))
    return [word for word in dict.fromkeys(marked) if word.lower() not in STOPWORDS]


def _is_shouted(question: str) -> bool:
    letters = list(filter(str.isalpha, question))
    capitals = sum(map(str.isupper, letters))
    return len(letters) > _SHOUTED_LETTERS and capitals > _SHOUTED_SHARE * len(letters)


def phrases_in(question: str) -> list[str]:
    """Runs of two or more capitalised words that do not begin the question, in order:
    "Deep Interest Network"."""
    return list(filter(None, _PHRASE.findall(question)))


def stands_in(name: str, text: str, *, inflected: bool = False) -> bool:
    """Whether a name stands in a text as a word of its own, however it is spelled.

    ``inflected``: or with an ending, a plural's or a version's.
    """
    # A pattern is made only of what may be there: that takes a millisecond.
    may_stand = match_form(name) in _letters(text)
    return may_stand and _standing(name, inflected).search(_plain(text)) is not None


@lru_cache(maxsize=4096)
def _standing(name: str, inflected: bool) -> regex.Pattern[str]:
    """The letters and digits of a name, whatever stands between them; an empty one is nowhere."""
    letters = r"[^\p{L}\p{N}]*+".join(match_form(name)) or "(?!)"
    ending = _INFLECTION if inflected else ""
    return regex.compile(
        rf"(?<!{_ADJOINING}){letters}{ending}(?!{_ADJOINING})", regex.VERSION1
    )


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    """As it is read, in small letters; "BT²" is no longer word than "BT^2"."""
    scripts_apart = _SCRIPT.sub(r"^\g<0>", readable(text))
    return unicodedata.normalize("NFKC", scripts_apart).lower()


@lru_cache(maxsize=1024)
def _letters(text: str) -> str:
    return match_form(_plain(text))
