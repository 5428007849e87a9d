"""The four stores of a collection, opened together and read in step.

    <data dir>/catalog.sqlite     what papers exist: the truth
               chroma/            chunk vectors
               lexical/           words
               sentences.sqlite   sentence vectors
               models/            converted embedding models
               write.lock         held by the one writer

Readers call `refresh` before a question: when another process has committed, they are reopened.
"""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from ragbot.errors import CatalogError
from ragbot.index.catalog import Catalog
from ragbot.index.chroma import ChromaVectors
from ragbot.index.lexical import LexicalIndex
from ragbot.index.sentence_vectors import SentenceVectors

__all__ = ["Stores"]

_DERIVED = ("chroma", "lexical", "sentences.sqlite")


class Stores:
    """The stores below one folder. The catalog opens at once, the others when first asked for."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        if data_dir.exists() and not data_dir.is_dir():
            raise CatalogError(
                f"{data_dir}: is a file, not a folder", "name another with --data-dir"
            )
        self.catalog = Catalog(data_dir / "catalog.sqlite")
        self._lock = threading.RLock()
        self._opened: tuple[ChromaVectors, LexicalIndex, SentenceVectors] | None = None
        self._generation = -1

    def _open(self) -> tuple[ChromaVectors, LexicalIndex, SentenceVectors]:
        with self._lock:
            if self._opened is None:
                self._generation = self.catalog.generation()
                chroma, lexical, sentences = paths = [self.data_dir / name for name in _DERIVED]
                lost = [path for path in paths if not path.exists()]
                if lost and self.catalog.count():  # made anew it would be empty, and answers wrong
                    raise CatalogError(
                        f"{lost[0]}: a part of the index is gone: run 'ragbot rebuild'"
                    )
                self._opened = (
                    ChromaVectors(chroma),
                    LexicalIndex(lexical),
                    SentenceVectors(sentences),
                )
            return self._opened

    @property
    def vectors(self) -> ChromaVectors:
        """Chunk vectors."""
        return self._open()[0]

    @property
    def lexical(self) -> LexicalIndex:
        """Words."""
        return self._open()[1]

    @property
    def sentences(self) -> SentenceVectors:
        """Sentence vectors."""
        return self._open()[2]

    def refresh(self) -> None:
        """See what other processes have committed since."""
        with self._lock:
            opened = self._open()
            generation = self.catalog.generation()
            if generation != self._generation:
                for store in opened:
                    store.reopen()
                self._generation = generation

    def written(self) -> None:
        """Take note that this process itself has committed: its stores are up to date."""
        with self._lock:
            self._generation = self.catalog.generation()

    def wipe(self) -> None:
        """Make the derived stores anew and empty, in whatever state or version they were."""
        with self._lock:
            self._close()
            for name in ("chroma", "lexical"):
                shutil.rmtree(self.data_dir / name, ignore_errors=True)
            for path in self.data_dir.glob("sentences.sqlite*"):
                path.unlink()
            self._open()

    def _close(self) -> None:
        if self._opened is not None:
            self._opened[0].close()
            self._opened[2].close()
            self._opened = None

    def close(self) -> None:
        """Let go of all files."""
        with self._lock:
            self._close()
            self.catalog.close()
