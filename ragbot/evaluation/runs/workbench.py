"""Collections that fit settings: the one in force, or throw-away ones below the data folder.

Runs of several settings share an index where they agree on how it is built.
"""

from __future__ import annotations

import dataclasses
import functools
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from ragbot.config import EmbeddingSettings, Settings
from ragbot.embedding import Embedder, load_embedder
from ragbot.errors import EmptyCollection
from ragbot.pipeline import Ragbot
from ragbot.types import OnProgress, Paper

__all__ = ["Load", "Workbench", "own_papers"]

Load = Callable[[EmbeddingSettings], Embedder]


def own_papers(settings: Settings) -> list[Paper]:
    """The papers of the collection in force.

    Raises:
        EmptyCollection: there are none.
    """
    with Ragbot.open(settings) as bot:
        papers = bot.papers()
    if not papers:
        raise EmptyCollection(settings.data_dir)
    return papers


class Workbench:
    """Opens bots over the same papers, whatever the settings; throw-away indexes go at the end.

    ``built`` is whether the collection in force holds just these papers, and so serves the settings
    that fit it. ``load`` replaces the embedders of the settings.
    """

    def __init__(
        self,
        settings: Settings,
        papers: Sequence[Paper],
        *,
        built: bool,
        load: Load | None = None,
        progress: OnProgress | None = None,
    ) -> None:
        self._data_dir = settings.data_dir
        self._papers = papers
        self._progress = progress
        self._load = functools.cache(
            load or functools.partial(load_embedder, cache=self._data_dir / "models")
        )
        self._places = {}
        if built:
            self._places[_index_key(settings)] = self._data_dir
        self._folders = ExitStack()

    def open(self, settings: Settings) -> Ragbot:
        """A bot with these settings over the papers, to be closed by the caller."""
        key = _index_key(settings)
        fresh = key not in self._places
        if fresh:
            self._data_dir.mkdir(parents=True, exist_ok=True)
            folder = tempfile.TemporaryDirectory(
                prefix="evaluation-", dir=self._data_dir
            )
            self._places[key] = Path(self._folders.enter_context(folder))
        data = dataclasses.replace(settings.data, dir=str(self._places[key]))
        vectors = settings.vectors
        if self._places[key] != self._data_dir:  # thrown away, with all that it has
            vectors = dataclasses.replace(vectors, url="")
        bot = Ragbot.open(
            dataclasses.replace(settings, data=data, vectors=vectors),
            load=functools.partial(self._load, settings.embedding),
        )
        try:
            if fresh:
                bot.add(self._papers, source="evaluation", progress=self._progress)
        except BaseException:
            bot.close()
            raise
        return bot

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folders.close()


def _index_key(settings: Settings) -> object:
    """What an index is built with."""
    return settings.embedding.model, settings.chunking
