"""What a store of chunk vectors does, whichever library keeps it, and which one is opened.

The retriever asks, the one writer changes, nobody else knows the store. Rows are chunks, by the ids
that `chunks` makes; vectors are L2-normalised, so that a cosine is a product.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ragbot.embedding.embedder import Vectors

__all__ = ["VectorStore", "open_vectors", "wipe_vectors"]


class VectorStore(Protocol):
    """Cosine search over chunk vectors. Every method raises `CatalogError` where it cannot."""

    def count(self) -> int:
        """How many chunks there are."""
        ...

    def ids(self) -> list[str]:
        """The ids of all chunks, in no order."""
        ...

    def check(self, *, thorough: bool) -> None:
        """Look for damage in the files, in all of them if ``thorough``, else as opening does."""
        ...

    def query(
        self, vector: Vectors, n: int, *, among: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """The ``n`` nearest chunks, all if there are fewer, and their cosines, best first.

        ``vector`` has shape (dimension,). Only chunks ``among`` these are found, if given.
        """
        ...

    def compare(
        self, vector: Vectors, chunk_ids: Sequence[str]
    ) -> list[tuple[str, float]]:
        """All of these chunks that are there and their exact cosines, best first."""
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


def open_vectors(folder: Path, *, create: bool, thorough: bool = False) -> VectorStore:
    """The vector store of the index in ``folder``, made if ``create`` and it is not there.

    With ``thorough`` all of its files are read first, however large they are.

    Raises:
        CatalogError: it is not there, is damaged or cannot be made.
    """
    from ragbot.index.chroma import FOLDER, ChromaVectors

    return ChromaVectors(folder / FOLDER, create=create, thorough=thorough)


def wipe_vectors(folder: Path) -> None:
    """Delete the vector store of the index in ``folder``, in whatever state it is."""
    from ragbot.index.chroma import FOLDER, ChromaVectors

    ChromaVectors.wipe(folder / FOLDER)
