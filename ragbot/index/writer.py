"""The only writer: files into the catalog, pending papers into the indexes. One process at a time.

    read files ─► catalog: waiting ─► embed ─► vectors, sentences, words ─► catalog: committed

Nothing is put down in the catalog before the model that must embed it is known to fit the index.
A batch is committed when every store holds it; a changed paper is found in its old version until
its batch is embedded. Whatever an interruption leaves waiting or half removed is finished by the
next writer; every step can be repeated without harm.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import filelock

from ragbot.config import ChunkingSettings, Settings
from ragbot.embedding.embedder import Embedder, Vectors
from ragbot.errors import CatalogError, InputError, Locked, ReadError, UnknownFormat
from ragbot.index.chunks import chunk_paper, sentence_spans, window_starts
from ragbot.index.edition import Edition
from ragbot.index.lexical import date_number
from ragbot.index.signature import sign, signature, unsign
from ragbot.index.stores import Stores
from ragbot.readers import SUFFIXES, Document, documents, read
from ragbot.text.sentences import split_sentences
from ragbot.types import Chunk, FileReport, OnProgress, Paper, Progress, Skipped

__all__ = ["Writer"]

# Papers to be indexed that show that the model is needed; those of most lists are counted.
_ENOUGH = 1000
# Papers between two commits: about two seconds of embedding on two cores.
_BATCH = 64

T = TypeVar("T")


class Writer:
    """Writes to one collection while it holds the lock; made by `Writer.locked`."""

    def __init__(self, stores: Stores, settings: Settings) -> None:
        self._stores = stores
        self._settings = settings
        self._chunking = settings.chunking
        self._announced = False
        self._taken = 0
        self._enough: int | None = None

    @classmethod
    @contextmanager
    def locked(cls, stores: Stores, settings: Settings) -> Iterator[Writer]:
        """A writer that holds the lock across processes.

        Raises:
            Locked: another process holds it.
        """
        lock = filelock.FileLock(stores.lock_file, timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise Locked(stores.data_dir) from None
        except OSError as error:
            raise CatalogError(
                f"{stores.data_dir}: cannot be written ({error.strerror})",
                "make it writable or name another folder with --data-dir",
            ) from None
        try:
            yield cls(stores, settings)
        finally:
            lock.release()

    def add_files(
        self,
        paths: Sequence[Path],
        embedder: Callable[[], Embedder],
        progress: OnProgress | None = None,
        *,
        dry_run: bool = False,
        format_: str | None = None,
    ) -> tuple[list[FileReport], list[Skipped]]:
        """Put the records of files into the catalog, all or, on an error, none.

        What gave no paper is reported with the reason, and the rest is taken; second come the files
        that were passed over. ``embedder`` is called before anything is kept, if something will
        have to be embedded. ``format_`` is that of all files, if not to be told by their texts.

        Raises:
            InputError: there is no file at all, or none of them gives a paper.
        """

        def record() -> tuple[list[FileReport], list[Skipped]]:
            reports: list[FileReport] = []
            passed_over: list[Skipped] = []
            for document in documents(paths, SUFFIXES):
                if isinstance(document, Skipped):
                    passed_over.append(document)
                    continue
                try:
                    reports.append(self._add_document(document, format_))
                except UnknownFormat as error:
                    # One of many in a folder: what papers there are stands in the others.
                    passed_over.append(Skipped(document.name, error.problem))
            _check_any(paths, reports)
            return reports, passed_over

        return self._keep(record, embedder, progress, dry_run=dry_run)

    def _keep(
        self,
        record: Callable[[], T],
        embedder: Callable[[], Embedder],
        progress: OnProgress | None = None,
        *,
        dry_run: bool = False,
    ) -> T:
        """Put down what ``record`` does to the catalog, once the model that it needs is there.

        The model is loaded between two transactions, since in one readers would wait for it. The
        first ends as soon as it is clear that there will be a second.
        """
        catalog = self._stores.catalog
        self._taken = 0
        self._enough = None if dry_run else _ENOUGH
        try:
            with catalog.transaction():
                result = record()
                if dry_run or catalog.count_waiting():
                    raise _Tried(catalog.count_waiting())
        except _Tried as tried:
            if dry_run:
                return result
            self._announce(tried.waiting, progress)
            embedder()
            self._enough = None
            with catalog.transaction():
                return record()
        return result

    def _add_document(self, document: Document, format_: str | None) -> FileReport:
        """What a document holds into the catalog, as far as it can be read."""
        counts = {"new": 0, "updated": 0, "duplicate": 0}
        skipped: list[Skipped] = []
        undated = 0
        name = None
        try:
            name, records = read(document, format_)
            for record in records:
                if isinstance(record, Skipped):
                    skipped.append(record)
                    continue
                counts[self._add(record, document.source)] += 1
                undated += record.date is None
        except ReadError as error:
            if isinstance(error, UnknownFormat) and not document.named:
                raise
            skipped.append(Skipped("file", error.reason))
        new, updated, known = counts.values()
        if name and not (new or updated or known or skipped):
            skipped.append(
                Skipped("file", "it holds no papers: save or export it again")
            )
        return FileReport(
            document.name, name, new, updated, known, tuple(skipped), undated
        )

    def _add(self, record: Paper, source: str) -> str:
        """Put a record down, under its own sources where it comes from a collection."""
        outcome, *_ = [
            self._stores.catalog.add_record(dataclasses.replace(record, sources=(own,)))
            for own in record.sources or (source,)
        ]
        self._taken += outcome != "duplicate"
        if self._taken == self._enough:
            raise _Tried(self._stores.catalog.count_waiting())
        return outcome

    def add_papers(
        self,
        papers: Sequence[Paper],
        source: str,
        embedder: Callable[[], Embedder],
        progress: OnProgress | None = None,
    ) -> None:
        """Put papers into the catalog, under the ids they bear, as `add_files` does."""

        def put_down() -> None:
            for paper in papers:
                record = dataclasses.replace(paper, sources=(source,))
                self._stores.catalog.add_record(record, keep_id=True)

        self._keep(put_down, embedder, progress)

    def finish(
        self, embedder: Callable[[], Embedder], progress: OnProgress | None = None
    ) -> None:
        """Index what waits and forget what is to be removed.

        ``embedder`` is called only if there is something to embed.
        """
        catalog, stores = self._stores.catalog, self._stores
        stores.tidy()
        if not catalog.unfinished() and not stores.is_unclean():
            return
        with stores.writing():
            self._forget(catalog.removing())
            if waiting := catalog.waiting():
                self._announce(len(waiting), progress)
                self._index(waiting, embedder(), progress)

    def _forget(self, ids: Sequence[str]) -> None:
        if not ids:
            return
        catalog, edition = self._stores.catalog, self._stores.edition
        edition.vectors.delete_papers(ids)
        edition.sentences.delete(ids, catalog.generation() + 1)
        edition.lexical.replace([], ids)
        catalog.commit(removed=ids)
        self._stores.written()

    def _index(
        self, waiting: Sequence[Paper], embedder: Embedder, progress: OnProgress | None
    ) -> None:
        catalog, stores = self._stores.catalog, self._stores
        sign(catalog, signature(self._settings, embedder))

        def index(papers: Sequence[Paper]) -> None:
            ids = [p.id for p in papers]
            made = self._embedded(papers, embedder)
            catalog.take_up(ids)
            self._put(stores.edition, papers, made)
            catalog.commit(indexed=ids)
            stores.written()

        _in_batches(waiting, index, progress)

    def rebuild(self, embedder: Embedder, progress: OnProgress | None = None) -> None:
        """Index every paper anew, beside the index in force, which is replaced at the end.

        Until then it answers as before; of an interrupted rebuild nothing remains.
        """
        catalog, stores = self._stores.catalog, self._stores
        papers = list(
            {p.id: p for p in [*catalog.papers(), *catalog.waiting()]}.values()
        )
        with stores.beside() as edition:

            def index(batch: Sequence[Paper]) -> None:
                self._put(edition, batch, self._embedded(batch, embedder))

            _in_batches(papers, index, progress)
            with catalog.transaction():
                catalog.mark_all_pending()
                catalog.commit(
                    indexed=[p.id for p in papers], removed=catalog.removing()
                )
                unsign(catalog)
                sign(catalog, signature(self._settings, embedder))
                stores.put_in_force(edition)
        stores.exchange(edition)

    def _announce(self, waiting: int, progress: OnProgress | None) -> None:
        """Tell once what is to come, before the model is loaded: its first use converts it."""
        if progress and not self._announced:
            progress(Progress("index", 0, waiting, 0.0))
        self._announced = True

    def _embedded(self, papers: Sequence[Paper], embedder: Embedder) -> _Embedded:
        chunks: list[Chunk] = []
        spans = []
        for paper in papers:
            chunks += chunk_paper(paper, self._chunking)
            spans += sentence_spans(paper, self._chunking)
        vectors, parts = embedder.embed_passages([c.text for c in chunks], spans)
        sentences = _by_paper(papers, chunks, parts, self._chunking, embedder.dimension)
        return _Embedded(chunks, vectors, sentences)

    def _put(self, edition: Edition, papers: Sequence[Paper], made: _Embedded) -> None:
        """Put papers into all stores of an edition, in place of what was known of them."""
        dates = {p.id: date_number(p.date) for p in papers}
        # An updated paper may have fewer chunks than before.
        edition.vectors.delete_papers([p.id for p in papers])
        edition.vectors.upsert(
            [c.id for c in made.chunks],
            made.vectors,
            [dates[c.paper_id] for c in made.chunks],
        )
        edition.sentences.put(made.sentences, self._stores.catalog.generation() + 1)
        edition.lexical.replace(papers)

    def remove(self, ids: Sequence[str]) -> None:
        """Forget papers and everything any source said of them; `finish` does the rest."""
        self._stores.catalog.drop_papers(ids)

    def remove_source(self, source: str, embedder: Callable[[], Embedder]) -> list[str]:
        """Forget what one file said; papers without another source go. Ids it touched."""
        return self._keep(lambda: self._stores.catalog.drop_source(source), embedder)


@dataclass(frozen=True, slots=True)
class _Embedded:
    """Papers as vectors: one a chunk, and a matrix of sentences a paper."""

    chunks: list[Chunk]
    vectors: Vectors
    sentences: dict[str, Vectors]


def _in_batches(
    papers: Sequence[Paper],
    index: Callable[[Sequence[Paper]], None],
    progress: OnProgress | None,
) -> None:
    start = time.monotonic()
    for at in range(0, len(papers), _BATCH):
        batch = papers[at : at + _BATCH]
        index(batch)
        if progress:
            seconds = time.monotonic() - start
            progress(Progress("index", at + len(batch), len(papers), seconds))


class _Tried(Exception):
    """Rolls a transaction back; ``waiting`` is how many papers waited to be indexed then."""

    def __init__(self, waiting: int) -> None:
        super().__init__()
        self.waiting = waiting


def _by_paper(
    papers: Sequence[Paper],
    chunks: Sequence[Chunk],
    parts: Sequence[Vectors],
    chunking: ChunkingSettings,
    dimension: int,
) -> dict[str, Vectors]:
    """One matrix a paper of its chunks' sentence vectors; one in two chunks is averaged."""
    import numpy as np

    from ragbot.embedding.embedder import normalised

    counts = {p.id: len(split_sentences(p.abstract)) for p in papers}
    sums = {id_: np.zeros((n, dimension), np.float32) for id_, n in counts.items()}
    for chunk, own in zip(chunks, parts, strict=True):
        start = window_starts(counts[chunk.paper_id], chunking)[chunk.position]
        sums[chunk.paper_id][start : start + len(own)] += own
    return {id_: normalised(rows) for id_, rows in sums.items()}


def _check_any(paths: Sequence[Path], reports: Sequence[FileReport]) -> None:
    """Make sure that there is a file, and that one of them gave a paper."""
    if not reports:
        raise InputError(
            f"{', '.join(map(str, paths))}: no file in there that is read",
            "name files, or a folder of them; 'ragbot ingest --formats' lists the formats",
        )
    if any(report.records for report in reports):
        return
    first = reports[0]
    reason = first.skipped[0].reason
    if len(reports) == 1:
        raise ReadError(first.path, *reason.split(": ", 1))
    raise InputError(
        f"none of the {len(reports)} files can be read",
        f"the first: {first.path}: {reason}",
    )
