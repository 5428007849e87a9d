"""A paper, and what was read of files: a part of `ragbot.types`, which names these values, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "WHOLE_FILE",
    "Facet",
    "FileReport",
    "IngestReport",
    "LookedUp",
    "Paper",
    "Row",
    "Skipped",
]

# What a reader asks of every paper, in that order.
Facet = Literal["problem", "method", "result", "numbers", "data", "code"]


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper as far as its sources tell. Unknown facts are ``None`` or empty, never guessed.

    ``id`` is derived from the title (`ragbot.papers.identity.paper_id`), so that two spellings
    of it are one paper.
    ``date`` may be a year or a month alone; ``date_inferred`` marks one whose year was worked out
    from the page it was saved from. ``authors`` are "Given Family". ``arxiv_id`` has no version.
    """

    id: str
    title: str
    abstract: str
    date: str | None = None
    date_inferred: bool = False
    authors: tuple[str, ...] = ()
    author_count: int | None = None
    organisation: str | None = None
    comments: int | None = None
    url: str | None = None
    sources: tuple[str, ...] = ()
    arxiv_id: str | None = None
    doi: str | None = None
    venue: str | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A paper beside others: for each `Facet` the verbatim sentence that tells it, or ``None``."""

    paper: Paper
    cells: Mapping[Facet, str | None]


WHOLE_FILE = "file"
"""Where a `Skipped` is that is a file itself."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """What could not be read: where (``line 120``, `WHOLE_FILE`), and why, for its owner."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """What one file brought: ``records`` = new + updated + duplicates; ``skipped`` stand apart.

    ``undated`` are those of the records that have no date.
    """

    path: str
    format: str | None
    new: int
    updated: int
    duplicates: int
    skipped: Sequence[Skipped]
    undated: int = 0

    @property
    def records(self) -> int:
        return self.new + self.updated + self.duplicates


@dataclass(frozen=True, slots=True)
class LookedUp:
    """How many passages were looked up in a file of vectors, and how many were missing there."""

    file: str
    passages: int
    missing: int


@dataclass(frozen=True, slots=True)
class IngestReport:
    """An ingest, file by file; ``papers`` is the size of the collection afterwards.

    ``unread`` are the files of folders and archives that were passed over, and why.
    ``looked_up`` are the passages whose vectors were not made but taken from a file.
    """

    files: tuple[FileReport, ...]
    papers: int
    seconds: float
    unread: tuple[Skipped, ...] = ()
    looked_up: LookedUp | None = None
