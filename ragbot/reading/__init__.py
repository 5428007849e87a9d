"""What a paper shows whatever one asks: its sentences, their cues and roles, names of its work.

Made as papers are written and kept beside their vectors (`ragbot.index.readings`), so that a
question need not read abstracts.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple, Protocol

from ragbot.reading.abstracts import ReadSentences, read_sentences
from ragbot.reading.own_names import Name, forms_of, names_of
from ragbot.types import Paper

__all__ = ["VERSION", "Analyser", "OwnNames", "Reading", "called", "read_paper"]

VERSION = 1
"""Raised when the same paper reads otherwise than before: what is kept of it is then read anew."""


class OwnNames(NamedTuple):
    """What a paper may be called by: the words of its title, as `forms_of` has them, and names."""

    title: tuple[str, ...]
    names: tuple[Name, ...]


class Reading(NamedTuple):
    """The terms of a paper's title and abstract, and the sentences of the abstract."""

    terms: frozenset[str]
    sentences: ReadSentences


def called(paper: Paper) -> OwnNames:
    """What a paper may be called by."""
    return OwnNames(forms_of(paper.title), names_of(paper.title, paper.abstract))


class Analyser(Protocol):
    """What makes terms of texts: the different stems of the words that carry meaning."""

    def terms(self, text: str) -> Iterable[str]:
        """Those of a text that is read again and again, or is indexed."""
        ...

    def fresh_terms(self, text: str) -> Iterable[str]:
        """Those of a text that is not read again."""
        ...


def read_paper(paper: Paper, analyser: Analyser) -> Reading:
    """A paper's reading."""
    # Title and abstract apart, as they are indexed: neither is analysed twice.
    terms = map(analyser.terms, (paper.title, paper.abstract))
    sentences = read_sentences(paper.abstract, analyser.fresh_terms)
    return Reading(frozenset(chain.from_iterable(terms)), sentences)
