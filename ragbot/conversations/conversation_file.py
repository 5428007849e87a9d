"""The SQLite file that conversations are kept in: its schema, and how it is read and changed.

A turn's number is its conversation's times `SHARE`, and its place from 1 on: the turns of a
conversation lie together, and whoever finds a turn by its words knows the conversation. The words
of the title stand at place 0.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ragbot.errors import CatalogError
from ragbot.index.database import check_database, open_database, translated
from ragbot.index.migrations import NewerSchema, Step, migrate

__all__ = ["SHARE", "STEPS", "ConversationFile"]

SHARE = 1 << 20
"""Turns that a conversation has room for."""
_REMEDY = (
    "move that file away: a new one is begun, and answers need none; what SQLite's "
    "'.recover' saves of it can be put back in its place"
)


def _first(db: sqlite3.Connection) -> None:
    for statement in (
        """
        CREATE TABLE conversations (
            number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner TEXT,
            title TEXT NOT NULL, created INTEGER NOT NULL, changed INTEGER NOT NULL,
            turns INTEGER NOT NULL, deleted INTEGER, branch_of TEXT
        )
        """,
        "CREATE INDEX conversations_by_change ON conversations (owner, changed, number) "
        "WHERE deleted IS NULL",
        "CREATE INDEX conversations_deleted ON conversations (deleted) "
        "WHERE deleted IS NOT NULL",
        "CREATE TABLE turns (number INTEGER PRIMARY KEY, turn TEXT NOT NULL)",
        "CREATE TABLE papers (hash TEXT PRIMARY KEY, paper TEXT NOT NULL)",
        """
        CREATE TABLE turn_papers (
            turn INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (turn, hash)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX turn_papers_by_hash ON turn_papers (hash)",
        # What is put in is folded already (`search_words`).
        "CREATE VIRTUAL TABLE said USING fts5(words, detail = none, prefix = '1 2 3', "
        "tokenize = 'unicode61 remove_diacritics 0')",
    ):
        db.execute(statement)


STEPS: tuple[Step, ...] = (_first,)
"""As those of `ragbot.index.migrations`: never changed once released, new ones at the end."""


class ConversationFile:
    """The file, open. Safe to share between threads; other processes may write it, too.

    Every method raises `CatalogError` if the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        _make_folder(path.parent)
        if path.exists() and path.stat().st_size:  # SQLite begins with an empty one
            check_database(path, _REMEDY, thorough=False)
        with translated(path, _REMEDY):
            self._db = open_database(path)
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        with translated(self._path, _REMEDY):
            # Each commit is on the disk: what was answered outlives a power cut, too.
            self._db.execute("PRAGMA synchronous = FULL")
            try:
                migrate(self._db, STEPS)
            except NewerSchema as error:
                raise CatalogError(
                    f"{self._path}: written by a newer Ragbot (step {error.version})",
                    "use that version, or move the file away to begin a new one",
                ) from None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def check(self) -> None:
        """Look for damage on every page, and whether all words are where they are looked for."""
        check_database(self._path, _REMEDY, thorough=True)
        self.rows("INSERT INTO said (said) VALUES ('integrity-check')")

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """All rows that a statement gives."""
        with self._lock, translated(self._path, _REMEDY):
            return self._db.execute(sql, values).fetchall()

    def each(self, sql: str, values: Sequence[Sequence[object]]) -> None:
        """Run a statement with each of some values."""
        with self._lock, translated(self._path, _REMEDY):
            self._db.executemany(sql, values)

    @contextmanager
    def moment(self) -> Iterator[None]:
        """What is read within is of one moment, whoever writes meanwhile."""
        with self._transaction("BEGIN"):
            yield

    @contextmanager
    def change(self) -> Iterator[None]:
        """All that is changed within, or nothing."""
        with self._transaction("BEGIN IMMEDIATE"):
            yield
            self._db.execute(
                "INSERT INTO meta VALUES ('generation', '1') "
                "ON CONFLICT (key) DO UPDATE SET value = value + 1"
            )

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with self._lock, translated(self._path, _REMEDY):
            try:
                self._db.execute(begin)
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogError(
            f"{folder}: cannot be used as the data folder ({error.strerror})",
            "make it writable or name another with --data-dir",
        ) from None
