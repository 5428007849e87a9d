"""A disk that fills up: every step ends in one line that says so, and works once there is room.

A small file system is mounted where that is allowed. Elsewhere, and everywhere in addition, files
may not grow beyond a size, which every library meets as an error of the system, too.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="there are no limits on files here")

REPLAY = Path(__file__).with_name("replay_full_disk.py")
STEPS = ["ingest", "ask", "remove", "check", "rebuild", "ask"]
ROOM = 200_000  # kilobytes


def run(folder: Path, steps: list[str], most: int = 0) -> list[str]:
    done = subprocess.run(
        [sys.executable, str(REPLAY), str(folder), str(most), *steps],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    outcomes: list[str] = json.loads(done.stdout)
    return outcomes


def assert_done_or_told(outcomes: list[str]) -> None:
    for step, outcome in zip(STEPS, outcomes, strict=True):
        assert outcome.startswith(("done: ", "told: ")), f"{step}: {outcome}"


def assert_usable_again(folder: Path) -> None:
    """What could be written answers, or names the rebuild that then makes everything good."""
    before, *_ = run(folder, ["check"])
    assert (
        before.startswith("done: ")
        or "ragbot rebuild" in before
        or "ragbot ingest" in before
    )
    if "ragbot rebuild" in before:
        assert run(folder, ["rebuild"])[0].startswith("done: ")
    ingested, asked, checked = run(folder, ["ingest", "ask", "check"])
    assert ingested == "done: 451"
    assert asked.startswith("done: ")
    assert asked != "done: 0", "answers without a quote"
    assert checked == "done: None"


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte, which `mount` can enlarge."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount") or "false"
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)],
        capture_output=True,
    )
    if made.returncode:
        pytest.skip(
            "NO MOUNT: only limits on files are tested; run as root to fill a disk"
        )
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def resize(mounted: Path, kilobytes: int) -> None:
    command = ["mount", "-o", f"remount,size={kilobytes}k", str(mounted)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("kilobytes", [4_000, 9_000, 14_000])
def test_a_small_disk(mounted: Path, kilobytes: int) -> None:
    resize(mounted, kilobytes)
    outcomes = run(mounted / "data", STEPS)
    assert_done_or_told(outcomes)
    assert any("disk is full" in outcome for outcome in outcomes)
    resize(mounted, ROOM)
    assert_usable_again(mounted / "data")


@pytest.mark.parametrize("most", [30_000, 1_000_000])
def test_files_that_may_not_grow(tmp_path: Path, most: int) -> None:
    outcomes = run(tmp_path / "data", STEPS, most)
    assert_done_or_told(outcomes)
    assert outcomes[0].startswith("told: ")
    assert_usable_again(tmp_path / "data")
