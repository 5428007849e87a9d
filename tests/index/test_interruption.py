"""An ingest killed or failing at any step is finished at the next open, nothing half-visible."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ragbot.config import Settings, load_settings
from ragbot.index import indexing
from ragbot.index.catalog import Catalog
from ragbot.index.chroma import ChromaVectors
from ragbot.index.chunks import count_chunks
from ragbot.index.lexical import LexicalIndex
from ragbot.index.sentence_vectors import SentenceVectors
from ragbot.index.stores import Stores
from ragbot.pipeline import Ragbot
from ragbot.readers import read_file
from ragbot.resources import bundled_listings
from ragbot.testing import HashEmbedder
from ragbot.text.sentences import split_sentences
from ragbot.types import Paper

# 40 papers, three batches of 16 here: the second of each step lies in the middle.
LISTING = bundled_listings() / "003_818017044363e069.txt"
BATCH = 16
FIRST = "Zebras came first."
STEPS = {
    "pending": (Catalog, "waiting"),
    "vectors": (ChromaVectors, "upsert"),
    "sentences": (SentenceVectors, "put"),
    "words": (LexicalIndex, "replace"),
    "commit": (Catalog, "commit"),
}

# Does a step's work for the n-th time, then dies without a word.
KILLED = """
import importlib, os, signal, sys
from pathlib import Path
from ragbot.index import indexing
from ragbot.config import load_settings
from ragbot.pipeline import Ragbot
from ragbot.testing import HashEmbedder

data_dir, listing, module, owner, method, nth, batch = *sys.argv[1:-1], int(sys.argv[-1])
indexing._LEAST = indexing._MOST = batch
owner = getattr(importlib.import_module(module), owner)
work, calls = getattr(owner, method), []

def work_and_die(*args, **kwargs):
    result = work(*args, **kwargs)
    calls.append(method)
    if len(calls) == int(nth):
        os.kill(os.getpid(), signal.SIGKILL)
    return result

with Ragbot.open(load_settings(data_dir=data_dir, environ={}), load=HashEmbedder) as bot:
    setattr(owner, method, work_and_die)
    bot.ingest([Path(listing)])
"""


@pytest.fixture
def hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A data folder of this test's own; its embedder is to be HashEmbedder."""
    monkeypatch.setattr(indexing, "_LEAST", BATCH)
    monkeypatch.setattr(indexing, "_MOST", BATCH)
    return load_settings(data_dir=tmp_path / "data", environ={})


@pytest.fixture(scope="module")
def papers() -> list[Paper]:
    return [r for r in read_file(LISTING)[1] if isinstance(r, Paper)]


def rewritten(folder: Path, papers: list[Paper], change: Callable[[str], str]) -> Path:
    """The listing with every abstract changed, as a file of the same name."""
    text = LISTING.read_text(encoding="utf-8")
    for paper in papers:
        text = text.replace(paper.abstract, change(paper.abstract))
    path = folder / LISTING.name
    path.write_text(text, encoding="utf-8")
    return path


def assert_only_whole_papers_are_visible(
    settings: Settings, papers: list[Paper]
) -> int:
    """Look without finishing anything; how many papers a reader sees."""
    with Ragbot(settings, Stores(settings.data_dir), HashEmbedder) as bot:
        visible = {p.id for p in bot.papers()}
        if visible:
            for paper in papers[::5]:
                found = bot.search(paper.title, 3).hits
                assert {h.paper.id for h in found} <= visible
                assert (found[0].paper.id == paper.id) == (paper.id in visible)
                assert all(h.evidence for h in found)
        return len(visible)


def assert_everything_is_there_once(bot: Ragbot, papers: list[Paper]) -> None:
    stores, chunking = bot.stores, bot.settings.chunking
    assert stores.catalog.unfinished() == 0
    assert {p.id for p in bot.papers()} == {p.id for p in papers}
    assert stores.vectors.count() == sum(count_chunks(p, chunking) for p in papers)
    assert stores.sentences.count() == len(papers)
    assert stores.lexical.count() == len(papers)
    for paper in papers[::5]:
        hits = bot.search(paper.title, 10).hits
        assert hits[0].paper.id == paper.id
        assert len({h.paper.id for h in hits}) == len(hits)


def killed_in(step: str, program: str, settings: Settings) -> None:
    """Have another process do this until it is killed in a step's second batch."""
    owner, method = STEPS[step]
    nth = "1" if step == "pending" else "2"
    killed = subprocess.run(
        [
            sys.executable,
            *("-c", program, str(settings.data_dir), str(LISTING)),
            *(owner.__module__, owner.__name__, method, nth, str(BATCH)),
        ],
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_ingest_is_finished_at_the_next_open(
    step: str, hashed: Settings, papers: list[Paper]
) -> None:
    killed_in(step, KILLED, hashed)
    seen = assert_only_whole_papers_are_visible(hashed, papers)
    assert seen == {"pending": 0, "commit": 2 * BATCH}.get(step, BATCH)
    with Ragbot.open(hashed, load=HashEmbedder) as bot:
        assert_everything_is_there_once(bot, papers)
        again = bot.ingest([LISTING]).files[0]
        assert (again.new, again.updated, again.duplicates) == (0, 0, len(papers))


def failing(work: Callable[..., object], *, done: bool) -> Callable[..., object]:
    """``work``, whose second call fails: after it is ``done``, or before."""
    calls: list[object] = []

    def fail(*args: object, **kwargs: object) -> object:
        calls.append(args)
        if len(calls) == 2 and not done:
            raise OSError("no space left on device")
        result = work(*args, **kwargs)
        if len(calls) == 2:
            raise OSError("no space left on device")
        return result

    return fail


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", [s for s in STEPS if s != "pending"])
def test_a_failed_ingest_is_finished_by_the_next(
    step: str,
    done: bool,
    hashed: Settings,
    papers: list[Paper],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner, method = STEPS[step]

    with Ragbot.open(hashed, load=HashEmbedder) as bot:
        with monkeypatch.context() as broken:
            broken.setattr(owner, method, failing(getattr(owner, method), done=done))
            with pytest.raises(OSError, match="no space left"):
                bot.ingest([LISTING])
        seen = len(bot.papers())
        assert seen == (2 * BATCH if step == "commit" and done else BATCH)
        assert all(h.paper.id for h in bot.search(papers[0].title).hits)
        bot.ingest([LISTING])
        assert_everything_is_there_once(bot, papers)


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", [s for s in STEPS if s != "pending"])
def test_a_failed_update_hides_no_more_than_the_batch_it_failed_in(
    step: str,
    done: bool,
    hashed: Settings,
    papers: list[Paper],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Papers are seen as they were, or as they are, never with another version's evidence."""
    owner, method = STEPS[step]
    changed = rewritten(tmp_path, papers, lambda said: f"{FIRST} {said}")

    with Ragbot.open(hashed, load=HashEmbedder) as bot:
        bot.ingest([LISTING])
        with monkeypatch.context() as broken:
            broken.setattr(owner, method, failing(getattr(owner, method), done=done))
            with pytest.raises(OSError, match="no space left"):
                bot.ingest([changed])
        finished = step == "commit" and done
        seen = {p.id: p.abstract for p in bot.papers()}
        assert len(seen) == len(papers) - (0 if finished else BATCH)
        new = [i for i, abstract in seen.items() if abstract.startswith(FIRST)]
        assert len(new) == (2 * BATCH if finished else BATCH)
        for paper in papers[::5]:
            hits = bot.search(paper.title, 3).hits
            assert (hits[0].paper.id == paper.id) == (paper.id in seen)
            for hit in hits:
                assert set(hit.evidence) <= set(split_sentences(seen[hit.paper.id]))
                assert hit.evidence
    with Ragbot.open(hashed, load=HashEmbedder) as bot:
        assert len(bot.papers()) == len(papers)
        assert all(p.abstract.startswith(FIRST) for p in bot.papers())
        assert_everything_is_there_once(bot, bot.papers())


@pytest.mark.parametrize("step", ["vectors", "sentences"])
def test_a_paper_that_is_shorter_after_its_ingest_failed_has_no_chunk_of_before(
    step: str,
    hashed: Settings,
    papers: list[Paper],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner, method = STEPS[step]
    shorter = rewritten(tmp_path, papers, lambda said: split_sentences(said)[0])
    with Ragbot.open(hashed, load=HashEmbedder) as bot, monkeypatch.context() as broken:
        broken.setattr(owner, method, failing(getattr(owner, method), done=True))
        with pytest.raises(OSError, match="no space left"):
            bot.ingest([LISTING], within=[LISTING.parent])
    with Ragbot(hashed, Stores(hashed.data_dir), HashEmbedder) as bot:
        bot.ingest([shorter], within=[tmp_path])
        assert {p.abstract for p in bot.papers()}.isdisjoint(
            p.abstract for p in papers if len(split_sentences(p.abstract)) > 1
        )
        assert_everything_is_there_once(bot, bot.papers())


def test_a_paper_that_comes_back_before_it_is_forgotten_has_no_chunk_of_before(
    hashed: Settings, papers: list[Paper]
) -> None:
    with Ragbot.open(hashed, load=HashEmbedder) as bot:
        bot.ingest([LISTING])
        gone = papers[0]
        bot.stores.catalog.drop_papers([gone.id])
        short = dataclasses.replace(gone, abstract=split_sentences(gone.abstract)[0])
        bot.add([short], source="again")
        assert_everything_is_there_once(bot, bot.papers())


def test_an_interrupted_removal_is_finished(
    hashed: Settings, papers: list[Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, rest = papers[:10], papers[10:]
    with Ragbot.open(hashed, load=HashEmbedder) as bot:
        bot.ingest([LISTING])
        with monkeypatch.context() as broken:
            broken.setattr(
                SentenceVectors,
                "delete",
                lambda *_: (_ for _ in ()).throw(OSError("x")),
            )
            with pytest.raises(OSError, match="x"):
                bot.remove([p.id for p in gone])
        assert {p.id for p in bot.papers()} == {p.id for p in rest}
    with Ragbot.open(hashed, load=HashEmbedder) as bot:
        assert_everything_is_there_once(bot, rest)


def test_an_interrupted_rebuild_is_finished(
    hashed: Settings, papers: list[Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ragbot.open(hashed, load=HashEmbedder) as bot:
        bot.ingest([LISTING])
        with monkeypatch.context() as broken:
            broken.setattr(
                LexicalIndex, "replace", lambda *_: (_ for _ in ()).throw(OSError("x"))
            )
            with pytest.raises(OSError, match="x"):
                bot.rebuild()
    with Ragbot.open(hashed, load=HashEmbedder) as bot:
        assert_everything_is_there_once(bot, papers)


@pytest.mark.parametrize("step", ["vectors", "sentences", "words"])
def test_a_killed_rebuild_goes_on_where_it_was(
    step: str, hashed: Settings, papers: list[Paper]
) -> None:
    with Ragbot.open(hashed, load=HashEmbedder) as bot:
        bot.ingest([LISTING])
    killed_in(
        step, KILLED.replace("bot.ingest([Path(listing)])", "bot.rebuild()"), hashed
    )
    steps: list[int] = []
    with Ragbot.open(hashed, load=HashEmbedder) as bot:
        assert_everything_is_there_once(bot, papers)  # in the index as it was
        bot.rebuild(lambda progress: steps.append(progress.done))
        assert steps == [2 * BATCH, len(papers)]
        assert_everything_is_there_once(bot, papers)
        bot.stores.check()


def test_an_interrupted_ingest_does_not_lock_the_way_to_a_rebuild(
    hashed: Settings, papers: list[Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings changed between: the error names a command, which must then work."""
    with Ragbot.open(hashed, load=HashEmbedder) as bot, monkeypatch.context() as broken:
        broken.setattr(
            LexicalIndex, "replace", lambda *_: (_ for _ in ()).throw(OSError("x"))
        )
        with pytest.raises(OSError, match="x"):
            bot.ingest([LISTING])
    other = load_settings(
        data_dir=hashed.data_dir, environ={"RAGBOT_CHUNKING__SENTENCES": "6"}
    )
    with Ragbot.open(other, load=HashEmbedder) as bot:
        bot.rebuild()
        assert_everything_is_there_once(bot, papers)
