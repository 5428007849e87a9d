"""Sentences that only say that the papers do not tell, in many languages.

Owns the word lists of ``refusals.toml``; how a claim in such a sentence is told, too, for a
sentence that denies and claims is no refusal. Every search is linear in the length of the text.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import regex

__all__ = ["asks", "declines", "has_verb"]

_HERE = Path(__file__).parent
_NONE = "\0"  # what no text has
# A part of a sentence with so many words says something of its own, whatever its language.
_A_CLAUSE = 5
_SPACELESS_CLAUSE = 8  # characters
# What stands behind a denial at the end of a sentence: "is not explicitly given".
_BETWEEN = 3
# A sentence of several clauses, or with a number, says more than that nothing is stated.
_SAYS_MORE = regex.compile(r";|(?<![\w.-])[0-9]")
_COMMENT = regex.compile(r"(?m)^#.*")
_PAUSE = regex.compile(r"[,:–—] ")
_WORD = regex.compile(r"[^\W_]++(?:['’][^\W_]++)*+")


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
    body = _letters if spaceless else _words
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
    return any(_declines_in(language, text) for language in _languages())


def _declines_in(language: _Language, text: str) -> bool:
    refused = False
    for part in _parts(language, text):
        if _refuses(language, part):
            refused = True
        elif _claims(language, part):
            return False
    return refused


def _refuses(language: _Language, text: str) -> bool:
    if language.whole.match(text.lstrip(" \"“'*_")):
        return True
    text = language.affirms.sub("", text.partition(language.clause)[0])
    denial = language.denies.search(text)
    if denial is None:
        return False
    told_from = denial.start() if language.denies_first else 0
    if not language.tells.search(text, told_from):
        return False
    names_papers = language.papers.search(text) is not None
    return names_papers or _ends_in_denial(language, text)


def _ends_in_denial(language: _Language, text: str) -> bool:
    """ "The FID is not given.", "Die FID wird nicht genannt."."""
    if language.spaceless:
        return False
    *before, last = ["", *_WORD.findall(text)][-_BETWEEN:]
    if not language.tells.match(last):
        return False
    return language.denies.search(" ".join(before)) is not None


def _parts(language: _Language, text: str) -> list[str]:
    """The text cut before each word that may join a claim, and behind each comma."""
    cuts = {0, len(text)}
    for joining in language.joins.finditer(text):
        cuts.add(joining.start())
    for pause in _PAUSE.finditer(text):
        cuts.add(pause.end())
    return [text[start:end].strip() for start, end in pairwise(sorted(cuts))]


def _claims(language: _Language, part: str) -> bool:
    """Whether a part of a refusing sentence says something of its own: not "and its GPUs"."""
    joined = language.joins.match(part)
    said = part[joined.end() :].lstrip() if joined else part
    if language.denies.search(said) or language.asks.match(said):
        return False
    if language is _languages()[0]:  # English, whose verbs are known
        # Not those of what is asked for: "the hardware that was used".
        return has_verb(language.asks.split(said, maxsplit=1)[0])
    if joined is None:
        return False
    if language.spaceless:
        return len(said) >= _SPACELESS_CLAUSE
    return len(_WORD.findall(said)) >= _A_CLAUSE
