"""Questions that come at once go through the model together.

Nobody waits for others to come: who finds the model free has it at once, with those who wait by
then. Each more question in a pass costs a third of what a pass of its own does; of many there are
several passes, so that the first are answered while the others go through the model.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import numpy as np

from ragbot.embedding.embedder import Vectors

__all__ = ["Together"]

# Calls in one pass: more of them cost little less each.
_MOST = 8


class Together:
    """Calls of a function from texts to vectors (texts, dimension), those that wait made as one.

    Safe to share between threads, of which one at a time is in the function. What it raises, all
    whose texts it had raise.
    """

    def __init__(self, embed: Callable[[Sequence[str]], Vectors]) -> None:
        self._embed = embed
        self._lock = threading.Lock()
        self._is_busy = False
        # Texts, and what comes of them: vectors, or ``None`` where their caller is to embed what
        # waits. Nobody waits for a lock that those go through whose vectors are there already.
        self._waiting: list[tuple[Sequence[str], Future[Vectors | None]]] = []

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """The vectors (texts, dimension) of these texts."""
        own: Future[Vectors | None] = Future()
        with self._lock:
            self._waiting.append((texts, own))
            self._hand_on()
        found = own.result()
        if found is not None:
            return found
        try:
            return self._embed_waiting()
        finally:
            with self._lock:
                self._is_busy = False
                self._hand_on()

    def waiting(self) -> int:
        """How many calls wait for the model."""
        with self._lock:
            return len(self._waiting)

    def _hand_on(self) -> None:
        """Let the first who waits have the model, if it is free."""
        if self._waiting and not self._is_busy:
            self._is_busy = True
            self._waiting[0][1].set_result(None)

    def _embed_waiting(self) -> Vectors:
        """Embed what waits, so much of it; the vectors of the first are returned."""
        with self._lock:
            taken = self._waiting[:_MOST]
            del self._waiting[:_MOST]
        texts, (_, *others) = zip(*taken, strict=True)
        try:
            vectors = self._embed([text for own in texts for text in own])
        except BaseException as error:
            for other in others:
                other.set_exception(error)
            raise
        ends = np.cumsum(list(map(len, texts)))
        first, *rest = np.split(vectors, ends[:-1])
        for other, rows in zip(others, rest, strict=True):
            other.set_result(rows)
        return first
