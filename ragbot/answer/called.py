"""Which paper a name means: a title, what stands before its colon, an acronym, words of it.

The surest way that names any decides: who says all of a title means no paper that only
resembles it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache, partial
from itertools import compress, pairwise
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
    rf"that\s+introduced)\s+)?)?(?P<name>.*?)(?P<kind_too>\s+{_KIND})?$",
    re.I | re.S,
)
_ACRONYM = re.compile(r"\(([^()]{2,20})\)")
_BEFORE_COLON = re.compile(r"^([^:]+?)\s*:")
_WORD = re.compile(r"[^\W_]+")
# "ResNet" is not "Res2Net", misspelt; a word's first letter seldom is.
_MISSPELLED = re.compile(r"(?<=.)\D+", re.S)
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
    """A title or a name, in the forms in which they are compared.

    ``of_paper`` is whether "paper" stood beside it.
    """

    said: str
    of_paper: bool
    key: str
    words: tuple[str, ...]
    telling: frozenset[str]
    spaced: str

    @classmethod
    def of(cls, said: str, *, of_paper: bool = False) -> _Text:
        words = tuple(filter(None, map(match_form, _WORD.findall(said))))
        return cls(
            said,
            of_paper,
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
    def beginnings(self) -> str:
        """The words of a title and those behind its colon, each from a bar on."""
        behind_colon = _Text.of(self.said.partition(":")[2])
        return f"|{self.spaced}|{behind_colon.spaced}"

    def has_all(self, name: _Text) -> bool:
        """Whether all words of a name are in this title."""
        return name.telling.issubset(self.words)

    def is_told_by(self, name: _Text) -> bool:
        """Whether a name has so much of this title that it can mean no other."""
        shared = name.telling & self.telling
        return len(shared) >= max(2, _SHARE * len(self.telling))

    @property
    def is_marked(self) -> bool:
        """Whether it can be but a name: of several words, or written as one."""
        several = len(self.words) > 1
        return several or self.of_paper or bool(names_in(self.said))

    @property
    def describes(self) -> bool:
        """Whether it tells of a paper ("the brain tumor paper") and is no other work's name ("the
        BERT paper")."""
        said = set(_WORD.findall(self.said)) - STOPWORDS
        return self.of_paper and not all(map(_PROPER.match, said))


def called(catalog: Catalog, name: str) -> list[Heading]:
    """The papers that a name means, none if it is not known which; several share their names."""
    match = _FRAME.match(" ".join(readable(name).split()).strip(_QUOTES))
    assert match is not None, "it matches anything"
    of_paper = any(match.group("kind", "kind_too"))
    wanted = _Text.of(match["name"].strip(_QUOTES), of_paper=of_paper)
    if not wanted.telling:
        return []
    return next(filter(None, _in_turn(catalog, wanted)), [])


def _in_turn(catalog: Catalog, name: _Text) -> Iterator[list[Heading]]:
    """The papers that a name means, the surest first; a misspelt one has no title's words."""
    yield _best(name, catalog.entitled([[name.said]]), _WAYS)
    spelt = _candidates(catalog, name)
    yield _best(name, spelt, _WAYS)
    if not spelt:
        yield _by_initials(catalog, name.said)
        yield _best(name, _alike(catalog, name), _MISSPELT)


def _best(
    name: _Text, headings: Sequence[Heading], ways: Sequence[Way]
) -> list[Heading]:
    """The papers that the surest way names, which names any."""
    said = map(readable, map(attrgetter("title"), headings))
    titles = list(map(_Text.of, said))
    named = (list(compress(headings, map(partial(way, name), titles))) for way in ways)
    return next(filter(None, named), [])


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
    found = list(filter(lambda h: spelled_out.search(h.title), catalog.headings()))
    known = catalog.get(list(map(attrgetter("id"), found)))
    return list(filter(lambda h: name in known[h.id].abstract, found))


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

Way = Callable[[_Text, _Text], bool]


def _is_short_in_any_case(name: _Text, title: _Text) -> bool:
    return name.key in map(title_key, title.short_names)


def _begins(name: _Text, title: _Text) -> bool:
    """ "Yuan 2.0" of "Yuan 2.0-M32: …", "JEI-DNN" at the other end of a title."""
    return name.is_marked and f"|{name.spaced}" in title.beginnings


def _is_phrase(name: _Text, title: _Text) -> bool:
    """A part of a title, one word behind the other."""
    if name.spaced not in title.spaced:
        return False
    return len(name.words) >= _IN_A_ROW or _tells(name, title)


def _has_words(name: _Text, title: _Text) -> bool:
    """Words of a title, in any order."""
    return title.has_all(name) and _tells(name, title)


def _tells(name: _Text, title: _Text) -> bool:
    """Whether words of a title are enough to tell which it is."""
    return name.describes or title.is_told_by(name)


def _looks_like_title(name: _Text, title: _Text) -> bool:
    known = map(title_key, (title.said, *title.short_names))
    return any(map(partial(_similar, name.key), known))


def _looks_like_words(name: _Text, title: _Text) -> bool:
    """Whether each word of a name is one of a title, or nearly so."""
    nearest = map(partial(_nearest, others=title.words), name.words)
    return _has_words(_Text.of(" ".join(nearest), of_paper=name.of_paper), title)


def _nearest(word: str, others: Sequence[str]) -> str:
    """The word as a title spells it; as it is, if that has it or none like it."""
    itself_first = sorted(others, key=word.__ne__)
    return next(filter(partial(_similar, word), itself_first), word)


@lru_cache(maxsize=8192)
def _similar(one: str, other: str) -> bool:
    """Whether a word may be the other, misspelt."""
    shortest = min(len(one), len(other))
    left = map(partial(_MISSPELLED.sub, ""), (one, other))
    if shortest < _SHORTEST or len(set(left)) > 1:
        return False
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() >= _ALIKE


# The surest first; in its own capitals "AdaPT" is not "ADAPT".
_WAYS: tuple[Way, ...] = (
    lambda name, title: name.key == title.key,
    lambda name, title: name.said in title.short_names,
    _is_short_in_any_case,
    _begins,
    _is_phrase,
    _has_words,
)
_MISSPELT: tuple[Way, ...] = (_looks_like_title, _looks_like_words)
