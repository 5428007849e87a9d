"""`ragbot doctor --fix`: a small collection is really damaged, and mended; no paper is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ragbot.config import Settings
from ragbot.index.writer import Writer
from ragbot.mending import mend
from ragbot.papers.date_gaps import date_gaps
from ragbot.pipeline import Ragbot
from ragbot.testing import HashEmbedder, tiny_collection, tiny_listing

KILLED = """
import os, sys
from pathlib import Path
from ragbot.config import load_settings
from ragbot.index.catalog import Catalog
from ragbot.pipeline import Ragbot
from ragbot.testing import HashEmbedder
Catalog.commit = lambda *args, **kwargs: os._exit(9)
with Ragbot.open(load_settings(data_dir=sys.argv[1], environ={}), load=HashEmbedder) as bot:
    bot.ingest([Path(sys.argv[2])])
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a collection of five papers, which is closed."""
    with tiny_collection(tmp_path) as bot:
        return bot.settings


def mended(settings: Settings) -> str:
    checks = mend(settings, load=HashEmbedder)
    assert all(check.ok for check in checks), checks
    assert {check.name for check in checks} == {"fix"}
    return "\n".join(check.detail for check in checks)


def is_well(settings: Settings, papers: int = 5) -> None:
    """The collection has all its papers, they are found, and there is nothing left to mend."""
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        assert (bot.stores.catalog.count(), bot.stores.catalog.unfinished()) == (
            papers,
            0,
        )
        bot.stores.check()
        assert bot.search("Equiangular Basis Vectors", 1).hits[0].dense > 0.3
    assert mended(settings) == "there is nothing to mend"


def execute(settings: Settings, statement: str) -> None:
    with closing(sqlite3.connect(settings.data_dir / "catalog.sqlite")) as db:
        db.execute(statement)
        db.commit()


def test_a_whole_collection_is_left_as_it_is(settings: Settings) -> None:
    is_well(settings)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("part", "damage"),
    [
        ("sentences.sqlite", truncate),
        ("sentences.sqlite", Path.unlink),
        ("chroma", shutil.rmtree),
        ("lexical", shutil.rmtree),
    ],
)
def test_a_damaged_index_is_made_anew(
    settings: Settings, part: str, damage: Callable[[Path], None]
) -> None:
    damage(settings.data_dir / part)
    assert "5 papers indexed anew, since there was this: " in mended(settings)
    is_well(settings)


def test_an_index_that_does_not_fit_the_catalog_is_made_anew(
    settings: Settings, tmp_path: Path
) -> None:
    shutil.copytree(settings.data_dir / "lexical", tmp_path / "old")
    text = tiny_listing().replace("Equiangular Basis Vectors", "Orthogonal Vectors")
    (tmp_path / "more.txt").write_text(text, encoding="utf-8")
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        bot.ingest([tmp_path / "more.txt"])
    shutil.rmtree(settings.data_dir / "lexical")
    shutil.copytree(tmp_path / "old", settings.data_dir / "lexical")
    assert "the index has words of 5 papers" in mended(settings)
    is_well(settings, papers=6)


def test_an_interrupted_ingest_is_finished(settings: Settings, tmp_path: Path) -> None:
    text = tiny_listing().replace("Equiangular Basis Vectors", "Orthogonal Vectors")
    (tmp_path / "more.txt").write_text(text, encoding="utf-8")
    arguments = [str(settings.data_dir), str(tmp_path / "more.txt")]
    done = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False)
    assert done.returncode == 9
    assert "1 paper of an interrupted ingest taken up again" in mended(settings)
    is_well(settings, papers=6)


def test_what_dead_processes_left_is_cleared_away(settings: Settings) -> None:
    half = settings.data_dir / "index-7"
    (half / "lexical").mkdir(parents=True)
    (half / "sentences.sqlite").write_bytes(b"half made")
    (half / "in-use-1-0.lock").touch()
    (settings.data_dir / "in-use-1-0.lock").touch()
    with Ragbot.open(settings, load=HashEmbedder) as living:
        living.search("vectors")
        told = mended(settings)
        assert list(settings.data_dir.glob(f"in-use-{os.getpid()}-*.lock"))
    assert "cleared away what dead processes left: in-use-1-0.lock, index-7" in told
    assert not half.exists()
    is_well(settings)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE papers SET paper = substr(paper, 1, 40)",
        "UPDATE papers SET paper = replace(paper, 'Vectors', 'Viktors')",
        "DELETE FROM aliases",
        "DELETE FROM papers WHERE paper LIKE '%Equiangular%'",
    ],
)
def test_what_is_derived_is_what_the_sources_said(
    settings: Settings, damage: str
) -> None:
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        before = bot.papers(), bot.fingerprint()["collection"]
    execute(settings, damage)
    assert "derived anew from the records of the sources" in mended(settings)
    is_well(settings)
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        assert sorted(map(str, bot.papers())) == sorted(map(str, before[0]))
        assert bot.fingerprint()["collection"] == before[1]
        assert bot.ingest([settings.data_dir.parent / "tiny.txt"]).files[0].new == 0


def test_what_cannot_be_mended_is_told_and_nothing_is_lost(settings: Settings) -> None:
    execute(settings, "DELETE FROM records")
    execute(
        settings, "UPDATE papers SET paper = 'garbage' WHERE title LIKE '%OLinear%'"
    )
    (check,) = mend(settings, load=HashEmbedder)
    assert (check.ok, bool(check.remedy)) == (False, True)
    assert "a paper is damaged" in check.detail
    with closing(sqlite3.connect(settings.data_dir / "catalog.sqlite")) as db:
        assert db.execute("SELECT count(*) FROM papers").fetchone() == (5,)


def test_another_writer_is_not_disturbed(settings: Settings) -> None:
    with (
        Ragbot.open(settings, load=HashEmbedder) as bot,
        Writer.locked(bot.stores, settings),
    ):
        (check,) = mend(settings, load=HashEmbedder)
    assert not check.ok
    assert "another Ragbot process is writing" in check.detail


def test_months_without_papers_among_full_ones_are_told() -> None:
    def month(date: str, papers: int = 6) -> list[str | None]:
        return [f"{date}-{day + 1:02}" for day in range(papers)]

    full = [d for m in ("10", "11", "12") for d in month(f"2023-{m}")]
    later = [d for m in ("03", "04", "05") for d in month(f"2024-{m}")]
    assert date_gaps([*full, *later, None, "2024"]) == [("2024-01", "2024-02")]
    assert date_gaps([*full, *later, *month("2024-01", 3)]) == [("2024-02", "2024-02")]
    # Where there are few, a month without one means nothing.
    assert date_gaps(["2020-01-05", "2020-03", *full]) == []
    assert date_gaps(full) == date_gaps([]) == date_gaps([None, "2024"]) == []
