"""What was computed last, kept in memory up to a bound."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

__all__ = ["Memo"]

K = TypeVar("K")
V = TypeVar("V")


class Memo(Generic[K, V]):
    """The values of up to ``size`` keys; the oldest go first. Safe to share between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: dict[K, V] = {}

    def get(self, keys: Iterable[K], compute: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """The values of ``keys``; ``compute`` gives those not kept, all at once.

        A key for which it gives none has none. Two threads may compute the same: neither waits.
        """
        with self._lock:
            keys = dict.fromkeys(keys)
            found = {k: self._kept[k] for k in keys if k in self._kept}
        missing = [k for k in keys if k not in found]
        if not missing:
            return found
        computed = compute(missing)
        with self._lock:
            self._kept.update(computed)
            for key in list(self._kept)[: max(0, len(self._kept) - self._size)]:
                del self._kept[key]
        return found | dict(computed)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()
