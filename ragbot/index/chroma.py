"""Chunk vectors in Chroma, wherever it keeps them: `chroma_folder`, `chroma_server`.

Chroma keeps no lock across processes and a reader of a folder does not see what another process
wrote, so the writer holds Ragbot's own lock, and readers call `reopen` when the catalog has moved.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from ragbot.embedding.embedder import Vectors
from ragbot.errors import RagbotError
from ragbot.index.cache import Memo
from ragbot.index.chunks import paper_of
from ragbot.index.store_errors import Translating, is_foreign

__all__ = ["MAX_BATCH", "ChromaVectors", "Place", "View"]

# Chroma refuses more rows a call than SQLite has variables for (5,461).
MAX_BATCH = 5000
# Its servers take 40 MB a call, which are 7,500,000 values and what is said of them.
_MOST_VALUES = 5_000_000
# A writer may take away what a view still has, while it is searched; it is soon done.
_ATTEMPTS = 10

# Vectors of chunks that were compared last, some 2 kB each: those of a range of dates.
_KEPT = 5000

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
        self._kept: Memo[str, Vectors] = Memo(_KEPT)

    def reopen(self) -> None:
        """See `VectorStore.reopen`."""
        with self._translating:
            self._view = self._place.view(create=False)
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
