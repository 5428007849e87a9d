"""Runs what a person runs on a disk that fills up, each step in a child of its own.

Run by test_full_disk.py, as a program:

    python replay_full_disk.py DATA_FOLDER BYTES STEP… > outcomes.json

BYTES is the size that no file may pass, 0 for none. An outcome is "done: …", "told: …" (one line
with a remedy) or what ended the step.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from replay_damage import in_a_child, opened

from ragbot.errors import RagbotError
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_listings


def _remove(bot: Ragbot) -> object:
    return bot.remove([paper.id for paper in bot.papers()[:20]])


def _check(bot: Ragbot) -> object:
    bot.retriever()
    return bot.stores.check()


STEPS: dict[str, Callable[[Ragbot], object]] = {
    "ingest": lambda bot: bot.ingest([bundled_listings()]).papers,
    "ask": lambda bot: len(bot.ask("neural networks for images").quotes),
    "remove": _remove,
    "rebuild": lambda bot: bot.rebuild(),
    "check": _check,
}


def main() -> None:
    folder, most, *steps = sys.argv[1:]
    if int(most):
        # Python ignores the signal that comes with it, and so do its children.
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), resource.RLIM_INFINITY))

    def run(step: str) -> str:
        def work(path: Path) -> str:
            try:
                with opened(path) as bot:
                    return f"done: {STEPS[step](bot)}"
            except RagbotError as error:
                return f"told: {error}" if error.remedy else f"no remedy: {error}"

        return in_a_child(work, Path(folder))

    json.dump([run(step) for step in steps], sys.stdout)


if __name__ == "__main__":
    main()
