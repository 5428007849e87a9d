"""What looks like the name of a method, a model or a data set, and where it stands. Words only."""

from __future__ import annotations

import re
from functools import lru_cache

from ragbot.text.latex import readable
from ragbot.text.words import STOPWORDS, match_form

__all__ = ["names_in", "phrases_in", "stands_in"]

# Names have Latin, Greek and Cyrillic letters: a Chinese sentence around them is none.
_LETTER = "A-Za-zÀ-ÖØ-öø-ʯͰ-ϿЀ-ӿ"
_NAME = re.compile(
    rf"(?<![{_LETTER}0-9_-])[{_LETTER}](?:[{_LETTER}0-9_]|[+.-]++(?=[{_LETTER}0-9_]))++\+{{0,2}}+"
)
_WORD = re.compile(r"[\w-]+")
_SHOUTED_LETTERS, _SHOUTED_SHARE = 12, 0.7
# What may be glued to a name: a plural, a version.
_INFLECTION = re.compile(r"(?:s|es|v?\d+)?\Z", re.I)


def names_in(question: str) -> list[str]:
    """Words that look like names of methods, models or data sets: inner or all capitals, a digit.

    ``KiloNeRF``, ``OTFusion``, ``PVD-AL``, ``Meta-SpikeFormer``; not ``Which`` or ``end-to-end``.
    """
    if _is_shouted(question):
        return []
    names = dict.fromkeys(match.group() for match in _NAME.finditer(question))
    return [name for name in names if _is_marked(name)]


def _is_marked(word: str) -> bool:
    if word.lower() in STOPWORDS:
        return False
    return any(c.isdigit() for c in word) or any(c.isupper() for c in word[1:])


def _is_shouted(question: str) -> bool:
    letters = [c for c in question if c.isalpha()]
    capitals = sum(c.isupper() for c in letters)
    return len(letters) > _SHOUTED_LETTERS and capitals > _SHOUTED_SHARE * len(letters)


def phrases_in(question: str) -> list[str]:
    """Runs of two or more capitalised words that do not begin the question, in order:
    "Deep Interest Network"."""
    phrases: list[list[str]] = [[]]
    end = 0
    for match in _WORD.finditer(question):
        word = match.group()
        adjoins = question[end : match.start()] == " "
        end = match.end()
        if not adjoins:
            phrases.append([])
        if "A" <= word[0] <= "Z" and len(word) > 1:
            phrases[-1].append(word)
        else:
            phrases.append([])
    found = [" ".join(phrase) for phrase in phrases if len(phrase) > 1]
    return found[1:] if found and question.startswith(found[0]) else found


def stands_in(name: str, text: str, *, inflected: bool = False) -> bool:
    """Whether a name stands in a text as a word of its own, however it is spelled.

    ``inflected``: or with an ending, a plural's or a version's.
    """
    wanted = match_form(name)
    form, places = _form(readable(text))
    at = form.find(wanted)
    while at >= 0:
        beyond = at + len(wanted)
        if not _adjoins(form, places, at - 1, at) and _ends(
            form, places, beyond, inflected=inflected
        ):
            return True
        at = form.find(wanted, at + 1)
    return False


def _ends(form: str, places: tuple[int, ...], beyond: int, *, inflected: bool) -> bool:
    """Whether the word ends there in which the letter before ``beyond`` stands."""
    end = beyond
    while _adjoins(form, places, end, end - 1):
        end += 1
        if not inflected or end - beyond > _LONGEST_ENDING:
            return False
    return _INFLECTION.match(form[beyond:end]) is not None


def _adjoins(form: str, places: tuple[int, ...], other: int, own: int) -> bool:
    """Whether a letter is there that belongs to the word of another: Chinese writes no spaces."""
    if not 0 <= other < len(form) or form[other] >= _CHINESE:
        return False
    return abs(places[other] - places[own]) == 1


_CHINESE = "\u3000"
_LONGEST_ENDING = 6  # letters and digits


@lru_cache(maxsize=1024)
def _form(text: str) -> tuple[str, tuple[int, ...]]:
    """Letters and digits of a text, small, and where each stands."""
    places = tuple(i for i, c in enumerate(text) if c.isalnum())
    return "".join(_small(text[i]) for i in places), places


def _small(char: str) -> str:
    small = char.lower()
    return small if len(small) == 1 else char
