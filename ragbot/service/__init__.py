"""The operations that every front end offers over one collection, and nothing that shows them.

Window, command line and protocols call this and no part behind it. One process has one `Service`:
what is long runs as a job that all of them can watch (`ragbot.jobs`).
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ragbot.config import LlmSettings, Settings
from ragbot.doctor import examine
from ragbot.jobs import Jobs
from ragbot.llm import Llm
from ragbot.mending import mend
from ragbot.pipeline import LoadEmbedder, Ragbot
from ragbot.resources import bundled_listings
from ragbot.service.apart import ingest_apart
from ragbot.service.intake import Intake
from ragbot.service.inventory import CollectionState, Inventory
from ragbot.service.pages import page_of
from ragbot.service.standing import Loading, ModelWatch
from ragbot.types import (
    Answer,
    Filters,
    IngestReport,
    Message,
    OnProgress,
    Paper,
    Partial,
    Row,
    SearchResult,
)

if TYPE_CHECKING:
    from ragbot.conversations import Conversations
    from ragbot.service.replay import Verdict
    from ragbot.service.trials import Trials

__all__ = ["CollectionState", "LoadEmbedder", "Service", "examine", "formats", "mend"]


class Service:
    """What can be done with one collection. Safe to share between threads.

    ``watch`` is how its language model stands.
    """

    def __init__(self, bot: Ragbot) -> None:
        self._bot = bot
        self.jobs = Jobs()
        self.watch = ModelWatch(bot, self.jobs)
        self._inventory = Inventory(bot)

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        load: LoadEmbedder | None = None,
        progress: OnProgress | None = None,
    ) -> Self:
        """Over the collection of the settings, made if need be; what was interrupted is finished.

        ``load`` replaces the embedder of the settings.

        Raises:
            CatalogError: the data folder cannot be used.
        """
        return cls(Ragbot.open(settings, load=load, progress=progress))

    def close(self) -> None:
        """Stop what is under way, and let go of all files."""
        self.jobs.close()
        with ExitStack() as both:
            both.callback(self._bot.close)
            if "conversations" in vars(self):
                both.callback(self.conversations.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._bot.settings

    @cached_property
    def trials(self) -> Trials:
        """The question sets of the collection and their runs."""
        # Reports and statistics, which no question and no search needs to start with
        from ragbot.service.trials import Trials

        return Trials(self._bot, self.jobs)

    @cached_property
    def conversations(self) -> Conversations:
        """The conversations that are kept here, opened when they are first asked for.

        Raises:
            CatalogError: their file cannot be opened; questions are answered all the same.
        """
        from ragbot.service.kept import open_conversations

        return open_conversations(self.settings)

    # -- asking -----------------------------------------------------------------------------

    def search(
        self, question: str, k: int | None = None, filters: Filters | None = None
    ) -> SearchResult:
        """The papers that fit a question best (`ragbot.pipeline.Ragbot.search`).

        Raises:
            EmptyCollection: nothing has been ingested.
        """
        return self._bot.search(question, k, filters)

    def ask(
        self,
        question: str,
        history: Sequence[Message] = (),
        filters: Filters | None = None,
    ) -> Answer:
        """An answer whose every statement cites the abstract that makes it.

        Raises:
            EmptyCollection: nothing has been ingested.
        """
        *_, answer = self.stream(question, history, filters)
        assert isinstance(answer, Answer)  # the last is
        return answer

    def stream(
        self,
        question: str,
        history: Sequence[Message] = (),
        filters: Filters | None = None,
        *,
        dates_in_words: bool = True,
        stop: threading.Event | None = None,
    ) -> Generator[Partial | Answer, None, None]:
        """The answer as it grows, then finished (`ragbot.pipeline.Ragbot.stream`).

        Raises:
            EmptyCollection: nothing has been ingested.
            ConfigError: the settings of the language model cannot be used.
        """
        model = self._bot.model
        states = self._bot.stream(
            question,
            history,
            filters,
            dates_in_words=dates_in_words,
            model=model,
            stop=stop,
        )
        with closing(states):
            for state in states:
                if isinstance(state, Answer):
                    self.watch.answered(model.settings, state)
                yield state

    def saved(
        self, answer: Answer, history: Sequence[Message], filters: Filters | None
    ) -> str:
        """The text of a file from which the answer can be verified later."""
        from ragbot.service.replay import saved_text

        return saved_text(answer, history, filters)

    def verify(self, path: Path) -> Verdict:
        """Whether the collection still gives the answer that a file has.

        Raises:
            InputError: the file is missing, or holds no saved answer.
            EmptyCollection: nothing has been ingested.
        """
        from ragbot.service.replay import read_saved, replayed

        return replayed(read_saved(path), self._bot)

    # -- papers -----------------------------------------------------------------------------

    def state(self) -> CollectionState:
        """What is in the collection now; counted anew when papers have changed."""
        return self._inventory.state()

    def is_untouched(self) -> bool:
        """Whether nothing was ever put in or taken out."""
        return self._bot.stores.catalog.generation() == 0

    def count(self) -> int:
        """How many papers there are."""
        return self._bot.stores.catalog.count()

    def sources(self) -> list[tuple[str, int]]:
        """Paths of files and how many papers each is a source of, in the order they came."""
        return self._bot.stores.catalog.sources()

    def papers(
        self,
        filters: Filters | None = None,
        query: str | None = None,
        most: int = -1,
        skip: int = 0,
    ) -> list[Paper]:
        """Papers, newest first: those with every word of ``query`` in title or abstract.

        Accents and case do not count. ``most`` is how many at most, all if negative, after the
        first ``skip``.
        """
        catalog = self._bot.stores.catalog
        return page_of(catalog, filters, query or "", most, skip)

    def export(self, format_: str, query: str | None = None) -> str:
        """The papers that have every word of ``query``, in one of the formats of export.

        Raises:
            InputError: an unknown format.
        """
        return _exported(self.papers(query=query), format_)

    def export_by_id(self, format_: str, ids: Sequence[str]) -> str:
        """These papers in this order, in one of the formats of export; what is gone is left out.

        Raises:
            InputError: an unknown format.
        """
        known = self._bot.stores.catalog.get(list(ids))
        papers = filter(None, map(known.get, ids))
        return _exported(list(papers), format_)

    def matrix(
        self,
        question: str | None = None,
        ids: Sequence[str] = (),
        filters: Filters | None = None,
    ) -> list[Row]:
        """Papers side by side: these, those on what a question asks for, or all.

        Raises:
            InputError: an id that is not in the collection.
            EmptyCollection: nothing has been ingested.
        """
        from ragbot.service.table import rows

        return rows(self._bot, question, ids, filters)

    def ingest(
        self,
        paths: Sequence[Path],
        *,
        bundled: bool = False,
        dry_run: bool = False,
        format_: str | None = None,
        progress: OnProgress | None = None,
    ) -> IngestReport:
        """Read files and folders into the collection, and the papers that come with Ragbot.

        ``format_`` is the format of all files, if it is not to be told by their texts.

        Raises:
            InputError: no file gives a paper, or no format has that name.
            Locked: another process is writing.
            FingerprintMismatch: the index was built with other settings.
        """
        ours = [bundled_listings()] * bundled
        return self._bot.ingest(
            [*paths, *ours],
            dry_run=dry_run,
            format_=format_,
            within=ours,
            progress=progress,
        )

    def fill(self, progress: OnProgress) -> IngestReport:
        """Take in the papers that come with Ragbot, in a process of its own: this one stays small.

        Raises:
            Locked: another process is writing.
        """
        ours = [bundled_listings()]
        return ingest_apart(self._bot, ours, within=ours, progress=progress)

    def fetch_daily_papers(
        self, days: Filters, progress: OnProgress | None = None
    ) -> IngestReport:
        """Take in Hugging Face's daily papers from the internet; an end that is open is today.

        Raises:
            FetchError: they cannot be had. What came before is in the collection.
            InputError: no such day has come, or none of them has papers.
        """
        from ragbot.service.fetched import take_in_daily_papers

        return take_in_daily_papers(self._bot, days, progress)

    def fetch_arxiv(
        self,
        query: str,
        since: str | None = None,
        most: int | None = None,
        progress: OnProgress | None = None,
    ) -> IngestReport:
        """Take in the newest papers of a query at arXiv: so many, or all since a day.

        Raises:
            FetchError: they cannot be had. What came before is in the collection.
            InputError: there are none.
        """
        from ragbot.service.fetched import take_in_arxiv

        return take_in_arxiv(self._bot, query, since, most, progress)

    def take_in(self, files: Sequence[Path]) -> Intake:
        """Begin to read files one after the other, behind those that others are having read."""
        return self.jobs.begin(Intake(self._bot, files))

    def remove(self, ids: Sequence[str] = (), source: str | None = None) -> int:
        """Forget papers by id, or what a file or a folder said; how many papers are gone.

        Raises:
            InputError: an id or a source that is not in the collection.
            FingerprintMismatch: the index was built with other settings.
        """
        return self._bot.remove(ids, source)

    def doomed(self, ids: Sequence[str] = (), source: str | None = None) -> list[Paper]:
        """The papers that `remove` would take.

        Raises:
            InputError: an id or a source that is not in the collection.
        """
        if source is None:
            return self._bot.stores.catalog.named(ids)
        gone = set(self._bot.stores.catalog.sources_at(source))
        return [paper for paper in self._bot.papers() if gone.issuperset(paper.sources)]

    def rebuild(self, progress: OnProgress | None = None) -> int:
        """Index every paper anew with the settings in force; how many there are."""
        return self._bot.rebuild(progress)

    # -- the language model -----------------------------------------------------------------

    def language_model(self) -> Llm | None:
        """The language model of the settings, loaded once; ``None`` if answers are quoted.

        Raises:
            ConfigError: its settings cannot be used.
            LlmError: its package, its key or its model is missing.
        """
        return self._bot.language_model()

    def load_model(self, settings: LlmSettings, *, keys: bool = True) -> Loading:
        """Begin to load another language model, which writes the answers once the job is done.

        Without ``keys`` its server is sent none.
        """
        return self.jobs.begin(Loading(self._bot, settings, keys=keys))


def _exported(papers: Sequence[Paper], format_: str) -> str:
    from ragbot.papers.export import export_papers

    return export_papers(papers, format_)


def formats() -> list[tuple[str, str, tuple[str, ...]]]:
    """The formats that are read: name, what people call it, suffixes of its files."""
    from ragbot.readers import FORMATS

    return [(fmt.name, fmt.title, fmt.suffixes) for fmt in FORMATS]
