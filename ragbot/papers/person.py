"""Names of authors in parts, as those who cite want them; a collective has none."""

from __future__ import annotations

import re
from dataclasses import dataclass

import regex

__all__ = ["SUFFIX", "Person", "person"]

SUFFIX = r"(?i:[JS]r\.?|I{2,3}|IV|Ph\.?D\.?|M\.?D\.?)"
"""A pattern of what stands behind a family's name."""
# The family's name is the last word, with the small ones before it and what tells father and son.
_PARTS = regex.compile(
    rf"(?P<given>[^\s,]+(?: (?!\p{{Ll}})[^\s,]+)*?) "
    rf"(?P<family>\p{{Ll}}[^\s,]*(?: [^\s,]+)*|[^\s,]+(?: {SUFFIX})?)"
    rf"(?:, (?P<suffix>{SUFFIX}))?"
)
# No person is called so, but for "Ai" and the like, which are not in capitals.
_COLLECTIVE = re.compile(
    r"\b(?:(?i:collaborations?|consortium|teams?|group|labs?|laborator(?:y|ies)|university|"
    r"institutes?|initiative|foundation|project|committee|association|society|networks?|"
    r"organi[sz]ation|company|inc|ltd|llc|gmbh|corp|corporation|center|centre|department|"
    r"research|authors|contributors|community|alliance|agency|ministry|council|the)|"
    r"AI|for|of|and)\b|[\d&/@(){}]"
)


@dataclass(frozen=True, slots=True)
class Person:
    """A name in parts: "Lonneke", "van der Plas", ""; "Martin Luther", "King", "Jr."."""

    given: str
    family: str
    suffix: str = ""


def person(name: str) -> Person | None:
    """The parts of "Given Family" or "Given Family, Jr."; ``None`` for collectives and one word.

    A family's name is the last word, with the small ones before it ("van der").
    """
    found = _PARTS.fullmatch(name)
    if found is None or _COLLECTIVE.search(name):
        return None
    return Person(**found.groupdict(""))
