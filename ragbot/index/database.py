"""SQLite files that several processes read while one writes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ragbot.errors import CatalogError

__all__ = ["DAMAGED", "at_once", "check_database", "open_database", "translated"]

# What to do about the catalog, which nothing can be made from again but the files.
DAMAGED = "move the data folder away and ingest your files again"
_PATIENCE = 30.0  # seconds to wait for another process
_PAUSE = 0.02
# KiB of pages that are kept: what is put down in one transaction goes all over the file.
_CACHE = 65_536
# Bytes that are read entirely at every opening: some 20 milliseconds.
_SMALL = 20_000_000


def open_database(path: Path, schema: str = "") -> sqlite3.Connection:
    """Open the file, making it with ``schema`` (its statements do nothing to what exists).

    Write-ahead logging lets readers go on while one writes. The connection commits each statement
    that stands in no transaction, and may be shared between threads that keep a lock of their own.

    Raises:
        sqlite3.Error: it cannot be opened or made, or is no database.
    """
    db = sqlite3.connect(
        path, check_same_thread=False, isolation_level=None, timeout=_PATIENCE
    )
    try:
        _write_ahead(db)
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute(f"PRAGMA cache_size = -{_CACHE}")
        db.executescript(schema)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _write_ahead(db: sqlite3.Connection) -> None:
    """Switch to write-ahead logging, once in the life of a file.

    SQLite does not wait for others when it changes this mode, as it does for all other locks: of
    two processes that make a file at once one is refused, and must try again.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > until:
                raise
        time.sleep(_PAUSE)


def check_database(path: Path, remedy: str, *, thorough: bool) -> None:
    """Look for damage: at the size and, in a small file or if ``thorough``, on every page.

    The file is left to SQLite to open: closing it otherwise would drop the locks that this process
    holds on it.

    Raises:
        CatalogError: it is damaged or gone, and ``remedy`` is what to do.
    """
    if not path.is_file():
        told = (
            "is a folder, not a file"
            if path.exists()
            else "a part of the index is gone"
        )
        raise CatalogError(f"{path}: {told}", remedy)
    size = path.stat().st_size
    with (
        translated(path, remedy),
        closing(sqlite3.connect(path, timeout=_PATIENCE)) as db,
    ):
        sql = "SELECT page_count, page_size FROM pragma_page_count, pragma_page_size"
        ((pages, page),) = at_once(db, sql)
        logged = path.with_name(f"{path.name}-wal").exists()
        short = not pages or (pages * page > size and not logged)
        told = f"{size} bytes, not {pages * page}" if short else "ok"
        if not short and (size <= _SMALL or thorough):
            ((told,),) = at_once(db, "SELECT * FROM pragma_quick_check(1, 'main')")
    if told != "ok":
        raise CatalogError(f"{path}: damaged ({' '.join(told.split())})", remedy)


def at_once(
    db: sqlite3.Connection, sql: str, values: Sequence[object] = ()
) -> list[Any]:
    """The rows that a query gives, with the file locked in one call of SQLite's only.

    A query that is stepped through keeps its lock while Python takes each row. Chroma waits for a
    lock of its database without letting other threads of Python run, so the two would wait for each
    other for ever.
    """
    db.execute(f"CREATE TEMP TABLE rows_at_once AS {sql}", values)
    rows = db.execute("SELECT * FROM rows_at_once").fetchall()
    db.execute("DROP TABLE rows_at_once")
    return rows


@contextmanager
def translated(path: Path, remedy: str = DAMAGED) -> Iterator[None]:
    """Whatever SQLite raises becomes a `CatalogError` that names the file and what helps.

    ``remedy`` is what to do where the file is damaged.
    """
    try:
        yield
    # A message that quotes a damaged page need not be text.
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise CatalogError(*_fault(path, error, remedy)) from error


def _fault(path: Path, error: Exception, remedy: str) -> tuple[str, str]:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return f"{path}: the disk is full", "free some space, then do it again"
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return f"{path}: another process holds it", "try again when that one is done"
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN}:
        return (
            f"{path}: cannot be written ({error})",
            "make the folder writable or name another with --data-dir",
        )
    if code == sqlite3.SQLITE_IOERR:
        return f"{path}: the disk fails ({error})", "free some space and check the disk"
    return f"{path}: damaged, or no file of Ragbot's ({error})", remedy
