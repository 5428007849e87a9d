"""ragbot/index/chroma.py, on real Chroma."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ragbot.embedding.embedder import Vectors, normalised
from ragbot.errors import CatalogError
from ragbot.index.chroma import MAX_BATCH, ChromaVectors
from ragbot.index.chunks import chunk_id, paper_of

IDS = [f"paper{i}:0" for i in range(60)]


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    drawn = np.random.default_rng(0).standard_normal((60, 32), np.float32)
    return normalised(drawn)


@pytest.fixture
def store(tmp_path: Path, vectors: Vectors) -> Iterator[ChromaVectors]:
    store = ChromaVectors(tmp_path / "chroma")
    store.upsert(IDS, vectors, [20200101 + i for i in range(60)])
    yield store
    store.close()


def test_the_nearest_come_first_with_their_cosines(
    store: ChromaVectors, vectors: Vectors
) -> None:
    found = store.query(vectors[7], 60)
    assert found[0] == ("paper7:0", pytest.approx(1, abs=1e-5))
    assert len(found) == 60
    cosines = {id_: float(vectors[IDS.index(id_)] @ vectors[7]) for id_, _ in found}
    assert dict(found) == pytest.approx(cosines, abs=1e-4)
    assert [c for _, c in found] == sorted((c for _, c in found), reverse=True)


def test_some_are_compared_as_all_are(store: ChromaVectors, vectors: Vectors) -> None:
    some = store.compare(vectors[7], IDS[:30])
    assert [i for i, _ in some] == [
        i for i, _ in store.query(vectors[7], 60) if i in IDS[:30]
    ]
    assert dict(some) == pytest.approx(
        dict(zip(IDS[:30], vectors[:30] @ vectors[7], strict=True)), abs=1e-5
    )
    chosen = store.query(vectors[7], 60, among=IDS[:30])
    assert dict(chosen) == pytest.approx(dict(some), abs=1e-4)
    assert store.compare(vectors[7], []) == store.query(vectors[7], 9, among=[]) == []


def test_ids_that_are_not_there_are_left_out(
    store: ChromaVectors, vectors: Vectors
) -> None:
    """A writer may have taken them away a moment ago."""
    found = store.compare(vectors[0], ["paper0:0", "gone:0", "paper1:0"])
    assert [i for i, _ in found] == ["paper0:0", "paper1:0"]
    assert store.query(vectors[0], 9, among=["gone:0", "paper0:0"]) == [
        ("paper0:0", pytest.approx(1, abs=1e-5))
    ]
    assert store.compare(vectors[0], ["gone:0"]) == []
    assert len(store.query(vectors[0], 1000)) == 60


def test_what_was_compared_is_not_kept_when_it_changes(
    store: ChromaVectors, tmp_path: Path, vectors: Vectors
) -> None:
    def cosine() -> float:
        return dict(store.compare(vectors[0], IDS)).get("paper0:0", 0.0)

    assert cosine() == pytest.approx(1)
    store.upsert(["paper0:0"], -vectors[:1], [0])
    assert cosine() == pytest.approx(-1)
    other = ChromaVectors(tmp_path / "chroma")
    other.upsert(["paper0:0"], vectors[:1], [0])
    other.close()
    store.reopen()
    assert cosine() == pytest.approx(1)
    store.delete_papers(["paper0"])
    assert cosine() == 0


def test_upsert_replaces_and_delete_forgets(
    store: ChromaVectors, vectors: Vectors
) -> None:
    store.upsert(["paper0:0"], vectors[1:2], [20200101])
    assert store.count() == 60
    assert dict(store.query(vectors[1], 2)) == pytest.approx(
        {"paper0:0": 1.0, "paper1:0": 1.0}
    )
    store.delete_papers([f"paper{i}" for i in range(59)])
    assert [i for i, _ in store.query(vectors[0], 9)] == ["paper59:0"]
    store.delete_papers(["paper59"])
    assert store.query(vectors[0], 9) == []


def test_ids_with_colons_are_found_and_forgotten(
    tmp_path: Path, vectors: Vectors
) -> None:
    papers = ["arxiv:2505.08550", "doi:10.1000/a:b", "arxiv:2505.08551", "arxiv"]
    ids = [chunk_id(paper, position) for paper in papers for position in range(2)]
    store = ChromaVectors(tmp_path)
    store.upsert(ids, vectors[:8], [0] * 8)
    assert [paper_of(i) for i, _ in store.query(vectors[2], 1)] == [papers[1]]
    store.delete_papers(papers[:2])
    assert sorted(i for i, _ in store.query(vectors[0], 9)) == sorted(ids[4:])
    store.close()


def test_ids_with_colons_filed_by_an_older_version_are_forgotten(
    tmp_path: Path, vectors: Vectors
) -> None:
    ids = ["arxiv:2505.08550:0", "arxiv:2505.08550:1", "arxiv:2505.08551:0"]
    store = ChromaVectors(tmp_path)
    store.upsert(ids, vectors[:3], [0] * 3)
    store._view.chunks.update(ids=ids, metadatas=[{"paper_id": "arxiv", "date": 0}] * 3)
    store.delete_papers(["arxiv:2505.08550"])
    assert [i for i, _ in store.query(vectors[0], 9)] == ids[2:]
    store.close()


def test_it_is_still_there_after_closing(tmp_path: Path, vectors: Vectors) -> None:
    first = ChromaVectors(tmp_path)
    first.upsert(IDS, vectors, [0] * 60)
    first.close()
    second = ChromaVectors(tmp_path)
    assert second.query(vectors[5], 1)[0][0] == "paper5:0"
    second.close()


def test_more_rows_than_one_call_takes(tmp_path: Path) -> None:
    n = MAX_BATCH + 500
    store = ChromaVectors(tmp_path)
    rows = normalised(np.random.default_rng(1).standard_normal((n, 2), np.float32))
    store.upsert([f"p{i}:0" for i in range(n)], rows, [0] * n)
    assert store.count() == n
    store.delete_papers([f"p{i}" for i in range(n)])
    assert store.count() == 0
    store.close()


def test_queries_go_on_while_papers_are_replaced_and_the_store_reopened(
    store: ChromaVectors, vectors: Vectors
) -> None:
    done = threading.Event()

    def ask() -> int:
        asked = 0
        while not done.is_set():
            assert store.query(vectors[59], 9)[0][0] == "paper59:0"
            assert store.compare(vectors[59], IDS)[0][0] == "paper59:0"
            asked += 1
        return asked

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(ask) for _ in range(4)]
        for start in range(0, 50, 5):
            store.delete_papers([paper_of(i) for i in IDS[start : start + 5]])
            store.upsert(IDS[start : start + 5], vectors[start : start + 5], [0] * 5)
            store.reopen()
        done.set()
        assert all(reader.result() for reader in readers)


def test_two_stores_of_one_folder_see_each_other_after_reopening(
    store: ChromaVectors, tmp_path: Path, vectors: Vectors
) -> None:
    other = ChromaVectors(tmp_path / "chroma")
    assert other.count() == 60
    store.delete_papers(["paper0"])
    other.reopen()
    assert other.count() == 59
    assert other.query(vectors[0], 1)[0][0] != "paper0:0"
    other.close()
    # Closing one leaves the other open
    assert store.query(vectors[1], 1)[0][0] == "paper1:0"


def test_a_folder_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "chroma").write_text("not a folder")
    with pytest.raises(CatalogError, match="cannot be used") as caught:
        ChromaVectors(tmp_path / "chroma")
    assert "ragbot rebuild" in str(caught.value)
