"""What a format is: how its texts are recognised and read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ragbot.readers.document import Document
from ragbot.types import Paper, Skipped

__all__ = ["Format", "Records", "entry_by_entry"]

T = TypeVar("T")

Records = Iterator[Paper | Skipped]
"""What a document holds, in its order; a reader takes no more of it into memory than it must."""


@dataclass(frozen=True, slots=True)
class Format:
    """One readable format.

    ``recognises`` is given the first `ragbot.readers.document.HEAD` characters, and gives something
    true for a text of the format. ``title`` is what people call it, ``suffixes`` are those of its
    files, which are looked for in folders.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[str], object]
    read: Callable[[Document], Records]


def entry_by_entry(
    entries: Callable[[Document], Iterator[tuple[str, T | Skipped]]],
    paper: Callable[[T, str], Paper | Skipped],
) -> Callable[[Document], Records]:
    """Reads a document that is parted into entries, each with where it stands, as papers.

    What of it is no entry is `Skipped` already.
    """

    def read(document: Document) -> Records:
        for where, entry in entries(document):
            if isinstance(entry, Skipped):
                yield entry
            else:
                yield paper(entry, where)

    return read
