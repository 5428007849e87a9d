"""What people see of the commands, and what the commands do to a collection."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import ragbot as package
from ragbot.cli import main

Run = Callable[..., subprocess.CompletedProcess[str]]

LISTING = Path(__file__).parent.parent / "fixtures" / "daily_papers.txt"
MATRYOSHKA = "2d9e76af6d5f"
QUESTION = "How does MatryoshkaKV compress the KV cache?"


@pytest.fixture
def shown(data: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What a command prints for people, from the collection of six papers."""

    def run(*args: str) -> str:
        assert main([*args, "--data-dir", str(data)]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        return printed.out

    return run


# -- answers and lists ------------------------------------------------------------------------


def test_an_answer_is_quoted_and_lists_its_papers(shown: Callable[..., str]) -> None:
    lines = shown("ask", QUESTION).splitlines()
    assert (
        lines[0]
        == "MatryoshkaKV: Adaptive KV Compression via Trainable Orthogonal Projection [1]"
    )
    assert any(line.startswith("    ") and line.endswith("[1]") for line in lines)
    papers = lines[lines.index("Papers") :]
    assert papers[2].startswith(" 1 MatryoshkaKV")
    assert "2024-10-16 · 8 authors" in papers[3]
    assert max(map(len, lines)) <= 100


def test_latex_and_markdown_marks_are_shown_clean(shown: Callable[..., str]) -> None:
    text = shown("ask", "How does LightHGNN speed up hypergraph networks?")
    assert "into MLPs for 100× Faster" in text
    assert not re.search(r"\\|\*\*|\$", text)


def test_an_abstention_names_the_nearest_papers(shown: Callable[..., str]) -> None:
    text = shown("ask", "Who won the 1954 football world cup?")
    assert text.startswith("Nothing in the 6 abstracts comes close to this question.")
    assert text.count(" • ") == 3
    assert "Papers" not in text


def test_search_shows_score_date_id_and_evidence(shown: Callable[..., str]) -> None:
    lines = shown("search", "KV cache", "--from", "2023").splitlines()
    assert lines[0].startswith(" 1 MatryoshkaKV")
    assert re.fullmatch(
        rf"   score \d\.\d\d · 2024-10-16 · 8 authors · {MATRYOSHKA}", lines[1]
    )
    assert lines[2].startswith("       ")
    assert lines[-1].endswith("2 undated left out")


def test_papers_are_listed_newest_first(shown: Callable[..., str]) -> None:
    lines = shown("papers").splitlines()
    assert [line[:26].split() for line in lines] == [
        ["17d2ccf3ddf4", "~2025-05-12"],
        ["2d9e76af6d5f", "2024-10-16"],
        ["78e375a117d8", "2024-09-04"],
        ["fb22d51ab0c6", "2023-03-21"],
        ["96d8130f6ac1"],
        ["2e9d67526cd1"],
        ["6", "of", "6", "papers"],
    ]


@pytest.mark.parametrize(
    ("args", "ids"),
    [
        (["--query", "kolmogorov"], ["96d8130f6ac1"]),
        (["--query", "KÖLMOGOROV Networks"], ["96d8130f6ac1"]),
        (["--query", "hypergraph quantum"], []),
        (["--from", "2024-10", "--to", "2024"], ["2d9e76af6d5f"]),
        (["--query", "orthogonal", "--to", "2024"], ["2d9e76af6d5f", "fb22d51ab0c6"]),
        (["--limit", "2"], ["17d2ccf3ddf4", "2d9e76af6d5f"]),
        (["--limit", "2", "--offset", "3"], ["fb22d51ab0c6", "96d8130f6ac1"]),
        (["--offset", "5"], ["2e9d67526cd1"]),
        (["--query", "orthogonal", "--limit", "1", "--offset", "1"], ["2d9e76af6d5f"]),
        (["--query", "orthogonal", "--offset", "2"], ["fb22d51ab0c6"]),
    ],
)
def test_papers_are_chosen_by_words_and_dates(
    args: list[str], ids: list[str], shown: Callable[..., str]
) -> None:
    assert [p["id"] for p in json.loads(shown("papers", "--json", *args))] == ids


@pytest.mark.parametrize(
    "command", [["papers"], ["search", "KAN"], ["ask", "What are KANs?"]]
)
def test_escape_sequences_do_not_reach_the_terminal(
    command: list[str], ragbot: Run, empty: Path, tmp_path: Path
) -> None:
    listing = tmp_path / "planted.txt"
    text = LISTING.read_text(encoding="utf-8")
    text = text.replace(
        "KAN: Kolmogorov", "KAN: \x1b[31m\x9b2J\x1b]0;title\x07 Kolmogorov"
    )
    listing.write_text(text.replace("learnable", "\x1b[2Jlearnable"), encoding="utf-8")
    ragbot("ingest", listing, "--data-dir", empty)
    for options in ([], ["--json"]):
        done = ragbot(*command, *options, "--data-dir", empty)
        assert done.returncode == 0
        assert "Kolmogorov" in done.stdout
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stdout)


# -- what changes a collection ----------------------------------------------------------------


def test_ingest_says_what_each_file_brought(ragbot: Run, own: Path) -> None:
    done = ragbot("ingest", LISTING, "--data-dir", own)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        f"{LISTING}: 6 records, 6 known, 2 undated\n6 papers are in the collection"
    )


def test_removed_papers_are_gone_everywhere(ragbot: Run, own: Path) -> None:
    assert (
        ragbot("remove", MATRYOSHKA, "--data-dir", own).stdout
        == "1 paper removed, 5 left\n"
    )
    found = json.loads(ragbot("search", "KV cache", "--json", "--data-dir", own).stdout)
    assert MATRYOSHKA not in {p["id"] for p in found["papers"]}
    done = ragbot("remove", "--source", LISTING, "--data-dir", own)
    assert done.stdout == "5 papers removed, 0 left\n"


def test_rebuild_follows_the_settings(ragbot: Run, own: Path, tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text("[chunking]\nsentences = 3\n", encoding="utf-8")
    changed = ["--data-dir", own, "--config", config]

    refused = ragbot("ask", QUESTION, *changed)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "run 'ragbot rebuild'" in refused.stderr

    ill = ragbot("doctor", *changed)
    assert (ill.returncode, ill.stderr) == (1, "")
    assert re.search(
        r"FAILED  index: .*\n        remedy: run 'ragbot rebuild'", ill.stdout
    )

    assert ragbot("rebuild", *changed).stdout == "6 papers indexed anew\n"
    assert ragbot("ask", QUESTION, *changed).returncode == 0
    assert ragbot("doctor", *changed).returncode == 0


@pytest.mark.parametrize(
    "file",
    [
        "sentences.sqlite",
        "chroma/chroma.sqlite3",
        "lexical/meta.json",
        "catalog.sqlite",
    ],
)
def test_damage_is_one_line_of_every_command(ragbot: Run, own: Path, file: str) -> None:
    damaged = own / file
    content = damaged.read_bytes()
    damaged.write_bytes(content[: len(content) // 2])
    for command in (["ask", QUESTION], ["search", QUESTION]):
        refused = ragbot(*command, "--data-dir", own)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.count("\n") == 1
        assert str(damaged.parent) in refused.stderr
    ill = ragbot("doctor", "--data-dir", own)
    assert (ill.returncode, ill.stderr) == (1, "")
    assert "FAILED  " in ill.stdout
    if file != "catalog.sqlite":
        mended = ragbot("doctor", "--fix", "--json", "--data-dir", own)
        assert mended.returncode == 0
        first, *checks = json.loads(mended.stdout)["checks"]
        assert (first["name"], first["ok"]) == ("fix", True)
        assert first["detail"].startswith("6 papers indexed anew, since there was this")
        assert "fix" not in {check["name"] for check in checks}


def test_doctor_of_an_empty_collection(ragbot: Run, empty: Path) -> None:
    done = ragbot("doctor", "--data-dir", empty)
    assert (done.returncode, done.stderr) == (0, "")
    assert "papers: none yet: 'ragbot ingest PATH'" in done.stdout


def test_doctor_of_a_data_folder_that_is_a_file(ragbot: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    done = ragbot("doctor", "--data-dir", file, "--json")
    assert (done.returncode, done.stderr) == (1, "")
    report = json.loads(done.stdout)
    assert report["ok"] is False
    assert report["checks"][-1] == {
        "name": "data folder",
        "ok": False,
        "detail": f"{file}: is a file, not a folder",
        "remedy": "name another with --data-dir",
    }


# -- export -----------------------------------------------------------------------------------


def test_export_prints_the_same_papers_as_papers_does(
    shown: Callable[..., str],
) -> None:
    lines = shown("export", "--query", "orthogonal").splitlines()
    papers = json.loads(shown("papers", "--query", "orthogonal", "--json"))
    assert len(papers) == 3
    assert [json.loads(line) for line in lines] == papers


def test_export_into_a_file(shown: Callable[..., str], tmp_path: Path) -> None:
    target = tmp_path / "papers.bib"
    target.write_text("old", encoding="utf-8")
    assert shown("export", "--format", "bibtex", "-o", str(target)) == ""
    assert target.read_text(encoding="utf-8") == shown("export", "--format", "bibtex")
    assert list(tmp_path.iterdir()) == [target]


def test_papers_are_removed_by_words_and_dates(ragbot: Run, own: Path) -> None:
    there = ("--data-dir", own)
    shown = ragbot("remove", "--query", "orthogonal", "--dry-run", *there).stdout
    assert shown.splitlines()[-1] == "3 of 6 papers"
    shown = ragbot("remove", "--source", LISTING, "--dry-run", *there).stdout
    assert shown.splitlines()[-1] == "6 of 6 papers"
    done = ragbot("remove", "--query", "orthogonal", *there)
    assert done.stdout == "3 papers removed, 3 left\n"
    dated = ragbot("papers", "--from", "2023", "--to", "2023", *there).stdout
    number = int(dated.splitlines()[-1].split()[0])
    done = ragbot("remove", "--from", "2023", "--to", "2023", *there)
    assert done.stdout.startswith(f"{number} paper")
    assert ragbot("remove", "--query", "nowhere", *there).stdout.startswith("0 papers")


def test_matrix_sets_papers_side_by_side(
    shown: Callable[..., str], tmp_path: Path
) -> None:
    rows = json.loads(shown("matrix", "--json"))
    assert len(rows) == 6
    assert {"id", "title", "date", "problem", "method", "result"} < rows[0].keys()
    one = json.loads(shown("matrix", "--ids", rows[3]["id"], "--format", "json"))
    assert one == [rows[3]]
    target = tmp_path / "table.csv"
    assert shown("matrix", "--format", "csv", "-o", str(target)) == ""
    assert target.read_text(encoding="utf-8").count(rows[3]["id"]) == 1
    about = shown("matrix", "Which papers are on OLinear?").splitlines()
    assert about[0].startswith("| Paper | Date | Problem | Method |")
    assert "OLinear" in about[2]


def test_matrix_of_nothing_says_so(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = ["--data-dir", str(data)]
    assert main(["matrix", "recipes for sourdough bread", "--json", *there]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == []
    assert "no paper of the collection is on this" in told.err


def test_export_into_a_folder_is_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "-o", str(tmp_path), "--data-dir", str(data)]) == 2
    assert "is a folder: name a file in it" in capsys.readouterr().err
    assert (
        main(["export", "-o", str(tmp_path / "no" / "a.bib"), "--data-dir", str(data)])
        == 2
    )
    assert "cannot be written (No such file or directory)" in capsys.readouterr().err


# -- the chat window --------------------------------------------------------------------------


@contextmanager
def window(*args: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running `ragbot chat` and the address that it printed."""
    program = subprocess.Popen(
        [sys.executable, "-m", "ragbot", "chat", "--port", "0", *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert program.stdout is not None
        ready = re.fullmatch(
            r"Ragbot is ready: (http://(?:127\.0\.0\.1|localhost):\d+/?)  \(Ctrl-C stops it\)\n",
            program.stdout.readline(),
        )
        assert ready
        yield program, ready[1]
    finally:
        if program.poll() is None:
            program.send_signal(signal.SIGINT)
        program.communicate(timeout=60)


def test_chat_prints_its_address_and_leaves_an_emptied_collection_empty(
    ragbot: Run, own: Path
) -> None:
    ragbot("remove", "--source", LISTING, "--data-dir", own)
    with window("--data-dir", own) as (_, address):
        assert urllib.request.urlopen(address).status == 200
        assert json.loads(ragbot("papers", "--json", "--data-dir", own).stdout) == []


@pytest.mark.slow
def test_the_first_chat_indexes_the_bundled_papers(ragbot: Run, empty: Path) -> None:
    with window("--data-dir", empty) as (program, _):
        assert program.stderr is not None
        assert program.stderr.readline().startswith(
            "Indexing the papers that come with Ragbot"
        )
        assert re.fullmatch(r"451 papers indexed in \d+ s\n", program.stderr.readline())
        assert (
            len(json.loads(ragbot("papers", "--json", "--data-dir", empty).stdout))
            == 451
        )


def test_listening_to_all_the_setting_for_their_names_is_told(data: Path) -> None:
    with window("--data-dir", data, "--host", "0.0.0.0") as (program, address):
        assert program.stderr is not None
        assert "window.hosts" in program.stderr.readline()
        assert urllib.request.urlopen(address).status == 200


def test_a_port_in_use_is_one_line(data: Path, ragbot: Run) -> None:
    with window("--data-dir", data) as (_, address):
        port = re.search(r":(\d+)", address)
        assert port
        done = ragbot("chat", "--port", port[1], "--data-dir", data)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert port[1] in done.stderr


def test_a_mistyped_language_model_is_told_before_the_window_opens(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGBOT_LLM__PROVIDER", "opnai")
    assert main(["chat", "--port", "0", "--data-dir", str(data)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(
        "ragbot: llm.provider is 'opnai', which is none: set it to one of none"
    )


def test_a_language_model_that_is_missing_is_told_and_the_window_opens(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGBOT_LLM__PROVIDER", "local")
    monkeypatch.setenv("RAGBOT_LLM__MODEL", "/no/such/model")
    with window("--data-dir", data) as (program, _):
        assert program.stderr is not None
        assert program.stderr.readline() == (
            "ragbot: /no/such/model: no such folder: check llm.model; "
            "until then answers are quotes\n"
        )


def test_app_py_is_ragbot_chat() -> None:
    done = subprocess.run(
        [sys.executable, Path(__file__).parents[2] / "app.py", "--help"],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": "100"},
        check=True,
    )
    assert done.stdout.startswith("usage: ragbot chat ")


# -- the package ------------------------------------------------------------------------------


def test_the_package_offers_what_it_names() -> None:
    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = package.nothing


def test_the_package_costs_nothing_to_import() -> None:
    script = (
        "import sys, ragbot; print([m for m in sys.modules if m.startswith('ragbot.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == "[]\n"


def test_version(ragbot: Run) -> None:
    assert ragbot("--version").stdout == f"ragbot {package.__version__}\n"


# -- answers kept -------------------------------------------------------------------------------


def test_an_answer_is_kept_and_verified(
    shown: Callable[..., str],
    own: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept = tmp_path / "kept.json"
    assert shown("ask", QUESTION, "--save", str(kept)) == shown("ask", QUESTION)
    assert shown("verify", str(kept)) == "The collection gives the same answer.\n"
    assert json.loads(shown("verify", str(kept), "--json"))["holds"] is True
    there = ["--data-dir", str(own)]
    assert main(["remove", MATRYOSHKA, *there]) == 0
    capsys.readouterr()
    assert main(["verify", str(kept), *there]) == 1
    told = capsys.readouterr().out
    assert told.startswith(
        "The collection no longer gives this answer:\n- [1] is gone:"
    )
    assert main(["verify", str(tmp_path / "none.json"), *there]) == 2
    assert "no such file" in capsys.readouterr().err
