"""When Python looks for cyclic garbage: not in all that a start has just made, nor at the end.

A start makes a hundred thousand objects that stay, and each search for garbage goes through them.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["end_at_once", "started", "uncollected"]


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for none meanwhile; as before afterwards, whoever else does the same around it."""
    before: Callable[[], None] = gc.enable if gc.isenabled() else gc.disable
    gc.disable()
    try:
        yield
    finally:
        before()


def started() -> None:
    """Never look again through what there is now."""
    gc.freeze()


def end_at_once() -> None:
    """Have the process end without a last look: its memory is the system's again anyway."""
    atexit.register(gc.freeze)
