"""Carries pieces from a thread that makes them to whoever reads them, and can always be left.

Who reads more slowly than the model writes gets longer pieces, and never lags behind.

What every kind of model has in common: stopping, telling reasoning from answer, and saying that an
answer was empty or only a part. Knows no model.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait

from ragbot.errors import LlmError
from ragbot.llm.reasoning import ReasoningFilter
from ragbot.types import Piece

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
                pieces, ended = _take(arrived, _LOOK_EVERY)
            except queue.Empty:
                continue
            told: list[Piece] = []
            for piece in pieces:
                told += [piece] if piece.reasoning else parts.feed(piece.text)
            for part in [*told, *(parts.finish() if ended else [])]:
                answered = not part.retracts and (answered or not part.reasoning)
                yield part
            if ended:
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


def _take(arrived: queue.SimpleQueue[Piece | None], timeout: float) -> tuple[list[Piece], bool]:
    """All that has arrived, neighbours of a kind as one piece, and whether that was the last.

    Raises:
        queue.Empty: nothing came in time.
    """
    pieces: list[Piece] = []
    piece = arrived.get(timeout=timeout)
    while piece is not None:
        if pieces and pieces[-1].reasoning == piece.reasoning:
            piece = Piece(pieces.pop().text + piece.text, piece.reasoning)
        pieces.append(piece)
        if arrived.empty():
            return pieces, False
        piece = arrived.get()
    return pieces, True
