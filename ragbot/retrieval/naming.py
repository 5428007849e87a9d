"""Which papers a question calls by name. Words only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter

from ragbot.embedding.known_words import is_word
from ragbot.reading import OwnNames
from ragbot.reading.own_names import MOST_WORDS, Name, forms_of
from ragbot.text.words import STOPWORDS
from ragbot.types import Hit

__all__ = ["called_in"]

# So many papers may have a name that one of them has in its title; of one from its abstract fewer.
_FEW = 11
_RARE = 3
# Titles of fewer words are told from topics by being the whole question.
_LEAST_TITLE = 4


_Place = frozenset[int]
"""Which words of a question a name is."""


def called_in(
    question: str,
    hits: Sequence[Hit],
    names: Iterable[OwnNames],
    frequency: Callable[[str], int],
) -> list[Hit]:
    """The hits whose own work the question names, in whatever case, in the question's order.

    Whoever says "matryoshkakv" or "reversible column networks" means the paper that calls its
    work so, whatever else the question says. Where a name is part of a longer one that is meant,
    the longer counts: "Graph HyperNetworks", not "HyperNetworks". ``names`` are those of each hit.
    ``frequency`` tells how many papers have a word or phrase: what many have is no name, unless the
    question writes it as one.
    """
    spoken = forms_of(question)
    said = _runs(spoken)
    called: list[tuple[_Place, Hit]] = []
    for hit, own in zip(hits, names, strict=True):
        named = _whole_title(own.title, spoken)
        for name in own.names:
            place = said.get(name.form)
            if place and _is_meant(name, question, frequency):
                named.append(place)
        if named:
            called.append((max(named, key=_longest_then_first), hit))
    places = list(map(itemgetter(0), called))
    outermost = []
    for place, hit in called:
        if not any(map(place.__lt__, places)):
            outermost.append((min(place), hit))
    in_order = sorted(outermost, key=itemgetter(0))
    return list(map(itemgetter(1), in_order))


def _longest_then_first(place: _Place) -> tuple[int, int]:
    return len(place), -min(place)


def _is_meant(name: Name, question: str, frequency: Callable[[str], int]) -> bool:
    """Whether a name that a question has the letters of is no common word in it."""
    if _is_written(name.text, question):
        return name.is_title or frequency(name.long_form) <= _RARE
    small = name.text.lower()
    if small in STOPWORDS:
        return False
    most = _RARE
    if name.is_title and not is_word(small):
        most = _FEW
    return frequency(name.text) <= most


def _is_written(name: str, question: str) -> bool:
    """Whether a question writes a name as its paper does, not only in small letters."""
    if name.islower():
        return False
    alone = rf"(?<![\w-]){re.escape(name)}(?![\w-])"
    return re.search(alone, question) is not None


def _whole_title(words: Sequence[str], spoken: Sequence[str]) -> list[_Place]:
    """Where a question has all of a title, if it is no single word in a longer question."""
    length = len(words)
    if length < min(_LEAST_TITLE, len(spoken)):
        return []
    starts = range(len(spoken) - length + 1)
    found = [at for at in starts if spoken[at : at + length] == words]
    return [frozenset(range(at, at + length)) for at in found]


def _runs(spoken: Sequence[str]) -> dict[str, _Place]:
    """Every run of up to five words, joined, and where it first stands."""
    runs: dict[str, _Place] = {}
    for start in range(len(spoken)):
        for end in range(start + 1, min(start + MOST_WORDS, len(spoken)) + 1):
            runs.setdefault("".join(spoken[start:end]), frozenset(range(start, end)))
    return runs
