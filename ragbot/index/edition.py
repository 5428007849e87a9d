"""One edition of an index: the three derived stores of a collection, opened, checked, let go of.

    <folder>/chroma/            chunk vectors, unless a server has them
             lexical/           words
             sentences.sqlite   sentence vectors, and what papers show whatever one asks
             in-use-*.lock      one for each that has it open

A rebuild makes a new edition beside the one in use. The old one is deleted when nobody has it open:
each opener holds a lock file, which the system frees when its process ends, however it ends.
"""

from __future__ import annotations

import itertools
import operator
import os
import shutil
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain, filterfalse
from pathlib import Path
from typing import NamedTuple

import filelock
import numpy as np

from ragbot.config import ChunkingSettings
from ragbot.errors import CatalogError
from ragbot.index import lexical, sentence_vectors
from ragbot.index.chunks import chunk_ids, window_starts
from ragbot.index.lexical import LexicalIndex
from ragbot.index.ranges import date_number
from ragbot.index.readings import rows_of
from ragbot.index.sentence_vectors import SentenceVectors
from ragbot.index.store_errors import REBUILD
from ragbot.index.vectors import VectorPlace, VectorStore
from ragbot.types import Paper

__all__ = [
    "Edition",
    "Holdings",
    "clear_leases",
    "exists",
    "in_use",
    "is_held",
    "unfit",
    "wipe",
]

_LEASES = "in-use-*.lock"
# Papers whose chunks are put in by date together: a second or less, some 10 MB.
_DATED_AT_ONCE = 2000
# Papers of earlier builds that are read at a write: three seconds.
_READ_AT_ONCE = 2000
_opened = itertools.count()


class Holdings(NamedTuple):
    """What the catalog says that the stores must hold: so many papers, of this generation.

    ``unfinished`` is how many papers a writer is about to change: with some, the stores may hold
    more than the committed ones, and be one generation ahead.
    """

    generation: int
    papers: int
    unfinished: int


class Edition:
    """The derived stores below one folder.

    Args:
        folder: where they lie.
        place: where the chunk vectors do.
        create: whether to make them, where they are not there.
        thorough: whether to read all of the files first, however large they are.

    Raises:
        CatalogError: one of them is not there, is damaged or cannot be made.
        VectorServerError: the server of the chunk vectors cannot be used.
    """

    def __init__(
        self, folder: Path, place: VectorPlace, *, create: bool, thorough: bool = False
    ) -> None:
        self.folder = folder
        self.place = place
        with ExitStack() as failed:
            self._lease = _Lease(folder)
            failed.callback(self._lease.release)
            self.vectors: VectorStore = place.open(create=create, thorough=thorough)
            failed.callback(self.vectors.close)
            self.lexical = LexicalIndex(folder / lexical.FOLDER, create=create)
            self.sentences = SentenceVectors(
                folder / sentence_vectors.NAME, create=create
            )
            if thorough:
                self.lexical.check(thorough=True)
                self.sentences.check(thorough=True)
            failed.pop_all()

    def reopen(self) -> None:
        """See what another process has written to it since."""
        self.vectors.reopen()
        self.lexical.reopen()
        self.sentences.reopen()

    def close(self) -> None:
        """Let go of all files."""
        self.vectors.close()
        self.sentences.close()
        self._lease.release()

    def fault(
        self,
        held: Holdings,
        chunking: ChunkingSettings | None,
        dates: Mapping[str, str | None],
    ) -> str:
        """What of the stores does not fit the catalog, or nothing.

        Numbers are compared, and whether the papers of ``dates`` are in every store, chunks of
        these dates; chunks only where ``chunking`` says how many a paper has.
        """
        if held.unfinished:
            chunking = None  # what is about to change may have more chunks, or fewer
        told = self._wrong_numbers(held, chunking)
        if told:
            return f"{told}, the catalog has {held.papers} papers"
        return self._lost(dates, chunking)

    def _wrong_numbers(self, held: Holdings, chunking: ChunkingSettings | None) -> str:
        lengths = self.sentences.lengths()
        numbers = {
            "sentence vectors of {} papers": (sum(lengths.values()), held.papers),
            "words of {} papers": (self.lexical.count(), held.papers),
        }
        if chunking:
            chunks = 0
            for sentences, papers in lengths.items():
                chunks += papers * len(window_starts(sentences, chunking))
            numbers["vectors of {} chunks"] = (self.vectors.count(), chunks)
        is_wrong = operator.lt if held.unfinished else operator.ne
        for told, (there, right) in numbers.items():
            if is_wrong(there, right):
                return f"the index has {told.format(there)}"
        return self._wrong_time(held)

    def _wrong_time(self, held: Holdings) -> str:
        """Whether the sentence vectors were written for another generation than the catalog's."""
        written_for = self.sentences.generation()
        allowed = {0, held.generation}  # files of earlier builds bear none
        if held.unfinished:
            allowed.add(held.generation + 1)
        if written_for in allowed:
            return ""
        return f"the sentence vectors are of another state ({written_for}, not {held.generation})"

    def _lost(
        self, dates: Mapping[str, str | None], chunking: ChunkingSettings | None
    ) -> str:
        if not dates:
            return ""
        sentences = self.sentences.counts(list(dates))
        lost = {
            "sentence vectors": set(dates) - set(sentences),
            "words": set(dates) - set(self.lexical.ids()),
        }
        if chunking:
            wanted: set[str] = set()
            for id_, n in sentences.items():
                wanted.update(chunk_ids(id_, n, chunking))
            lost["vectors"] = wanted - set(self.vectors.ids())
            # Those that do not stand by date yet are to come.
            right = {id_: date_number(date) for id_, date in dates.items()}
            wrong = self.sentences.dates().items() - right.items()
            lost["vectors by its date"] = {id_ for id_, _ in wrong}
        for told, gone in lost.items():
            if gone:
                return (
                    f"the index has no {told} of {min(gone)}, which is in the catalog"
                )
        return ""

    def date_chunks(
        self,
        dates: Callable[[Sequence[str]], Mapping[str, str | None]],
        chunking: ChunkingSettings,
    ) -> None:
        """Put in by date the chunks of the papers that builds without dated vectors put in.

        ``dates`` gives those of papers. Each batch is there for good, whatever happens next.
        """
        missing = list(self.sentences.missing_by_date().items())
        for start in range(0, len(missing), _DATED_AT_ONCE):
            some = dict(missing[start : start + _DATED_AT_ONCE])
            chunks = {id_: chunk_ids(id_, n, chunking) for id_, n in some.items()}
            rows = self.vectors.get(list(chain.from_iterable(chunks.values())))
            dated = dates(list(some))
            self.sentences.put_by_date(
                (id_, date_number(dated.get(id_)), np.array([rows[c] for c in own]))
                for id_, own in chunks.items()
            )

    def read_papers(
        self, papers: Callable[[Sequence[str]], Mapping[str, Paper]]
    ) -> None:
        """Put in readings of papers that builds without them put in: of some each time, since one
        takes more than a millisecond. ``papers`` gives papers by their ids."""
        some = self.sentences.missing_readings(_READ_AT_ONCE)
        if some:
            rows = rows_of(papers(some).values(), self.lexical)
            self.sentences.put_readings(rows)

    def check(self) -> None:
        """Read every file of it and look for damage.

        Raises:
            CatalogError: a file is damaged or gone.
        """
        self.vectors.check(thorough=True)
        self.lexical.check(thorough=True)
        self.sentences.check(thorough=True)
        ids = self.sentences.ids()
        for start in range(0, len(ids), 500):
            self.sentences.get(ids[start : start + 500])
        self.sentences.check_by_date()


class _Lease:
    """A locked file that says that a folder is in use, as long as this process lives."""

    def __init__(self, folder: Path) -> None:
        self._release: Callable[[], object] | None = None
        path = folder / f"in-use-{os.getpid()}-{next(_opened)}.lock"
        lock = filelock.FileLock(path, timeout=0, thread_local=False)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except (OSError, filelock.Timeout):
            # On a full disk reading goes on; a rebuild needs that disk emptied first.
            return
        self._release = weakref.finalize(self, _free, lock, path)

    def release(self) -> None:
        """Say that the folder is no longer in use; again and again without harm."""
        if self._release is not None:
            self._release()


def _free(lock: filelock.BaseFileLock, path: Path) -> None:
    path.unlink(missing_ok=True)
    lock.release()


def in_use(folder: Path) -> bool:
    """Whether somebody has this edition open; what dead processes left is cleared away."""
    clear_leases(folder)
    return any(folder.glob(_LEASES))


def clear_leases(folder: Path) -> list[str]:
    """Delete the lock files of dead processes, and say which."""
    dead = list(filterfalse(is_held, folder.glob(_LEASES)))
    for path in dead:
        path.unlink(missing_ok=True)
    return [path.name for path in dead]


def is_held(path: Path) -> bool:
    """Whether a living process holds a lock file."""
    if not path.exists():
        return False
    lock = filelock.FileLock(path, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except (OSError, filelock.Timeout):
        return True
    lock.release()
    return False


def exists(folder: Path) -> bool:
    """Whether an index was made in this folder."""
    return (folder / sentence_vectors.NAME).exists()


def wipe(folder: Path, place: VectorPlace) -> None:
    """Delete an edition, in whatever state it is, and its folder if nothing else lies there."""
    place.wipe()
    LexicalIndex.wipe(folder / lexical.FOLDER)
    SentenceVectors.wipe(folder / sentence_vectors.NAME)
    if folder.is_dir() and not any(folder.iterdir()):
        shutil.rmtree(folder, ignore_errors=True)


def unfit(folder: Path, told: str) -> CatalogError:
    """The error of an edition that does not fit its catalog."""
    return CatalogError(
        f"{folder}: {told}",
        f"{REBUILD}; if papers are missing then, ingest their files again",
    )
