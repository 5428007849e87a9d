"""Files taken into the collection in the background, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from ragbot.errors import InputError, NothingRead
from ragbot.jobs import Job, Stopped
from ragbot.pipeline import Ragbot
from ragbot.service.apart import ingest_apart, is_long
from ragbot.types import WHOLE_FILE, FileReport, Skipped

__all__ = ["Intake"]


class Intake(Job):
    """The files, how many are ``done``, and the ``reports``; ``reading`` is the one under way.

    An archive has a report for each file in it. A file that cannot be read is a report with its
    reason; the others are taken. When stopped, what is in stays in: the same files again go on
    there.
    """

    def __init__(self, bot: Ragbot, files: Sequence[Path]) -> None:
        super().__init__()
        self.files = files
        self.reports: list[FileReport] = []
        self.done = 0
        self.reading: Path | None = None
        self._bot = bot

    def work(self) -> None:
        """Take the files.

        Raises:
            Locked: another process is writing.
            FingerprintMismatch: the index was built with other settings.
        """
        for path in self.files:
            if self.stopping:
                raise Stopped
            self.reading, self.progress = path, None
            self.reports += self._reports(path)
            self.done += 1
            self.reading = None

    def _reports(self, path: Path) -> list[FileReport]:
        try:
            ingest = (
                partial(ingest_apart, self._bot) if is_long(path) else self._bot.ingest
            )
            # Where it lies says nothing: it was put there for this.
            report = ingest([path], within=[path.parent], progress=self.report)
        except NothingRead as error:
            return list(error.files)
        except InputError as error:
            return [_unread(path, str(error).removeprefix(f"{path}: "))]
        return [
            *report.files,
            *(_unread(Path(u.where), u.reason) for u in report.unread),
        ]


def _unread(path: Path, reason: str) -> FileReport:
    return FileReport(path.name, None, 0, 0, 0, (Skipped(WHOLE_FILE, reason),))
