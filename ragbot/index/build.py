"""The only writer: files into the catalog, pending papers into the indexes. One process at a time.

    read files ─► catalog: pending ─► embed ─► vectors, sentences, words ─► catalog: committed

A batch is committed when every store holds it. Whatever an interruption leaves pending or half
removed is finished by the next writer; every step can be repeated without harm.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import filelock

from ragbot.config import ChunkingSettings
from ragbot.embedding.base import Embedder, Span, Vectors
from ragbot.errors import CatalogError, InputError, Locked, ReadError
from ragbot.index.chunking import chunk_paper, window_starts
from ragbot.index.lexical import date_number
from ragbot.index.stores import Stores
from ragbot.readers import find_files, read_file
from ragbot.sentences import split_sentences
from ragbot.text import readable
from ragbot.types import Chunk, FileReport, Paper, Progress, Skipped

__all__ = ["Writer", "sentence_spans"]

# Papers between two commits: about two seconds of embedding on two cores.
_BATCH = 64

OnProgress = Callable[[Progress], None]


class Writer:
    """Writes to one collection while it holds the lock; made by `Writer.locked`."""

    def __init__(self, stores: Stores, chunking: ChunkingSettings) -> None:
        self._stores = stores
        self._chunking = chunking

    @classmethod
    @contextmanager
    def locked(cls, stores: Stores, chunking: ChunkingSettings) -> Iterator[Writer]:
        """A writer that holds the lock across processes.

        Raises:
            Locked: another process holds it.
        """
        lock = filelock.FileLock(stores.data_dir / "write.lock", timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise Locked(stores.data_dir) from None
        except OSError as error:
            raise CatalogError(
                f"{stores.data_dir}: cannot be written ({error.strerror}): "
                "make it writable or name another folder with --data-dir"
            ) from None
        try:
            yield cls(stores, chunking)
        finally:
            lock.release()

    def add_files(self, paths: Sequence[Path], *, dry_run: bool = False) -> list[FileReport]:
        """Put the records of files into the catalog as pending, all or, on an error, none.

        A file that cannot be read is reported as skipped and the rest is taken.

        Raises:
            InputError: there is no file at all, or none of them can be read.
        """
        files = find_files(paths)
        if not files:
            raise InputError(
                f"{', '.join(map(str, paths))}: no listings (.txt) in there: "
                "name files, or a folder of them"
            )
        contents: list[tuple[Path, tuple[str, Sequence[Paper | Skipped]] | ReadError]] = []
        for path in files:
            try:
                contents.append((path, read_file(path)))
            except ReadError as error:
                contents.append((path, error))
        failures = [c for _, c in contents if isinstance(c, ReadError)]
        if len(failures) == len(contents):
            if len(failures) == 1:
                raise failures[0]
            raise InputError(
                f"none of the {len(failures)} files can be read; the first: {failures[0]}"
            )
        try:
            with self._stores.catalog.transaction():
                reports = [self._add_file(path, content) for path, content in contents]
                if dry_run:
                    raise _DryRun(reports)
        except _DryRun as done:
            return done.reports
        return reports

    def _add_file(
        self, path: Path, content: tuple[str, Sequence[Paper | Skipped]] | ReadError
    ) -> FileReport:
        if isinstance(content, ReadError):
            return FileReport(str(path), None, 0, 0, 0, (Skipped("file", content.problem),))
        name, records = content
        counts = {"new": 0, "updated": 0, "duplicate": 0}
        for record in records:
            if isinstance(record, Paper):
                with_source = dataclasses.replace(record, sources=(path.name,))
                counts[self._stores.catalog.add_record(with_source)] += 1
        return FileReport(
            str(path),
            name,
            counts["new"],
            counts["updated"],
            counts["duplicate"],
            tuple(r for r in records if isinstance(r, Skipped)),
        )

    def add_papers(self, papers: Iterable[Paper], source: str) -> None:
        """Put papers into the catalog as pending, under the ids they bear."""
        with self._stores.catalog.transaction():
            for paper in papers:
                self._stores.catalog.add_record(dataclasses.replace(paper, sources=(source,)))

    def finish(self, embedder: Callable[[], Embedder], progress: OnProgress | None = None) -> None:
        """Index what is pending and forget what is to be removed.

        ``embedder`` is called only if there is something to embed.
        """
        catalog, stores = self._stores.catalog, self._stores
        if not catalog.unfinished():
            return
        removing = [p.id for p in catalog.papers(state="removing")]
        if removing:
            stores.vectors.delete_papers(removing)
            stores.sentences.delete(removing)
            stores.lexical.replace([], removing)
            catalog.commit(removed=removing)
            stores.written()
        pending = catalog.papers(state="pending")
        if not pending:
            return
        tell = progress or (lambda _: None)
        tell(Progress("index", 0, len(pending), 0.0))  # before the model: its first use converts it
        model, start = embedder(), time.monotonic()
        for at in range(0, len(pending), _BATCH):
            tell(Progress("index", at, len(pending), time.monotonic() - start))
            self._index(pending[at : at + _BATCH], model)
        tell(Progress("index", len(pending), len(pending), time.monotonic() - start))

    def _index(self, papers: Sequence[Paper], embedder: Embedder) -> None:
        stores = self._stores
        chunks: list[Chunk] = []
        for paper in papers:
            chunks += chunk_paper(paper, self._chunking)
        spans = [s for paper in papers for s in sentence_spans(paper, self._chunking)]
        vectors, parts = embedder.embed_passages([c.text for c in chunks], spans)
        dates = {p.id: date_number(p.date) for p in papers}
        # An updated paper may have fewer chunks than before.
        stores.vectors.delete_papers([p.id for p in papers])
        stores.vectors.upsert([c.id for c in chunks], vectors, [dates[c.paper_id] for c in chunks])
        stores.sentences.put(_by_paper(papers, chunks, parts, self._chunking, embedder.dimension))
        stores.lexical.replace(papers)
        stores.catalog.commit(indexed=[p.id for p in papers])
        stores.written()

    def reset(self) -> None:
        """Empty the indexes and have every paper indexed anew by `finish`."""
        self._stores.catalog.mark_all_pending()
        self._stores.wipe()
        self._stores.catalog.commit()
        self._stores.written()

    def remove(self, ids: Sequence[str]) -> None:
        """Forget papers and everything any source said of them; `finish` does the rest."""
        self._stores.catalog.drop_papers(ids)

    def remove_source(self, source: str) -> list[str]:
        """Forget what one file said; papers without another source go. Ids it touched."""
        return self._stores.catalog.drop_source(source)


class _DryRun(Exception):
    """Rolls the transaction back."""

    def __init__(self, reports: list[FileReport]) -> None:
        super().__init__()
        self.reports = reports


def sentence_spans(paper: Paper, chunking: ChunkingSettings) -> list[list[Span]]:
    """Where each sentence of each chunk lies in the chunk's text, as `chunk_paper` puts it."""
    sentences = [readable(s) for s in split_sentences(paper.abstract)]
    title = len(readable(paper.title)) + 2
    spans = []
    for start in window_starts(len(sentences), chunking):
        at, own = title, []
        for sentence in sentences[start : start + chunking.sentences]:
            own.append((at, at + len(sentence)))
            at += len(sentence) + 1
        spans.append(own)
    return spans


def _by_paper(
    papers: Sequence[Paper],
    chunks: Sequence[Chunk],
    parts: Sequence[Vectors],
    chunking: ChunkingSettings,
    dimension: int,
) -> dict[str, Vectors]:
    """One matrix a paper of its chunks' sentence vectors; one in two chunks is averaged."""
    import numpy as np

    from ragbot.embedding.base import normalised

    counts = {p.id: len(split_sentences(p.abstract)) for p in papers}
    sums = {id_: np.zeros((n, dimension), np.float32) for id_, n in counts.items()}
    for chunk, own in zip(chunks, parts, strict=True):
        start = window_starts(counts[chunk.paper_id], chunking)[chunk.position]
        sums[chunk.paper_id][start : start + len(own)] += own
    return {id_: normalised(rows) for id_, rows in sums.items()}
