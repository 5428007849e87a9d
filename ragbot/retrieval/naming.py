"""What papers call their own work, and which of them a question calls by name. Words only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import dropwhile
from operator import itemgetter
from typing import NamedTuple

from ragbot.embedding.known_words import is_word
from ragbot.text.languages import parted
from ragbot.text.latex import readable
from ragbot.text.names import names_in
from ragbot.text.words import STOPWORDS, match_form
from ragbot.types import Hit

__all__ = ["called_in"]

# So many papers may have a name that one of them has in its title; of one from its abstract fewer.
_FEW = 11
_RARE = 3
# A name has at most so many words: "Kolmogorov-Arnold Networks" has two.
_MOST_WORDS = 5
# Titles of fewer words are told from topics by being the whole question.
_LEAST_TITLE = 4
# "Reversible Column Network (RevCol)": a short form behind what it stands for.
_SHORT_FORM = re.compile(r"\((?:[^()]{1,40}, )?([A-Za-z][\w.+-]{1,20})\)")
_OWN = re.compile(
    r"\b(?:propos\w+|introduc\w+|present\w*|develop\w*|call(?:ed)?|nam(?:ed|ely)|dub(?:bed)?|"
    r"term(?:ed)?|describ\w+|creat\w+|design\w*|build|release)\b"
)
# "HyperNetworks" are such, "CodeS" are none.
_PLURAL = re.compile(r"(?<=[a-z]{3})s\Z")
_HYPHEN = re.compile(r"-(?=[^\W\d])")
_WORD = re.compile(r"\w[^\s(]*")
# What is proposed, as far as the sentence goes; what it is for stands behind a preposition.
_END = re.compile(r"[.!?]\s")
_MOST_CHARACTERS = 400
# ": A Survey" tells what kind of work it is.
_DESCRIBES = re.compile(
    r"\s*(?:an?\b|towards?\b|how\b|on\b|(?:surve[yi]|review|overview|tutorial|study)\w*\b)",
    re.I,
)
_PREPOSITION = re.compile(r"\b(?:for|with|on|in|of|to|by|using|that|which|based)\b")


_Place = frozenset[int]
"""Which words of a question a name is."""


class _Name(NamedTuple):
    """A name as it is written, its letters, what it is short for or itself, and whether it stands
    in the title."""

    text: str
    form: str
    long_form: str
    is_title: bool


def called_in(
    question: str, hits: Sequence[Hit], frequency: Callable[[str], int]
) -> list[Hit]:
    """The hits whose own work the question names, in whatever case, in the question's order.

    Whoever says "matryoshkakv" or "reversible column networks" means the paper that calls its
    work so, whatever else the question says. Where a name is part of a longer one that is meant,
    the longer counts: "Graph HyperNetworks", not "HyperNetworks". ``frequency`` tells how many
    papers have a word or phrase: what many have is no name, unless the question writes it as one.
    """
    spoken = _forms(question)
    said = _runs(spoken)
    called: list[tuple[_Place, Hit]] = []
    for hit in hits:
        named = _whole_title(hit.paper.title, spoken)
        for name in _names_of(hit.paper.title, hit.paper.abstract):
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


def _is_meant(name: _Name, question: str, frequency: Callable[[str], int]) -> bool:
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


def _whole_title(title: str, spoken: Sequence[str]) -> list[_Place]:
    """Where a question has all of a title, if it is no single word in a longer question."""
    words = _forms(title)
    length = len(words)
    if length < min(_LEAST_TITLE, len(spoken)):
        return []
    starts = range(len(spoken) - length + 1)
    found = [at for at in starts if spoken[at : at + length] == words]
    return [frozenset(range(at, at + length)) for at in found]


@lru_cache(4096)
def _forms(text: str) -> tuple[str, ...]:
    """The words of a question or a title as `_form` has them."""
    return tuple(map(_form, _WORD.findall(_parted(readable(text)))))


def _runs(spoken: Sequence[str]) -> dict[str, _Place]:
    """Every run of up to five words, joined, and where it first stands."""
    runs: dict[str, _Place] = {}
    for start in range(len(spoken)):
        for end in range(start + 1, min(start + _MOST_WORDS, len(spoken)) + 1):
            runs.setdefault("".join(spoken[start:end]), frozenset(range(start, end)))
    return runs


@lru_cache(4096)
def _names_of(title: str, abstract: str) -> tuple[_Name, ...]:
    """What a paper may be called by; a single letter is no name."""
    found = [*_of_title(readable(title)), *_of_abstract(readable(abstract))]
    return tuple(name for name in found if len(name.form) > 1)


def _of_title(title: str) -> Iterator[_Name]:
    """What stands before the colon of a title, or behind it if that is short, a whole short title,
    and short forms in brackets."""
    for short in _SHORT_FORM.findall(title):
        yield _name(short, is_title=True)
    parts = _SHORT_FORM.sub(" ", title).split(":", 1)
    for part in parts:
        is_short = len(part.split()) <= _MOST_WORDS
        if is_short and not _DESCRIBES.match(part):
            yield _name(part, is_title=len(parts) > 1)  # else it may be a topic


def _of_abstract(abstract: str) -> Iterator[_Name]:
    """What an abstract marks as a name where it says what it proposes."""
    for own in _OWN.finditer(_small(abstract)):
        rest = abstract[own.end() : own.end() + _MOST_CHARACTERS + 1]
        proposed = _END.split(rest, 1)[0][:_MOST_CHARACTERS]
        for marked in names_in(_PREPOSITION.split(proposed, 1)[0])[:1]:
            yield _name(marked)
        short = _SHORT_FORM.search(proposed)
        if short:
            long_form = _long_form(proposed[: short.start()], short[1])
            yield _name(short[1])._replace(long_form=long_form)
            yield _name(long_form)


def _name(text: str, *, is_title: bool = False) -> _Name:
    forms = map(_form, _parted(text).split())
    return _Name(text.strip(), "".join(forms), text.strip(), is_title)


def _long_form(before: str, short: str) -> str:
    """The words before a short form in brackets of which it is made: from the last one that begins
    as it does, if there are no more of them than letters; the short form where there are none."""
    spoken = _parted(before).split()[-len(short) :]
    first = short[0].lower()
    words = list(dropwhile(lambda word: word[0].lower() != first, spoken))
    if len(words) < 2:
        return short
    return " ".join(words)


def _small(text: str) -> str:
    """A text in small letters, each at its place: of all capitals this one becomes two."""
    return text.replace("İ", "I").lower()


@lru_cache(20_000)
def _form(word: str) -> str:
    """A word in small letters, in the singular; "NeRF++" is another than "NeRF"."""
    bare = _PLURAL.sub("", word.rstrip(".,;:?!)"))
    return match_form(bare) + "+" * bare.count("+")


def _parted(text: str) -> str:
    """With compounds taken apart, but not "GPT-2", and names apart from Chinese around them."""
    return _HYPHEN.sub(" ", parted(text))
