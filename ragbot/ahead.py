"""Work that is begun before its turn comes, and left where its turn never comes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

__all__ = ["begun_ahead", "leave_if_unwanted", "thread_ahead"]

T = TypeVar("T")

_unwanted: ContextVar[threading.Event] = ContextVar(
    "unwanted",
    default=threading.Event(),  # noqa: B039  never set
)


def begun_ahead(begun: Iterable[T], most: int) -> Iterator[T]:
    """The same things in the same order, each once ``most`` more have been taken from ``begun``.

    Where taking one begins its work, so many are under way while one is dealt with.
    """
    under_way: deque[T] = deque()
    for one in begun:
        under_way.append(one)
        if len(under_way) > most:
            yield under_way.popleft()
    yield from under_way


@contextmanager
def thread_ahead(name: str) -> Iterator[ThreadPoolExecutor]:
    """A thread for what is begun ahead, one piece of work after the other.

    At the end nobody wants what is not done: work that asks `leave_if_unwanted` ends at once, what
    has not begun never begins, and the thread is gone.
    """
    unwanted = threading.Event()
    thread = ThreadPoolExecutor(1, name, _unwanted.set, (unwanted,))
    try:
        yield thread
    finally:
        unwanted.set()
        thread.shutdown(cancel_futures=True)


def leave_if_unwanted() -> None:
    """To be called between the steps of long work.

    Raises:
        CancelledError: this is a thread of `thread_ahead`, and nobody waits for it any more.
    """
    if _unwanted.get().is_set():
        raise CancelledError
