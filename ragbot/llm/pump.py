"""Carries pieces from a thread that makes them to whoever reads them, and can always be left.

What every kind of model has in common: stopping, telling reasoning from answer, and saying that an
answer was empty or only a part. Knows no model.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait

from ragbot.errors import LlmError
from ragbot.llm.base import Piece
from ragbot.llm.reasoning import ReasoningFilter

__all__ = ["Emit", "Produce", "pump"]

Emit = Callable[[Piece], None]
# Makes all pieces of one answer, and returns early once the event is set.
Produce = Callable[[Emit, threading.Event], None]

_LOOK_EVERY = 0.05  # seconds between looks at ``stop`` while nothing comes
_LEAVE_AFTER = 1.0  # seconds a producer has to clear up before it is left to itself


def pump(produce: Produce, stop: threading.Event | None) -> Generator[Piece, None, None]:
    """The pieces that ``produce`` emits, as they come; see `ragbot.llm.base.Llm.stream`."""
    arrived: queue.SimpleQueue[Piece | None] = queue.SimpleQueue()
    left = threading.Event()
    pool = ThreadPoolExecutor(1, thread_name_prefix="ragbot-llm")
    work = pool.submit(produce, arrived.put, left)
    work.add_done_callback(lambda _: arrived.put(None))
    parts = ReasoningFilter()
    answered = False
    try:
        while stop is None or not stop.is_set():
            try:
                piece = arrived.get(timeout=_LOOK_EVERY)
            except queue.Empty:
                continue
            if piece is None:
                told = parts.finish()
            else:
                told = [piece] if piece.reasoning else parts.feed(piece.text)
            for part in told:
                answered = not part.retracts and (answered or not part.reasoning)
                yield part
            if piece is None:
                work.result()
                if not answered:
                    raise LlmError(
                        "the language model gave an empty answer: ask again, or try another model",
                        kind="empty",
                    )
                return
    except LlmError as error:
        error.partial = answered
        raise
    finally:
        left.set()
        pool.shutdown(wait=False)
        wait([work], _LEAVE_AFTER)
