"""Long files are taken in by a process of their own, which steps back behind those who ask.

In this one their reading and embedding would hold up everybody: threads of Python take turns, and
the model takes all cores. What the other process commits is found by the next question here.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from pathlib import Path

from ragbot.config import Settings
from ragbot.errors import RagbotError
from ragbot.jobs import Stopped
from ragbot.pipeline import Ragbot
from ragbot.types import IngestReport, OnProgress, Progress

__all__ = ["ingest_apart", "is_long"]

# Bytes: some 200 papers, which take longer to embed than a process takes to begin.
_LONG = 300_000
_NICE = 10


def is_long(path: Path) -> bool:
    """Whether a file, or a folder, is worth a process; what is not there is not."""
    with suppress(OSError):
        return path.is_dir() or path.stat().st_size > _LONG
    return False


def ingest_apart(
    bot: Ragbot,
    paths: Sequence[Path],
    *,
    within: Sequence[Path] = (),
    progress: OnProgress,
) -> IngestReport:
    """What `Ragbot.ingest` does, in a process of its own; what ``progress`` raises ends it.

    A collection whose embedder was handed over is written here: no other process has that.

    Raises:
        RagbotError: as for `Ragbot.ingest`, or the process was ended from outside.
    """
    if not bot.loads_its_own:
        return bot.ingest(paths, within=within, progress=progress)
    context = multiprocessing.get_context("spawn")
    with bot.lent():
        steps, told = context.Pipe(duplex=False)
        process = context.Process(
            target=_take_in, args=(told, bot.settings, paths, within), daemon=True
        )
        process.start()
        told.close()
        try:
            with closing(steps):
                return _followed(steps, progress)
        finally:
            process.join()


def _followed(steps: Connection, progress: OnProgress) -> IngestReport:
    """The report that comes after all steps."""
    while True:
        try:
            step = steps.recv()
        except EOFError:
            raise RagbotError(
                "the process that took the files in was ended",
                "take in the same files again: they go on where it was",
            ) from None
        if isinstance(step, RagbotError):
            raise step
        if isinstance(step, IngestReport):
            return step
        progress(step)


def _take_in(
    told: Connection, settings: Settings, paths: Sequence[Path], within: Sequence[Path]
) -> None:
    """The work of the other process; it ends when nobody listens any more."""
    _step_back()

    def tell(step: Progress) -> None:
        try:
            told.send(step)
        except OSError:
            raise Stopped from None

    with suppress(Stopped, BrokenPipeError), closing(told):
        try:
            with Ragbot.open(settings) as bot:
                told.send(bot.ingest(paths, within=within, progress=tell))
        except RagbotError as error:
            told.send(error)


def _step_back() -> None:
    """Leave the processor to those who ask, and interrupts to the process that began this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "win32":
        import ctypes

        kernel, below_normal = ctypes.windll.kernel32, 0x4000
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), below_normal)
    else:
        os.nice(_NICE)
