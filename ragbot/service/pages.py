"""A page of the papers that have some words, however many papers there are before it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain, count, islice, takewhile

from ragbot.index.catalog import Catalog
from ragbot.text.words import folded
from ragbot.types import Filters, Paper

__all__ = ["page_of"]

# Papers that are looked at together for the words of a query.
_TOGETHER = 500


def page_of(
    catalog: Catalog, filters: Filters | None, query: str, most: int, skip: int
) -> list[Paper]:
    """Papers with every word of ``query`` in title or abstract, newest first: ``most`` of them
    after the first ``skip``, all if ``most`` is negative.

    Accents and case do not count.
    """
    wanted = folded(query).split()
    if not wanted:
        return catalog.papers(filters, most, skip)
    if most < 0:  # of one moment, whatever is written meanwhile
        return list(filter(partial(_has_all, wanted), catalog.papers(filters)))[skip:]
    held = filter(partial(_has_all, wanted), _in_turn(catalog, filters))
    return list(islice(held, skip, skip + most))


def _in_turn(catalog: Catalog, filters: Filters | None) -> Iterator[Paper]:
    """All papers, read as they are taken."""
    read = partial(catalog.papers, filters, _TOGETHER)
    return chain.from_iterable(takewhile(bool, map(read, count(0, _TOGETHER))))


def _has_all(wanted: list[str], paper: Paper) -> bool:
    text = folded(f"{paper.title} {paper.abstract}")
    return all(map(text.__contains__, wanted))
