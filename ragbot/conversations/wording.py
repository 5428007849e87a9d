"""Words about conversations: the title that a question gives one, and what a search looks for."""

from __future__ import annotations

import re
import textwrap

from ragbot.text.words import folded, printable, whole

__all__ = ["clean", "search_words", "shown_title", "title_of"]

_SHORT = 60
_LONGEST = 200
_UNTITLED = "Untitled"
# Marks that say a direction without turning text around, and one of byte orders.
_MARKS = re.compile("[\u061c\u200e\u200f\ufeff]")
_WORD = re.compile(r"[^\W_]+")
# Signs that are words by themselves: nothing stands between them.
_SIGN = re.compile(
    "([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
)


def clean(text: str) -> str:
    """Text without control characters and marks of direction, which any file can hold."""
    return _MARKS.sub("", printable(whole(text)))


def title_of(question: str) -> str:
    """What a conversation is called that begins with a question: as much of it as is short."""
    line = shown_title(question)
    at_a_word = textwrap.shorten(line, _SHORT, placeholder=" …")
    return at_a_word.removeprefix("…").strip() or f"{line[: _SHORT - 1]}…"


def shown_title(text: str) -> str:
    """A title on one line, without control characters; still text, to be escaped."""
    line = " ".join(clean(text).split())
    return line[:_LONGEST] or _UNTITLED


def search_words(text: str) -> list[str]:
    """The words of a text by which it is found: case and accents do not count."""
    apart = _SIGN.sub(r" \1 ", folded(whole(text)))
    return _WORD.findall(apart)
