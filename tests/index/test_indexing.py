"""One batch is embedded while another is put down; whatever ends the work leaves nothing behind."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from itertools import islice

import numpy as np
import pytest

from ragbot.ahead import leave_if_unwanted
from ragbot.index import indexing
from ragbot.index.indexing import index_in_batches
from ragbot.index.passages import Embedded
from ragbot.testing import tiny_papers
from ragbot.types import Paper, Progress

# Batches of ten.
PAPERS = [dataclasses.replace(tiny_papers()[0], id=str(at)) for at in range(95)]
WAIT = 60.0


@pytest.fixture(autouse=True)
def batches_of_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "_LEAST", 10)
    monkeypatch.setattr(indexing, "_MOST", 10)


def taking() -> Callable[[int], list[Paper]]:
    papers = iter(PAPERS)
    return lambda most: list(islice(papers, most))


def embedding(papers: Sequence[Paper]) -> Embedded:
    return Embedded([], np.full((1, 8), int(papers[0].id), np.float32), {})


def threads() -> list[str]:
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("embedding")]


def test_the_next_batch_is_embedded_while_one_is_put_down() -> None:
    begun = [threading.Event() for _ in range(10)]
    put: list[str] = []
    steps: list[Progress] = []

    def embed(papers: Sequence[Paper]) -> Embedded:
        begun[int(papers[0].id) // 10].set()
        return embedding(papers)

    def put_down(papers: Sequence[Paper], made: Embedded) -> None:
        at = int(papers[0].id) // 10
        assert made.vectors[0, 0] == 10 * at
        assert all(event.wait(WAIT) for event in begun[at : at + 2])
        assert not any(event.is_set() for event in begun[at + 2 :])
        put.extend(paper.id for paper in papers)

    index_in_batches(taking(), embed, put_down, 95, steps.append)
    assert put == [paper.id for paper in PAPERS]
    assert [step.done for step in steps] == [*range(10, 91, 10), 95]
    assert not threads()


class Ended(BaseException):
    """Whatever may end the work: an error, Ctrl-C, a job that is stopped."""


@pytest.mark.parametrize("where", ["take", "embed", "put", "progress"])
def test_what_ends_the_work_is_raised_and_nothing_goes_on_behind_it(where: str) -> None:
    put: list[int] = []
    embedded: list[int] = []
    take = taking()

    def ends(at: str, first: int) -> None:
        if at == where and first == 30:
            raise Ended

    def take_some(most: int) -> list[Paper]:
        papers = take(most)
        ends("take", int(papers[0].id))
        return papers

    def embed(papers: Sequence[Paper]) -> Embedded:
        ends("embed", int(papers[0].id))
        embedded.append(int(papers[0].id))
        return embedding(papers)

    def put_down(papers: Sequence[Paper], _: Embedded) -> None:
        ends("put", int(papers[0].id))
        put.append(int(papers[0].id))

    def progress(step: Progress) -> None:
        ends("progress", step.done - 10)

    with pytest.raises(Ended):
        index_in_batches(take_some, embed, put_down, 95, progress)
    # What is taken ahead ends the work as soon as it fails, the rest when its turn has come.
    assert put == {"take": [0, 10], "progress": [0, 10, 20, 30]}.get(where, [0, 10, 20])
    assert max(embedded) <= 40
    assert not threads()


def test_embedding_is_left_between_its_steps_when_the_work_ends() -> None:
    begun, left = threading.Event(), threading.Event()

    def embed(papers: Sequence[Paper]) -> Embedded:
        if papers[0].id == "0":
            return embedding(papers)
        begun.set()
        until = time.monotonic() + WAIT
        try:
            while time.monotonic() < until:
                leave_if_unwanted()
                time.sleep(0.001)
        except CancelledError:
            left.set()
            raise
        return embedding(papers)

    def put_down(papers: Sequence[Paper], _: Embedded) -> None:
        assert begun.wait(WAIT)
        raise Ended

    leave_if_unwanted()  # who is in no such thread goes on
    with pytest.raises(Ended):
        index_in_batches(taking(), embed, put_down, 95, None)
    assert left.is_set()
    assert not threads()
    leave_if_unwanted()


def test_a_batch_is_what_takes_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "_MOST", 50)
    sizes: list[int] = []

    def put_down(papers: Sequence[Paper], _: Embedded) -> None:
        sizes.append(len(papers))

    index_in_batches(taking(), embedding, put_down, 95, None)
    assert sizes[:2] == [10, 10]  # the second is taken before the first is timed
    assert max(sizes) > 10
    assert sum(sizes) == 95
    monkeypatch.setattr(indexing, "_SECONDS", 0.0)
    sizes.clear()
    index_in_batches(taking(), embedding, put_down, 95, None)
    assert sizes == [10] * 9 + [5]
