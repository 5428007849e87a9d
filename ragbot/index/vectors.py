"""What a store of chunk vectors does, whichever library keeps it, and which one is opened.

The retriever asks, the one writer changes, nobody else knows the store. Rows are chunks, by the ids
that `chunks` makes; vectors are L2-normalised, so that a cosine is a product.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ragbot.config import VectorsSettings
from ragbot.embedding.embedder import Vectors
from ragbot.index.catalog import Catalog

__all__ = ["VectorPlace", "VectorPlaces", "VectorStore"]

_KEY = "vectors"


class VectorStore(Protocol):
    """Cosine search over chunk vectors. Every method raises `CatalogError` where it cannot, or
    `VectorServerError` where a server cannot."""

    def count(self) -> int:
        """How many chunks there are."""
        ...

    def ids(self) -> list[str]:
        """The ids of all chunks, in no order."""
        ...

    def check(self, *, thorough: bool) -> None:
        """Look for damage in the files, in all of them if ``thorough``, else as opening does."""
        ...

    def query(self, vector: Vectors, n: int) -> list[tuple[str, float]]:
        """The ``n`` nearest chunks, all if there are fewer, and their cosines, best first.

        ``vector`` has shape (dimension,).
        """
        ...

    def get(self, chunk_ids: Sequence[str]) -> dict[str, Vectors]:
        """The vectors (dimension,) of those of the chunks that are there, by their ids."""
        ...

    def upsert(
        self, chunk_ids: Sequence[str], vectors: Vectors, dates: Sequence[int]
    ) -> None:
        """Put vectors (n, dimension) in or replace them; dates as 20250301, 0 if unknown."""
        ...

    def delete_papers(self, paper_ids: Sequence[str]) -> None:
        """Forget all chunks of these papers."""
        ...

    def reopen(self) -> None:
        """See what another process has written since; queries under way keep the view they have."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


class VectorPlace(Protocol):
    """Where the vectors of one edition of an index lie."""

    def __str__(self) -> str:
        """For people."""
        ...

    def open(self, *, create: bool, thorough: bool = False) -> VectorStore:
        """The store, made if ``create`` and it is not there.

        With ``thorough`` all of its files are read first, however large they are.

        Raises:
            CatalogError: it is not there, is damaged or cannot be made.
            VectorServerError: the server cannot be used.
        """
        ...

    def wipe(self) -> None:
        """Delete the store, in whatever state it is, as far as that can be done."""
        ...


class VectorPlaces:
    """Where a collection's vectors lie: in the folder of their edition, or on the server that the
    settings name.

    There each edition has a collection of its own, named after the folder and what the catalog
    alone knows: neither a copy of the folder nor another in its place can come upon it.
    """

    def __init__(
        self, settings: VectorsSettings | None, data_dir: Path, catalog: Catalog
    ) -> None:
        self._server = settings if settings and settings.url else None
        self._data_dir = data_dir.resolve()
        self._catalog = catalog

    def of(self, folder: Path) -> VectorPlace:
        """The place of the edition in ``folder``."""
        from ragbot.index.chroma_folder import ChromaFolder

        beside = ChromaFolder(folder)
        if self._server is None:
            return beside
        from ragbot.index.chroma_server import ChromaServer

        edition = folder.resolve().relative_to(self._data_dir).name or "index-0"
        name = f"ragbot-{self._own()}-{edition}"
        return ChromaServer(self._server, name, self._data_dir, beside)

    def _own(self) -> str:
        """What tells this collection from all others: 16 hexadecimal digits."""
        secret = self._catalog.meta_once(_KEY, uuid.uuid4().hex)
        told = f"{secret} {self._data_dir}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]
