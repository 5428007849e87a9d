"""A Chroma store in a folder, for this machine alone."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

from ragbot.errors import CatalogError
from ragbot.index.chroma import ChromaVectors, View
from ragbot.index.chroma_files import check_files
from ragbot.index.store_errors import REBUILD, damaged, is_foreign, patiently

__all__ = ["COSINE", "ChromaFolder"]

COSINE = {"hnsw": {"space": "cosine"}}
"""How Chroma is to compare."""
# Where the store lies in the folder of an edition.
_FOLDER = "chroma"
_COLLECTION = "chunks"
_NAME = "the vector store"

_opened = itertools.count()


class ChromaFolder:
    """A `VectorPlace` of a folder within that of an edition."""

    def __init__(self, edition: Path) -> None:
        self._path = edition / _FOLDER

    def __str__(self) -> str:
        return f"in {self._path}"

    def open(self, *, create: bool, thorough: bool = False) -> ChromaVectors:
        """See `VectorPlace.open`."""
        return ChromaVectors(self, create=create, thorough=thorough)

    def wipe(self) -> None:
        """See `VectorPlace.wipe`."""
        if self._path.is_dir():
            shutil.rmtree(self._path, ignore_errors=True)
        else:
            self._path.unlink(missing_ok=True)

    def check(self, *, thorough: bool) -> None:
        """Look for damage in the files."""
        if not self._path.exists():
            raise CatalogError(f"{self._path}: a part of the index is gone", REBUILD)
        patiently(lambda: check_files(self._path, thorough=thorough))

    def view(self, *, create: bool) -> View:
        """A view of the folder, made if it is not there."""
        return patiently(self._view)

    def _view(self) -> View:
        import chromadb
        from chromadb.config import Settings

        # Any: Chroma's types are narrower than what it takes and than what it has.
        client: Any = chromadb.PersistentClient(
            _spelling(self._path), settings=Settings(anonymized_telemetry=False)
        )
        chunks = client.get_or_create_collection(
            _COLLECTION, configuration=COSINE, embedding_function=None
        )
        return View(chunks, client.close)

    def may_pass(self, failure: BaseException) -> bool:
        """What a writer takes away meanwhile is told in many ways."""
        return is_foreign(failure)

    def fault(self, failure: BaseException) -> CatalogError:
        """The error of a damaged store."""
        return damaged(self._path, _NAME, failure)


def _spelling(path: Path) -> str:
    """The path in a spelling that was never used before.

    Chroma shares one client, and its view, among those who spell a path alike; one that failed to
    open stays shared, too. A number's bits are written as "/" and "/.", which lead nowhere else.
    """
    bits = f"{next(_opened):b}"
    return str(path) + bits.replace("0", "/").replace("1", "/.")
