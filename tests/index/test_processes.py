"""Several processes and threads on one collection: one writer, readers that see what it wrote."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ragbot.config import Settings, load_settings
from ragbot.errors import Locked
from ragbot.index.writer import Writer
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_listings
from ragbot.testing import HashEmbedder, tiny_collection, tiny_papers

OTHER_LISTING = bundled_listings() / "004_63bf64421f7544e5.txt"

INGEST = """
import sys
from pathlib import Path
from ragbot.config import load_settings
from ragbot.errors import RagbotError
from ragbot.pipeline import Ragbot
from ragbot.testing import HashEmbedder
with Ragbot.open(load_settings(data_dir=sys.argv[1], environ={}), load=HashEmbedder) as bot:
    try:
        bot.ingest([Path(p) for p in sys.argv[2:]])
    except RagbotError as error:
        sys.exit(f"{type(error).__name__}: {error}")
"""

# Two threads ask until a file appears, a third opens the collection anew for each question.
READ = """
import json, sys, threading
from pathlib import Path
from ragbot.config import load_settings
from ragbot.pipeline import Ragbot
from ragbot.testing import HashEmbedder
settings, stop = load_settings(data_dir=sys.argv[1], environ={}), Path(sys.argv[2])
asked, faults = [], []

def ask(bot):
    for paper in bot.papers()[:3]:
        answer = bot.ask(paper.title)
        if answer.papers and not answer.quotes:
            faults.append(f"no quote about {paper.title}")
        asked.append(paper.title)

def again(work):
    while not stop.exists():
        try:
            work()
        except BaseException as error:
            faults.append(f"{type(error).__name__}: {error}")

def anew():
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        ask(bot)

with Ragbot.open(settings, load=HashEmbedder) as bot:
    threads = [threading.Thread(target=again, args=[work]) for work in (lambda: ask(bot),) * 2]
    threads.append(threading.Thread(target=again, args=[anew]))
    for thread in threads:
        thread.start()
    print("asking", flush=True)
    for thread in threads:
        thread.join()
print(json.dumps([len(asked), faults]))
"""


def ingest_elsewhere(
    settings: Settings, *paths: Path
) -> subprocess.CompletedProcess[str]:
    """Ingest in another process."""
    return subprocess.run(
        [sys.executable, "-c", INGEST, str(settings.data_dir), *map(str, paths)],
        capture_output=True,
        text=True,
    )


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path) as bot:
        yield bot


def test_a_second_writer_gets_one_clear_line(tiny: Ragbot) -> None:
    with Writer.locked(tiny.stores, tiny.settings):
        told = ingest_elsewhere(tiny.settings, OTHER_LISTING)
    assert told.returncode == 1
    assert told.stderr.startswith("Locked: another Ragbot process is writing to")
    assert told.stderr.count("\n") == 1
    assert len(tiny.papers()) == 5
    # It was let go
    assert ingest_elsewhere(tiny.settings, OTHER_LISTING).returncode == 0
    assert len(tiny.papers()) == 39


def test_a_second_writer_of_the_same_process_waits(tiny: Ragbot) -> None:
    with ThreadPoolExecutor(3) as pool:
        paths = sorted(bundled_listings().glob("00[034]*.txt"))
        reports = list(pool.map(lambda path: tiny.ingest([path]), paths))
    assert sum(f.records for r in reports for f in r.files) == 41 + 40 + 35
    assert tiny.stores.catalog.unfinished() == 0


def test_a_lock_left_by_a_dead_process_does_not_count(tiny: Ragbot) -> None:
    (tiny.settings.data_dir / "write.lock").write_text("12345")
    assert tiny.ingest([OTHER_LISTING]).files[0].new > 0


def test_an_open_reader_finds_what_another_process_ingested(tiny: Ragbot) -> None:
    title = "Landscaping Linear Mode Connectivity"
    assert tiny.search(title).hits[0].paper.title != title
    assert ingest_elsewhere(tiny.settings, OTHER_LISTING).returncode == 0
    hit = tiny.search(title).hits[0]
    assert hit.paper.title == title
    assert hit.evidence
    assert tiny.ask(title).papers[0].paper.title == title
    assert hit.dense > 0.3, "its vectors are not seen"
    assert hit.lexical > 0, "its words are not seen"


def test_every_reader_of_a_process_finds_it(tiny: Ragbot) -> None:
    """Chroma shares one client between those that open one folder in one process."""
    title = "Landscaping Linear Mode Connectivity"
    with Ragbot.open(tiny.settings, load=HashEmbedder) as other:
        assert len(other.search(title).hits) == len(tiny.search(title).hits) == 5
        assert ingest_elsewhere(tiny.settings, OTHER_LISTING).returncode == 0
        for reader in (tiny, other, tiny):
            hit = reader.search(title).hits[0]
            assert hit.paper.title == title
            assert hit.dense > 0.3, "its vectors are not seen"


def test_an_open_reader_loses_what_another_process_removed(tiny: Ragbot) -> None:
    gone = tiny_papers()[0]
    assert tiny.search(gone.title).hits[0].paper.id == gone.id
    with Ragbot.open(tiny.settings, load=HashEmbedder) as other:
        other.remove([gone.id])
    assert gone.id not in {h.paper.id for h in tiny.search(gone.title).hits}


def test_many_ask_while_papers_come_in(tiny: Ragbot) -> None:
    """Ten threads ask, one ingests: every answer is whole and about the paper it was asked for."""
    titles = [p.title for p in tiny_papers()]
    with ThreadPoolExecutor(11) as pool:
        coming = pool.submit(
            tiny.ingest, [bundled_listings() / "003_818017044363e069.txt"]
        )
        answers = list(pool.map(lambda i: tiny.ask(titles[i % 5]), range(60)))
        assert coming.result().papers == 5 + 40
    for i, answer in enumerate(answers):
        assert answer.papers[0].paper.title == titles[i % 5]
        assert all(
            q.text in answer.papers[q.n - 1].paper.abstract for q in answer.quotes
        )


def test_two_processes_that_start_at_once_make_one_collection(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data", environ={})
    with ThreadPoolExecutor(2) as pool:
        both = list(
            pool.map(lambda _: ingest_elsewhere(settings, OTHER_LISTING), range(2))
        )
    for told in both:
        assert told.returncode == 0 or told.stderr.startswith(Locked.__name__), (
            told.stderr
        )
    assert any(told.returncode == 0 for told in both)
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        assert len(bot.papers()) == 35
        assert bot.search("Landscaping Linear Mode Connectivity", 1).hits[0].dense > 0.3


def test_readers_go_on_while_papers_are_removed_and_everything_is_rebuilt(
    tiny: Ragbot, tmp_path: Path
) -> None:
    stop = tmp_path / "stop"
    tiny.ingest([OTHER_LISTING])
    command = [sys.executable, "-c", READ, str(tiny.settings.data_dir), str(stop)]
    readers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "asking\n"
        for _ in range(5):
            tiny.remove([p.id for p in tiny.papers()[-10:]])
            tiny.ingest([OTHER_LISTING])
            assert tiny.rebuild() >= 30
    finally:
        stop.touch()
        told = [reader.communicate()[0] for reader in readers]
    for asked, faults in map(json.loads, told):
        assert asked > 2  # how many depends on the machine
        assert not faults
    tiny.ingest([OTHER_LISTING])  # a writer clears away what nobody has open
    assert len(list(tiny.settings.data_dir.glob("index-*"))) == 1
    # The first edition is gone, too
    assert not (tiny.settings.data_dir / "chroma").exists()
