"""Work on embedding models that a process of its own does: what it imports goes when it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable

from ragbot.embedding.quiet import one_line
from ragbot.embedding.spec import loading_errors
from ragbot.errors import EmbeddingError

__all__ = ["main_of", "run_apart"]


def run_apart(module: str, *args: str, doing: str) -> None:
    """Run a module as a program, which ends when this process does.

    Not `multiprocessing`, whose children run the program's main module again: a script without
    ``if __name__ == "__main__"`` would go on for ever.

    Args:
        doing: what it does to the embedding model, for people: "converts".

    Raises:
        EmbeddingError: it was ended.
        RuntimeError: it could not do it; says why.
    """
    with subprocess.Popen(
        [sys.executable, "-P", "-m", module, *args],
        # What is imported here is imported there, wherever this process has it from.
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path)),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stderr is not None
        said = process.stderr.read()
    if process.returncode < 0:
        raise EmbeddingError(
            f"the process that {doing} the embedding model was ended (signal "
            f"{-process.returncode})",
            "run the same command again; close other programs if memory is short",
        )
    if process.returncode:
        raise RuntimeError(said.strip().rpartition("\n")[2] or "no reason was given")


def main_of(work: Callable[..., None]) -> str | None:
    """The program that `run_apart` runs: ``None``, or why the work cannot be done."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        work(*sys.argv[1:])
    except loading_errors() as error:
        return one_line(error)
    return None


def _end_with_parent() -> None:
    """Its end of this pipe is closed when the other process ends, in whatever way."""
    os.read(0, 1)  # not sys.stdin, whose lock Python wants when it ends
    os._exit(1)
