"""Long work in threads of its own: how far it is, stopping it, and one of a kind at a time.

A job goes on when whoever began it has gone; anybody may watch it and stop it.
"""

from __future__ import annotations

import abc
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from operator import attrgetter
from typing import TypeVar

from ragbot.errors import RagbotError
from ragbot.types import Progress

__all__ = ["Job", "Jobs", "Stopped"]

# Seconds that closing waits for the steps under way.
_PATIENCE = 10.0


class Stopped(Exception):
    """Leaves the work of a job that was told to stop, between two steps."""


class Job(abc.ABC):
    """One piece of long work; a subclass does it in `work` and holds what comes of it.

    ``first`` is how far an earlier, interrupted job had come, ``progress`` how far this one is.
    Once ``over`` is set, the work is done, or there is a ``problem``, or it was ``stopping``.
    """

    def __init__(self) -> None:
        self.first: Progress | None = None
        self.progress: Progress | None = None
        self.stopping = False
        self.over = threading.Event()
        self.problem: RagbotError | None = None

    @abc.abstractmethod
    def work(self) -> None:
        """Do it all, and `report` each step.

        Raises:
            RagbotError: it cannot be done.
            Stopped: by `report`.
        """

    def report(self, step: Progress) -> None:
        """Take note of a step of the work; what is stopped ends here, unless it was the last.

        Raises:
            Stopped: the job is to stop.
        """
        self.first = self.first or step
        self.progress = step
        if self.stopping and step.done < step.total:
            raise Stopped

    def stop(self) -> None:
        """Leave after the step under way; what is done stays done."""
        self.stopping = True

    def watch(self, seconds: float) -> Iterator[None]:
        """Yields every so many seconds until the job is over."""
        while not self.over.wait(seconds):
            yield

    def wait(self) -> None:
        """Wait until the job is over.

        Raises:
            RagbotError: its ``problem``.
        """
        self.over.wait()
        if self.problem:
            raise self.problem

    @property
    def seconds_left(self) -> float | None:
        """An estimate from what this job has done itself; ``None`` before its first step."""
        first, now = self.first, self.progress
        if first is None or now is None:
            return None
        done, total = now.done - first.done, now.total - first.done
        return replace(now, done=done, total=total).seconds_left

    def do(self) -> None:
        """Do the work in this thread; a failure that is none of ours is told and raised."""
        try:
            with suppress(Stopped):
                if not self.stopping:
                    self.work()
        except RagbotError as error:
            self.problem = error
        except BaseException:
            self.problem = RagbotError(
                "the work broke off", "the terminal of this server says why"
            )
            raise
        finally:
            self.over.set()


AJob = TypeVar("AJob", bound=Job)


class Jobs:
    """The jobs of one process, one of a kind at a time. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: list[Job] = []
        self._turns: dict[type[Job], threading.Lock] = {}

    def begin(self, job: AJob) -> AJob:
        """Do a job when those of its kind that were begun before are over."""
        with self._lock:
            self._start(job)
        return job

    def begin_alone(self, job: AJob) -> AJob:
        """Do a job, unless one of its kind is under way: that one is given instead."""
        with self._lock:
            busy = self.current(type(job))
            if busy is not None:
                return busy
            self._start(job)
        return job

    def current(self, kind: type[AJob]) -> AJob | None:
        """The job of a kind that is under way, or the first that waits."""
        of_kind = (job for job in self._under_way() if isinstance(job, kind))
        return next(of_kind, None)

    def close(self) -> None:
        """Stop every job, and wait a while for those that are between two steps.

        What has done no step yet, such as a model that is being loaded, leaves nothing half done.
        """
        end = time.monotonic() + _PATIENCE
        for job in self._jobs:
            job.stop()
        for job in filter(attrgetter("progress"), self._under_way()):
            job.over.wait(max(0.0, end - time.monotonic()))

    def _start(self, job: Job) -> None:
        self._jobs = [*self._under_way(), job]
        turn = self._turns.setdefault(type(job), threading.Lock())
        threading.Thread(target=_in_turn, args=[turn, job], daemon=True).start()

    def _under_way(self) -> list[Job]:
        return [job for job in self._jobs if not job.over.is_set()]


def _in_turn(turn: threading.Lock, job: Job) -> None:
    with turn:
        job.do()
