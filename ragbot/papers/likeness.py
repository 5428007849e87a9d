"""Papers that may be one under two titles: told, never merged. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import partial
from itertools import chain, combinations
from operator import attrgetter

from ragbot.papers.identity import title_key
from ragbot.types import Paper

__all__ = ["near_duplicates"]

# Titles are compared whose first or last so many letters are the same; the ends of a title are
# seldom misspelt both.
_SHARED = 24
_ALIKE = 0.9
# Of more papers with one beginning ("A survey of …") none is another's copy for that.
_MOST = 50


def near_duplicates(papers: Iterable[Paper]) -> list[tuple[Paper, Paper]]:
    """Pairs of papers whose titles are nearly the same, and whose identifiers do not say that they
    are two."""
    alike: dict[tuple[str, str], list[Paper]] = defaultdict(list)
    for paper in papers:
        key = title_key(paper.title)
        alike["first", key[:_SHARED]].append(paper)
        alike["last", key[-_SHARED:]].append(paper)
    few = [group for group in alike.values() if len(group) <= _MOST]
    pairs = dict.fromkeys(chain.from_iterable(map(_pairs, few)))
    return list(filter(_are_alike, pairs))


_pairs = partial(combinations, r=2)


def _are_alike(pair: tuple[Paper, Paper]) -> bool:
    if all(map(_has_own, pair)):
        return False  # they would be one paper already
    title, other = map(title_key, map(attrgetter("title"), pair))
    return SequenceMatcher(None, title, other, autojunk=False).ratio() >= _ALIKE


def _has_own(paper: Paper) -> bool:
    """Whether it has an identifier that no other paper has."""
    return bool(paper.arxiv_id or paper.doi)
