"""Which paper a name means: a title, what stands before its colon, an acronym, words of it.

The surest way that names any decides: who says all of a title means no paper that only
resembles it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache, partial
from itertools import pairwise
from operator import attrgetter

from ragbot.index.catalog import Catalog
from ragbot.index.selection import Heading
from ragbot.papers.identity import title_key
from ragbot.text.latex import readable
from ragbot.text.names import names_in
from ragbot.text.words import STOPWORDS, match_form

__all__ = ["called"]

_QUOTES = " \t\"'“”‘’«»*_?.!,;:"
_KIND = (
    r"(?:papers?|articles?|works?|publications?|abstracts?|preprints?|stud(?:y|ies))"
)
_FRAME = re.compile(
    rf"^(?:the\s+|an?\s+)?(?P<kind>{_KIND}\s+(?:(?:on|about|called|titled|entitled|named|"
    rf"that\s+introduced)\s+)?)?(?P<name>.+?)(?P<kind_too>\s+{_KIND})?$",
    re.I | re.S,
)
_ACRONYM = re.compile(r"\(([^()]{2,20})\)")
_BEFORE_COLON = re.compile(r"^([^:]+?)\s*:")
_WORD = re.compile(r"[^\W_]+")
# "ResNet" is not "Res2Net", misspelt.
_NO_DIGIT = re.compile(r"\D+")
_INITIALS = re.compile(r"[A-Z]{4,8}")
_PROPER = re.compile(r"[A-Z0-9]")
# Words that have so little in common with one of a title are not misspelt from it.
_ALIKE = 0.8
# A part of a title names it if it has this share of its words, or so many in a row.
_SHARE = 0.5
_IN_A_ROW = 3
# Shorter words are too much like others to be taken for misspelt.
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class _Text:
    """A title or a name, in the forms in which they are compared."""

    said: str
    key: str
    words: tuple[str, ...]
    telling: frozenset[str]
    spaced: str

    @classmethod
    def of(cls, said: str) -> _Text:
        words = tuple(filter(None, map(match_form, _WORD.findall(said))))
        return cls(
            said,
            title_key(said),
            words,
            frozenset(words) - STOPWORDS,
            f" {' '.join(words)} ",
        )

    @property
    def short_names(self) -> list[str]:
        """What a title gives as a name: before its colon, or as an acronym in brackets."""
        return _ACRONYM.findall(self.said) + _BEFORE_COLON.findall(self.said)

    @property
    def behind_colon(self) -> str:
        return _Text.of(self.said.partition(":")[2]).spaced

    def has_all(self, name: _Text) -> bool:
        """Whether all words of a name are in this title."""
        return name.telling.issubset(self.words)

    def is_told_by(self, name: _Text) -> bool:
        """Whether a name has so much of this title that it can mean no other."""
        shared = name.telling & self.telling
        return len(shared) >= max(2, _SHARE * len(self.telling))


@dataclass(frozen=True, slots=True)
class _Name:
    """A name as it was said; ``of_paper`` is whether "paper" stood beside it."""

    text: _Text
    of_paper: bool

    @property
    def is_marked(self) -> bool:
        """Whether it can be but a name: of several words, or written as one."""
        several = len(self.text.words) > 1
        return several or self.of_paper or bool(names_in(self.text.said))

    @property
    def describes(self) -> bool:
        """Whether it tells of a paper ("the brain tumor paper") and is no other work's name ("the
        BERT paper")."""
        said = set(_WORD.findall(self.text.said)) - STOPWORDS
        return self.of_paper and not all(map(_PROPER.match, said))


def called(catalog: Catalog, name: str) -> list[Heading]:
    """The papers that a name means, none if it is not known which; several share their names."""
    match = _FRAME.match(" ".join(readable(name).split()).strip(_QUOTES))
    if match is None:
        return []
    text = _Text.of(match["name"].strip(_QUOTES))
    wanted = _Name(text, of_paper=any(match.group("kind", "kind_too")))
    if not text.telling:
        return []
    in_row = catalog.entitled([[text.said]])
    return _best(wanted, in_row, _WAYS) or _in_other_words(catalog, wanted)


def _in_other_words(catalog: Catalog, name: _Name) -> list[Heading]:
    """The papers that a name means which stands as it is in no title."""
    spelt = _candidates(catalog, name.text)
    if spelt:
        return _best(name, spelt, _WAYS)
    short = _by_initials(catalog, name.text.said)
    return short or _best(name, _alike(catalog, name.text), _MISSPELT)


def _best(
    name: _Name, headings: Iterable[Heading], ways: Sequence[Way]
) -> list[Heading]:
    """The papers that the surest way names, which names any."""
    titles = [(heading, _Text.of(readable(heading.title))) for heading in headings]
    for way in ways:
        found = [heading for heading, title in titles if way(name, title)]
        if found:
            return found
    return []


def _candidates(catalog: Catalog, name: _Text) -> list[Heading]:
    """The papers whose titles have all words of a name, also those spelt as one, or as several."""
    pieces = list(zip(_WORD.findall(name.said), strict=True))
    found = catalog.entitled(pieces) + catalog.spelled(name.key)
    return list(dict.fromkeys(found))


def _by_initials(catalog: Catalog, name: str) -> list[Heading]:
    """The papers whose titles spell an acronym out that their abstracts use: "HNSW" of
    "Hierarchical Navigable Small World"."""
    if not _INITIALS.fullmatch(name):
        return []
    spelled_out = re.compile(
        r"(?<![^\W_])" + r"[^\W_]*[\W_]+".join(name) + r"[^\W_]*", re.I
    )
    found = [h for h in catalog.headings() if spelled_out.search(h.title)]
    known = catalog.get(list(map(attrgetter("id"), found)))
    return [heading for heading in found if name in known[heading.id].abstract]


def _alike(catalog: Catalog, name: _Text) -> list[Heading]:
    """The papers whose titles have of each word of a name a piece: a slip leaves others whole."""
    telling = list(filter(_is_long, name.telling))
    if not telling:
        return []
    return catalog.entitled(list(map(_pieces, sorted(telling))))


def _is_long(word: str) -> bool:
    return len(word) >= _SHORTEST


def _pieces(word: str) -> list[str]:
    """A word in two, a long one in three: one or two wrong letters leave a piece as it is."""
    parts = 2 + len(word) // 8
    bounds = [len(word) * n // parts for n in range(parts + 1)]
    return [word[start:end] for start, end in pairwise(bounds)]


# -- ways to be named ----------------------------------------------------------------------------

Way = Callable[[_Name, _Text], bool]


def _is_short_in_any_case(name: _Name, title: _Text) -> bool:
    return name.text.key in map(title_key, title.short_names)


def _begins(name: _Name, title: _Text) -> bool:
    """ "Yuan 2.0" of "Yuan 2.0-M32: …", "JEI-DNN" at the other end of a title."""
    said = name.text.spaced
    at_front = title.spaced.startswith(said) or title.behind_colon.startswith(said)
    return name.is_marked and at_front


def _is_phrase(name: _Name, title: _Text) -> bool:
    """A part of a title, one word behind the other."""
    if name.text.spaced not in title.spaced:
        return False
    long = len(name.text.words) >= _IN_A_ROW
    return long or name.describes or title.is_told_by(name.text)


def _has_words(name: _Name, title: _Text) -> bool:
    """Words of a title, in any order."""
    tells = name.describes or title.is_told_by(name.text)
    return tells and title.has_all(name.text)


def _looks_like_title(name: _Name, title: _Text) -> bool:
    known = map(title_key, (title.said, *title.short_names))
    return any(map(partial(_similar, name.text.key), known))


def _looks_like_words(name: _Name, title: _Text) -> bool:
    """Whether each word of a name is one of a title, or nearly so."""
    nearest = [_nearest(word, title.words) for word in name.text.words]
    spelt = _Text.of(" ".join(nearest))
    return _has_words(_Name(spelt, name.of_paper), title)


def _nearest(word: str, others: Sequence[str]) -> str:
    """The word as a title spells it; as it is, if that has none like it."""
    alike = filter(partial(_similar, word), others)
    return word if word in others else next(alike, word)


@lru_cache(maxsize=8192)
def _similar(one: str, other: str) -> bool:
    """Whether a word may be the other, misspelt; its first letter seldom is."""
    shorter, longer = sorted((len(one), len(other)))
    # So many letters more leave less in common.
    too_long = 2 * shorter < _ALIKE * (shorter + longer)
    if shorter < _SHORTEST or too_long or one[0] != other[0]:
        return False
    if _NO_DIGIT.sub("", one) != _NO_DIGIT.sub("", other):
        return False
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return ratio >= _ALIKE


# The surest first; in its own capitals "AdaPT" is not "ADAPT".
_WAYS: tuple[Way, ...] = (
    lambda name, title: name.text.key == title.key,
    lambda name, title: name.text.said in title.short_names,
    _is_short_in_any_case,
    _begins,
    _is_phrase,
    _has_words,
)
_MISSPELT: tuple[Way, ...] = (_looks_like_title, _looks_like_words)
