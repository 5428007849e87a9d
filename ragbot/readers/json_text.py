"""JSON as the objects in it, in bounded memory: one a line, items of an array, or a whole answer.

What is no JSON is a fault that says where, never a crash: neither nesting nor digits without end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count, islice
from typing import Any

from ragbot.readers.document import PIECE, Document
from ragbot.types import Skipped

__all__ = ["BEGINS", "Told", "on_lines", "values"]

Told = tuple[str, Any]
"""Where a value stands (``line 3``, ``item 7``), and the value; `Skipped` for one that is none."""

BEGINS = r"\s*(?:\{\s*[\"}]|\[\s*(?:[\[{\"\]]|null\b))"
"""A pattern of how objects and arrays begin."""
_BETWEEN = re.compile(r"[\s,]*")
_LONGEST_ITEM = 20_000_000
_NESTED = "it is nested too deeply"
_CUT = "it is no JSON, or the file ends in the middle of it"
# Python refuses whole numbers of more digits than 4,300; those behind the 20th tell nothing here.
_DIGITS = 20
_DECODER = json.JSONDecoder(parse_int=lambda digits: int(digits[:_DIGITS]))


def values(document: Document) -> Iterator[Told]:
    """The items of an array, the objects on the lines, or the one value of a document.

    Raises:
        ReadError: it is one value, and no JSON, or longer than can be read at once.
    """
    head = document.head().lstrip()
    if head.startswith("["):
        yield from _items(document.pieces())
    elif not isinstance(_decoded(head.partition("\n")[0], ""), Skipped):
        yield from on_lines(document)
    else:
        value = _decoded(document.text(), "file")
        if isinstance(value, Skipped):
            raise document.fault(value.reason, "save or download it again")
        yield "", value


def on_lines(document: Document) -> Iterator[Told]:
    """The value on each line that has one."""
    for number, line in document.lines():
        if line.strip():
            where = f"line {number}"
            yield where, _decoded(line, where)


def _decoded(text: str, where: str) -> Any:
    try:
        return _DECODER.decode(text)
    except RecursionError:
        return Skipped(where, _NESTED)
    except ValueError as error:
        return Skipped(where, f"no JSON: {error}")


def _items(pieces: Iterator[str]) -> Iterator[Told]:
    """The items of an array that is read piece by piece, up to the first that is none."""
    window = _Window(pieces)
    numbers = count(1)
    value: Any = None
    while not isinstance(value, Skipped) and window.mark() != "]":
        where = f"item {next(numbers)}"
        value = window.value(where)
        yield where, value


class _Window:
    """The part of an array that is in memory."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = next(pieces, "").lstrip()
        self._at = 1  # behind the bracket

    def mark(self) -> str:
        """The next character that means something; empty at the end."""
        while True:
            self._at = _BETWEEN.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text) or not self._grow():
                return self._text[self._at : self._at + 1]

    def value(self, where: str) -> Any:
        """The next value, `Skipped` if it is no JSON or cut off."""
        while True:
            try:
                value, self._at = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._grow():
                    return Skipped(where, f"{_CUT} ({error.msg})")
            except RecursionError:
                return Skipped(where, _NESTED)
            else:
                return value

    def _grow(self) -> bool:
        """Take in as much again as is left, unless that is more than any record has."""
        rest = self._text[self._at :]
        if len(rest) >= _LONGEST_ITEM:
            return False
        more = "".join(islice(self._pieces, 1 + len(rest) // PIECE))
        self._text, self._at = rest + more, 0
        return more != ""
