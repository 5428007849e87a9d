"""What a format is: how its texts are recognised and read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ragbot.readers.document import Document
from ragbot.types import Paper, Skipped

__all__ = ["Format", "Records"]

Records = Iterator[Paper | Skipped]
"""What a document holds, in its order; a reader takes no more of it into memory than it must."""


@dataclass(frozen=True, slots=True)
class Format:
    """One readable format.

    ``recognises`` is given the first `ragbot.readers.document.HEAD` characters. ``title`` is what
    people call it, ``suffixes`` are those of its files, which are looked for in folders.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[str], bool]
    read: Callable[[Document], Records]
