"""Sentences that only say that the papers do not tell, in many languages.

Owns the word lists of ``refusals.toml``; how a claim in such a sentence is told, too, for a
sentence that denies and claims is no refusal. Every search is linear in the length of the text.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import regex

__all__ = ["asks", "declines", "has_verb"]

_HERE = Path(__file__).parent
# A part of a sentence with so many words says something of its own, whatever its language.
_A_CLAUSE = 5
_SPACELESS_CLAUSE = 8  # characters
# What stands behind a denial at the end of a sentence: "is not explicitly given".
_BETWEEN = 3
_NUMBER = regex.compile(r"(?<![\w.-])[0-9]")
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
    found = []
    for words in table.values():
        flags = {
            "spaceless": words.pop("spaceless", False),
            "denies_first": words.pop("denies_first", False),
            "clause": words.pop("clause", "\0"),
        }
        words.setdefault("affirms", ["\0"])
        patterns = {
            name: _any_of(listed, flags["spaceless"]) for name, listed in words.items()
        }
        found.append(_Language(**flags, **patterns))
    return tuple(found)


def _any_of(words: list[str], spaceless: bool) -> regex.Pattern[str]:
    """Any of the words, longest first; "n't" is the end of a word, ``*`` any end of one."""
    parts = []
    for word in sorted(words, key=len, reverse=True):
        body = regex.escape(word.strip("*"), special_only=True)
        if not spaceless:
            free_start = word.startswith(("*", "n't", "n’t"))
            body = body if free_start else rf"(?<!\w){body}"
            body = body if word.endswith("*") else rf"{body}(?!\w)"
        parts.append(body)
    return regex.compile("|".join(parts), regex.IGNORECASE)


@cache
def _verbs() -> frozenset[str]:
    lines = (_HERE / "verbs.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(
        " ".join(line for line in lines if not line.startswith("#")).split()
    )


def has_verb(text: str) -> bool:
    """Whether an English text has a finite verb, in small letters: titles write theirs large."""
    return any(word in _verbs() for word in _WORD.findall(text))


def asks(text: str) -> bool:
    """Whether an English text begins as a question does: "How it works"."""
    return bool(_languages()[0].asks.match(text))


def declines(text: str) -> bool:
    """Whether a sentence says no more than that the papers do not state something."""
    if ";" in text or _NUMBER.search(text):
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
    if not language.tells.search(text, denial.start() if language.denies_first else 0):
        return False
    return bool(language.papers.search(text)) or _ends_in_denial(language, text)


def _ends_in_denial(language: _Language, text: str) -> bool:
    """ "The FID is not given.", "Die FID wird nicht genannt."."""
    words = _WORD.findall(text)[-_BETWEEN:]
    if language.spaceless or not words:
        return False
    return bool(
        language.tells.match(words[-1]) and language.denies.search(" ".join(words[:-1]))
    )


def _parts(language: _Language, text: str) -> list[str]:
    """The text cut before each word that may join a claim, and behind each comma."""
    cuts = {0, len(text)}
    cuts.update(match.start() for match in language.joins.finditer(text))
    cuts.update(match.end() for match in regex.finditer(r"[,:–—] ", text))
    ordered = sorted(cuts)
    return [text[a:b].strip() for a, b in pairwise(ordered)]


def _claims(language: _Language, part: str) -> bool:
    """Whether a part of a refusing sentence says something of its own: not "and its GPUs"."""
    joined = language.joins.match(part)
    said = part[joined.end() :].lstrip() if joined else part
    if language.denies.search(said) or language.asks.match(said):
        return False
    if language.spaceless:
        return len(said) >= _SPACELESS_CLAUSE and joined is not None
    if language is _languages()[0]:  # English, whose verbs are known
        asked = language.asks.search(said)  # "the hardware that was used"
        return has_verb(said[: asked.start()] if asked else said)
    return joined is not None and len(_WORD.findall(said)) >= _A_CLAUSE
