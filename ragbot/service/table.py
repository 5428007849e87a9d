"""Which papers stand side by side in the matrix."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import get_args

from ragbot.answer.facts import fact_of
from ragbot.answer.find import Finder
from ragbot.answer.outline import facets
from ragbot.errors import EmptyCollection
from ragbot.pipeline import Ragbot
from ragbot.question import read
from ragbot.types import Facet, Filters, Paper, Row

__all__ = ["rows"]


def rows(
    bot: Ragbot,
    question: str | None = None,
    ids: Sequence[str] = (),
    filters: Filters | None = None,
) -> list[Row]:
    """A row for each of these papers, or for those on what a question asks for, or for all.

    Raises:
        InputError: an id that is not in the collection.
        EmptyCollection: nothing has been ingested.
    """
    if bot.stores.is_empty():
        raise EmptyCollection(bot.settings.data_dir)
    if ids:
        papers = bot.stores.catalog.named(ids)
    elif question is None:
        papers = bot.papers(filters)
    else:
        papers = _on(bot, question, filters)
    return [Row(p, dict.fromkeys(get_args(Facet)) | facets(p)) for p in papers]


def _on(bot: Ragbot, question: str, filters: Filters | None) -> list[Paper]:
    retriever = bot.retriever()
    asked = read(question, filters=filters, lexicon=retriever)
    fact = fact_of(asked, bot.stores.catalog)
    if fact is not None:
        return list(map(attrgetter("paper"), fact.papers))
    return Finder(retriever, bot.settings.answer).papers(asked)
