"""The only writer: files into the catalog, pending papers into the indexes. One process at a time.

    read files ─► catalog: waiting ─► embed ─► vectors, sentences, words ─► catalog: committed

Nothing is put down in the catalog before the model that must embed it is known to fit the index.
A batch is committed when every store holds it; a changed paper is found in its old version until
its batch is embedded. Whatever an interruption leaves waiting or half removed is finished by the
next writer; every step can be repeated without harm.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

import filelock

from ragbot.config import Settings
from ragbot.embedding.embedder import Embedder
from ragbot.errors import (
    CatalogError,
    InputError,
    Locked,
    NothingRead,
    ReadError,
    UnknownFormat,
)
from ragbot.index.edition import Edition
from ragbot.index.indexing import index_in_batches, waiting_in_batches
from ragbot.index.passages import Embedded, embedded
from ragbot.index.ranges import date_number
from ragbot.index.readings import rows_of
from ragbot.index.signature import digest_of, sign, signature, unsign
from ragbot.index.stores import Stores
from ragbot.papers.provenance import source_name
from ragbot.readers import SUFFIXES, Document, documents, read
from ragbot.readers.formats import Records
from ragbot.readers.kinds import only
from ragbot.types import WHOLE_FILE, FileReport, OnProgress, Paper, Progress, Skipped

__all__ = ["Writer"]

# Papers to be indexed that show that the model is needed; those of most lists are counted.
_ENOUGH = 1000
# Records that are put down together.
_RUN = 200

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
        paths: Sequence[Path | Document],
        embedder: Callable[[], Embedder],
        progress: OnProgress | None = None,
        *,
        dry_run: bool = False,
        format_: str | None = None,
        within: Sequence[Path] = (),
    ) -> tuple[list[FileReport], list[Skipped]]:
        """Put the records of files into the catalog, all or, on an error, none.

        What gave no paper is reported with the reason, and the rest is taken; second come the files
        that were passed over. ``embedder`` is called before anything is kept, if something will
        have to be embedded. ``format_`` is that of all files, if not to be told by their texts.
        Files below the folders of ``within`` are known as sources by what stands behind those.

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
                    reports.append(self._add_document(document, format_, within))
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

    def _add_document(
        self, document: Document, format_: str | None, within: Sequence[Path]
    ) -> FileReport:
        """What a document holds into the catalog, as far as it can be read."""
        counts: Counter[str] = Counter()
        called = document.called or document.path
        source = source_name(called, document.member, within)
        bare = source_name(Path(called).name, document.member)
        self._stores.catalog.begin_reading()
        skipped: list[Skipped] = []
        undated = 0
        name = None
        try:
            name, records = read(document, format_)
            for run in _in_runs(records):
                papers = only(Paper, run)
                skipped += only(Skipped, run)
                counts += self._add(papers, source, bare)
                undated += sum(paper.date is None for paper in papers)
        except ReadError as error:
            if isinstance(error, UnknownFormat) and not document.named:
                raise
            skipped.append(Skipped(WHOLE_FILE, error.reason))
        if name and not (counts or skipped):
            skipped.append(
                Skipped(WHOLE_FILE, "it holds no papers: save or export it again")
            )
        return FileReport(
            document.name,
            name,
            counts["new"],
            counts["updated"],
            counts["duplicate"],
            tuple(skipped),
            undated,
        )

    def _add(self, papers: Sequence[Paper], source: str, bare: str) -> Counter[str]:
        """Put papers down, under their own sources where they come from a collection."""
        sources = [paper.sources or (source,) for paper in papers]
        said = [
            (paper, own)
            for paper, named in zip(papers, sources, strict=True)
            for own in named
        ]
        each = iter(self._stores.catalog.add_records(said, once=bare))
        outcomes = [next(iter([*islice(each, len(named))])) for named in sources]
        self._taken += len(outcomes) - outcomes.count("duplicate")
        if self._enough and self._taken >= self._enough:
            raise _Tried(self._stores.catalog.count_waiting())
        return Counter(outcomes)

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
        torn = stores.is_unclean()
        if not catalog.unfinished() and not torn:
            return
        with stores.writing():
            self._forget(catalog.removing())
            if waiting := catalog.count_waiting():
                self._announce(waiting, progress)
                self._index(waiting, embedder(), progress, torn=torn)
        stores.edition.date_chunks(catalog.dates_of, self._chunking)
        stores.edition.read_papers(catalog.get)

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
        self,
        waiting: int,
        embedder: Embedder,
        progress: OnProgress | None,
        *,
        torn: bool,
    ) -> None:
        """Index the papers that wait, so many; any store of a ``torn`` index may hold any paper."""
        catalog, stores = self._stores.catalog, self._stores
        sign(catalog, signature(self._settings, embedder))

        def put(papers: Sequence[Paper], made: Embedded) -> None:
            ids = [p.id for p in papers]
            catalog.take_up(ids)
            # Chunks are put in before sentences: without a tear, who has none has no others.
            known = ids if torn else list(stores.edition.sentences.counts(ids))
            # An updated paper may have fewer chunks than before.
            stores.edition.vectors.delete_papers(known)
            self._put(stores.edition, papers, made)
            catalog.commit(indexed=ids)
            stores.written()

        embed = partial(embedded, embedder=embedder, chunking=self._chunking)
        take = waiting_in_batches(catalog)
        index_in_batches(take, embed, put, waiting, progress)

    def rebuild(self, embedder: Embedder, progress: OnProgress | None = None) -> None:
        """Index every paper anew, beside the index in force, which is replaced at the end.

        Until then it answers as before. After an interruption it goes on where it was, as long as
        papers and settings are the same.
        """
        catalog, stores = self._stores.catalog, self._stores
        now = signature(self._settings, embedder)
        of = digest_of(catalog.kept(), now, catalog.generation())
        with stores.beside(of) as begun:
            edition, done = begun.edition, begun.done

            def put(batch: Sequence[Paper], made: Embedded) -> None:
                self._put(edition, batch, made)
                begun.advance(len(batch))

            papers = islice(catalog.kept(), done, None)
            embed = partial(embedded, embedder=embedder, chunking=self._chunking)
            index_in_batches(
                lambda most: list(islice(papers, most)),
                embed,
                put,
                catalog.count_kept(),
                progress,
                done,
            )
            with catalog.transaction():
                catalog.commit_all()
                unsign(catalog)
                sign(catalog, now)
                stores.put_in_force(edition)
        stores.exchange(edition)

    def _announce(self, waiting: int, progress: OnProgress | None) -> None:
        """Tell once what is to come, before the model is loaded: its first use converts it."""
        if progress and not self._announced:
            progress(Progress("index", 0, waiting, 0.0))
        self._announced = True

    def _put(self, edition: Edition, papers: Sequence[Paper], made: Embedded) -> None:
        """Put papers into all stores of an edition; chunks with the ids of theirs are replaced."""
        dates = {p.id: date_number(p.date) for p in papers}
        edition.vectors.upsert(
            [c.id for c in made.chunks],
            made.vectors,
            [dates[c.paper_id] for c in made.chunks],
        )
        read = rows_of(papers, edition.lexical)
        dated = [(id_, dates[id_], rows) for id_, rows in made.by_paper().items()]
        generation = self._stores.catalog.generation() + 1
        edition.sentences.put(made.sentences, generation, read, dated)
        edition.lexical.replace(papers)

    def remove(self, ids: Sequence[str]) -> None:
        """Forget papers and everything any source said of them; `finish` does the rest."""
        self._stores.catalog.drop_papers(ids)

    def remove_sources(
        self, sources: Sequence[str], embedder: Callable[[], Embedder]
    ) -> None:
        """Forget what these said; papers without another source go."""
        drop = self._stores.catalog.drop_source
        self._keep(lambda: list(map(drop, sources)), embedder)


def _in_runs(records: Records) -> Iterator[list[Paper | Skipped]]:
    """Records, some at a time; those in front of a fault come before it."""
    run: list[Paper | Skipped] = []
    try:
        for record in records:
            run.append(record)
            if len(run) == _RUN:
                yield run
                run = []
    except ReadError:
        yield run
        raise
    yield run


class _Tried(Exception):
    """Rolls a transaction back; ``waiting`` is how many papers waited to be indexed then."""

    def __init__(self, waiting: int) -> None:
        super().__init__()
        self.waiting = waiting


def _check_any(paths: Sequence[Path | Document], reports: Sequence[FileReport]) -> None:
    """Make sure that there is a file, and that one of them gave a paper."""
    if not reports:
        raise InputError(
            f"{', '.join(map(str, paths))}: no file in there that is read",
            "name files, or a folder of them; 'ragbot ingest --formats' lists the formats",
        )
    if any(map(attrgetter("records"), reports)):
        return
    first = reports[0]
    told = f"{first.path}: {_why_nothing(first.skipped)}"
    if len(reports) > 1:
        problem = f"none of the {len(reports)} files can be read"
        raise NothingRead(problem, f"the first: {told}", reports)
    raise NothingRead(told, "", reports)


def _why_nothing(skipped: Sequence[Skipped]) -> str:
    """Why a file gave no paper: what is wrong with it, or with each of its records."""
    first = skipped[0]
    if len(skipped) == 1:
        return first.reason
    return (
        f"none of its {len(skipped):,} records gives a paper: export them with titles and "
        f"abstracts; the first ({first.where}): {first.reason}"
    )
