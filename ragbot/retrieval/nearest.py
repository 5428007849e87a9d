"""The nearest chunks of the papers of a range of dates: the same whatever way they are found.

Each chunk of a few papers is compared with the question. Of more papers, the nearest chunks of the
whole collection are looked through, more of them until enough are of the range.
"""

from __future__ import annotations

from ragbot.config import ChunkingSettings
from ragbot.embedding.embedder import Vectors
from ragbot.index.chunks import chunk_ids, paper_of
from ragbot.index.stores import View
from ragbot.types import Filters

__all__ = ["nearest_chunks"]

# Papers whose chunks are compared one by one. Of 60,000 papers the chunks of 400 are read in …
_FEW_PAPERS = 400
# More than a range has its share of the nearest chunks, and more again where it has not.
_SURPLUS = 1.5
_GROWTH = 3


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
    few = view.catalog.ids(filters, _FEW_PAPERS + 1)
    if len(few) > _FEW_PAPERS:
        return _sifted(view, vector, n, filters)
    wanted: list[str] = []
    for paper_id, sentences in view.sentences.counts(few).items():
        wanted += chunk_ids(paper_id, sentences, chunking)
    return view.vectors.compare(vector, wanted)[:n]


def _sifted(
    view: View, vector: Vectors, n: int, filters: Filters
) -> list[tuple[str, float]]:
    catalog = view.catalog
    papers_each = catalog.count() / max(1, catalog.count(filters))
    asked = max(n, int(_SURPLUS * n * papers_each))
    while True:
        found = view.vectors.query(vector, asked)
        papers = dict.fromkeys(paper_of(chunk) for chunk, _ in found)
        admitted = catalog.admitted(list(papers), filters)
        within = [one for one in found if paper_of(one[0]) in admitted]
        if len(within) >= n or len(found) < asked:
            return within[:n]
        asked *= _GROWTH
