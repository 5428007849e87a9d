"""Files taken in in the background: one after the other, with their reasons, and stopped."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import pytest

from ragbot.config import Settings
from ragbot.errors import (
    FingerprintMismatch,
    LlmError,
    Locked,
    NothingRead,
    ReadError,
)
from ragbot.jobs import Stopped
from ragbot.service import Service, apart
from ragbot.service.intake import Intake
from ragbot.testing import tiny_collection, tiny_listing
from ragbot.types import FileReport, Progress, Skipped
from ragbot.window.html.files import intake_html, sources_html


def listing(path: Path, name: str) -> Path:
    """The tiny listing with one paper of its own in it."""
    path.write_text(
        tiny_listing().replace("Equiangular Basis Vectors", name), encoding="utf-8"
    )
    return path


def test_files_come_in_one_by_one_and_a_bad_one_does_not_stop_the_rest(
    tmp_path: Path,
) -> None:
    pdf = tmp_path / "paper.txt"
    pdf.write_bytes(b"%PDF-1.7 and so on")
    fresh = listing(tmp_path / "<b>new.txt", "Equiangular Vectors")
    with Service(tiny_collection(tmp_path / "collection")) as service:
        job = service.take_in([pdf, fresh])
        job.wait()
        assert service.count() == 6
        sources = sources_html(service.sources())
    table = intake_html(job)
    assert [(r.new, r.duplicates) for r in job.reports] == [(0, 0), (1, 4)]
    assert "<li><b></b> this is a PDF, not text" in table, (
        "it is of the whole file, of no line"
    )
    assert str(tmp_path) not in table
    assert "&lt;b&gt;new.txt</th>" in table
    assert '<td class="">1</td><td class="none">0</td><td class="">4</td>' in table
    assert "&lt;b&gt;new.txt</th><td>5</td>" in sources


def test_every_record_without_an_abstract_is_told(tmp_path: Path) -> None:
    """Of a file without any, too: in the window all of them, in an error the first."""
    references = tmp_path / "refs.bib"
    titles = ("Deep Residual Learning", "Mask R-CNN")
    entries = (f"@article{{k{n},\n title = {{{t}}}}}" for n, t in enumerate(titles))
    references.write_text("\n".join(entries), encoding="utf-8")
    with Service(tiny_collection(tmp_path / "collection")) as service:
        job = service.take_in([references])
        job.wait()
        with pytest.raises(NothingRead, match="none of its 2 records gives a paper"):
            service.ingest([references])
    table = intake_html(job)
    for title in titles:
        assert f"no abstract: “{title}”" in table


def test_an_archive_has_a_report_for_each_file_in_it(tmp_path: Path) -> None:
    fresh = listing(tmp_path / "fresh.txt", "Equiangular Vectors")
    archive = tmp_path / "lists.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(fresh, "in/fresh.txt")
        packed.writestr("photo.png", "no text")
    with Service(tiny_collection(tmp_path / "collection")) as service:
        job = service.take_in([archive, tmp_path / "none.txt"])
        job.wait()
        assert ("lists.zip/in/fresh.txt", 5) in service.sources()
    told = [(Path(r.path).name, r.records, len(r.skipped)) for r in job.reports]
    assert told == [("fresh.txt", 5, 0), ("photo.png", 0, 1), ("none.txt", 0, 1)]
    assert job.done == 2
    assert "no format is read from .png" in intake_html(job)


def test_another_writer_is_one_clear_line(tmp_path: Path) -> None:
    fresh = listing(tmp_path / "fresh.txt", "Equiangular Vectors")
    with tiny_collection(tmp_path / "collection") as bot, bot._writer():
        other = Service(type(bot)(bot.settings, bot.stores, bot._load))
        job = other.take_in([fresh])
        with pytest.raises(Locked):
            job.wait()
    assert (
        '<p class="problem" role="alert">another Ragbot process is writing'
        in intake_html(job)
    )


def test_a_stop_leaves_what_is_in_and_the_same_files_go_on_there(
    tmp_path: Path,
) -> None:
    files = [listing(tmp_path / f"{n}.txt", f"Basis Vectors {n}") for n in range(3)]
    with Service(tiny_collection(tmp_path / "collection")) as service:
        service.take_in(files[:1]).wait()
        stopped = service.take_in(files)
        stopped.stop()
        stopped.wait()
        assert len(stopped.reports) < len(files)
        service.take_in(files).wait()
        assert service.count() == 8
        assert service.state().waiting == 0
        found = service.search("Basis Vectors 2").hits[0]
    assert found.paper.title == "Basis Vectors 2"


def test_files_dropped_meanwhile_wait_for_their_turn(tmp_path: Path) -> None:
    files = [listing(tmp_path / f"{n}.txt", f"Basis Vectors {n}") for n in range(3)]
    with Service(tiny_collection(tmp_path / "collection")) as service:
        jobs = [service.take_in([file]) for file in files]
        for job in jobs:
            job.wait()
        assert service.count() == 8


def test_a_long_file_is_taken_in_by_another_process(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "_LONG", 1000)
    pdf = tmp_path / "paper.txt"
    pdf.write_bytes(b"%PDF-1.7" + b"0" * 2000)
    fresh = listing(tmp_path / "fresh.txt", "Equiangular Vectors")
    with Service.open(settings) as service:
        job = service.take_in([pdf, tmp_path / "none.txt", fresh])
        job.wait()
        assert job.progress
        assert service.search("Equiangular Vectors").hits[0].paper.sources == (
            "fresh.txt",
        )
        assert job.progress == Progress("index", 5, 5, job.progress.seconds)
        stopped = Intake(service._bot, [listing(tmp_path / "b.txt", "Other Vectors")])
        stopped.report = stops  # type: ignore[method-assign]
        service.jobs.begin(stopped).wait()
        assert not stopped.reports
    told = [(r.path, r.new, [s.reason for s in r.skipped]) for r in job.reports]
    assert told == [
        (str(pdf), 0, ["this is a PDF, not text: export or save it as text"]),
        (str(tmp_path / "none.txt"), 0, ["no such file: check the path"]),
        (str(fresh), 5, []),
    ]


def stops(step: Progress) -> None:
    """Reports a step of a job that is told to stop meanwhile."""
    raise Stopped


def test_an_error_is_the_same_in_another_process(tmp_path: Path) -> None:
    for error in (
        Locked(tmp_path),
        ReadError(tmp_path / "a.txt", "the file is empty", "save it again"),
        NothingRead(
            "nothing", "", [FileReport("a", None, 0, 0, 0, (Skipped("b", "c"),))]
        ),
        LlmError("no answer", "try again", kind="unreachable"),
        FingerprintMismatch(tmp_path, {"model": ("a", "b")}),
    ):
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), str(copy), vars(copy)) == (
            type(error),
            str(error),
            vars(error),
        )
