"""SQLite files that several processes read while one writes."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

__all__ = ["open_database"]

_PATIENCE = 30.0  # seconds to wait for another process
_PAUSE = 0.02


def open_database(path: Path, schema: str) -> sqlite3.Connection:
    """Open the file, making it with ``schema`` (its statements do nothing to what exists).

    Write-ahead logging lets readers go on while one writes. The connection commits each statement
    that stands in no transaction, and may be shared between threads that keep a lock of their own.

    Raises:
        sqlite3.Error: it cannot be opened or made, or is no database.
    """
    db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=_PATIENCE)
    try:
        _write_ahead(db)
        db.execute("PRAGMA synchronous = NORMAL")
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
