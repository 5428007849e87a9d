"""Server-sent events out of the bytes of a response, however they were split on their way.

After https://html.spec.whatwg.org/multipage/server-sent-events.html, but that lines end only where
the bytes say so: JSON may hold the line separators of Unicode as they are.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

__all__ = ["Events"]

_LINE_END = re.compile(r"\r\n|\n|\r")
# Servers that are no server-sent events proper put no blank line between two of them.
_ENDS_EVENT = re.compile(r"\Z|data:\s*(?:\{|\[DONE\])")
_LONGEST = 4_000_000  # characters of one event; what never ends is no event


class Events:
    """Takes bytes as they come and gives back the data of every event that is complete."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""  # of a line whose end has not come
        self._data: list[str] = []

    def feed(self, received: bytes) -> Iterator[str]:
        """The data of the events that these bytes complete.

        Raises:
            ValueError: a line is longer than any event of a language model.
        """
        text = self._rest + self._decoder.decode(received)
        done = 0
        for end in _LINE_END.finditer(text):
            if end[0] == "\r" and end.end() == len(text):
                break  # it may be half of a line's end
            yield from self._take(text[done : end.start()])
            done = end.end()
        self._rest = text[done:]
        if len(self._rest) > _LONGEST:
            raise ValueError("a line of the stream does not end")

    def finish(self) -> Iterator[str]:
        """The data of an event that the end of the stream completes."""
        rest = self._rest + self._decoder.decode(b"", final=True)
        self._rest = ""
        yield from self._take(rest.rstrip("\r"))
        yield from self._take("")

    def _take(self, line: str) -> Iterator[str]:
        if self._data and _ENDS_EVENT.match(line):
            yield "\n".join(self._data)
            self._data = []
        if line.startswith("data:"):
            self._data.append(line[5:].removeprefix(" "))
