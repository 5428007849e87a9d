"""A catalog of any older version opens, with all that is in it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from ragbot.errors import CatalogError
from ragbot.index.catalog import Catalog
from ragbot.index.migrations import STEPS, NewerSchema, migrate
from ragbot.papers.identity import paper_id
from ragbot.types import Paper

# What version 0.1.0 wrote, byte for byte.
FIRST = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    paper_id TEXT NOT NULL, source TEXT NOT NULL, hash TEXT NOT NULL, record TEXT NOT NULL,
    UNIQUE (paper_id, source)
);
CREATE INDEX IF NOT EXISTS records_by_source ON records (source);
CREATE TABLE IF NOT EXISTS papers (
    id TEXT PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('pending', 'committed', 'removing')),
    date TEXT, hash TEXT NOT NULL, paper TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS papers_by_state_and_date ON papers (state, date);
CREATE TABLE IF NOT EXISTS updates (
    id TEXT PRIMARY KEY, date TEXT, hash TEXT NOT NULL, paper TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO meta VALUES ('schema_version', '1'), ('generation', '7');
"""
TITLE = "Deep Residual Learning for Image Recognition"
ID = paper_id(TITLE)
URL = "https://arxiv.org/abs/1512.03385"
FACTS = {
    "id": ID,
    "title": TITLE,
    "abstract": "Deeper neural networks are more difficult to train.",
    "date": "2015-12-10",
    "date_inferred": False,
    "authors": ["Kaiming He"],
    "author_count": 4,
    "organisation": None,
    "comments": None,
    "url": URL,
}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.sqlite"
    record = json.dumps({**FACTS, "sources": []}, sort_keys=True)
    paper = json.dumps({**FACTS, "sources": ["listing.txt"]}, sort_keys=True)
    with sqlite3.connect(path) as db:
        db.executescript(FIRST)
        db.execute(
            "INSERT INTO records VALUES (1, ?, 'listing.txt', 'h', ?)", (ID, record)
        )
        db.execute(
            "INSERT INTO papers VALUES (?, 'committed', '2015-12-10', 'h', ?)",
            (ID, paper),
        )
    db.close()
    return path


def test_a_catalog_of_the_first_version_opens_with_its_papers(old: Path) -> None:
    catalog = Catalog(old)
    (paper,) = catalog.papers()
    assert (paper.id, paper.title, paper.authors) == (ID, TITLE, ("Kaiming He",))
    assert catalog.generation() == 7
    assert not catalog.unfinished(), "no rebuild"
    assert catalog.get_meta("schema_version") == str(len(STEPS))
    # What it holds is known by its identifiers, too.
    renamed = Paper("other", "ResNet", "", url=URL, sources=("other.bib",))
    assert catalog.identify(renamed) == ID
    catalog.close()


def test_a_new_catalog_has_the_schema_of_a_migrated_one(
    old: Path, tmp_path: Path
) -> None:
    def schema(path: Path) -> list[tuple[str, str]]:
        Catalog(path).close()
        with sqlite3.connect(path) as db:
            rows = db.execute(
                "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
            )
            found = sorted((name, " ".join(sql.split())) for name, sql in rows)
        db.close()
        return found

    tidy = str.maketrans("", "", " ")
    new, migrated = schema(tmp_path / "new" / "catalog.sqlite"), schema(old)
    assert [(n, s.translate(tidy)) for n, s in new] == [
        (n, s.translate(tidy)) for n, s in migrated
    ]


def test_a_step_that_fails_leaves_the_catalog_as_it_was(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "catalog.sqlite", isolation_level=None)

    def works(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE one (a)")

    def breaks(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE two (a)")
        db.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(sqlite3.Error, match="nowhere"):
        migrate(db, [works, breaks])
    names = {
        row[0]
        for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    }
    assert names == {"meta", "one"}
    # Mended, it goes on where it stopped.
    assert migrate(db, [works, works_too]) == 2
    with pytest.raises(NewerSchema):
        migrate(db, [works])
    db.close()


def works_too(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE two (a)")


def test_a_version_that_is_no_number_is_told(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    catalog.set_meta("schema_version", "2b")
    catalog.close()
    with pytest.raises(CatalogError, match="newer version") as caught:
        Catalog(tmp_path / "catalog.sqlite")
    assert caught.value.remedy


def test_an_older_index_of_facts_gives_way_to_that_of_committed_papers(
    old: Path,
) -> None:
    sql = "SELECT sql FROM sqlite_schema WHERE name = 'papers_by_facts'"
    Catalog(old).close()
    with sqlite3.connect(old) as db:
        (made,) = db.execute(sql).fetchone()
        db.execute("DROP INDEX papers_by_facts")
        db.execute("CREATE INDEX papers_by_facts ON papers (state, date, title, id)")
    db.close()
    catalog = Catalog(old)
    assert [heading.title for heading in catalog.headings()] == [TITLE]
    catalog.close()
    with sqlite3.connect(old) as db:
        assert db.execute(sql).fetchone() == (made,)
    db.close()
    assert made.endswith("WHERE state = 'committed'")


def test_the_index_of_facts_is_no_step(old: Path) -> None:
    Catalog(old).close()
    with sqlite3.connect(old) as db:
        facts = db.execute("SELECT title, author_count FROM papers").fetchall()
        # As a version writes that knows nothing of it.
        db.execute("INSERT INTO papers VALUES ('x', 'committed', NULL, 'h', 'garbage')")
        db.execute("UPDATE papers SET paper = '{\"title\": \"New\"}' WHERE id <> 'x'")
        changed = db.execute("SELECT title FROM papers ORDER BY title").fetchall()
    db.close()
    assert facts == [(TITLE, 4)]
    assert changed == [(None,), ("New",)]
