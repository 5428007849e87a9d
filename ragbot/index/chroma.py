"""Chunk vectors in Chroma: the only module that knows Chroma.

Chroma keeps no lock across processes and a reader does not see what another process wrote, so the
writer holds Ragbot's own lock (`write`), and readers call `reopen` when the catalog has moved.
"""

from __future__ import annotations

import itertools
import shutil
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ragbot.embedding.embedder import Vectors
from ragbot.errors import CatalogError
from ragbot.index.cache import Memo
from ragbot.index.chroma_files import check_files
from ragbot.index.chunks import paper_of
from ragbot.index.store_errors import (
    REBUILD,
    Translating,
    damaged,
    is_foreign,
    patiently,
)

__all__ = ["FOLDER", "MAX_BATCH", "ChromaVectors"]

# Where the store lies in the folder of an index.
FOLDER = "chroma"
# Chroma refuses more rows a call than SQLite has variables for (5,461).
MAX_BATCH = 5000
_COLLECTION = "chunks"
_NAME = "the vector store"
# A writer may take away what a view still has, while it is searched; it is soon done.
_ATTEMPTS = 10

# Vectors of chunks that were compared last, some 2 kB each: those of a range of dates.
_KEPT = 5000

_opened = itertools.count()

T = TypeVar("T")


def _spelling(path: Path) -> str:
    """The path in a spelling that was never used before.

    Chroma shares one client, and its view, among those who spell a path alike; one that failed to
    open stays shared, too. A number's bits are written as "/" and "/.", which lead nowhere else.
    """
    bits = f"{next(_opened):b}"
    return str(path) + bits.replace("0", "/").replace("1", "/.")


class _View:
    """The store as one client sees it; closed when its last user has let go of it."""

    def __init__(self, path: Path) -> None:
        import chromadb
        from chromadb.config import Settings

        # Any: Chroma's types are narrower than what it takes and than what it has.
        client: Any = chromadb.PersistentClient(
            _spelling(path), settings=Settings(anonymized_telemetry=False)
        )
        self.close = weakref.finalize(self, client.close)
        self.chunks: Any = client.get_or_create_collection(
            _COLLECTION,
            configuration={"hnsw": {"space": "cosine"}},
            embedding_function=None,
        )


class ChromaVectors:
    """A `VectorStore` in a folder of Chroma's.

    Args:
        path: the folder.
        create: whether to make it, if it is not there.
        thorough: whether to read all of the files first, however large they are.

    Raises:
        CatalogError: it is not there, is damaged or cannot be made.
    """

    def __init__(
        self, path: Path, *, create: bool = True, thorough: bool = False
    ) -> None:
        self._path = path
        self._translating = Translating(path, _NAME)
        if not create and not path.exists():
            raise CatalogError(f"{path}: a part of the index is gone", REBUILD)
        if not create:
            self.check(thorough=thorough)
        self._view = self._open()
        self._kept: Memo[str, Vectors] = Memo(_KEPT)

    @staticmethod
    def wipe(path: Path) -> None:
        """Delete the folder, in whatever state it is."""
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def _open(self) -> _View:
        with self._translating:
            return patiently(lambda: _View(self._path))

    def reopen(self) -> None:
        """See `VectorStore.reopen`."""
        self._view = self._open()
        self._forget()

    def _forget(self) -> None:
        """Keep nothing of what was read; another object, since some may be reading now."""
        self._kept = Memo(_KEPT)

    def close(self) -> None:
        """See `VectorStore.close`."""
        with self._translating:
            self._view.close()

    def check(self, *, thorough: bool) -> None:
        """See `VectorStore.check`."""
        with self._translating:
            patiently(lambda: check_files(self._path, thorough=thorough))

    def count(self) -> int:
        """See `VectorStore.count`."""
        with self._translating:
            return int(self._view.chunks.count())

    def ids(self) -> list[str]:
        """See `VectorStore.ids`."""
        with self._translating:
            return [str(id_) for id_ in self._view.chunks.get(include=[])["ids"]]

    def upsert(
        self, chunk_ids: Sequence[str], vectors: Vectors, dates: Sequence[int]
    ) -> None:
        """See `VectorStore.upsert`."""
        facts = [
            {"paper_id": paper_of(id_), "date": date}
            for id_, date in zip(chunk_ids, dates, strict=True)
        ]
        for start in range(0, len(chunk_ids), MAX_BATCH):
            part = slice(start, start + MAX_BATCH)
            with self._translating:
                self._view.chunks.upsert(
                    ids=list(chunk_ids[part]),
                    embeddings=vectors[part],
                    metadatas=facts[part],
                )
        self._forget()

    def delete_papers(self, paper_ids: Sequence[str]) -> None:
        """See `VectorStore.delete_papers`."""
        for start in range(0, len(paper_ids), MAX_BATCH):
            part = list(paper_ids[start : start + MAX_BATCH])
            with self._translating:
                self._view.chunks.delete(where={"paper_id": {"$in": part}})
        self._delete_older(paper_ids)
        self._forget()

    def _delete_older(self, paper_ids: Sequence[str]) -> None:
        """Earlier builds filed a chunk of ``arxiv:2505.08550`` under ``arxiv``."""
        cut = sorted({i.partition(":")[0] for i in paper_ids if ":" in i})
        if not cut:
            return
        wanted = set(paper_ids)
        with self._translating:
            filed = self._view.chunks.get(where={"paper_id": {"$in": cut}}, include=[])[
                "ids"
            ]
            older = [chunk for chunk in filed if paper_of(chunk) in wanted]
            for start in range(0, len(older), MAX_BATCH):
                self._view.chunks.delete(ids=older[start : start + MAX_BATCH])

    def query(
        self, vector: Vectors, n: int, *, among: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """See `VectorStore.query`."""

        def nearest(chunks: Any, ids: list[str] | None = None) -> list[Any]:
            most = n if ids is None else min(n, len(ids))
            found = chunks.query(
                query_embeddings=[vector],
                ids=ids,
                n_results=most,
                include=["distances"],
            )
            return list(zip(found["ids"][0], found["distances"][0], strict=True))

        def chosen(chunks: Any) -> list[Any]:
            try:
                return nearest(chunks, list(among or ()))
            except BaseException as failure:
                if not is_foreign(failure):
                    raise
            # One that is not there any more is an error, and so are none.
            there = among and chunks.get(ids=list(among), include=[])["ids"]
            return nearest(chunks, there) if there else []

        found = self._read(nearest if among is None else chosen)
        return [(chunk, 1.0 - distance) for chunk, distance in found]

    def compare(
        self, vector: Vectors, chunk_ids: Sequence[str]
    ) -> list[tuple[str, float]]:
        """See `VectorStore.compare`."""
        known = self._kept.get(chunk_ids, self._vectors)
        if not known:
            return []
        cosines = np.array(list(known.values())) @ vector
        best = np.argsort(-cosines, kind="stable")
        ids = list(known)
        return [(ids[at], float(cosines[at])) for at in best]

    def _vectors(self, chunk_ids: Sequence[str]) -> dict[str, Vectors]:
        """The vectors of those chunks that are there."""

        def stored(chunks: Any) -> dict[str, Vectors]:
            found = chunks.get(ids=list(chunk_ids), include=["embeddings"])
            rows = np.array(found["embeddings"], np.float32)
            # Copies: one that is kept shall not keep the others.
            return dict(zip(found["ids"], map(np.copy, rows), strict=True))

        return self._read(stored)

    def _read(self, read: Callable[[Any], T]) -> T:
        """What is read of the collection; a writer may change it meanwhile."""
        error = None
        for _ in range(_ATTEMPTS):
            view = self._view  # another thread may reopen the store meanwhile
            try:
                return read(view.chunks)
            except BaseException as failure:
                if not is_foreign(failure):
                    raise
                error = failure
            # A writer has taken away a chunk that this view still has.
            self.reopen()
        assert error is not None
        raise damaged(self._path, _NAME, error) from error
