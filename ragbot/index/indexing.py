"""Papers into an index, a batch at a time: the next is embedded while one is put down.

    take ─► embed (a thread of its own) ─► put (the caller's thread), then the batch is done

A batch is what takes some seconds on the machine at hand, so that an interruption loses no more,
and commits, whose cost is much the same for few papers and for many, are few where that is fast.
Two batches are in memory at most.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from ragbot.ahead import begun_ahead, thread_ahead
from ragbot.index.catalog_reader import CatalogReader
from ragbot.types import OnProgress, Paper, Progress

__all__ = ["index_in_batches", "to_nobody", "waiting_in_batches"]

# Between two commits.
_SECONDS = 3.0
# Papers between two commits: the first batch has the fewest.
_LEAST, _MOST = 16, 512

Made = TypeVar("Made")

Take = Callable[[int], list[Paper]]
"""The next papers, as many or fewer at the end; none when there are no more."""


def index_in_batches(
    take: Take,
    embed: Callable[[Sequence[Paper]], Made],
    put: Callable[[Sequence[Paper], Made], None],
    total: int,
    progress: OnProgress | None,
    done: int = 0,
) -> None:
    """Embed papers and put them down, batch by batch, in the order in which they are taken.

    ``done`` of ``total`` papers are so already; ``progress`` is told after each batch. Whatever one
    of these raises ends the work: what was put down stays, and nothing goes on behind it.
    """
    tell = progress or to_nobody
    start = before = time.monotonic()
    size = _LEAST
    with thread_ahead("embedding") as thread:
        batches = iter(lambda: take(size), [])
        begun = ((papers, thread.submit(embed, papers)) for papers in batches)
        for papers, made in begun_ahead(begun, 1):
            put(papers, made.result())
            now = time.monotonic()
            size = _within_bounds(len(papers) * _SECONDS / max(now - before, 1e-3))
            before = now
            done += len(papers)
            tell(Progress("index", done, total, now - start))


def _within_bounds(papers: float) -> int:
    return max(_LEAST, min(int(papers), _MOST))


def to_nobody(_: Progress) -> None:
    """Nobody wants to know."""


def waiting_in_batches(catalog: CatalogReader) -> Take:
    """The papers that wait to be indexed, each once.

    Each batch is to be committed before the next but one is taken.
    """
    under_way: set[str] = set()

    def take(most: int) -> list[Paper]:
        waiting = catalog.waiting(most + len(under_way))
        papers = [paper for paper in waiting if paper.id not in under_way][:most]
        under_way.clear()
        under_way.update(paper.id for paper in papers)
        return papers

    return take
