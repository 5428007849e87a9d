"""What the window says of the collection and of files that come in."""

from __future__ import annotations

from pathlib import Path

from ragbot.errors import InputError
from ragbot.service.intake import Intake
from ragbot.testing import tiny_collection
from ragbot.types import FileReport, Progress, Skipped
from ragbot.window.html.files import intake_html, sources_html


def intake(tmp_path: Path, *names: str) -> Intake:
    """Files that nobody has begun to read."""
    return Intake(tiny_collection(tmp_path), [Path(name) for name in names])


def test_file_names_are_text() -> None:
    assert "&lt;b&gt;new.txt</th><td>5</td>" in sources_html([("<b>new.txt", 5)])


def test_reasons_beyond_the_first_few_are_counted(tmp_path: Path) -> None:
    skipped = [Skipped(f"line {n}", "no abstract") for n in range(20)]
    job = intake(tmp_path, "b.txt")
    job.reports.append(FileReport("a/b.txt", "listing", 1, 0, 0, skipped))
    html = intake_html(job)
    assert html.count("no abstract") == 8
    assert "and 12 more" in html


def test_progress_tells_papers_a_second_and_time_left(tmp_path: Path) -> None:
    job = intake(tmp_path, "a.txt", "b.txt", "c.txt")
    assert "Waiting for files dropped before" in intake_html(job)
    job.reading, job.progress = Path("a.txt"), Progress("index", 64, 256, 2.0)
    html = intake_html(job)
    assert "64 of 256 papers · 32 papers/s · 6 s left" in html
    assert "file 1 of 3" in html
    assert '<progress value="64" max="256"' in html
    job.stop()
    assert "stopping" in intake_html(job)


def test_what_a_stop_left_and_what_failed_are_said(tmp_path: Path) -> None:
    job = intake(tmp_path, "a.txt", "b.txt")
    job.stop()
    job.over.set()
    assert "Stopped after 0 of 2 files" in intake_html(job)
    job.problem = InputError("a.txt: <b>", "mend it")
    assert "a.txt: &lt;b&gt;: mend it" in intake_html(job)
