"""Carries pieces from a thread that makes them to whoever reads them, and can always be left.

Who reads more slowly than the model writes gets longer pieces, and never lags behind.

What every kind of model has in common: stopping, telling reasoning from answer, and saying that an
answer was empty or only a part. Knows no model.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

from ragbot.embedding.quiet import one_line
from ragbot.errors import LlmError
from ragbot.llm.reasoning import ReasoningFilter
from ragbot.text.words import whole
from ragbot.types import Piece

__all__ = ["Emit", "Produce", "pump"]

Emit = Callable[[Piece], None]
# Makes all pieces of one answer, and returns early once the event is set.
Produce = Callable[[Emit, threading.Event], None]

_LOOK_EVERY = 0.05  # seconds between looks at ``stop`` while nothing comes
_LOOK_BACK = 1_000  # characters of the answer in which repetition is looked for
_TIMES = 3  # how often something is said again by a model that goes round in circles
_LEAST_LOOP = 40  # characters that the repetitions fill at least: "......" is none
_LEAVE_AFTER = 1.0  # seconds a producer has to clear up before it is left to itself


def pump(
    produce: Produce, stop: threading.Event | None
) -> Generator[Piece, None, None]:
    """The pieces that ``produce`` emits, as they come; see `ragbot.llm.protocol.Llm.stream`.

    Whatever it raises, an `LlmError` is what comes out.
    """
    arrived: queue.SimpleQueue[Piece | None] = queue.SimpleQueue()
    left = threading.Event()
    pool = ThreadPoolExecutor(1, thread_name_prefix="ragbot-llm")
    work = pool.submit(produce, arrived.put, left)
    work.add_done_callback(lambda _: arrived.put(None))
    told = _Told()
    try:
        while stop is None or not stop.is_set():
            try:
                pieces, ended = _take(arrived, _LOOK_EVERY)
            except queue.Empty:
                continue
            yield from told.more(pieces)
            if ended:
                yield from told.rest()
                told.check(work.exception())
                return
    except LlmError as error:
        error.partial = told.answered
        raise
    finally:
        left.set()
        pool.shutdown(wait=False)
        wait([work], _LEAVE_AFTER)


class _Told:
    """What a model has said so far: thoughts told from the answer, and whether it ended well."""

    def __init__(self) -> None:
        self.answered = False
        self._parts = ReasoningFilter()
        self._halves = _Halves()
        self._thought = False
        self._end = ""  # of the answer

    def more(self, pieces: Sequence[Piece]) -> Iterator[Piece]:
        """What is certain after these."""
        for piece in pieces:
            text = self._halves.joined(piece.text)
            if piece.reasoning:
                yield from self._noted([Piece(text, reasoning=True)] if text else [])
            else:
                yield from self._noted(self._parts.feed(text))

    def rest(self) -> Iterator[Piece]:
        """What was held back until it was clear that no more comes."""
        yield from self._noted(self._parts.feed(self._halves.rest()))
        yield from self._noted(self._parts.finish())

    def check(self, error: BaseException | None) -> None:
        """Make sure that the answer is one, and whole.

        Raises:
            LlmError: it is none, or not all of it.
        """
        if isinstance(error, LlmError):
            raise self._advised(error)
        if error is not None:
            raise LlmError(
                f"the language model failed ({one_line(error)})",
                "ask again, or take another model",
                kind="server",
            ) from error
        if self.answered:
            return
        if self._thought:
            raise LlmError(
                "the language model never left its thoughts",
                "ask again, turn its thinking off, or try another model",
                kind="empty",
            )
        raise LlmError(
            "the language model gave an empty answer",
            "ask again, or try another model",
            kind="empty",
        )

    def _advised(self, error: LlmError) -> LlmError:
        """The advice to raise a limit helps nobody whose model goes round in circles."""
        if error.kind != "length":
            return error
        if _repeats(self._end):
            return LlmError(
                "the language model repeated itself until it was cut",
                "try a larger model, or one made for chat",
                kind="length",
            )
        if not self.answered and self._thought:
            return LlmError(
                f"the language model spent all on its thoughts: {error.message}",
                f"turn its thinking off, or {error.remedy}",
                kind="length",
            )
        return error

    def _noted(self, pieces: Sequence[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            if piece.retracts:
                self.answered, self._end = False, ""
            elif piece.reasoning:
                self._thought = True
            else:
                self.answered = True
                self._end = (self._end + piece.text)[-_LOOK_BACK:]
            yield piece


class _Halves:
    """Joins the halves of characters that JSON wrote as two and a server sent apart."""

    def __init__(self) -> None:
        self._high = ""

    def joined(self, text: str) -> str:
        """Text without halves; one at its end waits for the other."""
        text = self._high + text
        self._high = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._high = text[:-1], text[-1]
        return whole(text)

    def rest(self) -> str:
        """A half whose other one never came."""
        rest, self._high = self._high, ""
        return whole(rest)


def _repeats(text: str) -> bool:
    """Whether a text ends in something said three times or more, one right after the other."""
    for size in range(1, len(text) // _TIMES + 1):
        last = text[-size:]
        if last.strip() and text.endswith(last * max(_TIMES, _LEAST_LOOP // size)):
            return True
    return False


def _take(
    arrived: queue.SimpleQueue[Piece | None], timeout: float
) -> tuple[list[Piece], bool]:
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
