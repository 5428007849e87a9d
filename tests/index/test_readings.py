"""ragbot/index/readings.py: what papers show whatever one asks is kept, and never out of date."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ragbot import reading
from ragbot.config import load_settings
from ragbot.index import readings
from ragbot.index.lexical import LexicalIndex
from ragbot.index.sentence_vectors import NAME, SentenceVectors
from ragbot.pipeline import Ragbot
from ragbot.readers.kinds import only
from ragbot.readers.listing import read_listing
from ragbot.reading.abstracts import SHOWN
from ragbot.reading.cues import CUES
from ragbot.reading.roles import ROLES
from ragbot.resources import bundled_listings
from ragbot.retrieval.reader import PaperReader
from ragbot.testing import HashEmbedder, tiny_collection, tiny_listing, tiny_papers
from ragbot.text.sentences import split_sentences
from ragbot.types import Paper

# Of `reading.VERSION`: both change together.
DIGEST = "4a087f0015a05c22751b7ad4638a66ce68406c0bcab45d0a3f5fa61cfc69dd3e"

PAPERS = [
    *(replace(paper, id=f"tiny {n}") for n, paper in enumerate(tiny_papers())),
    Paper("bare", "No Abstract", ""),
    Paper(
        "math", "On $x^2$", "Costs are $O(n$. It is 5$. See https://arxiv.org/abs/1."
    ),
    Paper("foreign", "模型 (MoXing)", "我们提出模型。它很快！"),
    Paper("broken", "A\nTitle", "One\ttab.\n\nTwo lines\nof it. We call it NeRF++."),
]


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    return LexicalIndex(tmp_path_factory.mktemp("words") / "lexical")


@pytest.fixture
def store(tmp_path: Path, words: LexicalIndex) -> Iterator[SentenceVectors]:
    """The readings of `PAPERS`, beside vectors that play no part."""
    with closing(SentenceVectors(tmp_path / NAME)) as store:
        vectors = {paper.id: np.eye(1, 8, dtype=np.float32) for paper in PAPERS}
        store.put(vectors, 0, readings.rows_of(PAPERS, words))
        yield store


def test_what_comes_back_is_what_was_read(
    store: SentenceVectors, words: LexicalIndex
) -> None:
    kept, names = store.kept_readings(PAPERS), store.kept_names(PAPERS)
    for paper in PAPERS:
        told, read = kept[paper.id], reading.read_paper(paper, words)
        assert told.terms == read.terms
        assert told.sentences.texts == read.sentences.texts
        assert told.sentences.terms == read.sentences.terms
        assert told.sentences.shown.dtype == np.float32
        assert np.array_equal(told.sentences.shown, read.sentences.shown)
        assert names[paper.id] == reading.called(paper)


def test_what_is_kept_of_another_text_or_version_counts_as_not_there(
    store: SentenceVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = PAPERS[0]
    for changed in (
        replace(paper, abstract=f"{paper.abstract} More."),
        replace(paper, title=paper.title.lower()),
        replace(paper, id="unknown"),
    ):
        assert not store.kept_readings([changed])
        assert not store.kept_names([changed])
    monkeypatch.setattr(readings, "VERSION", reading.VERSION + 1)
    assert not store.kept_readings(PAPERS)
    assert not store.kept_names(PAPERS)


@pytest.mark.parametrize("column", ["names", "sentences"])
def test_a_damaged_reading_counts_as_not_there(
    store: SentenceVectors, tmp_path: Path, column: str
) -> None:
    with closing(sqlite3.connect(tmp_path / NAME)) as db:
        sql = f"SELECT {column} FROM readings WHERE paper_id = 'bare'"
        ((whole,),) = db.execute(sql)
        for damaged in (
            b"",
            whole[:-1],
            bytes([whole[0] ^ 1]) + whole[1:],
            whole + b"0",
        ):
            db.execute(
                f"UPDATE readings SET {column} = ? WHERE paper_id = 'bare'", [damaged]
            )
            db.commit()
            kept = {
                "names": set(store.kept_names(PAPERS)),
                "sentences": set(store.kept_readings(PAPERS)),
            }
            assert kept[column] == {p.id for p in PAPERS} - {"bare"}


def test_readings_go_with_the_vectors(store: SentenceVectors, tmp_path: Path) -> None:
    """By whichever build these are deleted."""
    first, second, third, *_ = (paper.id for paper in PAPERS)
    store.delete([first])
    store.put({second: np.eye(1, 8, dtype=np.float32)})
    with closing(sqlite3.connect(tmp_path / NAME)) as older:
        older.execute("DELETE FROM sentences WHERE paper_id = ?", [third])
        older.commit()
    gone = {paper.id for paper in PAPERS} - store.kept_readings(PAPERS).keys()
    assert gone == {first, second, third}


def test_what_is_ingested_changed_or_rebuilt_is_read_then(tmp_path: Path) -> None:
    """And a collection of an earlier build, which has no readings, gives the same answers."""
    listing = tmp_path / "listing.txt"
    listing.write_text(tiny_listing(), encoding="utf-8")
    settings = load_settings(data_dir=tmp_path / "data", environ={})
    question = "How does KOALA use benchmarks?"
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        bot.ingest([listing])
        first = bot.papers()[0]
        listing.write_text(
            tiny_listing().replace(first.abstract[:40], "Changed it is. "), "utf-8"
        )
        bot.ingest([listing])
        assert first not in bot.papers()
        assert_all_read(bot)
        bot.rebuild()
        assert_all_read(bot)
        found = bot.search(question).hits
    older = next((tmp_path / "data").rglob(NAME))
    with closing(sqlite3.connect(older)) as db:
        db.execute("DROP TABLE readings")
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        assert bot.search(question).hits == found
        assert bot.stores.sentences.kept_names(bot.papers()) == {}
        bot.remove([bot.papers()[0].id])  # any writer reads what was not read
        assert_all_read(bot)


def sample() -> list[Paper]:
    """The papers of the shortest of the bundled listings, and those above."""
    listings = bundled_listings().glob("*.txt")
    shortest = min(listings, key=lambda path: path.stat().st_size)
    return [*only(Paper, read_listing(shortest.read_text("utf-8"))), *PAPERS]


def assert_all_read(bot: Ragbot) -> None:
    papers = bot.papers()
    stored = bot.stores.sentences
    ids = {paper.id for paper in papers}
    assert stored.kept_readings(papers).keys() == ids
    assert stored.kept_names(papers).keys() == ids


def test_whoever_reads_otherwise_raises_the_version(words: LexicalIndex) -> None:
    told = hashlib.sha256()
    for paper in sample():
        read = reading.read_paper(paper, words)
        shown = dict(zip(SHOWN, read.sentences.shown.T, strict=True))
        facts = [
            reading.called(paper),
            sorted(read.terms),
            read.sentences.texts,
            list(map(sorted, read.sentences.terms)),
            [shown[name].tolist() for name in (*CUES, "opening")],
            # Their last bits are the processor's.
            np.argmax([shown[name] for name in ROLES], axis=0).tolist(),
        ]
        told.update(json.dumps(facts).encode())
    assert told.hexdigest() == DIGEST, (
        f"papers read otherwise than before: raise VERSION in ragbot/reading, and DIGEST to "
        f"{told.hexdigest()}"
    )


def test_of_one_id_with_two_texts_each_is_read(tmp_path: Path) -> None:
    with tiny_collection(tmp_path) as bot:
        new = bot.papers()[0]
        old = replace(new, abstract="It was shorter.")
        reader = PaperReader(bot.stores.view())
        both = reader.readings([new, old])
        assert [one.sentences.texts[0] for one in both] == [
            split_sentences(new.abstract)[0],
            "It was shorter.",
        ]
        assert reader.readings([new]) == both[:1]
