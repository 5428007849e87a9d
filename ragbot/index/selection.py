"""Which papers have the traits that a question names: SQL for what is quickly left out, then words.

Pure: what to ask of the catalog, and what of its answers to keep.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from itertools import chain
from operator import itemgetter, methodcaller
from typing import NamedTuple

from ragbot.papers.person import family_of, goes_by
from ragbot.text.names import stands_in
from ragbot.text.words import content_words, folded
from ragbot.types import Traits

__all__ = [
    "Heading",
    "exact_pattern",
    "restricted",
    "speaks_of",
    "stands_by",
]

# Of a word its beginning is looked for in SQL, without what a plural changes.
_ENDING = re.compile(r"(?<=\w\w\w)(?:ies|es|s|y)$", re.I)


class Heading(NamedTuple):
    """What stands over a paper; ``authors`` are their names as JSON, ``author_count`` their number
    even where nobody is named."""

    id: str
    title: str
    date: str | None
    organisation: str | None
    authors: str | None
    author_count: int | None

    def is_by(self, name: str) -> bool:
        """Whether an organisation or an author of it is called so, in any spelling."""
        # What has not the letters of the last words need not be looked at name by name.
        letters = _SIGNS.sub("", folded(f"{self.organisation}{self.authors}"))
        may_be = all(map(letters.__contains__, map(family_of, _AND.split(name))))
        return may_be and _is_among(name, self.organisation, self.authors)


@lru_cache(maxsize=4096)  # papers of one organisation are many
def _is_among(name: str, organisation: str | None, authors: str | None) -> bool:
    people = json.loads(authors or "[]")
    named = any(map(partial(stands_in, name), [organisation or "", *people]))
    return named or all(_has_author(one, people) for one in _AND.split(name))


_AND = re.compile(r"\s+(?:and|&)\s+", re.I)
_SIGNS = re.compile(r"[\W_]+")


def _has_author(name: str, people: Sequence[str]) -> bool:
    return any(map(partial(goes_by, name), people))


_ENDINGS = re.compile(
    r"(?<=\w{4})(?:ations?|ions?|ings?|ed|ers?|ors?|ive|ity|al|ies|es|s|y)$"
)


def speaks_of(topic: str, text: str) -> bool:
    """Whether a text has the words of a topic that carry meaning, whatever their endings."""
    stems = [_ENDINGS.sub("", word) for word in content_words(folded(topic))]
    said = folded(text)
    return all(re.search(rf"\b{re.escape(stem)}", said) for stem in stems)


def restricted(traits: Traits) -> tuple[list[str], list[object]]:
    """Conditions of SQL that papers of these traits meet, and their values."""
    together = " OR " if traits.either else " AND "
    likes = together.join(["title LIKE ?"] * len(traits.titled))
    stems: list[object] = [f"%{_stem(phrase)}%" for phrase in traits.titled]
    conditions: Sequence[tuple[bool, str, list[object]]] = (
        (bool(stems), f"({likes})", stems),
        (traits.fewest is not None, "author_count >= ?", [traits.fewest]),
        (traits.most is not None, "author_count <= ?", [traits.most]),
        (traits.dated is True, "date IS NOT NULL", []),
        (traits.dated is False, "date IS NULL", []),
        (bool(traits.by), "(organisation IS NOT NULL OR authors <> '[]')", []),
    )
    held = list(filter(itemgetter(0), conditions))
    return [clause for _, clause, _ in held], list(
        chain.from_iterable(map(itemgetter(2), held))
    )


def _stem(phrase: str) -> str:
    """The longest word of a phrase, without what a plural changes."""
    longest: str = max(_words(phrase), key=len)
    return _ENDING.sub("", longest)


def stands_by(traits: Traits, headings: Iterable[Heading]) -> list[Heading]:
    """Those that bear the phrases as words, and are by whom the traits say."""
    held: Iterable[Heading] = headings
    if traits.titled:
        sources = map(_in_both_numbers, traits.titled)
        held = filter(partial(_bears, _TOGETHER[traits.either](sources)), held)
    if traits.by:
        held = filter(methodcaller("is_by", traits.by), held)
    return list(held)


def _bears(pattern: re.Pattern[str], heading: Heading) -> bool:
    return pattern.search(heading.title) is not None


# All of several phrases, and one of them.
_TOGETHER: dict[bool, Callable[[Iterable[str]], re.Pattern[str]]] = {
    False: lambda sources: re.compile(
        "^" + "".join(f"(?=.*{source})" for source in sources), re.I | re.S
    ),
    True: lambda sources: re.compile("|".join(sources), re.I),
}


def exact_pattern(phrase: str) -> re.Pattern[str]:
    """A phrase as words of their own, in any case, as it stands."""
    return re.compile(_spelled(list(map(re.escape, _words(phrase)))), re.I)


def _in_both_numbers(phrase: str) -> str:
    """A pattern of a phrase as words of their own, its last word in singular and plural."""
    *words, last = map(re.escape, _words(phrase))
    return _spelled([*words, _in_both(last)])


def _words(phrase: str) -> list[str]:
    return re.findall(r"\w+", phrase) or [phrase]


def _spelled(words: Sequence[str]) -> str:
    spaced = r"[\W_]+".join(words)
    return rf"(?<![^\W_]){spaced}(?![^\W_])"


def _in_both(word: str) -> str:
    for ending, both in _NUMBERS:
        if ending.search(word):
            return ending.sub(both, word)
    return f"{word}(?:s|es)?"


# Endings of nouns, and of singular and plural together.
_NUMBERS = (
    (re.compile(r"(?<=\w\w)(?:ies|y)$", re.I), "(?:y|ys|ies)"),
    (re.compile(r"(?<=\w\w[^\Wsui])s$", re.I), "s?"),
)
