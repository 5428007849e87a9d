"""What a start costs, told by what is loaded and looked through, never by a clock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

QUESTION = "How does MatryoshkaKV compress the KV cache?"
# What takes long to load, and is for other commands, models or files.
HEAVY = """
    numpy chromadb torch transformers sentence_transformers sklearn scipy gradio fastapi pandas PIL
    llama_index openai bibtexparser pylatexenc defusedxml jinja2
    ragbot.citing ragbot.embedding.torch_engine ragbot.evaluation ragbot.fetching
    ragbot.index.writer ragbot.readers ragbot.service.trials ragbot.support ragbot.window
"""
# Tells what is loaded, how often garbage was sought among all objects, and how many are exempt
# from that at the end; functions registered first are called last.
ASKED = """
import atexit, gc, json, sys
told = {}
atexit.register(lambda: print(json.dumps(told | {"exempt": gc.get_freeze_count()})))
from ragbot.cli import main
sys.stdout, stdout = sys.stderr, sys.stdout
before = gc.get_stats()[2]["collections"]
main(sys.argv[2:])
told["sought"] = gc.get_stats()[2]["collections"] - before
told["seeks"] = gc.isenabled()
told["loaded"] = [name for name in sys.argv[1].split() if name in sys.modules]
sys.stdout = stdout
"""
# Ends the window as soon as it is ready.
OPENED = """
import gc, io, json, sys
from ragbot.cli import main

class Shown(io.StringIO):
    def write(self, text):
        if text.startswith("Ragbot is ready"):
            seeks, exempt = gc.isenabled(), gc.get_freeze_count()
            sys.__stdout__.write(json.dumps({"seeks": seeks, "exempt": exempt}))
            raise KeyboardInterrupt
        return len(text)

sys.stdout = Shown()
main(sys.argv[1:])
"""


def told(script: str, *args: object) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, args)],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    return json.loads(done.stdout)


def test_help_loads_nothing_heavy() -> None:
    assert told(ASKED, HEAVY, "--help")["loaded"] == []


def test_a_question_loads_what_it_needs_and_leaves_what_it_made_alone(
    data: Path,
) -> None:
    was = told(ASKED, HEAVY, "ask", QUESTION, "--data-dir", data)
    assert was["loaded"] == ["numpy", "chromadb"]
    assert was["sought"] == 0
    assert was["seeks"]
    assert was["exempt"] > 10_000


def test_a_window_that_is_ready_looks_for_garbage_in_what_is_new(data: Path) -> None:
    was = told(OPENED, "chat", "--port", 0, "--data-dir", data)
    assert was["seeks"]
    assert was["exempt"] > 100_000
