"""Vectors made in advance, on a machine with a GPU say, and taken up where the collection is."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import (
    AbstractContextManager,
    ExitStack,
    closing,
    contextmanager,
    nullcontext,
)
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ragbot.config import ChunkingSettings, EmbeddingSettings, Settings
from ragbot.embedding import Embedder, load_embedder
from ragbot.embedding.ray_engine import ray_embedder
from ragbot.embedding.vector_file import (
    check_vector_file,
    known_vectors,
    write_vectors,
)
from ragbot.embedding.vector_records import (
    KnownVectors,
    RecordingEmbedder,
    Records,
    record_type,
)
from ragbot.errors import InputError
from ragbot.index.catalog import Catalog
from ragbot.index.indexing import index_in_batches, to_nobody, waiting_in_batches
from ragbot.index.passages import embedded
from ragbot.index.signature import signature
from ragbot.index.stores import Stores
from ragbot.index.writer import Writer
from ragbot.pipeline import LoadEmbedder
from ragbot.types import IngestReport, LookedUp, OnProgress, Paper, Progress

__all__ = ["ENGINES", "Precomputed", "VectorSource", "embed_files", "vector_source"]


ENGINES: Mapping[
    str, Callable[[EmbeddingSettings, Path], AbstractContextManager[Embedder]]
] = {
    "local": lambda settings, cache: nullcontext(load_embedder(settings, cache)),
    "ray": ray_embedder,
}
"""Where the model is run: by this process, or by a Ray cluster."""


def _facts(settings: Settings, embedder: Embedder) -> dict[str, str]:
    """What decides on vectors, wherever they are made. Models are told apart by their weights: they
    may lie in other folders."""
    signed = signature(settings, embedder)
    kept = {name: signed[name] for name in ("model digest", "chunking")}
    return {**kept, "dimension": str(embedder.dimension)}


# -- made ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Precomputed:
    """What was read, and how many passages the file has the vectors of, in so many bytes."""

    read: IngestReport
    file: Path
    passages: int
    size: int


def embed_files(
    settings: Settings,
    paths: Sequence[Path],
    output: Path,
    load: LoadEmbedder,
    *,
    format_: str | None = None,
    progress: OnProgress = to_nobody,
) -> Precomputed:
    """Read files as an ingest does, and write all vectors that it would make to a file.

    Until they are complete there is nothing under that name. An interruption leaves a folder beside
    it, with which the next making of the same goes on. ``load`` loads the embedder of the settings,
    ``format_`` is as for `Service.ingest`.

    Raises:
        InputError: no file gives a paper, or ``output`` can be no file of vectors.
        EmbeddingError: the model cannot be run.
        Locked: another process is making the same.
    """
    start = time.perf_counter()
    output = output.resolve()
    check_vector_file(output)
    embedder = load()
    facts = _facts(settings, embedder)
    parts = settings.chunking.sentences
    type_ = record_type(parts, embedder.dimension)
    named = list(map(str, map(Path.absolute, paths)))
    said = {"files": named, "format": format_}
    with (
        _workshop(output, json.dumps({**said, **facts})) as folder,
        closing(Stores(folder)) as stores,
        Writer.locked(stores, settings) as writer,
        _appended(folder / "records", type_) as file,
    ):
        files, unread = writer.add_files(paths, lambda: embedder, format_=format_)
        _embed_waiting(stores.catalog, embedder, settings.chunking, file, progress)
        records = np.memmap(folder / "records", type_, mode="r")
        whole = folder / f"whole{output.suffix}"
        about = {"model": settings.embedding.model, "engine": embedder.engine}
        write_vectors(whole, records, {**about, **facts})
        whole.replace(output)
        papers_read = stores.catalog.count()
    seconds = time.perf_counter() - start
    report = IngestReport(tuple(files), papers_read, seconds, tuple(unread))
    return Precomputed(report, output, len(records), output.stat().st_size)


@contextmanager
def _workshop(output: Path, of: str) -> Iterator[Path]:
    """The folder in which a file is made, gone when that is done; what is there of another making
    goes first."""
    folder = output.with_name(f".{output.name}.part")
    note = folder / "of.json"
    try:
        if not note.is_file() or note.read_text(encoding="utf-8") != of:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        note.write_text(of, encoding="utf-8")
        yield folder
        shutil.rmtree(folder)
    except OSError as error:
        raise InputError(
            f"{output}: cannot be written ({error.strerror})",
            "make room there, or name a file in another folder",
        ) from None


@contextmanager
def _appended(path: Path, type_: np.dtype[np.void]) -> Iterator[BinaryIO]:
    """A file to write records to, behind those that are there; one that was torn is cut off."""
    with path.open("ab") as file:
        file.truncate(file.tell() // type_.itemsize * type_.itemsize)
        yield file


def _embed_waiting(
    catalog: Catalog,
    embedder: Embedder,
    chunking: ChunkingSettings,
    file: BinaryIO,
    progress: OnProgress,
) -> None:
    """Write the records of the papers that wait, which they do until these are on the disk."""

    def embed(papers: Sequence[Paper]) -> Records:
        recorder = RecordingEmbedder(embedder, chunking.sentences)
        embedded(papers, recorder, chunking)
        return recorder.records

    def put(papers: Sequence[Paper], records: Records) -> None:
        file.write(records.tobytes())
        file.flush()
        os.fsync(file.fileno())
        ids = list(map(attrgetter("id"), papers))
        catalog.take_up(ids)
        catalog.commit(indexed=ids)

    def tell(step: Progress) -> None:
        progress(replace(step, stage="embed"))

    done = catalog.count()
    total = done + catalog.count_waiting()
    tell(Progress("embed", done, total, 0.0))
    take = waiting_in_batches(catalog)
    index_in_batches(take, embed, put, total, tell, done)


# -- taken up -----------------------------------------------------------------------------------


@dataclass(slots=True)
class VectorSource:
    """What gives an embedder when it is called: ``load`` of `Ragbot.open`.

    Vectors are looked up in ``file``, if there is one; ``load`` loads what makes the others.
    """

    settings: Settings
    load: LoadEmbedder
    file: Path | None = None
    _known: KnownVectors | None = field(default=None, init=False)

    def __call__(self) -> Embedder:
        """The embedder.

        Raises:
            InputError: the file is missing or damaged, or its vectors are of other settings.
        """
        embedder = self.load()
        if self.file is None:
            return embedder
        wanted = _facts(self.settings, embedder)
        self._known = known_vectors(self.file, wanted, embedder, self.settings.data_dir)
        return self._known

    @property
    def looked_up(self) -> LookedUp | None:
        """What was looked up until now, if anything was to be embedded."""
        known = self._known
        if known is None:
            return None
        return LookedUp(str(self.file), known.asked, known.missing)


@contextmanager
def vector_source(
    settings: Settings, file: Path | None = None, engine: str = "local"
) -> Iterator[VectorSource]:
    """Where the vectors of an ingest come from: a file, and one of `ENGINES`, which begins when it
    is needed and ends with this."""
    cache = settings.data_dir / "models"
    with ExitStack() as begun:

        def load() -> Embedder:
            return begun.enter_context(ENGINES[engine](settings.embedding, cache))

        yield VectorSource(settings, load, file)
