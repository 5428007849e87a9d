"""One small collection made by `ragbot ingest` itself, and `ragbot` as a program of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

LISTING = Path(__file__).parent.parent / "fixtures" / "daily_papers.txt"


@pytest.fixture(scope="session")
def ragbot(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a command away from the clone; streams are pipes, so that nothing is a terminal."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def run(*args: object, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ragbot", *map(str, args)],
            capture_output=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            check=False,
            **{"cwd": elsewhere, **options},  # type: ignore[call-overload]
        )

    return run


@pytest.fixture(scope="session")
def ingested(
    tmp_path_factory: pytest.TempPathFactory, models: Path, ragbot: Run
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The data folder of six real papers, and how the ingest that made it went."""
    data = tmp_path_factory.mktemp("cli") / "data"
    data.mkdir()
    (data / "models").symlink_to(models)
    return data, ragbot("ingest", LISTING, "--json", "--data-dir", data)


@pytest.fixture(scope="session")
def data(ingested: tuple[Path, subprocess.CompletedProcess[str]]) -> Path:
    """The data folder of six papers; to be read, not written."""
    assert ingested[1].returncode == 0, ingested[1].stderr
    return ingested[0]


@pytest.fixture
def own(data: Path, tmp_path: Path) -> Path:
    """A copy of that data folder, to be written."""
    return Path(shutil.copytree(data, tmp_path / "own", symlinks=True))


@pytest.fixture
def empty(tmp_path: Path, models: Path) -> Path:
    """A data folder without papers."""
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "models").symlink_to(models)
    return folder
