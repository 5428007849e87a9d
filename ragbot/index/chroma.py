"""Chunk vectors in Chroma, wherever it keeps them: `chroma_folder`, `chroma_server`.

Chroma keeps no lock across processes and a reader of a folder does not see what another process
wrote, so the writer holds Ragbot's own lock, and readers call `reopen` when the catalog has moved.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np

from ragbot.embedding.embedder import Vectors
from ragbot.errors import RagbotError
from ragbot.index.chunks import paper_of
from ragbot.index.store_errors import Translating

__all__ = ["MAX_BATCH", "ChromaVectors", "Place", "View"]

# Chroma refuses more rows a call than SQLite has variables for (5,461).
MAX_BATCH = 5000
# Its servers take 40 MB a call, which are 7,500,000 values and what is said of them.
_MOST_VALUES = 5_000_000
# A writer may take away what a view still has, while it is searched; it is soon done.
_ATTEMPTS = 10

T = TypeVar("T")


class View:
    """The store as one client sees it; closed when its last user has let go of it."""

    # Any: Chroma's types are narrower than what it takes and than what it has.
    def __init__(self, chunks: Any, close: Callable[[], object]) -> None:
        self.chunks = chunks
        self.close = weakref.finalize(self, close)


class Place(Protocol):
    """Where a store lies, in a folder or on a server, and how it is reached there."""

    def check(self, *, thorough: bool) -> None:
        """Look for damage."""
        ...

    def view(self, *, create: bool) -> View:
        """A view of what is there, made if ``create`` and it is not there."""
        ...

    def may_pass(self, failure: BaseException) -> bool:
        """Whether what failed may do so for a writer's sake, and not in a new view."""
        ...

    def fault(self, failure: BaseException) -> RagbotError:
        """The error of what Chroma could not do."""
        ...


class ChromaVectors:
    """A `VectorStore` in Chroma.

    Args:
        place: where it lies.
        create: whether to make it, if it is not there.
        thorough: whether to read all of the files first, however large they are.

    Raises:
        CatalogError: it is not there, is damaged or cannot be made.
        VectorServerError: the server cannot be used.
    """

    def __init__(
        self, place: Place, *, create: bool = True, thorough: bool = False
    ) -> None:
        self._place = place
        self._translating = Translating(place.fault)
        if not create:
            self.check(thorough=thorough)
        with self._translating:
            self._view = place.view(create=create)

    def reopen(self) -> None:
        """See `VectorStore.reopen`."""
        with self._translating:
            self._view = self._place.view(create=False)

    def close(self) -> None:
        """See `VectorStore.close`."""
        with self._translating:
            self._view.close()

    def check(self, *, thorough: bool) -> None:
        """See `VectorStore.check`."""
        with self._translating:
            self._place.check(thorough=thorough)

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
        step = min(MAX_BATCH, 1 + _MOST_VALUES // vectors.shape[-1])
        for start in range(0, len(chunk_ids), step):
            part = slice(start, start + step)
            with self._translating:
                self._view.chunks.upsert(
                    ids=list(chunk_ids[part]),
                    embeddings=vectors[part],
                    metadatas=facts[part],
                )

    def delete_papers(self, paper_ids: Sequence[str]) -> None:
        """See `VectorStore.delete_papers`."""
        for start in range(0, len(paper_ids), MAX_BATCH):
            part = list(paper_ids[start : start + MAX_BATCH])
            with self._translating:
                self._view.chunks.delete(where={"paper_id": {"$in": part}})
        self._delete_older(paper_ids)

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

    def query(self, vector: Vectors, n: int) -> list[tuple[str, float]]:
        """See `VectorStore.query`."""

        def nearest(chunks: Any) -> list[tuple[str, float]]:
            found = chunks.query(
                query_embeddings=[vector], n_results=n, include=["distances"]
            )
            return list(zip(found["ids"][0], found["distances"][0], strict=True))

        return [(chunk, 1.0 - distance) for chunk, distance in self._read(nearest)]

    def get(self, chunk_ids: Sequence[str]) -> dict[str, Vectors]:
        """See `VectorStore.get`."""
        vectors: dict[str, Vectors] = {}
        for start in range(0, len(chunk_ids), MAX_BATCH):
            part = list(chunk_ids[start : start + MAX_BATCH])
            vectors |= self._read(partial(_vectors, part))
        return vectors

    def _read(self, read: Callable[[Any], T]) -> T:
        """What is read of the collection; a writer may change it meanwhile."""
        with self._translating:
            for _ in range(_ATTEMPTS - 1):
                view = self._view  # another thread may reopen the store meanwhile
                try:
                    return read(view.chunks)
                except BaseException as failure:
                    if not self._place.may_pass(failure):
                        raise
                # A writer has taken away a chunk that this view still has.
                self.reopen()
            return read(self._view.chunks)


def _vectors(ids: list[str], chunks: Any) -> dict[str, Vectors]:
    found = chunks.get(ids=ids, include=["embeddings"])
    rows = np.array(found["embeddings"], np.float32)
    return dict(zip(found["ids"], rows, strict=True))
