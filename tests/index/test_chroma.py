"""ragbot/index/chroma.py, on real Chroma."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ragbot.embedding.base import Vectors, normalised
from ragbot.errors import CatalogError
from ragbot.index.chroma import MAX_BATCH, VectorStore

IDS = [f"paper{i}:0" for i in range(60)]


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    drawn = np.random.default_rng(0).standard_normal((60, 32), np.float32)
    return normalised(drawn)


@pytest.fixture
def store(tmp_path: Path, vectors: Vectors) -> Iterator[VectorStore]:
    store = VectorStore(tmp_path / "chroma")
    store.upsert(IDS, vectors, [20200101 + i for i in range(60)])
    yield store
    store.close()


def test_the_nearest_come_first_with_their_cosines(store: VectorStore, vectors: Vectors) -> None:
    found = store.query(vectors[7], 60)
    assert found[0] == ("paper7:0", pytest.approx(1, abs=1e-5))
    assert len(found) == 60
    cosines = {id_: float(vectors[IDS.index(id_)] @ vectors[7]) for id_, _ in found}
    assert dict(found) == pytest.approx(cosines, abs=1e-4)
    assert [c for _, c in found] == sorted((c for _, c in found), reverse=True)


def test_dates_and_ids_restrict(store: VectorStore, vectors: Vectors) -> None:
    within = store.query(vectors[7], 60, dates=(20200103, 20200105))
    assert {i for i, _ in within} == {"paper2:0", "paper3:0", "paper4:0"}
    some = store.query(vectors[7], 60, chunk_ids=IDS[:3])
    assert {i for i, _ in some} == set(IDS[:3])
    assert store.query(vectors[7], 60, chunk_ids=[]) == []


def test_ids_that_are_not_there_are_left_out(store: VectorStore, vectors: Vectors) -> None:
    """A writer may have taken them away a moment ago."""
    found = store.query(vectors[0], 9, chunk_ids=["paper0:0", "gone:0", "paper1:0"])
    assert [i for i, _ in found] == ["paper0:0", "paper1:0"]
    assert store.query(vectors[0], 9, chunk_ids=["gone:0"]) == []


def test_upsert_replaces_and_delete_forgets(store: VectorStore, vectors: Vectors) -> None:
    store.upsert(["paper0:0"], vectors[1:2], [20200101])
    assert store.count() == 60
    assert dict(store.query(vectors[1], 2)) == pytest.approx({"paper0:0": 1.0, "paper1:0": 1.0})
    store.delete_papers([f"paper{i}" for i in range(59)])
    assert [i for i, _ in store.query(vectors[0], 9)] == ["paper59:0"]
    store.delete_papers(["paper59"])
    assert store.query(vectors[0], 9) == []


def test_it_is_still_there_after_closing(tmp_path: Path, vectors: Vectors) -> None:
    first = VectorStore(tmp_path)
    first.upsert(IDS, vectors, [0] * 60)
    first.close()
    second = VectorStore(tmp_path)
    assert second.query(vectors[5], 1)[0][0] == "paper5:0"
    second.close()


def test_more_rows_than_one_call_takes(tmp_path: Path) -> None:
    n = MAX_BATCH + 500
    store = VectorStore(tmp_path)
    rows = normalised(np.random.default_rng(1).standard_normal((n, 2), np.float32))
    store.upsert([f"p{i}:0" for i in range(n)], rows, [0] * n)
    assert store.count() == n
    store.delete_papers([f"p{i}" for i in range(n)])
    assert store.count() == 0
    store.close()


def test_queries_go_on_while_papers_are_replaced_and_the_store_reopened(
    store: VectorStore, vectors: Vectors
) -> None:
    done = threading.Event()

    def ask() -> int:
        asked = 0
        while not done.is_set():
            assert store.query(vectors[59], 9)[0][0] == "paper59:0"
            assert store.query(vectors[59], 9, chunk_ids=IDS)[0][0] == "paper59:0"
            asked += 1
        return asked

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(ask) for _ in range(4)]
        for start in range(0, 50, 5):
            store.delete_papers([i.partition(":")[0] for i in IDS[start : start + 5]])
            store.upsert(IDS[start : start + 5], vectors[start : start + 5], [0] * 5)
            store.reopen()
        done.set()
        assert all(reader.result() for reader in readers)


def test_two_stores_of_one_folder_see_each_other_after_reopening(
    store: VectorStore, tmp_path: Path, vectors: Vectors
) -> None:
    other = VectorStore(tmp_path / "chroma")
    assert other.count() == 60
    store.delete_papers(["paper0"])
    other.reopen()
    assert other.count() == 59
    assert other.query(vectors[0], 1)[0][0] != "paper0:0"
    other.close()
    assert store.query(vectors[1], 1)[0][0] == "paper1:0"  # closing one leaves the other open


def test_a_folder_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "chroma").write_text("not a folder")
    with pytest.raises(CatalogError, match="cannot be opened") as caught:
        VectorStore(tmp_path / "chroma")
    assert "ragbot rebuild" in str(caught.value)
