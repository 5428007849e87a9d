"""What a sentence says, as far as words tell: what it denies, which opposites, what is ahead.

Words only; the lists of them are in ``opposites.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from itertools import chain, compress, count, pairwise
from pathlib import Path

from ragbot.text.latex import readable
from ragbot.text.names import names_in
from ragbot.text.words import STOPWORDS

__all__ = ["Claims", "Comparison", "Direction", "claims_of", "word_lists"]

_FREE = re.compile(r"\b(\w+)-(?:free|less)\b", re.I)
_NO_DENIAL = re.compile(
    r"\bnot (?:only|just|necessarily|limited)\b|\bno (?:longer|less)\b|\bwhether or not\b",
    re.I,
)
# "speed-up" is a word of the lists as "speedup" is.
_SPEED_UP = re.compile(r"\b([Ss]peed)-up")
_STOPS = frozenset(",;:.()")
_BREAKS = _STOPS | {"but", "and", "while", "or"}
_SCOPE = 3  # words with a meaning that a denial reaches
_REACH = 30  # words of any kind among which those with a meaning are looked for
_NEAR = 4  # words with a meaning on either side that say what a direction is about
_SIDE = 6  # words with a meaning on either side of "outperforms" that tell who is meant
_TOKEN = re.compile(r"[,;:.()]|[^\W_]+(?:['’-][^\W_]+)*")
_TIMES = re.compile(r"(?<=\d)x$")  # "100x" and "100×" alike
_OWN = frozenset({"we", "our", "ours"})
_BE = frozenset("is are was were be been being get gets".split())


@dataclass(frozen=True, slots=True)
class WordLists:
    """What denies, softens and contrasts; what puts ahead; which words are opposites.

    ``compares`` tells of a word, or of two, whether what stands before it is ahead of what
    stands behind. ``sides`` are numbers: of two opposites one has the other's negative.
    ``opposites`` are the words on the other sides.
    """

    denies: frozenset[str]
    softens: frozenset[str]
    contrasts: frozenset[str]
    compares: Mapping[str, bool]
    sides: Mapping[str, Sequence[int]]
    opposites: Mapping[str, Set[str]]


@cache
def word_lists() -> WordLists:
    """The lists of ``opposites.toml``."""
    path = Path(__file__).parent / "opposites.toml"
    lists = tomllib.loads(path.read_text(encoding="utf-8"))
    ahead = [*lists["ahead"].split(), *_phrases(lists["ahead_with"])]
    behind = _phrases(lists["behind_with"])
    sides: dict[str, list[int]] = defaultdict(list)
    opposites: dict[str, set[str]] = defaultdict(set)
    for axis, words in enumerate(lists["opposites"], 1):
        one, other = words["one"].split(), words["other"].split()
        for word in one:
            sides[word].append(axis)
            opposites[word].update(other)
        for word in other:
            sides[word].append(-axis)
            opposites[word].update(one)
    return WordLists(
        denies=frozenset(lists["denies"].split()),
        softens=frozenset(lists["softens"].split()),
        contrasts=frozenset(lists["contrasts"].split()),
        compares=dict.fromkeys(ahead, True) | dict.fromkeys(behind, False),
        sides=dict(sides),
        opposites=dict(opposites),
    )


def _phrases(listed: str) -> list[str]:
    return re.split(r",\s+", listed.strip())


@dataclass(frozen=True, slots=True)
class Direction:
    """One of two opposites: on which side of its axis it is, the word, and the stems around it."""

    side: int
    word: str
    near: frozenset[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comes out ahead of what, by their stems, and the word that says so."""

    ahead: frozenset[str]
    behind: frozenset[str]
    word: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What a sentence says: its words in order, the stems it denies and affirms, its directions.

    A denied group holds the stems that one "not" reaches, softened ones are reached by "prevents"
    or "only". ``contrasts``: it may tell what other work does; ``names`` are those of its tokens
    that are written as names.
    """

    tokens: tuple[str, ...]
    denied: tuple[frozenset[str], ...]
    softened: frozenset[str]
    affirmed: frozenset[str]
    directions: tuple[Direction, ...]
    comparisons: tuple[Comparison, ...]
    contrasts: bool
    names: frozenset[str]


def claims_of(text: str, stem: Callable[[str], str]) -> Claims:
    """The claims of a sentence; ``stem`` gives the stem of a lower-case word, "" for none."""
    lists = word_lists()
    text = _SPEED_UP.sub(r"\1up", readable(text))
    text = _NO_DENIAL.sub(" ", _FREE.sub(r"without \1", text))
    said = _read(text, stem)
    scopes = said.scopes(lists.denies)
    denied = set(chain.from_iterable(scopes))
    softened = chain.from_iterable(said.scopes(lists.softens))
    affirmed = set(range(len(said.tokens))) - denied
    may_contrast = not lists.contrasts.isdisjoint(said.tokens)
    return Claims(
        tokens=tuple(filter(_is_word, said.tokens)),
        denied=tuple(map(said.stems_at, scopes)),
        softened=said.stems_at(softened),
        affirmed=said.stems_at(affirmed),
        directions=_directions(said, denied),
        comparisons=_comparisons(said, denied),
        contrasts=may_contrast and _OWN.isdisjoint(said.tokens),
        names=frozenset(map(str.lower, names_in(text))),
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """The words and stops of a sentence, each with its stem, "" where it has no meaning."""

    tokens: list[str]
    stems: list[str]

    def stems_at(self, places: Iterable[int]) -> frozenset[str]:
        """The stems at some places."""
        return frozenset(map(self.stems.__getitem__, places)) - {""}

    def before(self, at: int, most: int) -> list[str]:
        """The stems of up to so many words with a meaning in front of a place."""
        stems = self.stems[max(0, at - _REACH) : at]
        return list(filter(None, stems))[-most:]

    def behind(self, at: int, most: int) -> list[str]:
        """The stems of up to so many words with a meaning behind a place."""
        stems = self.stems[at + 1 : at + 1 + _REACH]
        return list(filter(None, stems))[:most]

    def scopes(self, reaching: frozenset[str]) -> list[list[int]]:
        """What each word of a kind reaches: the places of the next words with a meaning."""
        places = compress(count(), map(reaching.__contains__, self.tokens))
        return list(filter(None, map(self._scope, places)))

    def _scope(self, at: int) -> list[int]:
        reached: list[int] = []
        for place in range(len(self.tokens))[at + 1 : at + 1 + _REACH]:
            ends = _STOPS
            if reached:
                ends = _BREAKS
            if self.tokens[place] in ends:
                break
            if self.stems[place]:
                reached.append(place)
        return reached[:_SCOPE]


def _read(text: str, stem: Callable[[str], str]) -> _Read:
    tokens = []
    stems = []
    for written in _TOKEN.findall(text):
        token = _TIMES.sub("", written.lower().replace("’", "'"))
        meaning = ""
        if _is_word(token) and token not in STOPWORDS:
            meaning = stem(token)
        tokens.append(token)
        stems.append(meaning)
    return _Read(tokens, stems)


def _is_word(token: str) -> bool:
    return token[0].isalnum()


def _directions(said: _Read, denied: set[int]) -> tuple[Direction, ...]:
    sides = word_lists().sides
    found = []
    for at, token in enumerate(said.tokens):
        turn = 1
        if at in denied:
            turn = -1
        for side in sides.get(token, ()):
            near = frozenset(said.before(at, _NEAR) + said.behind(at, _NEAR))
            found.append(Direction(turn * side, token, near))
    return tuple(found)


def _comparisons(said: _Read, denied: set[int]) -> tuple[Comparison, ...]:
    """ "A outperforms B", "B is outperformed by A", "A has an advantage over B"."""
    compares = word_lists().compares
    found = []
    for at, (token, following) in enumerate(pairwise([*said.tokens, ""])):
        is_ahead = compares.get(token, compares.get(f"{token} {following}"))
        if is_ahead is None:
            continue
        one = frozenset(said.before(at, _SIDE))
        other = frozenset(said.behind(at, _SIDE))
        in_front = said.tokens[max(0, at - 3) : at]
        is_passive = following == "by" and not _BE.isdisjoint(in_front)
        turns = [not is_ahead, is_passive, at in denied]
        if sum(turns) % 2:
            one, other = other, one
        found.append(Comparison(one, other, token))
    return tuple(found)
