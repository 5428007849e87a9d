"""Files that several processes make and read at once."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ragbot.index.database import at_once, open_database

SCHEMA = "CREATE TABLE IF NOT EXISTS names (name TEXT PRIMARY KEY) WITHOUT ROWID;"


def test_those_that_make_a_file_at_once_all_get_it(tmp_path: Path) -> None:
    """One file alone does not always make them meet; thirty do."""
    together = threading.Barrier(8)

    def make(path: Path) -> sqlite3.Connection:
        together.wait()
        return open_database(path, SCHEMA)

    with ThreadPoolExecutor(8) as pool:
        for i in range(30):
            opened = list(pool.map(make, [tmp_path / f"{i}.sqlite"] * 8))
            for n, db in enumerate(opened):
                db.execute("INSERT INTO names VALUES (?)", (str(n),))
            assert opened[0].execute("SELECT count(*) FROM names").fetchone() == (8,)
            for db in opened:
                db.close()


def test_readers_go_on_while_one_writes(tmp_path: Path) -> None:
    writer, reader = (open_database(tmp_path / "a.sqlite", SCHEMA) for _ in range(2))
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO names VALUES ('KAN')")
    assert reader.execute("SELECT count(*) FROM names").fetchone() == (0,)
    writer.execute("COMMIT")
    assert reader.execute("SELECT name FROM names").fetchone() == ("KAN",)
    writer.close()
    reader.close()


def test_what_is_no_database_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite"
    path.write_text("these are notes, and nothing that SQLite could read")
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        open_database(path, SCHEMA)
    assert path.read_text().startswith("these are notes")


def test_a_query_at_once_holds_no_lock_while_its_rows_are_taken(tmp_path: Path) -> None:
    """Chroma waits for such a lock without letting Python go on."""
    path = tmp_path / "a.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE names (name)")
        db.executemany("INSERT INTO names VALUES (?)", [(str(n),) for n in range(2000)])
    db.close()
    reader = sqlite3.connect(path)
    writer = sqlite3.connect(path, timeout=0, isolation_level=None)
    written = []

    def write(statement: str) -> None:
        if written or not statement.startswith("CREATE"):
            written.append(statement)
            writer.execute("BEGIN EXCLUSIVE")
            writer.execute("ROLLBACK")

    reader.set_trace_callback(write)
    rows = at_once(reader, "SELECT name FROM names WHERE name < ?", ("2",))
    assert len(rows) == 1 + 1 + 10 + 100 + 1000
    assert written
    assert at_once(reader, "SELECT count(*) FROM names") == [(2000,)]
    reader.close()
    writer.close()
