"""Names of authors in parts, as those who cite want them; a collective has none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

import regex

from ragbot.text.words import folded

__all__ = ["SUFFIX", "Person", "family_of", "goes_by", "person"]

SUFFIX = r"(?i:[JS]r\.?|I{2,3}|IV|Ph\.?D\.?|M\.?D\.?)"
"""A pattern of what stands behind a family's name."""
# No person is called so, but for "Ai" and the like, which are not in capitals.
_COLLECTIVE = (
    r"\b(?:(?i:collaborations?|consortium|teams?|group|labs?|laborator(?:y|ies)|university|"
    r"institutes?|initiative|foundation|project|committee|association|society|networks?|"
    r"organi[sz]ation|company|inc|ltd|llc|gmbh|corp|corporation|center|centre|department|"
    r"research|authors|contributors|community|alliance|agency|ministry|council|the)|"
    r"AI|for|of|and)\b|[\d&/@(){}]"
)
# The family's name is the last word, with the small ones before it and what tells father and son.
_PARTS = regex.compile(
    rf"(?!.*(?:{_COLLECTIVE}))(?P<given>[^\s,]+(?: (?!\p{{Ll}})[^\s,]+)*?) "
    rf"(?P<family>\p{{Ll}}[^\s,]*(?: [^\s,]+)*|[^\s,]+(?: {SUFFIX})?)"
    rf"(?:, (?P<suffix>{SUFFIX}))?"
)


@dataclass(frozen=True, slots=True)
class Person:
    """A name in parts: "Lonneke", "van der Plas", ""; "Martin Luther", "King", "Jr."."""

    given: str
    family: str
    suffix: str = ""


_SUFFIXED = re.compile(rf",? {SUFFIX}$")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def _in_turn(name: str) -> list[str]:
    """The words of a name in small letters without accents, that of the family last; "" of none."""
    family, _, given = _SUFFIXED.sub("", name).partition(",")
    return _WORD.findall(folded(f"{given} {family}")) or [""]


def family_of(name: str) -> str:
    """The last word of a family's name, in small letters without accents; "" of what is none."""
    return _in_turn(name)[-1]


def goes_by(asked: str, author: str) -> bool:
    """Whether an author may be called so: by the family's name, alone or behind given names or
    initials, some or all of them, in their order: "Y. Bengio", "Bengio, Yoshua", "Bengio"."""
    *given, family = _in_turn(asked)
    *own, known = _in_turn(author)
    in_order = iter(own)
    named = all(any(map(partial(_is_short, one), in_order)) for one in given)
    return named and family == known != ""


def _is_short(one: str, other: str) -> bool:
    """Whether two given names are one, or one is the initial of the other."""
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and len(short) in (1, len(long))


def person(name: str) -> Person | None:
    """The parts of "Given Family" or "Given Family, Jr."; ``None`` for collectives and one word.

    A family's name is the last word, with the small ones before it ("van der").
    """
    found = _PARTS.fullmatch(name)
    if found is None:
        return None
    return Person(**found.groupdict(""))
