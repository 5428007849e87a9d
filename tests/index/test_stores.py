"""ragbot/index/stores.py and edition.py: what is opened, compared, checked, exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ragbot.config import load_settings
from ragbot.errors import CatalogError, EmptyCollection
from ragbot.index import chroma_files, indexing
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_listings
from ragbot.testing import HashEmbedder, tiny_collection, tiny_papers
from ragbot.types import Progress


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path) as bot:
        yield bot


def test_a_view_is_kept_while_the_index_is_replaced(tiny: Ragbot) -> None:
    """A question that has begun is answered from what it began with."""
    retriever = tiny.retriever()
    folder = retriever.view.edition.folder
    tiny.rebuild()
    assert tiny.retriever().view.edition.folder != folder
    titles = [p.title for p in tiny_papers()]
    for title in titles:
        assert retriever.search(title, 1).hits[0].paper.title == title
        assert retriever.search(title, 1).hits[0].evidence
    assert (folder / "chroma").exists()
    del retriever
    tiny.rebuild()
    assert not (folder / "chroma").exists()


def test_questions_are_answered_while_everything_is_rebuilt(tiny: Ragbot) -> None:
    title = tiny_papers()[0].title
    found = []

    def look(progress: Progress) -> None:
        found.append(tiny.search(title, 1).hits[0].paper.title)

    tiny.rebuild(look)
    assert found
    assert set(found) == {title}


def test_a_rebuild_that_fails_leaves_everything_as_it_was(tiny: Ragbot) -> None:
    def fail(progress: Progress) -> None:
        raise KeyboardInterrupt

    before = (
        tiny.fingerprint(),
        sorted(p.name for p in tiny.settings.data_dir.iterdir()),
    )
    with pytest.raises(KeyboardInterrupt):
        tiny.rebuild(fail)
    # What it had made is kept for the next.
    left = {p.name for p in tiny.settings.data_dir.iterdir() if p.name != "index-1"}
    assert before == (tiny.fingerprint(), sorted(left))
    assert tiny.search(tiny_papers()[0].title, 1).hits[0].evidence
    assert not tiny.stores.is_unclean()


@pytest.mark.parametrize(
    ("meanwhile", "then"),
    [
        ("nothing", [4, 5]),
        ("a paper goes", [2, 4]),
        ("its index is damaged", [2, 4, 5]),
    ],
)
def test_an_interrupted_rebuild_goes_on_where_it_was(
    tiny: Ragbot, monkeypatch: pytest.MonkeyPatch, meanwhile: str, then: list[int]
) -> None:
    monkeypatch.setattr(indexing, "_LEAST", 2)
    monkeypatch.setattr(indexing, "_MOST", 2)

    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tiny.rebuild(stop)
    (begun,) = tiny.settings.data_dir.glob("index-*")
    if meanwhile == "a paper goes":
        tiny.remove([tiny_papers()[0].id])
    elif meanwhile == "its index is damaged":
        (begun / "chroma" / "chroma.sqlite3").write_bytes(b"SQLite format 3\0 or so")
    steps: list[int] = []
    assert tiny.rebuild(lambda step: steps.append(step.done)) == then[-1]
    assert steps == then
    tiny.stores.check()
    for paper in tiny.papers():
        assert tiny.search(paper.title, 1).hits[0].paper == paper


def test_what_a_killed_rebuild_left_is_cleared_away(
    tiny: Ragbot, tmp_path: Path
) -> None:
    left = tiny.settings.data_dir / "index-7"
    (left / "chroma").mkdir(parents=True)
    (left / "in-use-1-0.lock").touch()
    tiny.remove([tiny_papers()[0].id])
    assert not left.exists()


def test_a_lost_catalog_is_no_empty_collection(tiny: Ragbot) -> None:
    tiny.close()
    (tiny.settings.data_dir / "catalog.sqlite").unlink()
    with Ragbot.open(tiny.settings, load=HashEmbedder) as bot:
        with pytest.raises(
            CatalogError, match="of 5 papers, the catalog has 0 papers"
        ) as caught:
            bot.ask("What does OLinear forecast?")
        assert "run 'ragbot rebuild'; if papers are missing" in caught.value.remedy
        assert bot.rebuild() == 0
        with pytest.raises(EmptyCollection):
            bot.ask("What does OLinear forecast?")


def test_a_store_of_another_time_does_not_fit(tiny: Ragbot, tmp_path: Path) -> None:
    """As many papers, but one of them as it was before."""
    data, saved = tiny.settings.data_dir, tmp_path / "saved"
    tiny.close()
    saved.write_bytes((data / "sentences.sqlite").read_bytes())
    later = tmp_path / "later.txt"
    text = (tmp_path / "tiny.txt").read_text(encoding="utf-8")
    later.write_text(text.replace("for classification", "for zebra identification"))
    with Ragbot.open(tiny.settings, load=HashEmbedder) as bot:
        assert bot.ingest([later]).files[0].updated == 1
    (data / "sentences.sqlite").write_bytes(saved.read_bytes())
    with Ragbot.open(tiny.settings, load=HashEmbedder) as bot:
        with pytest.raises(CatalogError, match="of another state"):
            bot.ask("What does OLinear forecast?")
        bot.rebuild()
        assert bot.search("zebra identification", 1).hits[0].evidence


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection with a graph, one vector of which is damaged."""
    folder = tmp_path_factory.mktemp("graph") / "data"
    with Ragbot.open(
        load_settings(data_dir=folder, environ={}), load=HashEmbedder
    ) as bot:
        bot.ingest([bundled_listings()])
    (data,) = folder.glob("chroma/*/data_level0.bin")
    content = bytearray(data.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 1500] = b"\xff" * 1500
    data.write_bytes(bytes(content))
    return folder


def test_a_large_store_is_read_entirely_after_an_unclean_end(
    graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma_files, "_SMALL", 0)
    monkeypatch.setattr(chroma_files, "_SAMPLE", 3)
    # In samples it is not seen
    chroma_files.check_files(graph / "chroma", thorough=False)
    settings = load_settings(data_dir=graph, environ={})
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        # As a writer that was killed leaves it
        bot.stores.catalog.set_meta("writing", "")
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        with pytest.raises(
            CatalogError, match=r"data_level0\.bin: the vector store is damaged"
        ):
            bot.ask("neural networks for images")
        bot.rebuild()
        assert not bot.stores.is_unclean()
        bot.stores.check()
