"""Numbered steps that bring a catalog of any older version up to date.

A step is a function of the open database, run in a transaction of its own together with its number:
after an interruption the catalog is at the last finished step. Steps are never changed once they
have been released; a change of the schema is a new step at the end of `STEPS`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence

from ragbot.papers.identity import aliases
from ragbot.types import Paper

__all__ = ["STEPS", "NewerSchema", "migrate", "quicken"]

Step = Callable[[sqlite3.Connection], None]

_VERSION = "schema_version"


class NewerSchema(Exception):
    """The catalog has been through steps that this version does not know."""

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.version = version


def migrate(db: sqlite3.Connection, steps: Sequence[Step] | None = None) -> int:
    """Run the steps that a catalog has not been through; the number of the last one.

    Raises:
        NewerSchema: it has been through more of them than there are.
        sqlite3.Error: the file cannot be written, or is no catalog.
    """
    todo = STEPS if steps is None else steps
    db.execute(
        "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"
    )
    while (done := _version(db)) < len(todo):
        _run(db, todo[done], done + 1)
    if done > len(todo):
        raise NewerSchema(str(done))
    return done


def _version(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (_VERSION,)).fetchone()
    if row is None:
        return 0
    try:
        return int(row[0])
    except ValueError:
        raise NewerSchema(str(row[0])) from None


def _run(db: sqlite3.Connection, step: Step, number: int) -> None:
    """One step and its number, both or neither."""
    db.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been faster, while this one waited for it.
        if _version(db) == number - 1:
            step(db)
            db.execute(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", (_VERSION, str(number))
            )
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


# What is looked for in all papers at once, each as it stands in their JSON. A damaged paper has
# nothing: it is told of when it is read.
_COLUMNS = {
    "title": "json_extract(paper, '$.title')",
    "organisation": "json_extract(paper, '$.organisation')",
    "authors": "json_extract(paper, '$.authors')",
    "author_count": "coalesce(json_extract(paper, '$.author_count'), "
    "nullif(json_array_length(paper, '$.authors'), 0))",
}


# Those that wait are in them once they are committed: nobody glances at them.
_INDEXES = {
    "papers_by_facts": f"state, date, {', '.join(_COLUMNS)}, id",
    "papers_by_id": "state, id, date, hash",
}
_MADE = {
    name: f"CREATE INDEX {name} ON papers ({columns}) WHERE state = 'committed'"
    for name, columns in _INDEXES.items()
}


def quicken(db: sqlite3.Connection) -> None:
    """Make indexes of the facts about papers: a glance at all titles, or at the dates of some
    papers, need not read abstracts.

    That is no step: nothing stored changes, and an older version opens the catalog as it did.
    """
    if not _missing(db):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        known = _columns(db)
        for name in filter(lambda name: name not in known, _COLUMNS):
            db.execute(
                f"ALTER TABLE papers ADD COLUMN {name} GENERATED ALWAYS AS "
                f"(CASE WHEN json_valid(paper) THEN {_COLUMNS[name]} END) VIRTUAL"
            )
        # Another process may have been faster.
        for name in _missing(db):
            db.execute(f"DROP INDEX IF EXISTS {name}")
            db.execute(_MADE[name])
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _missing(db: sqlite3.Connection) -> list[str]:
    """The indexes that are not there, or are of other columns."""
    there = {sql for (sql,) in db.execute("SELECT sql FROM sqlite_master")}
    return [name for name, sql in _MADE.items() if sql not in there]


def _columns(db: sqlite3.Connection) -> set[str]:
    return {column[1] for column in db.execute("PRAGMA table_xinfo(papers)")}


def _papers_and_records(db: sqlite3.Connection) -> None:
    for statement in (
        """
        CREATE TABLE records (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            paper_id TEXT NOT NULL, source TEXT NOT NULL, hash TEXT NOT NULL, record TEXT NOT NULL,
            UNIQUE (paper_id, source)
        )
        """,
        "CREATE INDEX records_by_source ON records (source)",
        """
        CREATE TABLE papers (
            id TEXT PRIMARY KEY,
            state TEXT NOT NULL CHECK (state IN ('pending', 'committed', 'removing')),
            date TEXT, hash TEXT NOT NULL, paper TEXT NOT NULL
        )
        """,
        "CREATE INDEX papers_by_state_and_date ON papers (state, date)",
        """
        CREATE TABLE updates (
            id TEXT PRIMARY KEY, date TEXT, hash TEXT NOT NULL, paper TEXT NOT NULL
        ) WITHOUT ROWID
        """,
    ):
        db.execute(statement)


def _aliases(db: sqlite3.Connection) -> None:
    """Papers are known by identifiers, too, and not by their titles alone."""
    db.execute(
        """
        CREATE TABLE aliases (
            kind TEXT NOT NULL, value TEXT NOT NULL, paper_id TEXT NOT NULL,
            PRIMARY KEY (kind, value)
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX aliases_by_paper ON aliases (paper_id)")
    for id_, text in db.execute(
        "SELECT paper_id, record FROM records ORDER BY seq"
    ).fetchall():
        facts = json.loads(text)
        record = Paper(id_, facts["title"], "", date=facts["date"], url=facts["url"])
        db.executemany(
            "INSERT OR IGNORE INTO aliases VALUES (?, ?, ?)",
            [(alias.kind, alias.value, id_) for alias in aliases(record)],
        )


def _by_path(db: sqlite3.Connection) -> None:
    """Sources are known by their paths; those that there are have no more than names."""
    db.execute("ALTER TABLE records ADD COLUMN by_path INTEGER NOT NULL DEFAULT 0")


STEPS: tuple[Step, ...] = (_papers_and_records, _aliases, _by_path)
