"""Tells a model's reasoning, between ``<think>`` tags, from its answer while both are streaming.

Knows only text. A tag may be split over any number of pieces.
"""

from __future__ import annotations

import re

from ragbot.types import Piece

__all__ = ["ReasoningFilter"]

_TAGS = ("<think>", "</think>", "<thinking>", "</thinking>")
_TAG = re.compile("|".join(_TAGS))


class ReasoningFilter:
    """Takes text as it comes and gives it back as answer or reasoning, without the tags.

    Three cases are not what they seem. Some chat templates write the opening tag themselves, so
    that only the closing one arrives: then what came before is retracted. A tag behind a backtick
    is quoted. And what follows an opening tag in mid-answer that is never closed was part of the
    answer: it is given again as such, at the end.
    """

    def __init__(self) -> None:
        self._held = ""  # may be the beginning of a tag
        self._last = ""  # the character before it
        self._inside = False
        self._seen = False  # any tag
        self._answered = False
        self._doubtful: str | None = None  # all since an opening tag in mid-answer

    def feed(self, text: str) -> list[Piece]:
        """What is certain after this much more text."""
        pieces: list[Piece] = []
        self._held += text
        while match := _TAG.search(self._held):
            before, tag = self._held[: match.start()], match.group()
            self._held = self._held[match.end() :]
            self._say(before, pieces)
            self._meet(tag, pieces)
        cut = len(self._held) - _unfinished(self._held)
        ready, self._held = self._held[:cut], self._held[cut:]
        self._say(ready, pieces)
        return pieces

    def finish(self) -> list[Piece]:
        """What is left when no more text will come."""
        pieces: list[Piece] = []
        self._say(self._held, pieces)
        self._held = ""
        if self._doubtful is not None:
            pieces.append(Piece(self._doubtful))
        return pieces

    def _meet(self, tag: str, pieces: list[Piece]) -> None:
        closes = tag.startswith("</")
        if self._inside and closes:
            self._inside, self._doubtful = False, None
        elif self._inside or self._last == "`" or (closes and self._seen):
            self._say(tag, pieces)
        elif closes:
            self._seen, self._answered = True, False
            pieces.append(Piece("", retracts=True))
        else:
            self._seen = self._inside = True
            self._doubtful = tag if self._answered else None

    def _say(self, text: str, pieces: list[Piece]) -> None:
        if not self._inside and not self._answered:
            text = text.lstrip()
        if not text:
            return
        self._last = text[-1]
        if self._inside:
            if self._doubtful is not None:
                self._doubtful += text
            pieces.append(Piece(text, reasoning=True))
        else:
            self._answered = True
            pieces.append(Piece(text))


def _unfinished(text: str) -> int:
    """How many characters at the end may be the beginning of a tag."""
    start = text.rfind("<", -len(_TAGS[-1]))
    return len(text) - start if start >= 0 and any(t.startswith(text[start:]) for t in _TAGS) else 0
