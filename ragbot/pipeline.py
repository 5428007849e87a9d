"""The whole trip in one file: the only place that makes the parts and joins them.

with Ragbot.open(load_settings()) as bot:
    bot.ingest([Path("listings/")])
    answer = bot.ask("Which papers prune channels?")
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ragbot.answer.answerer import Answerer, from_catalog
from ragbot.answer.facts import fact_of
from ragbot.config import LlmSettings, Settings
from ragbot.embedding import Embedder, load_embedder
from ragbot.errors import CatalogError, EmptyCollection, VectorServerError
from ragbot.index.signature import check, digest, signature
from ragbot.index.stores import Stores
from ragbot.llm import LanguageModel, Llm
from ragbot.question import read
from ragbot.retrieval.rerank import Reranker
from ragbot.retrieval.retriever import Retriever
from ragbot.types import (
    Answer,
    Coverage,
    Filters,
    IngestReport,
    Message,
    OnProgress,
    Paper,
    Partial,
    SearchResult,
)

if TYPE_CHECKING:
    from ragbot.index.writer import Writer
    from ragbot.readers import Document

__all__ = ["LoadEmbedder", "Ragbot"]

LoadEmbedder = Callable[[], Embedder]


class Ragbot:
    """One collection and the way through it. Safe to share between threads."""

    def __init__(
        self, settings: Settings, stores: Stores, load: LoadEmbedder | None = None
    ) -> None:
        self._settings = settings
        self._writes = LanguageModel(settings.llm)
        self.stores = stores
        self.loads_its_own = load is None
        self._load = load or (
            lambda: load_embedder(settings.embedding, stores.data_dir / "models")
        )
        self._model: Embedder | None = None
        self._retriever: Retriever | None = None
        self._loading = threading.RLock()
        # Writers of this process queue here; those of others meet the lock file.
        self._writing = threading.Lock()
        self._hashed: tuple[int, str] = (-1, "")

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        load: LoadEmbedder | None = None,
        progress: OnProgress | None = None,
    ) -> Self:
        """Open the collection of the settings, made if need be; finish what was interrupted.

        ``load`` replaces the embedder of the settings, for tests and for models of your own.

        Raises:
            CatalogError: the data folder cannot be used.
        """
        stores = Stores(settings.data_dir, settings.chunking, settings.vectors)
        bot = cls(settings, stores, load)
        try:
            if bot.stores.catalog.unfinished() or bot.stores.interrupted():
                # Another process is at it, or the index is broken: the next use says which.
                with suppress(CatalogError, VectorServerError), bot._writer() as writer:
                    writer.finish(bot._embedder, progress)
        except BaseException:
            bot.close()
            raise
        return bot

    @property
    def settings(self) -> Settings:
        """The settings in force: those it was opened with, and those of its language model."""
        return dataclasses.replace(self._settings, llm=self._writes.settings)

    @property
    def model(self) -> LanguageModel:
        """What writes the answers of those who name no other."""
        return self._writes

    def close(self) -> None:
        """Let go of all files."""
        self.stores.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- the trip ---------------------------------------------------------------------------

    def ingest(
        self,
        paths: Sequence[Path | Document],
        *,
        dry_run: bool = False,
        format_: str | None = None,
        within: Sequence[Path] = (),
        progress: OnProgress | None = None,
    ) -> IngestReport:
        """Read files and folders into the collection; what is there already costs nothing.

        ``format_`` is the format of all files, if it is not to be told by their texts. Papers name
        the paths of their files as given here, of those below ``within`` what stands behind that.

        Raises:
            InputError: no file gives a paper, or no format has that name.
            Locked: another process is writing.
            FingerprintMismatch: the index was built with other settings.
        """
        start = time.perf_counter()
        with self._writer() as writer:
            reports, unread = writer.add_files(
                paths,
                self._embedder,
                progress,
                dry_run=dry_run,
                format_=format_,
                within=within,
            )
            if not dry_run:
                writer.finish(self._embedder, progress)
            to_come = sum(r.new for r in reports) if dry_run else 0
            papers = self.stores.catalog.count() + to_come
        seconds = time.perf_counter() - start
        return IngestReport(tuple(reports), papers, seconds, tuple(unread))

    def add(
        self,
        papers: Iterable[Paper],
        *,
        source: str,
        progress: OnProgress | None = None,
    ) -> int:
        """Take papers that no file holds, under the ids they bear; how many there are then.

        Raises:
            Locked: another process is writing.
            FingerprintMismatch: the index was built with other settings.
        """
        with self._writer() as writer:
            writer.add_papers(list(papers), source, self._embedder, progress)
            writer.finish(self._embedder, progress)
        return self.stores.catalog.count()

    def search(
        self,
        question: str,
        k: int | None = None,
        filters: Filters | None = None,
        *,
        dates_in_words: bool = True,
    ) -> SearchResult:
        """The papers that fit a question best, with evidence.

        Without ``filters``, dates in the question ("since September 2024") become the range of the
        result's filters, unless ``dates_in_words`` is false.

        Raises:
            EmptyCollection: nothing has been ingested.
        """
        retriever = self.retriever()
        asked = read(
            question,
            filters=filters,
            lexicon=retriever,
            dates_in_words=dates_in_words,
        )
        found = retriever.search(asked.topic, k, asked.filters, asked.author)
        return dataclasses.replace(found, question=asked.question)

    def ask(
        self,
        question: str,
        history: Sequence[Message] = (),
        filters: Filters | None = None,
        *,
        dates_in_words: bool = True,
        model: LanguageModel | None = None,
    ) -> Answer:
        """An answer whose every statement cites the abstract that makes it.

        Without ``filters``, dates in the question's words restrict it, as in `search`. Without
        ``model``, the collection's own language model writes it.

        Raises:
            EmptyCollection: nothing has been ingested.
        """
        *_, answer = self.stream(
            question, history, filters, dates_in_words=dates_in_words, model=model
        )
        assert isinstance(answer, Answer)  # the last is
        return answer

    def stream(
        self,
        question: str,
        history: Sequence[Message] = (),
        filters: Filters | None = None,
        *,
        dates_in_words: bool = True,
        model: LanguageModel | None = None,
        stop: threading.Event | None = None,
    ) -> Generator[Partial | Answer, None, None]:
        """The answer as it grows, then the finished `Answer`, whose text replaces what was shown.

        ``model`` is as for `ask`; whatever others choose meanwhile, an answer keeps to the one it
        began with. ``stop``, once set, ends its writing within a second; so does closing.

        Raises:
            EmptyCollection: nothing has been ingested.
            ConfigError: the settings of the language model cannot be used.
        """
        model = model or self._writes
        retriever = self.retriever()
        asked = read(
            question,
            history,
            filters,
            lexicon=retriever,
            dates_in_words=dates_in_words,
        )
        fact = fact_of(asked, self.stores.catalog)
        if fact is not None:
            yield from from_catalog(asked, fact, self.fingerprint(model))
            return
        catalog = self.stores.catalog
        collection = Coverage(
            catalog.count(asked.filters),
            catalog.date_span()[2] if asked.filters else 0,
            self.fingerprint(model),
        )
        answerer = Answerer(retriever, self._settings.answer, model)
        yield from answerer.stream(asked, collection, stop)

    # -- keeping ----------------------------------------------------------------------------

    def papers(
        self, filters: Filters | None = None, most: int = -1, skip: int = 0
    ) -> list[Paper]:
        """Papers, newest first: all, or a page of ``most`` after the first ``skip``."""
        return self.stores.catalog.papers(filters, most, skip)

    def remove(self, ids: Sequence[str] = (), source: str | None = None) -> int:
        """Forget papers by id, or what a file or a folder said; how many papers are gone.

        Raises:
            InputError: an id or a source that is not in the collection.
            FingerprintMismatch: the index was built with other settings.
        """
        with self._writer() as writer:
            before = self.stores.catalog.count()
            self.stores.catalog.named(ids)
            if source is not None:
                named = self.stores.catalog.sources_at(source)
                writer.remove_sources(named, self._embedder)
            writer.remove(ids)
            writer.finish(self._embedder)
            return before - self.stores.catalog.count()

    def rebuild(self, progress: OnProgress | None = None) -> int:
        """Index every paper anew with the settings in force; how many there are.

        Questions are answered from the index as it was until the new one is complete.
        """
        with self._writer(check=False) as writer:
            writer.rebuild(self._loaded(), progress)
            return self.stores.catalog.count()

    # -- the parts --------------------------------------------------------------------------

    def retriever(self) -> Retriever:
        """Search over this collection as it is now; for one question, or as long as nobody writes.

        Raises:
            EmptyCollection: nothing has been ingested.
            FingerprintMismatch: the index was built with other settings.
        """
        if self.stores.is_empty():
            raise EmptyCollection(self._settings.data_dir)
        embedder = self._embedder()
        view = self.stores.view()
        with self._loading:
            if self._retriever is None or self._retriever.view is not view:
                how = self._settings.retrieval
                reranker = Reranker(how.reranker) if how.reranker else None
                self._retriever = Retriever(view, embedder, how, reranker)
            return self._retriever

    def language_model(self) -> Llm | None:
        """The language model of the settings, loaded once; ``None`` if answers are quoted.

        Raises:
            ConfigError: its settings cannot be used.
            LlmError: its package, its key or its model is missing.
        """
        return self._writes.load()

    def use_language_model(self, settings: LlmSettings, *, keys: bool = True) -> None:
        """Have answers written by another language model, from the next question on.

        It is loaded first: as long as that takes, and if it fails, the one in use stays. Without
        ``keys`` its server is sent none (`ragbot.llm.load_llm`).

        Raises:
            ConfigError: the settings cannot be used.
            LlmError: its package, its key or its model is missing.
        """
        model = LanguageModel(settings, keys=keys)
        model.load()
        self._writes = model

    def check(self) -> None:
        """Make sure that the index fits the settings, as far as it shows without loading a model.

        Raises:
            FingerprintMismatch: it was built with other settings.
        """
        wanted = signature(self._settings, self._model)
        check(self.stores.catalog, wanted, self._settings.data_dir)

    def fingerprint(self, model: LanguageModel | None = None) -> dict[str, str]:
        """What an answer depends on: the papers, how they are indexed, the settings.

        ``model`` is what writes it, if not the collection's own language model.
        """
        settings = dataclasses.replace(
            self._settings, llm=(model or self._writes).settings
        )
        generation = self.stores.catalog.generation()
        if self._hashed[0] != generation:
            self._hashed = (generation, self.stores.catalog.content_hash())
        return {
            "collection": self._hashed[1],
            "index": digest(self.stores.catalog),
            "config": settings.fingerprint(),
        }

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let another process write in this one's turn, once the model is there for both."""
        with self._writing:
            self._loaded()
            yield

    @contextmanager
    def _writer(self, *, check: bool = True) -> Iterator[Writer]:
        # With it come the readers of all formats, which a question does not need.
        from ragbot.index.writer import Writer

        with self._writing, Writer.locked(self.stores, self._settings) as writer:
            if check:
                self.check()
            yield writer

    def _loaded(self) -> Embedder:
        """The embedding model, loaded once."""
        with self._loading:
            if self._model is None:
                self._model = self._load()
            return self._model

    def _embedder(self) -> Embedder:
        """The embedding model, once it is known to fit the index."""
        embedder = self._loaded()
        self.check()
        return embedder
