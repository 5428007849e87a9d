"""Long work in threads: its turn, its steps, its end."""

from __future__ import annotations

import threading

import pytest

from ragbot.errors import InputError, RagbotError
from ragbot.jobs import Job, Jobs
from ragbot.types import Progress

SOON = 10.0  # seconds that no step of these takes


class Steps(Job):
    """Three steps, each begun when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Semaphore(0)
        self.told = threading.Event()

    def work(self) -> None:
        for done in range(4):
            self.report(Progress("questions", done, 3, float(done)))
            self.told.set()
            if done < 3:
                assert self.let.acquire(timeout=SOON)


class Others(Steps):
    """Of another kind."""


class Fails(Job):
    """Ends with the error that it is given."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def work(self) -> None:
        raise self.error


def finish(*jobs: Steps) -> None:
    for job in jobs:
        job.let.release(3)
        assert job.over.wait(SOON)


def test_the_time_left_is_estimated_from_the_steps_of_this_job() -> None:
    job = Jobs().begin(Steps())
    assert job.told.wait(SOON)
    assert job.seconds_left is None
    finish(job)
    assert job.seconds_left == 0.0
    job.progress = Progress("questions", 1, 3, 2.0)
    assert job.seconds_left == 4.0


def test_a_stop_is_heeded_between_two_steps_and_is_no_problem() -> None:
    job = Jobs().begin(Steps())
    assert job.told.wait(SOON)
    job.stop()
    finish(job)
    job.wait()
    assert job.progress == Progress("questions", 1, 3, 1.0)


def test_what_waits_for_its_turn_can_be_stopped_before_it_begins() -> None:
    jobs = Jobs()
    first, second = jobs.begin(Steps()), jobs.begin(Steps())
    second.stop()
    finish(first, second)
    assert second.progress is None


def test_kinds_do_not_wait_for_each_other_and_one_of_a_kind_is_under_way() -> None:
    jobs = Jobs()
    first, other = jobs.begin(Steps()), jobs.begin(Others())
    assert first.told.wait(SOON)
    assert other.told.wait(SOON)
    second = jobs.begin(Steps())
    assert not second.told.wait(0.05)
    assert jobs.current(Steps) is first
    assert jobs.begin_alone(Steps()) is first
    finish(first, second, other)
    assert jobs.current(Steps) is None


def test_an_expected_failure_is_raised_where_it_is_waited_for() -> None:
    job = Jobs().begin(Fails(InputError("a.txt: empty", "write something")))
    with pytest.raises(InputError, match=r"a\.txt: empty: write something"):
        job.wait()


def test_any_other_failure_ends_the_job_too_and_is_seen_by_its_thread() -> None:
    job = Fails(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        job.do()
    with pytest.raises(RagbotError, match="broke off"):
        job.wait()


def test_closing_stops_what_is_between_two_steps() -> None:
    jobs = Jobs()
    job = jobs.begin(Steps())
    assert job.told.wait(SOON)
    job.let.release()
    jobs.close()
    assert job.over.is_set()
    assert job.progress == Progress("questions", 1, 3, 1.0)
