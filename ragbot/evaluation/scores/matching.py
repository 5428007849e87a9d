"""When a quote is a sentence that was looked for, and when two titles are one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, product, starmap

from ragbot.text.latex import readable
from ragbot.text.words import match_form

__all__ = ["holds", "same_sentence", "title_form", "title_forms"]

# A quote shorter than this (in `match_form`) may lie in a gold sentence by chance.
_SHORTEST_CONTAINED = 40


def holds(quote: str, gold: str) -> bool:
    """Whether a quote contains a gold sentence or, if long, is part of it; both in `match_form`."""
    is_long = len(quote) >= _SHORTEST_CONTAINED
    return gold in quote or (is_long and quote in gold)


def same_sentence(quote: str, golds: Iterable[str]) -> bool:
    """Whether a quote holds one of the sentences, with LaTeX as it stands or made readable."""
    wanted = chain.from_iterable(map(_forms, golds))
    return any(starmap(holds, product(_forms(quote), wanted)))


def _forms(sentence: str) -> set[str]:
    return {match_form(sentence), match_form(readable(sentence))} - {""}


def title_form(title: str) -> str:
    """What spellings of one title have in common, LaTeX made readable among them."""
    return match_form(readable(title)) or match_form(title)


def title_forms(titles: Iterable[str]) -> set[str]:
    """The `title_form` of each."""
    return set(map(title_form, titles))
