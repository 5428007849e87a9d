"""Sentence vectors by paper, in SQLite: what ranks the sentences of a paper that was found.

They are looked up, never searched, so they need no index: half-precision rows keyed by paper.
What was looked up last stays in memory, until this process or, as `reopen` tells, another writes.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ragbot.embedding.base import Vectors
from ragbot.errors import CatalogError
from ragbot.index.cache import Memo
from ragbot.index.database import open_database

__all__ = ["SentenceVectors"]

_KEPT = 2000  # papers in memory, some 15 kB each
_COUNTED = 100_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sentences (
    paper_id TEXT PRIMARY KEY, n INTEGER NOT NULL, vectors BLOB NOT NULL
) WITHOUT ROWID;
"""


class SentenceVectors:
    """One matrix (sentences, dimension) a paper, rows L2-normalised, in reading order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._open()

    def _open(self) -> None:
        path = self._path
        self._kept: Memo[str, Vectors] = Memo(_KEPT)
        self._counted: Memo[str, int] = Memo(_COUNTED)
        try:
            self._db = open_database(path, _SCHEMA)
        except sqlite3.Error as error:
            raise CatalogError(
                f"{path}: the sentence vectors cannot be opened ({error}): run 'ragbot rebuild'"
            ) from None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def reopen(self) -> None:
        """See what another process has made anew."""
        with self._lock:
            self.close()
            self._open()

    def put(self, vectors: Mapping[str, Vectors]) -> None:
        """Put matrices in or replace them."""
        rows = [(id_, len(v), v.astype(np.float16).tobytes()) for id_, v in vectors.items()]
        with self._lock, self._db:  # commits, or rolls back
            self._forget()
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR REPLACE INTO sentences VALUES (?, ?, ?)", rows)

    def delete(self, paper_ids: Sequence[str]) -> None:
        """Forget papers."""
        with self._lock, self._db:
            self._forget()
            self._db.execute("BEGIN")
            self._db.executemany(
                "DELETE FROM sentences WHERE paper_id = ?", [(i,) for i in paper_ids]
            )

    def count(self) -> int:
        """How many papers there are."""
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM sentences").fetchone()[0])

    def counts(self, paper_ids: Sequence[str]) -> dict[str, int]:
        """How many sentences those papers have that are known."""
        with self._lock:  # so that nothing is kept that is written over meanwhile
            return self._counted.get(paper_ids, self._count)

    def _count(self, paper_ids: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for start in range(0, len(paper_ids), 500):
            part = list(paper_ids[start : start + 500])
            marks = ",".join("?" * len(part))
            found.update(
                self._db.execute(
                    f"SELECT paper_id, n FROM sentences WHERE paper_id IN ({marks})", part
                ).fetchall()
            )
        return found

    def _forget(self) -> None:
        self._kept.clear()
        self._counted.clear()

    def get(self, paper_ids: Sequence[str]) -> dict[str, Vectors]:
        """The matrices, not to be written to, of those papers that have one: an empty abstract
        has none."""
        with self._lock:
            return self._kept.get(paper_ids, self._read)

    def _read(self, paper_ids: Sequence[str]) -> dict[str, Vectors]:
        marks = ",".join("?" * len(paper_ids))
        rows = self._db.execute(
            f"SELECT paper_id, n, vectors FROM sentences WHERE paper_id IN ({marks})", paper_ids
        ).fetchall()
        found = {
            id_: np.frombuffer(blob, dtype=np.float16).reshape(n, -1).astype(np.float32)
            for id_, n, blob in rows
            if n
        }
        for vectors in found.values():
            vectors.flags.writeable = False
        return found
