"""The nearest chunks of the papers of a range of dates: the same whatever way they are found.

Each chunk of a few papers is compared with the question. Of more, the vector store is told the
chunks to choose from; of many, which would take long to tell, the nearest chunks of the whole
collection are looked through, more of them until enough are of the range.
"""

from __future__ import annotations

from itertools import compress

from ragbot.config import ChunkingSettings
from ragbot.embedding.embedder import Vectors
from ragbot.index.chunks import chunk_ids, paper_of
from ragbot.index.stores import View
from ragbot.types import Filters

__all__ = ["nearest_chunks"]

# Papers whose chunks are compared one by one, some 100 µs each. Of 60,000 papers the store chooses
# among the chunks of 650 in 60 ms, of 3,700 in 50; looking through takes 200 ms and 50.
_FEW_PAPERS = 500
# Papers whose chunks the store is told.
_SOME_PAPERS = 3500
# How many more of all chunks are looked through than a range's share needs, and how many more again
# where that was not enough: 19 of 20 titles find enough in 1.3 times the share.
_SURPLUS = 1.2
_GROWTH = 1.5


def nearest_chunks(
    view: View,
    vector: Vectors,
    n: int,
    filters: Filters,
    chunking: ChunkingSettings,
) -> list[tuple[str, float]]:
    """Ids and cosines of the ``n`` nearest chunks of papers that pass, best first.

    ``vector`` has shape (dimension,).
    """
    if not filters:
        return view.vectors.query(vector, n)
    some = view.catalog.ids(filters, _SOME_PAPERS + 1)
    if len(some) > _SOME_PAPERS:
        return _sifted(view, vector, n, filters)
    wanted: list[str] = []
    for paper_id, sentences in view.sentences.counts(some).items():
        wanted += chunk_ids(paper_id, sentences, chunking)
    if len(some) > _FEW_PAPERS:
        return view.vectors.query(vector, n, among=wanted)
    return view.vectors.compare(vector, wanted)[:n]


def _sifted(
    view: View, vector: Vectors, n: int, filters: Filters
) -> list[tuple[str, float]]:
    catalog = view.catalog
    papers_each = catalog.count() / max(1, catalog.count(filters))
    asked = max(n, int(_SURPLUS * n * papers_each))
    while True:
        found = view.vectors.query(vector, asked)
        owners = [paper_of(chunk) for chunk, _ in found]
        admitted = catalog.admitted(list(dict.fromkeys(owners)), filters)
        within = list(compress(found, map(admitted.__contains__, owners)))
        if len(within) >= n or len(found) < asked:
            return within[:n]
        asked = int(_GROWTH * asked) + 1
