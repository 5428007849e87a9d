"""What a paper shows whatever one asks: its sentences, their cues and roles, names of its work.

Made as papers are written and kept beside their vectors (`ragbot.index.readings`), so that a
question need not read abstracts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ragbot.reading.abstracts import ReadSentences, read_sentences
from ragbot.reading.own_names import Name, forms_of, names_of
from ragbot.types import Paper

__all__ = ["VERSION", "OwnNames", "Reading", "called", "read_paper"]

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


def read_paper(paper: Paper, terms: Callable[[str], Iterable[str]]) -> Reading:
    """A paper's reading; ``terms`` has the words of a text that carry meaning, as stems."""
    return Reading(
        frozenset(terms(f"{paper.title} {paper.abstract}")),
        read_sentences(paper.abstract, terms),
    )
