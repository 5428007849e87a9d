"""ragbot/index/chroma.py on real Chroma: the same in a folder and on a server."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ragbot.config import VectorsSettings
from ragbot.embedding.embedder import Vectors, normalised
from ragbot.errors import CatalogError
from ragbot.index.chroma import MAX_BATCH
from ragbot.index.chroma_folder import ChromaFolder
from ragbot.index.chroma_server import ChromaServer
from ragbot.index.chunks import chunk_id, paper_of
from ragbot.index.vectors import VectorPlace, VectorStore

IDS = [f"paper{i}:0" for i in range(60)]


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    drawn = np.random.default_rng(0).standard_normal((60, 32), np.float32)
    return normalised(drawn)


@pytest.fixture(params=["folder", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> VectorPlace:
    folder = ChromaFolder(tmp_path)
    if request.param == "folder":
        return folder
    url = request.getfixturevalue("chroma_run").url
    server = VectorsSettings(url, 60.0)
    return ChromaServer(server, f"test-{uuid.uuid4().hex}", tmp_path, folder)


@pytest.fixture
def store(place: VectorPlace, vectors: Vectors) -> Iterator[VectorStore]:
    store = place.open(create=True)
    store.upsert(IDS, vectors, [20200101 + i for i in range(60)])
    yield store
    store.close()


def test_the_nearest_come_first_with_their_cosines(
    store: VectorStore, vectors: Vectors
) -> None:
    found = store.query(vectors[7], 60)
    assert found[0] == ("paper7:0", pytest.approx(1, abs=1e-5))
    assert len(found) == 60
    cosines = {id_: float(vectors[IDS.index(id_)] @ vectors[7]) for id_, _ in found}
    assert dict(found) == pytest.approx(cosines, abs=1e-4)
    assert [c for _, c in found] == sorted((c for _, c in found), reverse=True)


def test_vectors_come_back_of_those_that_are_there(
    store: VectorStore, vectors: Vectors
) -> None:
    found = store.get(["paper1:0", "gone:0", "paper0:0"])
    assert found.keys() == {"paper0:0", "paper1:0"}
    assert np.allclose(found["paper1:0"], vectors[1], atol=1e-6)
    assert found["paper0:0"].dtype == np.float32
    assert store.get(["gone:0"]) == store.get([]) == {}
    assert len(store.query(vectors[0], 1000)) == 60


def test_upsert_replaces_and_delete_forgets(
    store: VectorStore, vectors: Vectors
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
    place: VectorPlace, vectors: Vectors
) -> None:
    papers = ["arxiv:2505.08550", "doi:10.1000/a:b", "arxiv:2505.08551", "arxiv"]
    ids = [chunk_id(paper, position) for paper in papers for position in range(2)]
    store = place.open(create=True)
    store.upsert(ids, vectors[:8], [0] * 8)
    assert [paper_of(i) for i, _ in store.query(vectors[2], 1)] == [papers[1]]
    store.delete_papers(papers[:2])
    assert sorted(i for i, _ in store.query(vectors[0], 9)) == sorted(ids[4:])
    store.close()


def test_ids_with_colons_filed_by_an_older_version_are_forgotten(
    tmp_path: Path, vectors: Vectors
) -> None:
    ids = ["arxiv:2505.08550:0", "arxiv:2505.08550:1", "arxiv:2505.08551:0"]
    store = ChromaFolder(tmp_path).open(create=True)
    store.upsert(ids, vectors[:3], [0] * 3)
    store._view.chunks.update(ids=ids, metadatas=[{"paper_id": "arxiv", "date": 0}] * 3)
    store.delete_papers(["arxiv:2505.08550"])
    assert [i for i, _ in store.query(vectors[0], 9)] == ids[2:]
    store.close()


def test_it_is_still_there_after_closing(place: VectorPlace, vectors: Vectors) -> None:
    first = place.open(create=True)
    first.upsert(IDS, vectors, [0] * 60)
    first.close()
    second = place.open(create=False)
    assert second.query(vectors[5], 1)[0][0] == "paper5:0"
    second.close()


def test_more_rows_than_one_call_takes(tmp_path: Path) -> None:
    n = MAX_BATCH + 500
    store = ChromaFolder(tmp_path).open(create=True)
    rows = normalised(np.random.default_rng(1).standard_normal((n, 2), np.float32))
    store.upsert([f"p{i}:0" for i in range(n)], rows, [0] * n)
    assert store.count() == n
    store.delete_papers([f"p{i}" for i in range(n)])
    assert store.count() == 0
    store.close()


@pytest.mark.parametrize("place", ["folder"], indirect=True)
def test_queries_go_on_while_papers_are_replaced_and_the_store_reopened(
    store: VectorStore, vectors: Vectors
) -> None:
    """Not on a server: Chroma's hangs for good now and then if it is asked without a pause."""
    done = threading.Event()

    def ask() -> int:
        asked = 0
        while not done.is_set():
            assert store.query(vectors[59], 9)[0][0] == "paper59:0"
            assert "paper59:0" in store.get(IDS)
            asked += 1
        return asked

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(ask) for _ in range(4)]
        try:
            for start in range(0, 50, 5):
                part = slice(start, start + 5)
                store.delete_papers([paper_of(i) for i in IDS[part]])
                store.upsert(IDS[part], vectors[part], [0] * 5)
                store.reopen()
        finally:
            done.set()
        assert all(reader.result() for reader in readers)


def test_two_stores_of_one_place_see_each_other_after_reopening(
    store: VectorStore, place: VectorPlace, vectors: Vectors
) -> None:
    other = place.open(create=False)
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
        ChromaFolder(tmp_path).open(create=True)
    assert "ragbot rebuild" in str(caught.value)


def test_what_is_wiped_is_gone_and_may_be_wiped_again(
    store: VectorStore, place: VectorPlace
) -> None:
    store.close()
    for _ in range(2):
        place.wipe()
        with pytest.raises(CatalogError, match="rebuild"):
            place.open(create=False)
