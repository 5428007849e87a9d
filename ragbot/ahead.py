"""Work that is begun before its turn comes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TypeVar

__all__ = ["begun_ahead"]

T = TypeVar("T")


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
