"""How often a service is asked: not before its pause is over, whichever run asked last."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ragbot.fetching.kept_replies import keep

__all__ = ["REAL", "Clock", "Pace"]


@dataclass(frozen=True, slots=True)
class Clock:
    """The time in seconds since the epoch, and waiting for some; tests have their own."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


REAL = Clock()


class Pace:
    """The pause of a service in seconds, and the file that has when it was asked last."""

    def __init__(self, file: Path, pause: float, clock: Clock) -> None:
        self._file = file
        self._pause = pause
        self._clock = clock

    def wait(self) -> None:
        """Wait until the service may be asked, and note that it is asked now.

        Raises:
            CatalogError: that cannot be noted.
        """
        due = self._last() + self._pause - self._clock.now()
        if due > 0:
            # A clock that was set back makes nobody wait for longer than the pause
            self._clock.sleep(min(due, self._pause))
        keep(self._file, repr(self._clock.now()).encode())

    def _last(self) -> float:
        with suppress(OSError, ValueError):
            return float(self._file.read_text(encoding="ascii"))
        return 0.0
