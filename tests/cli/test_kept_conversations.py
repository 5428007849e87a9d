"""`ragbot conversations`, and what its export is to `ragbot ask --history`."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from ragbot.cli import main
from ragbot.config import load_settings
from ragbot.conversation_types import SavedTurn
from ragbot.service import Service
from ragbot.service.kept import Conversations, open_conversations

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A data folder with two conversations, and nothing else."""
    with closing(_conversations(tmp_path)) as conversations:
        conversations.begin(SavedTurn("Why depth?", shown="It helps.", stopped=True))
        conversations.begin(SavedTurn("Why \u202ewidth?", problem="nobody knows"))
    return tmp_path


def _conversations(data: Path) -> Conversations:
    return open_conversations(load_settings(data_dir=data, environ={}))


@pytest.fixture
def do(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Runs ``ragbot conversations`` over them in this process."""

    def run(*args: str) -> tuple[int, str, str]:
        code = main(["conversations", *args, "--data-dir", str(kept)])
        return code, *capsys.readouterr()

    return run


Do = Callable[..., tuple[int, str, str]]


def test_they_are_listed(do: Do) -> None:
    code, out, err = do()
    first, second, total = out.splitlines()
    assert (code, err, total) == (0, "", "2 conversations")
    assert first.endswith("1 turn  Why width?")
    assert second.endswith("Why depth?")
    (found,) = json.loads(do("list", "--query", "hel", "--json")[1])
    assert found.keys() == {"id", "title", "created", "changed", "turns"}
    assert (found["title"], found["turns"]) == ("Why depth?", 1)
    assert found["id"] in second
    assert len(json.loads(do("--json")[1])) == 2
    assert do("list", "--limit", "1")[1].endswith("\n1 conversation\n")


def test_one_is_shown_renamed_deleted_and_had_back(do: Do) -> None:
    id_ = json.loads(do("list", "--query", "depth", "--json")[1])[0]["id"]
    _, out, _ = do("show", id_)
    assert "Why depth?" in out
    assert "It helps." in out
    document = json.loads(do("show", id_, "--json")[1])
    assert document["turns"][0]["shown"] == "It helps."
    assert do("rename", id_, "Depth\x1b[31m")[:2] == (0, "it is called: Depth[31m\n")
    _, told, _ = do("delete", id_)
    assert f"ragbot conversations restore {id_}" in told
    assert do()[1].endswith("1 conversation\n")
    assert (
        do("restore", id_, "--json")[1]
        == f'{{\n  "restored": [\n    "{id_}"\n  ]\n}}\n'
    )
    assert do()[1].endswith("2 conversations\n")


@pytest.mark.parametrize(
    "args", [["show", "x"], ["export", "x"], ["rename", "x", "y"], ["delete", "x"]]
)
def test_an_unknown_id_is_one_line_and_changes_nothing(do: Do, args: list[str]) -> None:
    code, out, err = do(*args)
    assert (code, out) == (2, "")
    assert err == (
        "ragbot: no conversation has the id 'x': 'ragbot conversations' lists those there are\n"
    )


def test_of_several_all_are_deleted_or_none(do: Do) -> None:
    id_ = json.loads(do("--json")[1])[0]["id"]
    assert do("delete", id_, "x")[0] == 2
    assert do()[1].endswith("2 conversations\n")


def test_bad_usage_names_the_help(do: Do) -> None:
    code, out, err = do("forget")
    assert (code, out) == (2, "")
    assert "--help" in err


def test_an_export_is_json_wherever_that_is_said(do: Do, tmp_path: Path) -> None:
    id_ = json.loads(do("--json")[1])[0]["id"]
    file = tmp_path / "kept.json"
    assert do("--json", "export", id_, "-o", str(file)) == (0, "", "")
    assert json.loads(file.read_text())["id"] == id_
    assert do("--json", "export", id_) == do("export", id_, "--format", "json")


def test_an_export_is_a_history_to_ask_with(
    own: Path, tmp_path: Path, ragbot: Run
) -> None:
    """What "it" stands for outlives the window that it was asked in."""
    settings = load_settings(data_dir=own, environ={})
    asked = "How does MatryoshkaKV compress the KV cache?"
    with Service.open(settings) as service:
        id_ = service.conversations.begin(SavedTurn(asked, answer=service.ask(asked)))
    history = tmp_path / "history.json"
    told = ragbot(
        "conversations", "export", id_, "--json", "-o", history, "--data-dir", own
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    notes = ragbot("conversations", "export", id_, "--data-dir", own).stdout
    assert notes.startswith(f"# {asked}\n")
    assert "1. **MatryoshkaKV" in notes
    answer = ragbot(
        "ask",
        "Which models was it tested on?",
        "--history",
        history,
        "--json",
        "--data-dir",
        own,
    )
    document = json.loads(answer.stdout)
    assert "MatryoshkaKV" in document["standalone_question"]
    assert document["papers"][0]["title"].startswith("MatryoshkaKV")
