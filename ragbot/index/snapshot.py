"""The index of words as it was at one moment, which never changes: what was read of it is kept.

Each look at tantivy lets other threads of Python run, and a question takes hundreds: where many ask
at once, changing from one thread to the next would cost more than the looks themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import tantivy

__all__ = ["Snapshot"]

# Words whose papers are counted, and papers whose ids are known by their places: 200 bytes each.
_KEPT = 50_000


class Snapshot:
    """What one searcher gives. Safe to share between threads."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        @lru_cache(_KEPT)
        def id_at(segment: int, place: int) -> str:
            document = searcher.doc(tantivy.DocAddress(segment, place))
            return str(document["id"][0])

        self._searcher = searcher
        self._id_at = id_at
        self.count: int = searcher.num_docs
        """How many papers there are."""
        self.frequency: Callable[[str, str], int] = lru_cache(_KEPT)(searcher.doc_freq)
        """How many papers have a term in a field."""

    def search(self, query: tantivy.Query, n: int) -> list[tuple[str, float]]:
        """The ids of the best ``n`` papers, and their scores."""
        hits = self._searcher.search(query, limit=n, count=False).hits
        return [(self._id_at(at.segment_ord, at.doc), score) for score, at in hits]
