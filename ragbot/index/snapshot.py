"""The index of words as it was at one moment, which never changes: what was read of it is kept.

Each look at tantivy lets other threads of Python run, and a question takes hundreds: where many ask
at once, changing from one thread to the next would cost more than the looks themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from ragbot.index.cache import Memo

__all__ = ["Snapshot"]

# Words whose papers are counted, and papers whose ids are known by their places: 200 bytes each.
_KEPT = 50_000

_Place = tuple[int, int]
"""Of a paper: which segment of the index, and where in it."""


class Snapshot:
    """What one `tantivy.Searcher` gives. Safe to share between threads."""

    # Any: tantivy is known to `lexical`.
    def __init__(self, searcher: Any) -> None:
        self._searcher = searcher
        self._ids: Memo[_Place, str] = Memo(_KEPT)
        self.count: int = searcher.num_docs
        """How many papers there are."""
        self.frequency: Callable[[str, str], int] = lru_cache(_KEPT)(searcher.doc_freq)
        """How many papers have a term in a field."""

    def search(self, query: Any, n: int) -> list[tuple[str, float]]:
        """The ids of the best ``n`` papers that a `tantivy.Query` finds, and their scores."""
        hits = self._searcher.search(query, limit=n, count=False).hits
        found = {(at.segment_ord, at.doc): (at, float(score)) for score, at in hits}

        def read(places: Sequence[_Place]) -> dict[_Place, str]:
            documents = (self._searcher.doc(found[place][0]) for place in places)
            ids = [str(document["id"][0]) for document in documents]
            return dict(zip(places, ids, strict=True))

        ids = self._ids.get(found, read)
        return [(ids[place], score) for place, (_, score) in found.items()]
