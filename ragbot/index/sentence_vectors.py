"""Sentence vectors by paper, in SQLite: what ranks the sentences of a paper that was found.

They are looked up, never searched, so they need no index: half-precision rows keyed by paper.
What was looked up last stays in memory, until this process or, as `reopen` tells, another writes.
Beside them, written with them, are readings of the papers (`ragbot.index.readings`) and the vectors
of chunks by date (`ragbot.index.dated_vectors`).
The file also says which generation of the catalog it was last written for: a write-ahead log that
was lost takes the file back to an older one.
"""

from __future__ import annotations

import shutil
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ragbot.embedding.embedder import Vectors
from ragbot.errors import CatalogError
from ragbot.index import dated_vectors, readings
from ragbot.index.cache import Memo
from ragbot.index.database import check_database, open_database, translated
from ragbot.index.dated_vectors import Damaged, Dated
from ragbot.index.store_errors import REBUILD
from ragbot.reading import OwnNames, Reading
from ragbot.types import Paper

__all__ = ["NAME", "SentenceVectors"]

# Where the file lies in the folder of its edition.
NAME = "sentences.sqlite"
_KEPT = 2000  # papers in memory, some 15 kB each
# Papers whose sentences stand for all in a mean.
_SAMPLED = 500
# Of the length of a row in half precision, which is 1 to within a thousandth.
_LENGTH_TOLERANCE = 0.02
# A table without row ids would hold the vectors in its tree of keys, which is then four times as
# slow to look up; earlier builds made one. The numbers of sentences are read from the keys alone.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sentences (
    paper_id TEXT NOT NULL, n INTEGER NOT NULL, vectors BLOB NOT NULL,
    PRIMARY KEY (paper_id, n)
);
CREATE INDEX IF NOT EXISTS sentences_by_number ON sentences (n);
"""
_TABLES = _SCHEMA + readings.SCHEMA + dated_vectors.SCHEMA
_DELETE = "DELETE FROM sentences WHERE paper_id = ?"


class SentenceVectors:
    """One matrix (sentences, dimension) a paper, rows L2-normalised, in reading order.

    Every method raises `CatalogError` where the file is damaged or cannot be written.

    Args:
        path: the file.
        create: whether to make it, if it is not there.

    Raises:
        CatalogError: it is not there, is damaged or cannot be made.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self._path = path
        self._lock = threading.RLock()
        if not create:
            self.check(thorough=False)
        self._open()

    @staticmethod
    def wipe(path: Path) -> None:
        """Delete the file and what SQLite keeps beside it, in whatever state they are."""
        for ending in ("", "-wal", "-shm"):
            file = path.with_name(path.name + ending)
            if file.is_dir():
                shutil.rmtree(file, ignore_errors=True)
            else:
                file.unlink(missing_ok=True)

    def _open(self) -> None:
        self._kept: Memo[str, Vectors] = Memo(_KEPT)
        self._mean: Vectors | None = None
        self._by_date = False
        with translated(self._path, REBUILD):
            self._db = open_database(self._path, _TABLES)
        self._let_go = weakref.finalize(self, self._db.close)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._let_go()

    def reopen(self) -> None:
        """See what another process has made anew."""
        with self._lock:
            self.close()
            self._open()

    def check(self, *, thorough: bool) -> None:
        """Look for damage, in all of the file if ``thorough``, else as opening does.

        Raises:
            CatalogError: it is damaged or gone.
        """
        check_database(self._path, REBUILD, thorough=thorough)

    def put(
        self,
        vectors: Mapping[str, Vectors],
        generation: int = 0,
        read: Sequence[readings.Row] = (),
        dated: Iterable[Dated] = (),
    ) -> None:
        """Put matrices in or replace them; ``generation`` is the catalog's that is to come.

        ``read`` are the readings of those papers, ``dated`` their chunks.
        """
        rows = [
            (id_, len(v), v.astype(np.float16).tobytes()) for id_, v in vectors.items()
        ]
        with self._written(generation):
            self._db.executemany(_DELETE, zip(vectors))
            self._db.executemany("INSERT INTO sentences VALUES (?, ?, ?)", rows)
            self._db.executemany(readings.INSERT, read)
            self._db.executemany(dated_vectors.INSERT, dated_vectors.rows_of(dated))

    def delete(self, paper_ids: Sequence[str], generation: int = 0) -> None:
        """Forget papers; ``generation`` is the catalog's that is to come."""
        with self._written(generation):
            self._db.executemany(_DELETE, zip(paper_ids))

    @contextmanager
    def _written(self, generation: int) -> Iterator[None]:
        """What is written is committed, or rolled back."""
        with (
            self._lock,
            translated(self._path, REBUILD),
            self._db,
        ):
            self._forget()
            self._db.execute("BEGIN")
            yield
            self._db.execute(f"PRAGMA user_version = {int(generation)}")

    def generation(self) -> int:
        """The generation of the catalog that it was last written for, 0 if that is unknown."""
        return int(self._all("PRAGMA user_version")[0][0])

    def count(self) -> int:
        """How many papers there are."""
        return int(self._all("SELECT count(*) FROM sentences")[0][0])

    def ids(self) -> list[str]:
        """The ids of all papers, in no order."""
        return [str(id_) for (id_,) in self._all("SELECT paper_id FROM sentences")]

    def lengths(self) -> dict[int, int]:
        """How many papers there are of each number of sentences."""
        return dict(self._all("SELECT n, count(*) FROM sentences GROUP BY n"))

    def counts(self, paper_ids: Sequence[str]) -> dict[str, int]:
        """How many sentences those papers have that are known."""
        found: dict[str, int] = {}
        for start in range(0, len(paper_ids), 500):
            part = list(paper_ids[start : start + 500])
            marks = ",".join("?" * len(part))
            sql = f"SELECT paper_id, n FROM sentences WHERE paper_id IN ({marks})"
            found.update(self._all(sql, part))
        return found

    def _forget(self) -> None:
        self._kept.clear()
        self._mean = None
        self._by_date = False

    def get(self, paper_ids: Sequence[str]) -> dict[str, Vectors]:
        """The matrices, not to be written to, of those papers that have one: an empty abstract
        has none."""
        with self._lock:
            return self._kept.get(paper_ids, self._read)

    def kept_readings(self, papers: Sequence[Paper]) -> dict[str, Reading]:
        """The readings of papers that stand there as the papers are now."""
        return readings.stored_readings(self._all, papers)

    def kept_names(self, papers: Sequence[Paper]) -> dict[str, OwnNames]:
        """What the papers may be called by, of those whose readings stand there."""
        return readings.stored_names(self._all, papers)

    def put_readings(self, read: Sequence[readings.Row]) -> None:
        """Put in readings of papers that have none yet."""
        with self._written(self.generation()):
            self._db.executemany(readings.INSERT, read)

    def missing_readings(self, most: int) -> list[str]:
        """The ids of up to ``most`` of the papers that have no reading."""
        return [str(id_) for (id_,) in self._all(readings.MISSING, [most])]

    def mean(self, dimension: int) -> Vectors:
        """The mean (dimension,) of the sentences of up to `_SAMPLED` papers, kept until a paper is
        put in or taken out; zero without any.

        The first by id stand for all: ids are hashes, unless somebody gave others.
        """
        with self._lock:
            if self._mean is None:
                sql = "SELECT paper_id FROM sentences WHERE n > 0 ORDER BY paper_id LIMIT ?"
                ids = [str(id_) for (id_,) in self._all(sql, [_SAMPLED])]
                rows = list(self._read(ids).values())
                rows = rows or [np.zeros((1, dimension), np.float32)]
                self._mean = np.vstack(rows).mean(axis=0)
            return self._mean

    def put_by_date(self, dated: Iterable[Dated]) -> None:
        """Put in the chunks of papers that are `missing_by_date`."""
        with self._written(self.generation()):
            self._db.executemany(dated_vectors.INSERT, dated_vectors.rows_of(dated))

    def missing_by_date(self) -> dict[str, int]:
        """The papers whose chunks do not stand by date yet, and how many sentences they have."""
        return dict(self._all(dated_vectors.MISSING))

    def is_by_date(self) -> bool:
        """Whether the chunks of all papers stand by date."""
        with self._lock:
            if not self._by_date:
                self._by_date = self.count() == self._all(dated_vectors.COUNT)[0][0]
            return self._by_date

    def dates(self) -> dict[str, int]:
        """The date of each paper whose chunks stand by date, as `ranges.date_number` has it."""
        return dict(self._all(dated_vectors.DATES))

    def nearest_chunks(
        self, vector: Vectors, n: int, spans: Sequence[tuple[int, int]]
    ) -> list[tuple[str, float]]:
        """Ids and cosines of the ``n`` chunks of ranges of dates that are nearest, best first.

        ``vector`` has shape (dimension,); ``spans`` are those of `ranges.numbers`.
        """
        with self._reading_by_date():
            found = self._db.execute(*dated_vectors.within(spans))
            papers = iter(partial(found.fetchmany, dated_vectors.AT_ONCE), [])
            return dated_vectors.nearest(papers, vector, n)

    def check_by_date(self) -> None:
        """Look for damage among the chunks that stand by date."""
        with self._reading_by_date():
            dated_vectors.verify(self._db.execute(dated_vectors.EVERY))

    @contextmanager
    def _reading_by_date(self) -> Iterator[None]:
        with self._lock, translated(self._path, REBUILD):
            try:
                yield
            except Damaged as damaged:
                raise self._damaged_at(damaged.paper_id) from None

    def _read(self, paper_ids: Sequence[str]) -> dict[str, Vectors]:
        marks = ",".join("?" * len(paper_ids))
        sql = f"SELECT paper_id, n, vectors FROM sentences WHERE paper_id IN ({marks})"
        found = {}
        for id_, n, blob in self._all(sql, paper_ids):
            if n:
                found[id_] = self._matrix(id_, n, blob)
        self._check(found)
        return found

    def _matrix(self, id_: str, n: int, blob: bytes) -> Vectors:
        """One paper's matrix out of its row.

        Raises:
            CatalogError: it cannot be what was put in.
        """
        if n < 0 or len(blob) % (2 * n):
            raise self._damaged_at(id_)
        rows = np.frombuffer(blob, dtype=np.float16).reshape(n, -1).astype(np.float32)
        rows.flags.writeable = False
        return rows

    def _check(self, found: Mapping[str, Vectors]) -> None:
        """Look for damage: rows have no checksum but the length of their vectors.

        Raises:
            CatalogError: one of them cannot be what was put in.
        """
        with np.errstate(all="ignore"):
            squares = [np.einsum("ij,ij->i", rows, rows) for rows in found.values()]
            lengths = np.sqrt(np.concatenate([np.zeros(0), *squares]))
            right = np.abs(lengths - 1) < _LENGTH_TOLERANCE
        wrong = ~(right | (lengths == 0))
        if wrong.any():
            owners = np.repeat(list(found), list(map(len, squares)))
            raise self._damaged_at(str(owners[wrong][0]))

    def _damaged_at(self, paper_id: str) -> CatalogError:
        return CatalogError(f"{self._path}: damaged at paper {paper_id}", REBUILD)

    def _all(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock, translated(self._path, REBUILD):
            return self._db.execute(sql, values).fetchall()
