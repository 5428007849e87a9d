"""Which topics a collection covers, told by its titles: what phrases most of them have.

Deterministic and quick: counting, no model. A topic is worth naming if many titles have it that no
topic named before has.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain, combinations, filterfalse, starmap

from ragbot.answer.catalog_page import page
from ragbot.index.catalog import Catalog
from ragbot.text.english import counted
from ragbot.text.latex import readable
from ragbot.text.markdown import as_text
from ragbot.text.names import names_in
from ragbot.text.words import STOPWORDS
from ragbot.types import Asked, CatalogQuestion, Draft, Traits

__all__ = ["main_topics", "topics", "topics_of"]

_MOST = 12
_LONGEST = 3  # words of a phrase
# A phrase of fewer titles is no topic of a collection.
_FEWEST = 2
# Phrases tell more than words: "graph neural network" more than "graph".
_TELLING = {1: 0.2, 2: 1.0, 3: 1.3}
# What a title counts that has another topic, too.
_SHARED = 0.4
# Of more titles every second, third … is looked at.
_TITLES = 6_000
# Words of titles in every field, which name none; alone or at the end of a phrase.
_ANY_FIELD = frozenset(
    """analysis approach approaches application applications architecture architectures based
    beyond case challenge challenges comparison comparative comprehensive concept deep design
    designing different effect effects efficient effective enabling enhanced enhancing evaluation
    evaluating exploring fast framework general generalized guided high improved improving
    influence information introduction investigating large layer layers learning leveraging level
    low method methods model modeling models multi network networks neural new novel one
    optimization performance perspective perspectives problem problems process processing
    proposed review revisiting robust role scale scalable science single simple small study
    studies survey system systems task tasks technique techniques theory toward towards training
    two understanding unified universal use user view rethinking better building data dataset
    algorithm algorithms structure structures function functions feature features representation
    representations representational non pre self end state adaptive dynamic automatic
    hierarchical linear local global sparse via""".split()
)
# "networks", "studies"; not "bus", "analysis", "class", "GAN".
_PLURAL = re.compile(r"(?<=\w\w)(?:ies|(?<=\w[^\Wsui])s)$")
_SINGULAR = {"ies": "y"}
_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[:;,.?!()]|--")


def topics(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft:
    """An overview of what the titles are about."""
    found = _numbers(catalog, catalog.generation())
    if not found:
        return page(["No topic recurs in the titles of this collection."])
    lines = starmap("- {0}: {1}".format, found)
    lead = (
        f"The titles of the {counted(catalog.count(), 'paper')} speak most often of these "
        "topics, as far as counting words tells:"
    )
    behind = "A paper may be on several of them. Ask for the papers on any of these."
    return page([lead, "\n".join(lines), behind])


@lru_cache(maxsize=2)  # of a collection as it is, until it changes
def _numbers(catalog: Catalog, generation: int) -> list[tuple[str, str]]:
    """The main topics and the numbers of papers that have them in the title, the most first."""
    numbers = Counter(
        {
            name: len(catalog.headings(traits=Traits((name,))))
            for name in topics_of(catalog, generation)
        }
    )
    most_first = numbers.most_common()
    return [(as_text(name), counted(number, "paper")) for name, number in most_first]


@lru_cache(maxsize=2)  # as above
def topics_of(catalog: Catalog, generation: int) -> list[str]:
    """The main topics of a collection, the most telling first."""
    return main_topics(catalog.titles(_TITLES))


def main_topics(titles: Sequence[str], most: int = _MOST) -> list[str]:
    """The phrases that most titles have, as most of them write them; the most telling first."""
    holders: dict[str, set[int]] = defaultdict(set)
    spelled: dict[str, Counter[str]] = defaultdict(Counter)
    for number, title in enumerate(titles):
        for phrase in chain.from_iterable(map(_phrases, _runs(title))):
            holders[phrase.form].add(number)
            spelled[phrase.form][phrase.written] += 1
    return list(map(_usual, map(spelled.__getitem__, _chosen(holders, most))))


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Words of a title that follow each other, in normal form and as they are written."""

    form: str
    written: str


def _chosen(held: Mapping[str, set[int]], most: int) -> list[str]:
    """One after the other, each the one that is worth most beside those before."""
    recurring = filter(lambda form: len(held[form]) >= _FEWEST, held)
    left = sorted(recurring, key=lambda form: (-_worth(form, held, set()), form))
    # Those of few titles would come last: the first hundred decide.
    del left[most * 10 :]
    chosen: list[str] = []
    covered: set[int] = set()
    while left and len(chosen) < most:
        best = max(left, key=lambda form: (_worth(form, held, covered), form))
        left = list(filterfalse(partial(_overlap, best), left))
        chosen.append(best)
        covered |= held[best]
    return chosen


def _worth(form: str, held: Mapping[str, set[int]], covered: set[int]) -> float:
    """How many titles have it, those most that have no topic yet."""
    new = len(held[form] - covered)
    return (new + _SHARED * len(held[form])) * _TELLING[form.count(" ") + 1]


def _overlap(form: str, other: str) -> bool:
    """Whether one phrase is part of the other."""
    shorter, longer = sorted((f" {form} ", f" {other} "), key=len)
    return shorter in longer


def _phrases(run: Sequence[str]) -> Iterator[_Phrase]:
    """The phrases of words in a row."""
    forms = list(map(_form, run))
    for start, end in combinations(range(len(run) + 1), 2):
        if end - start <= _LONGEST and _names_topic(forms[start:end]):
            form = " ".join(forms[start:end])
            yield _Phrase(form, " ".join(run[start:end]))


def _runs(title: str) -> list[Sequence[str]]:
    """The words between stop words and signs."""
    runs: list[list[str]] = [[]]
    for token in _TOKEN.findall(readable(title)):
        if _is_telling(token):
            runs[-1].append(token)
        else:
            runs.append([])
    return [*runs]


def _is_telling(token: str) -> bool:
    return token[0].isalnum() and token.lower() not in STOPWORDS


def _names_topic(forms: Sequence[str]) -> bool:
    """Whether a phrase says more than words of every field; it does not begin with a number."""
    short = forms[0].isdigit() or len(forms[-1]) < 3
    return not (short or _ANY_FIELD.issuperset(forms))


@lru_cache(maxsize=65536)
def _form(word: str) -> str:
    """A word in small letters and in the singular."""
    small = word.lower().replace("’", "'")
    return _PLURAL.sub(_SINGULAR.get(small[-3:], ""), small)


def _usual(spelled: Counter[str]) -> str:
    """As most titles write it, but for capitals that are no name's."""
    written = min(spelled, key=lambda text: (-spelled[text], text))
    return " ".join(map(_small, written.split()))


def _small(word: str) -> str:
    return word if names_in(f"a {word}") else word.lower()
