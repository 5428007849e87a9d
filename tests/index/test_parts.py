"""The parts of the index on their own: merge, chunking, catalog, words, sentence vectors."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ragbot.config import ChunkingSettings
from ragbot.errors import CatalogError
from ragbot.index.catalog import Catalog
from ragbot.index.chunks import chunk_paper, count_chunks, sentence_spans, window_starts
from ragbot.index.lexical import LexicalIndex
from ragbot.index.ranges import date_number
from ragbot.index.sentence_vectors import SentenceVectors
from ragbot.index.stores import Stores
from ragbot.papers.merge import merge_records
from ragbot.testing import tiny_papers
from ragbot.text.latex import readable
from ragbot.text.sentences import split_sentences
from ragbot.types import Filters, Paper

OLINEAR, MATRYOSHKA, EQUIANGULAR, STYLE, PRUNING = tiny_papers()


def said(paper: Paper, source: str, **facts: object) -> Paper:
    return dataclasses.replace(paper, sources=(source,), **facts)  # type: ignore[arg-type]


# -- merge --------------------------------------------------------------------------------------


def test_the_newest_that_knows_a_fact_settles_it() -> None:
    old = said(OLINEAR, "a", comments=1, author_count=8, organisation="THU")
    new = said(OLINEAR, "b", comments=2, author_count=None, organisation=None)
    merged = merge_records([old, new])
    assert (merged.comments, merged.author_count, merged.organisation) == (2, 8, "THU")
    assert merged.sources == ("a", "b")


@pytest.mark.parametrize("order", [1, -1])
def test_a_stated_year_beats_an_inferred_one(order: int) -> None:
    stated = said(OLINEAR, "a", date="2024-05-12", date_inferred=False)
    inferred = said(OLINEAR, "b", date="2025-05-12", date_inferred=True)
    merged = merge_records([stated, inferred][::order])
    assert (merged.date, merged.date_inferred) == ("2024-05-12", False)


def test_an_undated_record_takes_no_date_away() -> None:
    merged = merge_records(
        [OLINEAR, said(OLINEAR, "b", date=None, date_inferred=False)]
    )
    assert (merged.date, merged.date_inferred) == (OLINEAR.date, True)


# -- chunking -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 4, 7])
@pytest.mark.parametrize("sentences", range(12))
def test_windows_cover_every_sentence(sentences: int, size: int) -> None:
    settings = ChunkingSettings(size, min(1, size - 1))
    starts = window_starts(sentences, settings)
    covered = {i for s in starts for i in range(s, min(s + size, sentences))}
    assert covered == set(range(sentences))
    assert len(starts) >= 1
    assert all(b - a == size - settings.overlap for a, b in pairwise(starts))


def test_a_chunk_has_its_title_in_front_and_its_spans_are_its_sentences() -> None:
    settings = ChunkingSettings(2, 1)
    paper = dataclasses.replace(
        MATRYOSHKA,
        title="Up to $2\\times$",
        abstract="One $x^2$ a. Two b. Three c. Four $5\\%$.",
    )
    chunks, spans = chunk_paper(paper, settings), sentence_spans(paper, settings)
    assert [c.id for c in chunks] == [f"{paper.id}:{i}" for i in range(3)]
    assert chunks[0].text == "Up to 2×. One x² a. Two b."
    assert count_chunks(paper, settings) == len(chunks) == len(spans)
    sentences = [readable(s) for s in split_sentences(paper.abstract)]
    for i, (chunk, own) in enumerate(zip(chunks, spans, strict=True)):
        assert [chunk.text[a:b] for a, b in own] == sentences[i : i + 2]


# -- catalog ------------------------------------------------------------------------------------


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    yield catalog
    catalog.close()


def test_a_record_is_new_then_duplicate_then_updated(catalog: Catalog) -> None:
    assert catalog.add_record(said(OLINEAR, "a")) == "new"
    assert catalog.add_record(said(OLINEAR, "a")) == "duplicate"
    # It only gained a source
    assert catalog.add_record(said(OLINEAR, "b")) == "duplicate"
    assert (
        catalog.add_record(said(OLINEAR, "b", abstract="Another abstract."))
        == "updated"
    )


def test_a_paper_is_seen_once_it_is_committed(catalog: Catalog) -> None:
    catalog.add_record(said(OLINEAR, "a"))
    assert (catalog.count(), catalog.unfinished(), catalog.get([OLINEAR.id])) == (
        0,
        1,
        {},
    )
    generation = catalog.generation()
    catalog.commit(indexed=[OLINEAR.id])
    assert (catalog.count(), catalog.unfinished()) == (1, 0)
    assert catalog.get([OLINEAR.id]) == {OLINEAR.id: said(OLINEAR, "a")}
    assert catalog.generation() == generation + 1


@pytest.fixture
def changed(catalog: Catalog) -> Paper:
    """A committed paper, of which the catalog has just been told a new abstract."""
    catalog.add_record(said(OLINEAR, "a"))
    catalog.commit(indexed=[OLINEAR.id])
    new = said(OLINEAR, "a", abstract="Another abstract.")
    assert catalog.add_record(new) == "updated"
    return new


def test_a_changed_paper_is_seen_as_it_was_until_it_is_taken_up(
    catalog: Catalog, changed: Paper
) -> None:
    old = said(OLINEAR, "a")
    content = catalog.content_hash()
    assert catalog.papers() == [old]
    assert catalog.get([OLINEAR.id]) == {OLINEAR.id: old}
    assert catalog.count(Filters(OLINEAR.date, OLINEAR.date)) == 1
    assert catalog.waiting() == [changed]
    assert catalog.unfinished() == catalog.count_waiting() == 1
    catalog.take_up([OLINEAR.id])
    assert catalog.papers() == []  # its place in the indexes is the new version's
    assert catalog.waiting() == [changed]
    assert catalog.unfinished() == 1
    catalog.commit(indexed=[OLINEAR.id])
    assert catalog.papers() == [changed]
    assert catalog.unfinished() == 0
    assert catalog.content_hash() != content


def test_an_update_taken_back_before_it_was_indexed_leaves_nothing_to_do(
    catalog: Catalog, changed: Paper
) -> None:
    assert catalog.add_record(changed) == "duplicate"
    assert (
        catalog.add_record(dataclasses.replace(changed, sources=("b",))) == "duplicate"
    )
    # The newest record settles it
    assert catalog.add_record(said(OLINEAR, "b")) == "updated"
    assert catalog.unfinished() == 0
    assert catalog.papers() == [dataclasses.replace(OLINEAR, sources=("a", "b"))]


def test_a_paper_dropped_while_its_update_waits_is_gone(
    catalog: Catalog, changed: Paper
) -> None:
    catalog.drop_papers([OLINEAR.id])
    assert (catalog.removing(), catalog.waiting(), catalog.papers()) == (
        [OLINEAR.id],
        [],
        [],
    )
    catalog.commit(removed=[OLINEAR.id])
    assert catalog.unfinished() == 0
    assert catalog.add_record(changed) == "new"


def test_a_paper_that_comes_back_before_it_is_forgotten_is_new(
    catalog: Catalog,
) -> None:
    catalog.add_record(said(OLINEAR, "a"))
    catalog.commit(indexed=[OLINEAR.id])
    catalog.drop_source("a")
    assert catalog.add_record(said(OLINEAR, "b")) == "new"
    assert (catalog.removing(), catalog.waiting()) == ([], [said(OLINEAR, "b")])


def test_indexing_all_anew_takes_updates_along(
    catalog: Catalog, changed: Paper
) -> None:
    catalog.add_record(said(STYLE, "a"))
    catalog.add_record(said(MATRYOSHKA, "a"))
    catalog.drop_papers([MATRYOSHKA.id])
    kept = list(catalog.kept())
    assert [p.abstract for p in kept] == ["Another abstract.", STYLE.abstract]
    assert catalog.count_kept() == 2
    generation = catalog.generation()
    catalog.commit_all()
    assert catalog.papers() == kept
    assert (catalog.unfinished(), catalog.generation()) == (0, generation + 1)


def test_all_papers_are_read_a_page_at_a_time(catalog: Catalog) -> None:
    papers = [
        dataclasses.replace(OLINEAR, id=f"p{i}", title=f"OLinear {i}", sources=("a",))
        for i in range(1201)
    ]
    catalog.add_records([(paper, "a") for paper in papers])
    assert [paper.id for paper in catalog.kept()] == [paper.id for paper in papers]


def test_papers_come_newest_first_and_undated_last(catalog: Catalog) -> None:
    for paper in (STYLE, EQUIANGULAR, OLINEAR, MATRYOSHKA):
        catalog.add_record(said(paper, "a"))
        catalog.commit(indexed=[paper.id])
    titles = [p.title for p in catalog.papers()]
    assert titles == [OLINEAR.title, MATRYOSHKA.title, EQUIANGULAR.title, STYLE.title]
    within = Filters("2023-03-21", "2024-10-16")
    assert {p.id for p in catalog.papers(within)} == {MATRYOSHKA.id, EQUIANGULAR.id}
    assert catalog.count(within) == 2
    assert catalog.date_span() == ("2023-03-21", "2025-05-12", 1)
    assert catalog.sources() == [("a", 4)]


def test_more_ids_than_sqlite_takes_at_once(catalog: Catalog) -> None:
    catalog.add_record(said(OLINEAR, "a"))
    catalog.commit(indexed=[OLINEAR.id])
    ids = [f"{i:012}" for i in range(40_000)] + [OLINEAR.id]
    assert set(catalog.get(ids)) == {OLINEAR.id}


def test_a_transaction_is_all_or_nothing(catalog: Catalog) -> None:
    unreadable = dataclasses.replace(STYLE, sources=())
    with pytest.raises(ValueError, match="unpack"), catalog.transaction():  # noqa: PT012
        catalog.add_record(said(OLINEAR, "a"))
        catalog.add_record(unreadable)
    assert catalog.unfinished() == 0
    catalog.add_record(said(OLINEAR, "a"))
    assert catalog.unfinished() == 1


def test_the_content_hash_knows_no_order(tmp_path: Path) -> None:
    hashes = set()
    for name, papers in {"x": [OLINEAR, STYLE], "y": [STYLE, OLINEAR]}.items():
        catalog = Catalog(tmp_path / name)
        for paper in papers:
            catalog.add_record(said(paper, "a"))
        catalog.commit(indexed=[p.id for p in papers])
        hashes.add(catalog.content_hash())
        catalog.close()
    assert len(hashes) == 1


def test_a_file_that_is_no_catalog_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_text("not a database, not at all " * 9)
    with pytest.raises(CatalogError, match=r"no file of Ragbot.*ingest") as caught:
        Catalog(tmp_path / "catalog.sqlite")
    assert "\n" not in str(caught.value)


def test_a_catalog_of_a_newer_version_is_one_line(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    catalog.set_meta("schema_version", "99")
    catalog.close()
    with pytest.raises(
        CatalogError, match=r"newer version of Ragbot \(schema 99.*: install"
    ):
        Catalog(tmp_path / "catalog.sqlite")


def test_a_data_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(CatalogError, match=r"is a file, not a folder: .* --data-dir"):
        Stores(tmp_path / "data")
    with pytest.raises(CatalogError, match="--data-dir"):
        Stores(tmp_path / "data" / "deeper")


# -- words --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lexical(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    index = LexicalIndex(tmp_path_factory.mktemp("lexical"))
    index.replace(tiny_papers())
    return index


def first(found: list[tuple[str, float]]) -> str:
    return found[0][0]


def test_words_find_papers_whatever_their_form(lexical: LexicalIndex) -> None:
    assert lexical.count() == 5
    assert first(lexical.search("forecaster of time-series", 3)) == OLINEAR.id
    assert first(lexical.search("MATRYOSHKAKV", 3)) == MATRYOSHKA.id
    assert first(lexical.search("prune a channel", 3)) == PRUNING.id
    scores = [s for _, s in lexical.search("deep network model", 5)]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "the of and",
        "?!",
        "zzzyx",
        '"unbalanced',
        "a AND (b OR",
        "date:[1 TO *]",
        "id:*",
        "\0",
    ],
)
def test_nothing_in_a_question_is_an_operator(
    lexical: LexicalIndex, question: str
) -> None:
    assert lexical.search(question, 5) == []


def test_dates_restrict_words_too(lexical: LexicalIndex) -> None:
    found = lexical.search("deep networks model features", 5, [(20230101, 20241231)])
    assert {i for i, _ in found} <= {MATRYOSHKA.id, EQUIANGULAR.id}
    assert found
    unrestricted = dict(lexical.search("deep networks model features", 5))
    assert dict(found) == pytest.approx({i: unrestricted[i] for i, _ in found})


def test_rare_words_weigh_more(lexical: LexicalIndex) -> None:
    (rare,) = lexical.terms("matryoshkakv")
    (common,) = lexical.terms("network")
    assert lexical.idf(rare) > lexical.idf(common) > 0


def test_a_paper_is_replaced_and_removed(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path)
    index.replace(tiny_papers())
    index.replace([dataclasses.replace(STYLE, abstract="About zebras.")], [OLINEAR.id])
    assert index.count() == 4
    assert first(index.search("zebras", 5)) == STYLE.id
    assert index.search("Flickr thorough evaluation", 5) == []
    again = LexicalIndex(tmp_path)
    assert again.count() == 4
    index.replace([OLINEAR])
    assert again.count() == 4
    again.reopen()
    assert again.count() == 5


@pytest.mark.parametrize(
    ("date", "number"),
    [("2025-03-01", 20250301), ("2025-03", 20250300), ("2025", 20250000), (None, 0)],
)
def test_dates_are_numbers(date: str | None, number: int) -> None:
    assert date_number(date) == number


# -- sentence vectors ---------------------------------------------------------------------------


def test_sentence_vectors_come_back(tmp_path: Path) -> None:
    rows = np.eye(3, 8, dtype=np.float32)
    store = SentenceVectors(tmp_path / "sentences.sqlite")
    store.put({"a": rows, "b": rows[:1], "none": rows[:0]})
    store.put({"b": rows[1:]})
    found = store.get(["a", "b", "none", "unknown"])
    assert np.array_equal(found["a"], rows)
    assert np.array_equal(found["b"], rows[1:])
    assert found.keys() == {"a", "b"}  # nothing to rank where there is no sentence
    assert found["a"].dtype == np.float32
    assert store.counts(["a", "b", *map(str, range(2000))]) == {"a": 3, "b": 2}
    store.delete(["a"])
    assert store.count() == 2
    assert store.get(["a"]) == {}
    store.close()


def test_vectors_looked_up_before_follow_what_is_written(tmp_path: Path) -> None:
    rows = np.eye(3, dtype=np.float32)
    store, other = (SentenceVectors(tmp_path / "sentences.sqlite") for _ in range(2))
    store.put({"a": rows})
    assert np.array_equal(store.get(["a"])["a"], rows)
    store.put({"a": rows[:2]})
    assert np.array_equal(store.get(["a"])["a"], rows[:2])
    other.put({"a": rows[2:], "b": rows})
    store.reopen()  # as readers do when the catalog has moved
    assert np.array_equal(store.get(["a"])["a"], rows[2:])
    assert np.array_equal(store.get(["a", "b"])["b"], rows)
    store.close()
    other.close()


def test_a_failed_write_leaves_nothing_and_blocks_nothing(tmp_path: Path) -> None:
    store = SentenceVectors(tmp_path / "sentences.sqlite")
    rows = np.eye(2, dtype=np.float32)
    with pytest.raises(CatalogError, match="NOT NULL"):
        store.put({"a": rows, None: rows})  # type: ignore[dict-item]  # NOT NULL
    assert store.count() == 0
    store.put({"a": rows})
    assert store.count() == 1
    store.close()


def test_sentence_vectors_of_earlier_builds_are_read_and_written(
    tmp_path: Path,
) -> None:
    """They were kept in a table without row ids."""
    path = tmp_path / "sentences.sqlite"
    with closing(sqlite3.connect(path)) as older:
        older.execute(
            "CREATE TABLE sentences (paper_id TEXT PRIMARY KEY, n INTEGER NOT NULL, "
            "vectors BLOB NOT NULL) WITHOUT ROWID"
        )
        for paper in ("kept", "changed", "gone"):
            row = (paper, 1, np.eye(1, 8, dtype=np.float16).tobytes())
            older.execute("INSERT INTO sentences VALUES (?, ?, ?)", row)
        older.commit()
    with closing(SentenceVectors(path)) as store:
        store.put({"changed": np.eye(2, 8, dtype=np.float32)})
        store.delete(["gone"])
        assert store.counts(["kept", "changed", "gone"]) == {"kept": 1, "changed": 2}
        assert store.get(["changed"])["changed"].shape == (2, 8)
        assert sorted(store.ids()) == ["changed", "kept"]


def test_a_paper_has_one_matrix_however_many_sentences_it_had(tmp_path: Path) -> None:
    with closing(SentenceVectors(tmp_path / "sentences.sqlite")) as store:
        for sentences in (3, 1, 3):
            store.put({"paper": np.eye(sentences, 8, dtype=np.float32)})
            assert store.lengths() == {sentences: 1}
            assert store.get(["paper"])["paper"].shape == (sentences, 8)
