"""The nearest chunks of the papers of a range of dates: the same whichever way they are found.

Either every chunk of the range is compared with the question, or the nearest chunks of the whole
collection are looked through, more of them until enough are of the range: what takes less time.
"""

from __future__ import annotations

from itertools import compress

from ragbot.embedding.embedder import Vectors
from ragbot.index.chunks import paper_of
from ragbot.index.ranges import numbers
from ragbot.index.stores import View
from ragbot.types import Filters

__all__ = ["nearest_chunks"]

# Microseconds of CPU for a paper whose chunks are compared, and for a chunk that is looked through;
# measured at 60,451 papers.
_COMPARED = 2.8
_LOOKED_THROUGH = 11.7
# How many more of all chunks are looked through than a range's share needs, and how many more again
# where that was not enough: 19 of 20 titles find enough in 1.3 times the share.
_SURPLUS = 1.2
_GROWTH = 1.5


def nearest_chunks(
    view: View, vector: Vectors, n: int, filters: Filters
) -> list[tuple[str, float]]:
    """Ids and cosines of the ``n`` nearest chunks of papers that pass, best first.

    ``vector`` has shape (dimension,).
    """
    if not filters:
        return view.vectors.query(vector, n)
    papers = view.catalog.count(filters)
    # As many of the whole collection as should have enough of the range.
    asked = int(_SURPLUS * n * view.catalog.count() / max(1, papers))
    few = papers * _COMPARED < max(n, asked) * _LOOKED_THROUGH
    if few and view.sentences.is_by_date():
        return view.sentences.nearest_chunks(vector, n, numbers(filters))
    return _sifted(view, vector, n, filters, max(n, asked))


def _sifted(
    view: View, vector: Vectors, n: int, filters: Filters, asked: int
) -> list[tuple[str, float]]:
    while True:
        found = view.vectors.query(vector, asked)
        owners = [paper_of(chunk) for chunk, _ in found]
        dates = view.catalog.dates_of(list(dict.fromkeys(owners)))
        admitted = set(compress(dates, map(filters.admits, dates.values())))
        within = list(compress(found, map(admitted.__contains__, owners)))
        if len(within) >= n or len(found) < asked:
            return within[:n]
        asked = int(_GROWTH * asked) + 1
