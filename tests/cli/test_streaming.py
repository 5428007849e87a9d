"""`ragbot ask` with a language model: on a terminal, on a pipe, and interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ragbot.testing import FAULTS, Script, ScriptedServer

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]

QUESTION = "How does MatryoshkaKV compress the KV cache?"
FIRST = "MatryoshkaKV compresses the KV cache along its feature dimension [1]."
WRITTEN = f"{FIRST} It holds 41% [1]. Everybody loves it."


def environment(server: ScriptedServer) -> dict[str, str]:
    return {
        **os.environ,
        "RAGBOT_LLM__PROVIDER": "openai",
        "RAGBOT_LLM__MODEL": "scripted",
        "RAGBOT_LLM__BASE_URL": server.base_url,
        "RAGBOT_LLM__RETRIES": "0",
        "TERM": "xterm",
    }


def at_a_terminal(
    server: ScriptedServer, data: Path, interrupt_at: str = ""
) -> tuple[int, str]:
    """The exit code of `ragbot ask`, and all that a terminal was sent."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "ragbot", "ask", QUESTION, "--data-dir", str(data)]
    program = subprocess.Popen(
        command, stdout=theirs, stderr=theirs, env=environment(server)
    )
    os.close(theirs)
    sent = b""
    try:
        while more := os.read(ours, 65536):
            sent += more
            if interrupt_at and interrupt_at.encode() in sent:
                interrupt_at = ""
                program.send_signal(signal.SIGINT)
    except OSError:  # Linux's way of saying that the other end is closed
        pass
    os.close(ours)
    return program.wait(), sent.decode()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminal")
def test_a_terminal_shows_it_growing_and_then_the_whole(data: Path) -> None:
    with ScriptedServer(Script(WRITTEN, delay=0.05)) as server:
        code, sent = at_a_terminal(server, data)
    assert code == 0
    growing, _, final = sent.rpartition("\x1b[?25h")  # the cursor is back
    assert "Reading the abstracts" in growing
    assert growing.count("MatryoshkaKV compresses") > 3
    assert "⚠" not in growing
    assert final.count("MatryoshkaKV compresses") == 1
    assert "Everybody loves it. ⚠" in final
    assert "41% does not occur in [1]" in final
    assert "Papers" in final


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one child")
def test_interrupted_it_hangs_up_and_leaves_what_had_come(data: Path) -> None:
    with ScriptedServer(
        Script(tokens=(FIRST, *[" word"] * 10_000), delay=0.02)
    ) as server:
        code, sent = at_a_terminal(server, data, interrupt_at="word word")
        assert server.chats[0].hung_up.wait(5)
    assert code == 130
    *_, last = sent.rpartition("MatryoshkaKV compresses")
    assert "word word" in last
    assert last.rstrip().endswith("ragbot: interrupted")


def test_a_pipe_gets_the_finished_answer_alone(data: Path, ragbot: Run) -> None:
    with ScriptedServer(WRITTEN) as server:
        done = ragbot("ask", QUESTION, "--data-dir", data, env=environment(server))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("MatryoshkaKV compresses") == 1
    assert "\x1b" not in done.stdout
    assert "Everybody loves it. ⚠" in done.stdout


@pytest.mark.parametrize("reply", [WRITTEN, FAULTS["key"]])
def test_json_is_one_document_whatever_the_model_does(
    data: Path, ragbot: Run, reply: Script | str
) -> None:
    with ScriptedServer(reply) as server:
        done = ragbot(
            "ask", QUESTION, "--json", "--data-dir", data, env=environment(server)
        )
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["mode"] == ("llm" if reply == WRITTEN else "extractive")
    assert [p["n"] for p in told["papers"]] == [1]
