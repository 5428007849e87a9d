"""Sentences that only say that the papers do not tell, in many languages.

Owns the word lists of ``refusals.toml``; how a claim in such a sentence is told, too, for a
sentence that denies and claims is no refusal. Every search is linear in the length of the text.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import filterfalse, pairwise
from operator import methodcaller
from pathlib import Path
from typing import Any

import regex

__all__ = ["asks", "declines", "has_verb"]

_HERE = Path(__file__).parent
_NONE = "\0"  # what no text has
# What stands behind a denial at the end of a sentence: "is not explicitly given".
_BETWEEN = 3
# A sentence of several clauses, or with a number, says more than that nothing is stated.
_SAYS_MORE = regex.compile(r";|(?<![\w.-])[0-9]")
_COMMENT = regex.compile(r"(?m)^#.*")
_PAUSE = regex.compile(r"[,:–—] ")
_WORD = regex.compile(r"[^\W_]++(?:['’][^\W_]++)*+")


# A part of a sentence that is so long says something of its own, whatever its language.
_LONG_PART = regex.compile(rf"(?:[\W_]*+{_WORD.pattern}){{5}}")
_LONG_SPACELESS_PART = regex.compile(r"(?s).{8}")


@dataclass(frozen=True, slots=True)
class _Language:
    """The expressions of one language; ``spaceless``: its words are not parted."""

    spaceless: bool
    denies_first: bool
    clause: str
    affirms: regex.Pattern[str]
    denies: regex.Pattern[str]
    papers: regex.Pattern[str]
    tells: regex.Pattern[str]
    whole: regex.Pattern[str]
    joins: regex.Pattern[str]
    asks: regex.Pattern[str]

    def declines(self, text: str) -> bool:
        """Whether a part of a text refuses, and no other part claims something."""
        parts = self._parts(text)
        others = list(filterfalse(self._refuses, parts))
        if len(others) == len(parts):
            return False
        return not any(map(self._claims, others))

    def _parts(self, text: str) -> list[str]:
        """The text cut before each word that may join a claim, and behind each comma."""
        joints = map(regex.Match.start, self.joins.finditer(text))
        pauses = map(regex.Match.end, _PAUSE.finditer(text))
        cuts = sorted({0, *joints, *pauses, len(text)})
        return [text[start:end].strip() for start, end in pairwise(cuts)]

    def _refuses(self, part: str) -> bool:
        if self.whole.match(part.lstrip(" \"“'*_")):
            return True
        own, _, _ = part.partition(self.clause)
        said = self.affirms.sub("", own)
        denial = self.denies.search(said)
        if denial is None:
            return False
        told_from = 0
        if self.denies_first:
            told_from = denial.start()
        if not self.tells.search(said, told_from):
            return False
        if self.papers.search(said):
            return True
        return self._ends_in_denial(said)

    def _ends_in_denial(self, said: str) -> bool:
        """ "The FID is not given.", "Die FID wird nicht genannt."."""
        if self.spaceless:
            return False
        *before, last = ["", *_WORD.findall(said)][-_BETWEEN:]
        if not self.tells.match(last):
            return False
        return self.denies.search(" ".join(before)) is not None

    def _claims(self, part: str) -> bool:
        """Whether a part of a refusing text says something of its own: not "and its GPUs"."""
        said = self.joins.sub("", part, count=1).lstrip()
        if self.denies.search(said):
            return False
        if self.asks.match(said):
            return False
        if self is _languages()[0]:  # English, whose verbs are known
            # Not those of what is asked for: "the hardware that was used".
            own, *_ = self.asks.split(said, maxsplit=1)
            return has_verb(own)
        if said == part:  # nothing joins it
            return False
        if self.spaceless:
            return _LONG_SPACELESS_PART.match(said) is not None
        return _LONG_PART.match(said) is not None


@cache
def _languages() -> tuple[_Language, ...]:
    table = tomllib.loads((_HERE / "refusals.toml").read_text(encoding="utf-8"))
    return tuple(map(_language, table.values()))


def _language(words: dict[str, Any]) -> _Language:
    """A language's table: what is said of it, and lists of words under the names of its fields."""
    spaceless = words.pop("spaceless", False)
    denies_first = words.pop("denies_first", False)
    clause = words.pop("clause", _NONE)
    words.setdefault("affirms", [_NONE])
    body = _words
    if spaceless:
        body = _letters
    patterns = {name: _any_of(map(body, listed)) for name, listed in words.items()}
    return _Language(spaceless, denies_first, clause, **patterns)


def _any_of(patterns: Iterable[str]) -> regex.Pattern[str]:
    """Any of some expressions, longest first."""
    longest_first = sorted(patterns, key=len, reverse=True)
    return regex.compile("|".join(longest_first), regex.IGNORECASE)


def _letters(listed: str) -> str:
    return str(regex.escape(listed.strip("*"), special_only=True))


def _words(listed: str) -> str:
    """Whole words; "n't" is the end of one, ``*`` stands for any beginning or end of one."""
    pattern = _letters(listed)
    if not listed.startswith(("*", "n't", "n’t")):
        pattern = rf"(?<!\w){pattern}"
    if not listed.endswith("*"):
        pattern = rf"{pattern}(?!\w)"
    return pattern


@cache
def _verbs() -> frozenset[str]:
    text = (_HERE / "verbs.txt").read_text(encoding="utf-8")
    return frozenset(_COMMENT.sub("", text).split())


def has_verb(text: str) -> bool:
    """Whether an English text has a finite verb, in small letters: titles write theirs large."""
    return not _verbs().isdisjoint(_WORD.findall(text))


def asks(text: str) -> bool:
    """Whether an English text begins as a question does: "How it works"."""
    return bool(_languages()[0].asks.match(text))


def declines(text: str) -> bool:
    """Whether a sentence says no more than that the papers do not state something."""
    if _SAYS_MORE.search(text):
        return False
    text = text.replace("’", "'")
    return any(map(methodcaller("declines", text), _languages()))
