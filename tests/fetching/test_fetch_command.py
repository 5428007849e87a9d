"""`ragbot fetch` as people use it: what it prints, keeps and goes on with."""

from __future__ import annotations

import ast
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import ragbot
from ragbot.cli import main
from ragbot.config import Settings
from ragbot.errors import FetchError, InputError
from ragbot.pipeline import Ragbot
from ragbot.service import Service
from ragbot.testing import HashEmbedder
from ragbot.types import Filters, Progress

PACKAGE = Path(ragbot.__file__).parent
REPORT = ["files", "unread", "papers", "seconds"]
FILE = [
    *("path", "format", "records", "new", "updated", "duplicates", "undated"),
    "skipped",
]


@pytest.fixture
def recent(replay: Any) -> list[str]:
    """The last three days, which have the recorded papers."""
    today = datetime.now(UTC).date()
    days = [str(today - timedelta(days=back)) for back in (2, 1, 0)]
    replay.days = dict(zip(days, replay.days.values(), strict=True))
    return days


@pytest.fixture
def home(tmp_path: Path, models: Path) -> Path:
    """An empty folder for each thing that a program may write to, and a data folder."""
    for name in ("home", "work", "tmp", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "models").symlink_to(models)
    return tmp_path


@pytest.fixture
def start(home: Path, replay: Any) -> Any:
    """Starts `ragbot fetch` in there."""

    def started(
        *args: object, environ: dict[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[str]:
        own = {"HOME": str(home / "home"), "TMPDIR": str(home / "tmp")}
        command = [sys.executable, "-m", "ragbot", "fetch", *map(str, args)]
        return subprocess.Popen(
            [*command, "--data-dir", str(home / "data")],
            cwd=home / "work",
            env={**os.environ, **own, **replay.environ, **(environ or {})},
            encoding="utf-8",
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )

    return started


def finished(program: subprocess.Popen[str], code: int = 0) -> str:
    out, error = program.communicate()
    assert (program.returncode, error) == (code, ""), error
    return out


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


# -- programs ---------------------------------------------------------------------------------


def test_daily_papers_since_a_day(
    replay: Any, recent: list[str], start: Any, home: Path
) -> None:
    command = ("daily-papers", "--since", recent[0], "--json")
    report = json.loads(finished(start(*command)))
    assert list(report) == REPORT
    assert report["papers"] == sum(file["new"] for file in report["files"]) == 3
    assert [list(file) for file in report["files"]] == [FILE] * 3
    assert {file["format"] for file in report["files"]} == {"json"}
    assert replay.dates == recent

    again = json.loads(finished(start(*command)))
    assert [file["duplicates"] for file in again["files"]] == [1, 1, 1]
    assert replay.dates == [*recent, recent[2]]
    # Nothing was written but below the data folder, and there whole
    assert [names(home / name) for name in ("home", "work", "tmp")] == [set()] * 3
    assert names(home / "data" / "fetched") == {
        *(".lock", "daily-papers", "daily-papers/last-request"),
        *(f"daily-papers/{day}.json" for day in recent[:2]),
        f"daily-papers/{recent[2]}.so-far.json",
    }


def test_arxiv_through_a_proxy_in_a_terminal(
    replay: Any, start: Any, home: Path
) -> None:
    """The proxy is the replay itself: it is asked for addresses of another host."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    environ = {
        "HTTP_PROXY": replay.address,
        "RAGBOT_FETCH__ARXIV_URL": "http://arxiv.invalid/api/query",
    }
    replay.a_page = 200
    program = start("arxiv", "testing", "--max", 3, environ=environ, stderr=theirs)
    out = program.communicate()[0]
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert program.returncode == 0, shown
    assert "3 records, 3 new" in out
    assert "papers: 100%" in shown
    assert [asked.path for asked in replay.asked] == ["/api/query"]
    assert replay.asked[0].headers["Host"] == "arxiv.invalid"


def test_an_interrupted_run_keeps_what_it_has_and_goes_on(
    replay: Any, recent: list[str], start: Any, home: Path
) -> None:
    asked, done = threading.Event(), threading.Event()

    def hang() -> None:
        asked.set()
        done.wait(60)

    replay.do(lambda: None)
    replay.do(hang)
    program = start("daily-papers", "--since", recent[0])
    assert asked.wait(60)
    program.send_signal(signal.SIGINT)
    out, error = program.communicate()
    done.set()
    assert (program.returncode, out) == (130, "")
    assert error == (
        "ragbot: interrupted; what was fetched is kept, and the same command goes on there\n"
    )
    report = json.loads(finished(start("daily-papers", "--since", recent[0], "--json")))
    assert [file["new"] for file in report["files"]] == [0, 1, 1]
    assert replay.dates == [recent[0], recent[1], *recent[1:]]


# -- the same in this process -----------------------------------------------------------------


@pytest.fixture
def service(asking: Settings) -> Iterator[Service]:
    with Service(Ragbot.open(asking, load=HashEmbedder)) as opened:
        yield opened


def test_papers_name_what_they_were_fetched_by(service: Service, replay: Any) -> None:
    service.fetch_daily_papers(Filters("2026-03-06", "2026-03-06"))
    replay.a_page = 200
    service.fetch_arxiv("cat:cs.SE", most=1)
    assert [name for name, _ in service.sources()] == [
        "daily-papers 2026-03-06",
        "arxiv cat:cs.SE",
    ]
    assert service.remove(source="arxiv cat:cs.SE") == 1


def test_one_paper_of_two_services_is_one(service: Service, replay: Any) -> None:
    service.fetch_daily_papers(Filters("2026-03-06", "2026-03-06"))
    id_ = replay.days["2026-03-06"][0]["paper"]["id"]
    replay.say(body=replay.page(0, 1).replace("2602.15552", id_))
    report = service.fetch_arxiv("id:" + id_, most=1)
    assert (report.papers, report.files[0].new) == (1, 0)
    assert service.papers()[0].sources == (
        "daily-papers 2026-03-06",
        f"arxiv id:{id_}",
    )


def test_days_without_papers_are_told(service: Service) -> None:
    steps: list[Progress] = []
    report = service.fetch_daily_papers(
        Filters("2026-03-06", "2026-03-07"), steps.append
    )
    assert [file.records for file in report.files] == [1]
    assert [(one.where, one.reason) for one in report.unread] == [
        ("daily-papers 2026-03-07", "there are no papers")
    ]
    assert [(step.stage, step.done, step.total) for step in steps] == [
        ("days", 1, 2),
        ("days", 2, 2),
    ]
    with pytest.raises(
        InputError, match="daily-papers 2026-03-07: there are no papers"
    ):
        service.fetch_daily_papers(Filters("2026-03-07", "2026-03-07"))


def test_what_came_before_a_failure_is_in_the_collection(
    service: Service, replay: Any
) -> None:
    replay.do(lambda: None)
    replay.say(404)
    with pytest.raises(FetchError):
        service.fetch_daily_papers(Filters("2026-03-05", "2026-03-06"))
    assert service.count() == 1


def test_a_day_whose_papers_cannot_be_read_is_told_and_passed(
    service: Service, replay: Any
) -> None:
    replay.days["2026-03-05"] = [
        {"paper": {"id": "2602.23229", "title": "", "summary": ""}}
    ]
    report = service.fetch_daily_papers(Filters("2026-03-05", "2026-03-06"))
    assert [file.records for file in report.files] == [0, 1]
    assert report.files[0].skipped[0].reason


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("fetch", "SERVICE"),
        ("fetch pubmed", "invalid choice: 'pubmed'"),
        ("fetch arxiv", "QUERY"),
        ("fetch arxiv | ", "is empty"),
        ("fetch arxiv x --max 0", "from 1 to 30000"),
        ("fetch arxiv x --since never", "'never' is no date"),
        ("fetch arxiv x --since ", "is empty"),
        ("fetch daily-papers --date 2026-13", "'2026-13' is no date"),
        ("fetch daily-papers --date 2026 --since 2026", "not allowed with"),
        ("fetch daily-papers --date 2020", "from 2023-05-04 to"),
        ("fetch daily-papers x", "unknown arguments: x"),
    ],
)
def test_bad_usage_is_one_line(
    command: str,
    said: str,
    replay: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in replay.environ.items():
        monkeypatch.setenv(name, value)
    arguments = [one.strip("|") for one in command.split(" ")]
    assert main([*arguments, "--data-dir", str(tmp_path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert said in printed.err
    assert replay.asked == []


def test_nothing_but_fetch_can_reach_for_the_internet() -> None:
    """Whoever imports the package does so when it is called, down from the service."""
    importers = {
        path.relative_to(PACKAGE).as_posix(): [
            node in tree.body for node in ast.walk(tree) if imports_fetching(node)
        ]
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "fetching"
        for tree in [ast.parse(path.read_text(encoding="utf-8"))]
    }
    assert {name: at_once for name, at_once in importers.items() if at_once} == {
        "service/__init__.py": [False, False],
        "service/fetched.py": [True, True],
    }


def imports_fetching(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and str(node.module).startswith(
        ("ragbot.fetching", "ragbot.service.fetched")
    )
