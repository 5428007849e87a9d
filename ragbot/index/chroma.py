"""Chunk vectors in Chroma: the only module that knows Chroma.

Chroma keeps no lock across processes and a reader does not see what another process wrote, so the
writer holds Ragbot's own lock (`build`), and readers call `reopen` when the catalog has moved.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from ragbot.embedding.base import Vectors
from ragbot.errors import CatalogError
from ragbot.index.chunks import paper_of

__all__ = ["MAX_BATCH", "ChromaVectors"]

# Chroma refuses more rows a call than SQLite has variables for (5,461).
MAX_BATCH = 5000
_COLLECTION = "chunks"
_ATTEMPTS = 10


class _View:
    """The store as one client sees it; closed when its last user has let go of it."""

    _names: ClassVar[set[str]] = set()
    _naming = threading.Lock()

    def __init__(self, path: Path) -> None:
        import chromadb
        from chromadb.config import Settings
        from chromadb.errors import ChromaError

        # Chroma shares one client, and its view, among those who spell a path alike.
        with self._naming:
            name = str(path)
            while name in self._names:
                name = os.path.join(name, ".")  # noqa: PTH118  # pathlib would drop the dot
            self._names.add(name)
        try:
            # Any: Chroma's types are narrower than what it takes and than what it has.
            self.client: Any = chromadb.PersistentClient(
                name, settings=Settings(anonymized_telemetry=False)
            )
            self.chunks: Any = self.client.get_or_create_collection(
                _COLLECTION, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
            )
        except (ChromaError, OSError, ValueError) as error:
            self._names.discard(name)
            raise CatalogError(
                f"{path}: the vector store cannot be opened ({error}): run 'ragbot rebuild'"
            ) from None
        self.close = weakref.finalize(self, self._release, self.client, name)

    @classmethod
    def _release(cls, client: Any, name: str) -> None:
        client.close()
        cls._names.discard(name)


class ChromaVectors:
    """Cosine search over chunk vectors, whose ids `chunks` makes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._view = _View(path)

    def reopen(self) -> None:
        """See what another process has written since; queries under way keep the view they have."""
        self._view = _View(self._path)

    def close(self) -> None:
        """Let go of the files."""
        self._view.close()

    def count(self) -> int:
        """How many chunks there are."""
        return int(self._view.chunks.count())

    def upsert(self, chunk_ids: Sequence[str], vectors: Vectors, dates: Sequence[int]) -> None:
        """Put vectors (n, dimension) in or replace them; dates as 20250301, 0 if unknown."""
        for start in range(0, len(chunk_ids), MAX_BATCH):
            part = slice(start, start + MAX_BATCH)
            ids = list(chunk_ids[part])
            self._view.chunks.upsert(
                ids=ids,
                embeddings=vectors[part],
                metadatas=[
                    {"paper_id": paper_of(i), "date": d}
                    for i, d in zip(ids, dates[part], strict=True)
                ],
            )

    def delete_papers(self, paper_ids: Sequence[str]) -> None:
        """Forget all chunks of these papers."""
        for start in range(0, len(paper_ids), MAX_BATCH):
            part = list(paper_ids[start : start + MAX_BATCH])
            self._view.chunks.delete(where={"paper_id": {"$in": part}})
        self._delete_older(paper_ids)

    def _delete_older(self, paper_ids: Sequence[str]) -> None:
        """Earlier builds filed a chunk of ``arxiv:2505.08550`` under ``arxiv``."""
        cut = sorted({i.partition(":")[0] for i in paper_ids if ":" in i})
        if not cut:
            return
        wanted = set(paper_ids)
        filed = self._view.chunks.get(where={"paper_id": {"$in": cut}}, include=[])["ids"]
        older = [chunk for chunk in filed if paper_of(chunk) in wanted]
        for start in range(0, len(older), MAX_BATCH):
            self._view.chunks.delete(ids=older[start : start + MAX_BATCH])

    def query(
        self,
        vector: Vectors,
        n: int,
        *,
        chunk_ids: list[str] | None = None,
        dates: tuple[int, int] | None = None,
    ) -> list[tuple[str, float]]:
        """The ``n`` nearest chunks and their cosines, best first.

        ``chunk_ids`` restricts the search to those of them that are there, ``dates`` to an
        inclusive range.
        """
        where = None
        if dates is not None:
            low, high = dates
            where = {"$and": [{"date": {"$gte": low}}, {"date": {"$lte": high}}]}
        from chromadb.errors import InternalError

        for _ in range(_ATTEMPTS):
            view = self._view  # another thread may reopen the store meanwhile
            if chunk_ids is not None and not chunk_ids:
                return []
            try:
                found = view.chunks.query(
                    query_embeddings=[vector],
                    n_results=n if chunk_ids is None else min(n, len(chunk_ids)),
                    ids=chunk_ids,
                    where=where,
                    include=["distances"],
                )
            except InternalError:
                # A writer has taken away a chunk that this view still has, or an id is unknown.
                self.reopen()
                if chunk_ids is not None:
                    chunk_ids = self._view.chunks.get(ids=chunk_ids, include=[])["ids"]
                continue
            distances = found["distances"][0]
            return [(i, 1.0 - d) for i, d in zip(found["ids"][0], distances, strict=True)]
        raise CatalogError(f"{self._path}: the vector store is damaged: run 'ragbot rebuild'")
