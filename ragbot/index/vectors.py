"""Chunk vectors in Chroma: the only module that knows Chroma.

Chroma keeps no lock across processes and a reader does not see what another process wrote, so the
writer holds Ragbot's own lock (`build`), and readers call `reopen` when the catalog has moved.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from ragbot.embedding.base import Vectors
from ragbot.errors import CatalogError

__all__ = ["MAX_BATCH", "VectorStore"]

# Chroma refuses more rows a call than SQLite has variables for (5,461).
MAX_BATCH = 5000
_COLLECTION = "chunks"


class VectorStore:
    """Cosine search over chunk vectors. Chunk ids are ``paper_id:position``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._open()

    def _open(self) -> None:
        import chromadb
        from chromadb.config import Settings
        from chromadb.errors import ChromaError

        try:
            self._client = chromadb.PersistentClient(
                str(self._path), settings=Settings(anonymized_telemetry=False)
            )
            self._chunks = self._client.get_or_create_collection(
                _COLLECTION, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
            )
        except (ChromaError, OSError, ValueError) as error:
            raise CatalogError(
                f"{self._path}: the vector store cannot be opened ({error}): run 'ragbot rebuild'"
            ) from None

    def reopen(self) -> None:
        """See what another process has written since."""
        with self._lock:
            self.close()
            self._open()

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._client.close()

    def reset(self) -> None:
        """Forget every vector."""
        with self._lock:
            self._client.delete_collection(_COLLECTION)
            self.reopen()

    def count(self) -> int:
        """How many chunks there are."""
        return self._chunks.count()

    def upsert(self, chunk_ids: Sequence[str], vectors: Vectors, dates: Sequence[int]) -> None:
        """Put vectors (n, dimension) in or replace them; dates as 20250301, 0 if unknown."""
        for start in range(0, len(chunk_ids), MAX_BATCH):
            part = slice(start, start + MAX_BATCH)
            ids = list(chunk_ids[part])
            self._chunks.upsert(
                ids=ids,
                embeddings=vectors[part],
                metadatas=[
                    {"paper_id": i.partition(":")[0], "date": d}
                    for i, d in zip(ids, dates[part], strict=True)
                ],
            )

    def delete_papers(self, paper_ids: Sequence[str]) -> None:
        """Forget all chunks of these papers."""
        for start in range(0, len(paper_ids), MAX_BATCH):
            self._chunks.delete(where={"paper_id": {"$in": list(paper_ids[start : start + MAX_BATCH])}})

    def query(
        self,
        vector: Vectors,
        n: int,
        *,
        chunk_ids: Sequence[str] | None = None,
        dates: tuple[int, int] | None = None,
    ) -> list[tuple[str, float]]:
        """The ``n`` nearest chunks and their cosines, best first.

        ``chunk_ids`` restricts the search to these chunks, ``dates`` to an inclusive range.
        """
        where = None
        if dates is not None:
            low, high = dates
            where = {"$and": [{"date": {"$gte": low}}, {"date": {"$lte": high}}]}
        with self._lock:
            chunks, total = self._chunks, self._chunks.count()
        if total == 0 or (chunk_ids is not None and not chunk_ids):
            return []
        found = chunks.query(
            query_embeddings=[vector],
            n_results=min(n, total if chunk_ids is None else len(chunk_ids)),
            ids=None if chunk_ids is None else list(chunk_ids),
            where=where,
            include=["distances"],
        )
        distances = found["distances"]
        assert distances is not None  # they were asked for
        return [(i, 1.0 - d) for i, d in zip(found["ids"][0], distances[0], strict=True)]
