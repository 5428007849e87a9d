"""What was used last, kept in memory up to a bound."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Generic, TypeVar

__all__ = ["Memo"]

K = TypeVar("K")
V = TypeVar("V")


class Memo(Generic[K, V]):
    """The values of up to ``size`` keys; the one not asked for longest goes first.

    Safe to share between threads.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: dict[K, V] = {}

    def get(
        self, keys: Iterable[K], compute: Callable[[list[K]], Mapping[K, V]]
    ) -> dict[K, V]:
        """The values of ``keys``; ``compute`` gives those not kept, all at once.

        A key for which it gives none has none. Two threads may compute the same: neither waits.
        """
        found: dict[K, V] = {}
        missing: list[K] = []
        with self._lock:
            for key in dict.fromkeys(keys):
                if key in self._kept:
                    # The order of a dictionary is that of putting in: what is used goes to its end.
                    found[key] = self._kept[key] = self._kept.pop(key)
                else:
                    missing.append(key)
        if not missing:
            return found
        computed = compute(missing)
        with self._lock:
            self._kept.update(computed)
            surplus = max(0, len(self._kept) - self._size)
            for key in list(islice(self._kept, surplus)):
                del self._kept[key]
        return found | dict(computed)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()
