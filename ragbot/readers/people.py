"""Names as sources give them, one or many in a text or in an object, as "Given Family"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain
from operator import methodcaller
from typing import Any

from ragbot.readers.kinds import first, of_kind
from ragbot.readers.record import given_first

__all__ = ["family_initials", "names", "split_names"]

# "A. Author (1 and 2), B. Author (MIT)": whatever stands in brackets is no name.
_BRACKETED = re.compile(r" ?\([^()]*\)")
_DEEPEST = 3
_AND = re.compile(r",?\s+(?:and|&)\s+|,\s*&\s*")
_COMMA = re.compile(r",(?!\s*(?:[JS]r\.?|I{2,3}|IV)\b)")
# "Doe, Jane Marie", "van der Berg, Jan": one that stands alone, not two.
_FAMILY_FIRST = re.compile(
    r"[^\s,]+, [^\s,]+(?: [^\s,]+){0,2}|"
    r"[^\s,]+(?: [^\s,]+){1,2}, (?:[^\s,]+|(?:[A-Z]\.? ?){1,4})"
)
_INITIALS = re.compile(
    r"\A(?P<family>.+) (?P<given>[A-Z][A-Z-]{0,3})(?P<suffix> (?:Jr|Sr|\d\w\w))?\Z"
)
_NAME_KEYS = (
    "name", "full_name", "fullName", "fullname", "display_name", "displayName", "literal",
    "author_name", "raw_author_name", "author",
)  # fmt: skip
_GIVEN_KEYS = ("given", "firstName", "first_name", "given_name", "givenName", "first")
_FAMILY_KEYS = ("family", "lastName", "last_name", "family_name", "familyName", "last")


def names(told: Any) -> tuple[str, ...]:
    """The names in what JSON has for authors: a text, an object, or a list of either."""
    if isinstance(told, str):
        return split_names(told)
    if isinstance(told, Mapping):
        parts = (first(told, _GIVEN_KEYS), first(told, _FAMILY_KEYS))
        whole = " ".join(filter(None, parts)) or first(told, _NAME_KEYS)
        return _listed(whole)
    return tuple(chain.from_iterable(map(_listed, of_kind(told, list))))


def _listed(told: Any) -> tuple[str, ...]:
    """Of one that stands alone in a list a comma parts family and given name."""
    if isinstance(told, str):
        return (given_first(told),)
    return names(told)


def split_names(text: str) -> tuple[str, ...]:
    """The names in "A. Author, B. Author and C. Author", "Author, A.; Author, B." and the like."""
    text = " ".join(text.split())
    for _ in range(_DEEPEST):
        text = _BRACKETED.sub("", text)
    if ";" in text:
        return tuple(map(given_first, filter(None, map(str.strip, text.split(";")))))
    parts = list(map(methodcaller("strip", " ,"), _AND.split(text)))
    if all(map(_FAMILY_FIRST.fullmatch, parts)):
        return tuple(map(given_first, parts))
    listed = chain.from_iterable(map(_COMMA.split, parts))
    return tuple(filter(None, map(str.strip, listed)))


def family_initials(name: str) -> str:
    """ "Doe JB" of PubMed as "JB Doe"."""
    return _INITIALS.sub(r"\g<given> \g<family>\g<suffix>", name)
