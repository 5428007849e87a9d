"""What looks like the name of a method, a model or a data set, and where it stands. Words only."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

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
_PHRASE = re.compile(r"(?<![\w-])[A-Z][\w-]++(?: [A-Z][\w-]++)++")
_SHOUTED_LETTERS, _SHOUTED_SHARE = 12, 0.7
# What may be glued to a name: a plural, a version.
_LONGEST_ENDING = 6  # letters and digits
_INFLECTION = re.compile(r"(?:s|es|v?\d+)?\Z", re.I)

_CHINESE = "\u3000"


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
    has_digit = any(map(str.isdigit, word))
    has_inner_capital = any(map(str.isupper, word[1:]))
    return has_digit or has_inner_capital


def _is_shouted(question: str) -> bool:
    letters = list(filter(str.isalpha, question))
    capitals = sum(map(str.isupper, letters))
    return len(letters) > _SHOUTED_LETTERS and capitals > _SHOUTED_SHARE * len(letters)


def phrases_in(question: str) -> list[str]:
    """Runs of two or more capitalised words that do not begin the question, in order:
    "Deep Interest Network"."""
    found: list[str] = _PHRASE.findall(question)
    if found and question.startswith(found[0]):
        del found[0]
    return found


def stands_in(name: str, text: str, *, inflected: bool = False) -> bool:
    """Whether a name stands in a text as a word of its own, however it is spelled.

    ``inflected``: or with an ending, a plural's or a version's.
    """
    wanted = match_form(name)
    if not wanted:
        return False
    letters = _letters(readable(text))
    at = letters.form.find(wanted)
    while at >= 0:
        begins = not letters.adjoin(at - 1, at)
        if begins and letters.ends_word(at + len(wanted), inflected=inflected):
            return True
        at = letters.form.find(wanted, at + 1)
    return False


@dataclass(frozen=True, slots=True)
class _Letters:
    """Letters and digits of a text, small, and where each stands."""

    form: str
    places: tuple[int, ...]

    def adjoin(self, other: int, own: int) -> bool:
        """Whether a letter is there that belongs to the word of another: Chinese writes no
        spaces."""
        if not 0 <= other < len(self.form) or self.form[other] >= _CHINESE:
            return False
        return abs(self.places[other] - self.places[own]) == 1

    def ends_word(self, beyond: int, *, inflected: bool) -> bool:
        """Whether the word ends there in which the letter before ``beyond`` stands."""
        longest = _LONGEST_ENDING if inflected else 0
        end = beyond
        while self.adjoin(end, end - 1):
            end += 1
            if end - beyond > longest:
                return False
        return _INFLECTION.match(self.form[beyond:end]) is not None


@lru_cache(maxsize=1024)
def _letters(text: str) -> _Letters:
    text = _SCRIPT.sub(r"^\g<0>", text)  # "BT²" is no longer word than "BT^2"
    places = tuple(i for i, c in enumerate(text) if c.isalnum())
    return _Letters("".join(_small(text[i]) for i in places), places)


@lru_cache(maxsize=1024)
def _small(char: str) -> str:
    small = unicodedata.normalize("NFKC", char).lower()
    if len(small) > 1:
        return char
    return small
