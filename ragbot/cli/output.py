"""What a command prints beside its text: complaints, JSON, a bar of progress."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ragbot.types import Progress

__all__ = ["Bar", "complain", "print_json", "put"]


def complain(message: str) -> None:
    """One line on stderr, under the program's name."""
    from ragbot.text.words import printable

    print(f"ragbot: {printable(' '.join(message.split()))}", file=sys.stderr)


def print_json(document: object) -> None:
    """A document on stdout, for other programs."""
    from ragbot.serialise import json_text

    print(json_text(document, indent=2))


def put(text: str, output: Path | None) -> None:
    """Into a file if one is named, else on stdout.

    Raises:
        InputError: the file cannot be written.
    """
    if output is None:
        print(text, end="")
        return
    from ragbot.papers.export import write_file

    write_file(output, text)


# Of the stages that do not count papers.
_UNITS = {"questions": " questions", "days": " days"}


class Bar:
    """Progress on stderr if that is a terminal: how many a second and the time left."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, step: Progress) -> None:
        if self._bar is None and sys.stderr.isatty():
            from tqdm import tqdm

            unit = _UNITS.get(step.stage, " papers")
            self._bar = tqdm(
                desc=step.stage, total=step.total, unit=unit, file=sys.stderr
            )
        if self._bar is not None:
            self._bar.total = step.total
            self._bar.update(step.done - self._bar.n)
            if step.done == step.total:
                self.close()

    def close(self) -> None:
        """Leave the last state on the screen."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
