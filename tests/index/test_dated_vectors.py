"""ragbot/index/dated_vectors.py in its file: what stands by date, whoever writes."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from ragbot.errors import CatalogError
from ragbot.index import edition
from ragbot.index.sentence_vectors import SentenceVectors
from ragbot.pipeline import Ragbot
from ragbot.testing import tiny_collection, tiny_papers
from ragbot.types import Filters, Paper

ROWS = np.eye(4, dtype=np.float32)
DAY = [(20240210, 20240210)]
FOUND = Filters("2023-01-01", "2025-12-31")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SentenceVectors]:
    store = SentenceVectors(tmp_path / "sentences.sqlite")
    dated = [("a", 20240210, ROWS[:2]), ("b", 20240210, ROWS[2:]), ("c", 0, ROWS[:1])]
    store.put(dict.fromkeys("abc", ROWS), 1, dated=dated)
    yield store
    store.close()


def older(path: Path) -> None:
    """Leave a file as a build without this table left it."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER dated_are_known")
        db.execute("DROP TABLE dated")


def shortened(store: SentenceVectors, paper_id: str, blob: bytes) -> None:
    with closing(sqlite3.connect(store._path)) as db, db:
        db.execute("UPDATE dated SET vectors = ? WHERE paper_id = ?", (blob, paper_id))


def test_chunks_of_a_date_come_best_first(store: SentenceVectors) -> None:
    vector = np.array([0.1, 0.3, 0.9, 0.2], np.float32)
    found = store.nearest_chunks(vector, 3, DAY)
    assert [chunk for chunk, _ in found] == ["b:0", "a:1", "b:1"]
    assert [c for _, c in found] == pytest.approx([0.9, 0.3, 0.2], abs=1e-4)
    assert len(store.nearest_chunks(vector, 9, DAY)) == 4
    assert store.nearest_chunks(vector, 9, [(20240211, 20991231)]) == []


def test_what_is_replaced_or_forgotten_leaves_nothing(store: SentenceVectors) -> None:
    store.put({"a": ROWS}, 2, dated=[("a", 20250301, ROWS[3:])])
    assert store.dates() == {"a": 20250301, "b": 20240210, "c": 0}
    assert [i for i, _ in store.nearest_chunks(ROWS[0], 9, DAY)] == ["b:0", "b:1"]
    store.delete(["b"], 3)
    assert store.nearest_chunks(ROWS[0], 9, DAY) == []
    assert store.is_by_date()


def test_what_an_older_build_changes_counts_as_missing(store: SentenceVectors) -> None:
    with closing(sqlite3.connect(store._path)) as db, db:
        db.execute("DELETE FROM sentences WHERE paper_id = 'a'")
        db.execute("INSERT INTO sentences VALUES ('a', 0, '')")
    store.reopen()
    assert not store.is_by_date()
    assert store.missing_by_date() == {"a": 0}
    store.put_by_date([("a", 20240210, ROWS[:1])])
    assert store.is_by_date()
    assert store.generation() == 1


@pytest.mark.parametrize("blob", [b"", b"odd", ROWS.astype(np.int16).tobytes()])
def test_damaged_vectors_are_told(store: SentenceVectors, blob: bytes) -> None:
    shortened(store, "a", blob)
    with pytest.raises(CatalogError, match="damaged at paper a"):
        store.check_by_date()


def test_vectors_of_another_length_are_told(store: SentenceVectors) -> None:
    shortened(store, "b", b"odd")
    with pytest.raises(CatalogError, match="damaged at paper b"):
        store.nearest_chunks(ROWS[0], 9, DAY)


# -- a whole collection -------------------------------------------------------------------------


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path) as bot:
        yield bot


def hits(bot: Ragbot) -> dict[str, float]:
    found = bot.search("networks", 10, FOUND).hits
    return {hit.paper.id: pytest.approx(hit.dense, abs=1e-4) for hit in found}


def test_an_older_collection_is_searched_and_the_next_writer_completes_it(
    bot: Ragbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, path = hits(bot), bot.stores.edition.folder / "sentences.sqlite"
    older(path)
    bot.stores.sentences.reopen()
    assert not bot.stores.sentences.is_by_date()
    assert hits(bot) == before
    bot.stores.check()
    monkeypatch.setattr(edition, "_DATED_AT_ONCE", 2)
    bot.add([Paper("new", "A new one", "About zebras.")], source="more")
    bot.stores.check()
    assert bot.stores.sentences.is_by_date()
    assert hits(bot) == before


def test_completing_goes_on_where_it_was_interrupted(
    bot: Ragbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(bot.stores.edition.folder / "sentences.sqlite")
    bot.stores.sentences.reopen()
    monkeypatch.setattr(edition, "_DATED_AT_ONCE", 2)
    there, asked = bot.stores.catalog.dates_of, []

    def interrupted(ids: list[str]) -> dict[str, str | None]:
        asked.append(len(ids))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return there(ids)

    chunking = bot.settings.chunking
    with pytest.raises(KeyboardInterrupt):
        bot.stores.edition.date_chunks(interrupted, chunking)
    assert len(bot.stores.sentences.dates()) == 2
    bot.stores.edition.date_chunks(interrupted, chunking)
    assert asked == [2, 2, 2, 1]
    bot.stores.check()


def test_a_paper_under_another_date_is_told(bot: Ragbot) -> None:
    paper = tiny_papers()[0]
    sentences = bot.stores.sentences
    vectors = sentences.get([paper.id])
    generation = sentences.generation()
    sentences.put(vectors, generation, dated=[(paper.id, 20990101, ROWS)])
    with pytest.raises(CatalogError, match=f"by its date of {paper.id}"):
        bot.stores.check()


def test_a_paper_whose_date_changes_is_found_by_its_new_one(bot: Ragbot) -> None:
    paper = dataclasses.replace(tiny_papers()[0], date="2031-05-12")
    bot.add([paper], source="corrected")
    later = Filters("2031-01-01", "2031-12-31")
    assert [hit.paper.id for hit in bot.search("networks", 9, later).hits] == [paper.id]
    bot.stores.check()
