"""Files taken into the collection in the background, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ragbot.errors import ReadError
from ragbot.jobs import Job, Stopped
from ragbot.pipeline import Ragbot
from ragbot.types import FileReport, Skipped

__all__ = ["Intake"]


class Intake(Job):
    """The files and the ``reports`` of those that are done; ``reading`` is the one under way.

    A file that cannot be read is a report with its reason; the others are taken. When stopped, what
    is in stays in: the same files again go on there.
    """

    def __init__(self, bot: Ragbot, files: Sequence[Path]) -> None:
        super().__init__()
        self.files = files
        self.reports: list[FileReport] = []
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
            self.reports.append(self._report(path))
            self.reading = None

    def _report(self, path: Path) -> FileReport:
        try:
            return self._bot.ingest([path], progress=self.report).files[0]
        except ReadError as error:
            skipped = (Skipped("", error.problem),)
            return FileReport(path.name, None, 0, 0, 0, skipped)
