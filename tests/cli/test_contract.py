"""What other programs rely on: shapes, streams and exit codes."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import filelock
import pytest

from ragbot.cli import main
from ragbot.errors import RagbotError
from ragbot.resources import bundled_listings
from ragbot.testing import wait_until

Run = Callable[..., subprocess.CompletedProcess[str]]

COMMAND = [sys.executable, "-m", "ragbot"]
LISTING = Path(__file__).parent.parent / "fixtures" / "daily_papers.txt"
MATRYOSHKA = "2d9e76af6d5f"
QUESTION = "How does MatryoshkaKV compress the KV cache?"

PAPER = {
    "id": str,
    "title": str,
    "abstract": str,
    "date": (str, type(None)),
    "date_inferred": bool,
    "authors": list,
    "author_count": (int, type(None)),
    "organisation": (str, type(None)),
    "comments": (int, type(None)),
    "url": (str, type(None)),
    "arxiv_id": (str, type(None)),
    "doi": (str, type(None)),
    "venue": (str, type(None)),
    "keywords": list,
    "sources": list,
}
HIT = {
    "id": str,
    "title": str,
    "date": (str, type(None)),
    "score": float,
    "dense": float,
    "lexical": float,
    "evidence": list,
}
CITED = {
    "n": int,
    "id": str,
    "title": str,
    "date": (str, type(None)),
    "url": (str, type(None)),
    "score": float,
    "evidence": list,
}
SENTENCE = {
    "text": str,
    "citations": list,
    "states": bool,
    "support": str,
    "reason": (str, type(None)),
    "evidence": list,
}
ANSWER = {
    "question": str,
    "standalone_question": str,
    "filters": dict,
    "kind": str,
    "mode": str,
    "answer": str,
    "abstained": bool,
    "reason": (str, type(None)),
    "sentences": list,
    "quotes": list,
    "papers": list,
    "also_retrieved": list,
    "invalid_citations_removed": int,
    "confidence": float,
    "reasoning": str,
    "failure": (str, type(None)),
    "fingerprint": dict,
    "timings_ms": dict,
}


def shaped(value: dict[str, object], shape: dict[str, object]) -> bool:
    assert list(value) == list(shape)
    for key, kind in shape.items():
        assert isinstance(value[key], kind), key  # type: ignore[arg-type]
    return True


def document(done: subprocess.CompletedProcess[str], code: int = 0) -> object:
    """The one JSON document that a command printed, and nothing else anywhere."""
    assert (done.returncode, done.stderr) == (code, "")
    return json.loads(done.stdout)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that says why a command could not be done."""
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ragbot: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


# -- shapes -----------------------------------------------------------------------------------


def test_ingest_json(ingested: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    report = document(ingested[1])
    assert list(report) == ["files", "unread", "papers", "seconds"]
    assert report["files"] == [
        {
            "path": str(LISTING),
            "format": "listing",
            "records": 6,
            "new": 6,
            "updated": 0,
            "duplicates": 0,
            "undated": 2,
            "skipped": [],
        }
    ]
    assert report["papers"] == 6
    assert isinstance(report["seconds"], float)


def test_papers_json(ragbot: Run, data: Path) -> None:
    papers = document(ragbot("papers", "--json", "--data-dir", data))
    assert len(papers) == 6
    assert all(shaped(p, PAPER) for p in papers)
    told = {p["title"].split(":")[0]: p for p in papers}
    assert told["OLinear"]["date"] == "2025-05-12"
    assert told["OLinear"]["date_inferred"] is True
    assert told["KAN"]["date"] is None
    assert told["Configurable Foundation Models"]["organisation"] == "OpenBMB"
    assert told["Configurable Foundation Models"]["comments"] == 2
    assert told["Equiangular Basis Vectors"]["author_count"] == 3
    assert told["Equiangular Basis Vectors"]["sources"] == [str(LISTING)]


def test_search_json(ragbot: Run, data: Path) -> None:
    found = document(
        ragbot(
            "search", "KV cache", "-k", 2, "--from", 2024, "--json", "--data-dir", data
        )
    )
    assert list(found) == [
        "question",
        "filters",
        "papers",
        "undated_left_out",
        "seconds",
    ]
    assert found["question"] == "KV cache"
    assert found["filters"] == {"date_from": "2024-01-01", "date_to": None}
    assert len(found["papers"]) == 2
    assert all(shaped(p, HIT) for p in found["papers"])
    assert found["papers"][0]["id"] == MATRYOSHKA
    assert 1 <= len(found["papers"][0]["evidence"]) <= 3
    assert all(p["date"] >= "2024-01-01" for p in found["papers"])


def test_ask_json(ragbot: Run, data: Path) -> None:
    answer = document(ragbot("ask", QUESTION, "--json", "--data-dir", data))
    assert shaped(answer, ANSWER)
    assert answer["mode"] == "extractive"
    assert (answer["abstained"], answer["reason"]) == (False, None)
    assert all(shaped(s, SENTENCE) for s in answer["sentences"])
    assert all(shaped(p, CITED) for p in answer["papers"])
    assert all(shaped(p, HIT) for p in answer["also_retrieved"])
    assert list(answer["fingerprint"]) == ["collection", "index", "config"]
    assert [p["n"] for p in answer["papers"]] == list(
        range(1, len(answer["papers"]) + 1)
    )
    assert answer["papers"][0]["id"] == MATRYOSHKA
    assert "[1]" in answer["answer"]
    cited = {p["id"] for p in answer["papers"]}
    assert not cited & {p["id"] for p in answer["also_retrieved"]}
    abstracts = LISTING.read_text(encoding="utf-8")
    assert answer["quotes"]
    for quote in answer["quotes"]:
        assert list(quote) == ["n", "text"]
        assert quote["text"] in abstracts


def test_an_abstention_is_an_answer(ragbot: Run, data: Path) -> None:
    answer = document(
        ragbot(
            "ask", "Who won the 1954 football world cup?", "--json", "--data-dir", data
        )
    )
    assert (answer["abstained"], answer["reason"]) == (True, "nothing_close")
    assert answer["papers"] == []
    assert answer["also_retrieved"]


def test_history_makes_a_question_stand_alone(
    ragbot: Run, data: Path, tmp_path: Path
) -> None:
    turns = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "…"},
    ]
    history = tmp_path / "history.json"
    history.write_text(json.dumps(turns), encoding="utf-8")
    follow_up = "What compression rate does it reach?"
    answer = document(
        ragbot("ask", follow_up, "--history", history, "--json", "--data-dir", data)
    )
    assert answer["question"] == follow_up
    assert answer["standalone_question"] == f"{QUESTION} {follow_up}"
    assert answer["papers"][0]["id"] == MATRYOSHKA


def test_a_question_may_hold_bytes_that_are_no_text(ragbot: Run, data: Path) -> None:
    found = document(
        ragbot("search", os.fsdecode(b"caf\xe9"), "--json", "--data-dir", data)
    )
    assert found["question"] == "caf?"


def test_doctor_json(ragbot: Run, data: Path) -> None:
    report = document(ragbot("doctor", "--json", "--data-dir", data))
    assert list(report) == ["ok", "checks"]
    assert report["ok"] is True
    assert [c["name"] for c in report["checks"]] == [
        "python",
        "packages",
        "data folder",
        "papers",
        "facts",
        "embedding",
        "index",
        "conversations",
        "answers",
        "lock",
    ]
    for check in report["checks"]:
        assert list(check) == ["name", "ok", "detail", "remedy"]


# -- global options and settings --------------------------------------------------------------


def test_global_options_stand_before_or_after_the_command(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "mine.toml"
    config.write_text("[retrieval]\nk = 2\n", encoding="utf-8")
    options = ["--config", str(config), "--data-dir", str(data)]
    found = []
    for argv in (
        [*options, "search", "networks", "--json"],
        ["search", "networks", "--json", *options],
        [*options[:2], "search", *options[2:], "networks", "--json"],
    ):
        assert main(argv) == 0
        found.append([p["id"] for p in json.loads(capsys.readouterr().out)["papers"]])
    assert len(found[0]) == 2
    assert found[0] == found[1] == found[2]


def test_the_environment_overrides_settings(ragbot: Run, data: Path) -> None:
    environment = {
        **os.environ,
        "RAGBOT_RETRIEVAL__K": "1",
        "RAGBOT_DATA__DIR": str(data),
    }
    found = document(ragbot("search", "networks", "--json", env=environment))
    assert len(found["papers"]) == 1
    environment["RAGBOT_RETRIEVAL__K"] = "many"
    assert "retrieval.k must be a whole number" in refused(
        ragbot("search", "networks", env=environment)
    )


# -- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "see 'ragbot --help'"),
        (["asc", "what?"], "see 'ragbot --help'"),
        (["ask"], "see 'ragbot ask --help'"),
        (["ask", "what?", "--form", "2024"], "see 'ragbot ask --help'"),
        (["ask", "two", "words"], "see 'ragbot ask --help'"),
        (["search", "what?", "-k", "0"], "no whole number from 1 to 1000"),
        (["search", "what?", "-k", "ten"], "no whole number from 1 to 1000"),
        (["export", "--format", "docx"], "'bibtex'"),
        (["ingest"], "--bundled"),
        (["matrix", "what?", "--ids", MATRYOSHKA], "give one of the two"),
        (["matrix", "--ids", "000000000000"], "no paper has the id 000000000000"),
        (["remove"], "--source PATH"),
        (["remove", MATRYOSHKA, "--source", "a.txt"], "--source PATH"),
        (["remove", "000000000000"], "no paper has the id 000000000000"),
        (["remove", "--source", "other.txt"], f"the sources are {LISTING}"),
        (["papers", "--from", "last year"], "write YYYY, YYYY-MM or YYYY-MM-DD"),
        (
            ["search", "what?", "--to", "2024-02-30"],
            "write YYYY, YYYY-MM or YYYY-MM-DD",
        ),
        (["ask", "what?", "--from", "2025", "--to", "2024"], "swap them"),
        (["ask", "  "], "the question is empty"),
        (["ask", "what?", "--from", ""], "argument --from: is empty"),
        (["ingest", ""], "argument PATH: is empty"),
        (["papers", "--data-dir", ""], "argument --data-dir: is empty"),
        (["ask", "what?", "--history", "missing.json"], "no such history file"),
        (["ask", "what?", "--config", "missing.toml"], "check --config"),
        (["chat", "--port", "70000"], "no whole number from 0 to 65535"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(
    args: list[str], said: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--data-dir", str(data), *args] if args else args)
    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert printed.err.startswith("ragbot: ")
    assert printed.err.count("\n") == 1
    assert said in printed.err


def test_files_may_bear_the_names_of_commands(ragbot: Run, empty: Path) -> None:
    """ "eval pool" is a command where a command stands, and two files behind another."""
    for name in ("eval", "pool"):
        shutil.copyfile(LISTING, empty / name)
    arguments = ["--data-dir", empty, "ingest", "--json", "eval", "pool"]
    told = ragbot(*arguments, cwd=empty)
    assert told.returncode == 0, told.stderr
    assert [file["path"] for file in json.loads(told.stdout)["files"]] == [
        "eval",
        "pool",
    ]


def test_a_command_of_two_words_stands_behind_global_options(
    ragbot: Run, empty: Path
) -> None:
    for options in (["--data-dir", str(empty)], [f"--data-dir={empty}", "--debug"]):
        told = ragbot(*options, "eval", "compare", "--help")
        assert told.returncode == 0, told.stderr
        assert "eval compare" in told.stdout


def test_a_program_sees_the_same_refusal(ragbot: Run) -> None:
    assert "see 'ragbot ask --help'" in refused(ragbot("ask"))


@pytest.mark.parametrize("command", ["ask", "search"])
def test_an_empty_collection_names_the_command_that_fills_it(
    command: str, ragbot: Run, empty: Path
) -> None:
    assert "'ragbot ingest" in refused(ragbot(command, QUESTION, "--data-dir", empty))


def test_a_data_folder_that_is_a_file(ragbot: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    assert "is a file, not a folder" in refused(ragbot("papers", "--data-dir", file))


def test_a_second_writer_is_told_of_the_first(ragbot: Run, own: Path) -> None:
    with filelock.FileLock(own / "write.lock"):
        line = refused(ragbot("ingest", LISTING, "--data-dir", own))
    assert "another Ragbot process is writing" in line


def test_debug_shows_where_an_error_comes_from(ragbot: Run, data: Path) -> None:
    done = ragbot("--debug", "remove", "000000000000", "--data-dir", data)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" in done.stderr
    assert "no paper has the id" in done.stderr


# -- bad files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.txt", None, "no such file"),
        ("empty.txt", b"", "empty"),
        ("scan.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF"),
        ("photo.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        (
            "letter.txt",
            b"Dear reader,\n\nthis is no list of papers.\n",
            "no format that is read here",
        ),
    ],
)
def test_a_file_that_is_no_listing(
    name: str, content: bytes | None, said: str, ragbot: Run, own: Path, tmp_path: Path
) -> None:
    bad = tmp_path / name
    if content is not None:
        bad.write_bytes(content)
    line = refused(ragbot("ingest", bad, "--data-dir", own))
    assert str(bad) in line
    assert said in line

    done = ragbot("ingest", bad, LISTING, "--json", "--data-dir", own)
    report = document(done, 1)
    assert report["files"][0]["format"] is None
    assert said in report["files"][0]["skipped"][0]["reason"]
    assert report["files"][1]["duplicates"] == 6


def test_a_listing_cut_in_mid_record(ragbot: Run, own: Path, tmp_path: Path) -> None:
    text = LISTING.read_text(encoding="utf-8")
    cut = tmp_path / "cut.txt"
    cut.write_text(text[: text.index("OLinear") + 400], encoding="utf-8")
    done = ragbot("ingest", cut, "--data-dir", own)
    assert (done.returncode, done.stderr) == (0, "")
    line = text[: text.index("OLinear")].count("\n") + 1
    assert "5 records, 5 known" in done.stdout
    assert (
        f"skipped line {line}: the file ends in the middle of this record"
        in done.stdout
    )


def test_a_dry_run_changes_nothing(ragbot: Run, empty: Path) -> None:
    report = document(
        ragbot("ingest", LISTING, "--dry-run", "--json", "--data-dir", empty)
    )
    assert (report["files"][0]["new"], report["papers"]) == (6, 6)
    assert document(ragbot("papers", "--json", "--data-dir", empty)) == []


# -- a program among others -------------------------------------------------------------------


def test_a_reader_that_has_seen_enough(data: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "papers", "--data-dir", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert program.stderr.read() == b""
    assert program.returncode == 0


@pytest.mark.parametrize(("closed", "code"), [("1", 0), ("2", 2)])
def test_a_closed_stream_is_done_without(closed: str, code: int, data: Path) -> None:
    args = [*COMMAND, "search", QUESTION if code == 0 else "", "--data-dir", str(data)]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}>&-', "sh", *args],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


def test_an_interrupted_ingest_is_finished_by_the_next_command(
    ragbot: Run, empty: Path
) -> None:
    listing = next(bundled_listings().glob("002_*.txt"))
    program = subprocess.Popen(
        [*COMMAND, "ingest", str(listing), "--data-dir", str(empty)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    wait_until(lambda: program.poll() is not None or _pending(empty))
    program.send_signal(signal.SIGINT)
    out, error = program.communicate()
    assert (program.returncode, out, error) == (130, "", "ragbot: interrupted\n")
    assert len(document(ragbot("papers", "--json", "--data-dir", empty))) == 60


def _pending(data: Path) -> bool:
    if not (data / "catalog.sqlite").exists():
        return False
    with closing(sqlite3.connect(data / "catalog.sqlite", timeout=30)) as db:
        tables = db.execute(
            "SELECT count(*) FROM sqlite_master WHERE name = 'papers'"
        ).fetchone()
        return bool(tables[0]) and bool(
            db.execute("SELECT count(*) FROM papers").fetchone()[0]
        )


@pytest.mark.parametrize("no_color", [False, True])
def test_titles_are_bold_in_a_terminal(no_color: bool, data: Path) -> None:
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "70"}
    environment.pop("NO_COLOR", None)
    if no_color:
        environment["NO_COLOR"] = "1"
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "ask", QUESTION, "--data-dir", str(data)],
        stdout=theirs,
        env=environment,
    ) as program:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # how Linux says that the other end is closed
            pass
        finally:
            os.close(ours)
    assert program.returncode == 0
    text = shown.decode()
    assert ("\x1b[1mMatryoshkaKV" in text) is not no_color
    assert ("\x1b" in text) is not no_color


def test_errors_without_a_class_of_their_own_are_told_too(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RagbotError("two\nlines\x1b[2J")

    monkeypatch.setattr("ragbot.service.bundled_listings", broken)
    assert main(["ingest", "--bundled", "--data-dir", str(data)]) == 2
    assert capsys.readouterr().err == "ragbot: two lines[2J\n"
