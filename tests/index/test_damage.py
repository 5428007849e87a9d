"""Damaged files of a collection: right answers or one line with a remedy, never anything else.

Neither another library's exception, nor a signal, nor an answer poorer than it was without a word;
and a rebuild brings everything back, as long as the catalog is whole.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragbot.config import load_settings
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_listings
from ragbot.testing import HashEmbedder

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="each case is a forked child"
)

REPLAY = Path(__file__).with_name("replay_damage.py")
SMALL = bundled_listings() / "004_63bf64421f7544e5.txt"
ALL_DAMAGES = [
    "emptied",
    "halved",
    "zeroed",
    "5 % flipped",
    "end flipped",
    "gone",
    "a folder",
]
# A segment of tantivy's has half a dozen files with a checksum in each.
SEGMENT_DAMAGES = ["halved", "5 % flipped", "gone"]

# Ingests and dies: what was written last is in the write-ahead logs alone.
KILLED = """
import os, sys
from pathlib import Path
from ragbot.config import load_settings
from ragbot.pipeline import Ragbot
from ragbot.testing import HashEmbedder
bot = Ragbot.open(load_settings(data_dir=sys.argv[1], environ={}), load=HashEmbedder)
bot.ingest([Path(sys.argv[2])])
os._exit(0)
"""

Case = tuple[str, str, str, bool]


def put_titles(folder: Path, bot: Ragbot) -> None:
    papers = bot.papers()
    titles = [papers[0].title, papers[len(papers) // 2].title, papers[-1].title]
    (folder.parent / "titles.json").write_text(json.dumps(titles))


def files(folder: Path) -> Iterator[str]:
    """Every file that holds something, as a path below the folder; a shared-memory index of
    SQLite's holds nothing that is not made anew."""
    for path in sorted(folder.rglob("*")):
        if (
            path.is_file()
            and path.stat().st_size
            and path.suffix not in {".lock", ".sqlite-shm"}
        ):
            yield path.relative_to(folder).as_posix()


def replayed(
    scratch: Path, collection: Path, cases: list[Case]
) -> dict[Case, list[str]]:
    scratch.mkdir()
    done = subprocess.run(
        [sys.executable, str(REPLAY), str(scratch), str(collection)],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(zip(cases, json.loads(done.stdout), strict=True))


def assert_right_or_told(outcomes: dict[Case, list[str]]) -> None:
    for (_, file, kind, _), (asked, *after) in outcomes.items():
        assert asked == "right" or asked.startswith("told: "), f"{file} {kind}: {asked}"
        assert set(after) <= {"right"}, f"{file} {kind}, after a rebuild: {after}"


def test_a_small_collection(tmp_path: Path) -> None:
    """Its vectors are in Chroma's database alone: the graph is written from 1,000 chunks on."""
    folder = tmp_path / "small" / "closed"
    with Ragbot.open(
        load_settings(data_dir=folder, environ={}), load=HashEmbedder
    ) as bot:
        bot.ingest([SMALL])
        put_titles(folder, bot)
    cases: list[Case] = []
    for file in files(folder):
        if file.endswith(".bin"):
            continue
        segment = file.startswith("lexical/") and not file.endswith(".json")
        for kind in SEGMENT_DAMAGES if segment else ALL_DAMAGES:
            rebuilt = kind == "5 % flipped" and file != "catalog.sqlite"
            cases.append((folder.name, file, kind, rebuilt))
    outcomes = replayed(tmp_path / "scratch", folder, cases)
    assert_right_or_told(outcomes)
    for (_, file, _, _), (asked, *_) in outcomes.items():
        if file != "lexical/.managed.json":  # a list of files to be deleted one day
            assert asked.startswith("told: "), f"{file}: not noticed"


def test_logs_of_a_killed_writer(tmp_path: Path) -> None:
    """A lost write-ahead log takes a store back in time, without a fault that SQLite would see."""
    folder = tmp_path / "killed" / "logged"
    subprocess.run([sys.executable, "-c", KILLED, str(folder), str(SMALL)], check=True)
    with Ragbot.open(
        load_settings(data_dir=tmp_path / "x", environ={}), load=HashEmbedder
    ) as bot:
        bot.ingest([SMALL])
        put_titles(folder, bot)
    logs = [file for file in files(folder) if file.endswith("-wal")]
    assert len(logs) == 2
    cases: list[Case] = [
        (folder.name, file, kind, kind == "gone" and file.startswith("sentences"))
        for file in logs
        for kind in ALL_DAMAGES
    ]
    outcomes = replayed(tmp_path / "scratch", folder, cases)
    assert_right_or_told(outcomes)
    for (_, file, kind, _), (asked, *_) in outcomes.items():
        if kind != "end flipped":  # the last frames may be of an older time
            assert asked.startswith("told: "), f"{file} {kind}: not noticed"


def test_a_graph(tmp_path: Path) -> None:
    """Chroma maps these files, and what it reads beyond their end ends the process."""
    folder = tmp_path / "large" / "graph"
    with Ragbot.open(
        load_settings(data_dir=folder, environ={}), load=HashEmbedder
    ) as bot:
        bot.ingest([bundled_listings()])
        put_titles(folder, bot)
    segment = {file for file in files(folder) if file.endswith((".bin", ".pickle"))}
    assert len(segment) == 5
    cases: list[Case] = [
        (folder.name, file, kind, kind == "zeroed" and file.endswith("lists.bin"))
        for file in sorted(segment)
        for kind in ALL_DAMAGES
    ]
    assert_right_or_told(replayed(tmp_path / "scratch", folder, cases))
