"""What was fetched from the internet taken into the collection, reply by reply."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, date, datetime

from ragbot.errors import InputError, NothingRead
from ragbot.fetching import Fetched, Replies, Search, fetch_arxiv, fetch_daily_papers
from ragbot.fetching.arxiv_api import MOST, PAGE
from ragbot.pipeline import Ragbot
from ragbot.readers import Document
from ragbot.types import (
    FileReport,
    Filters,
    IngestReport,
    OnProgress,
    Progress,
    Skipped,
)

__all__ = ["take_in_arxiv", "take_in_daily_papers"]


def take_in_daily_papers(
    bot: Ragbot, days: Filters, progress: OnProgress | None
) -> IngestReport:
    """The daily papers of days; an end that is open is today.

    Raises:
        FetchError: they cannot be had. What came before is in the collection.
        InputError: no such day has come, or none of them has papers.
    """
    today = datetime.now(UTC).date().isoformat()
    ends = (days.date_from or today, days.date_to or today)
    first, last = map(date.fromisoformat, ends)
    return _taken_in(bot, fetch_daily_papers(bot.settings, first, last), progress)


def take_in_arxiv(
    bot: Ragbot,
    query: str,
    since: str | None,
    most: int | None,
    progress: OnProgress | None,
) -> IngestReport:
    """The newest papers of a query at arXiv: a page of them if neither is said.

    Raises:
        FetchError: they cannot be had. What came before is in the collection.
        InputError: there are none.
    """
    search = Search(query, since or "", most or (MOST if since else PAGE))
    return _taken_in(bot, fetch_arxiv(bot.settings, search), progress)


def _taken_in(
    bot: Ragbot, replies: Replies, progress: OnProgress | None
) -> IngestReport:
    start = time.monotonic()
    files: list[FileReport] = []
    empty: list[Skipped] = []
    with closing(replies):
        for reply in replies:
            if reply.papers:
                files += _reports(bot, reply)
            else:
                empty.append(Skipped(reply.source, "there are no papers"))
            if progress:
                seconds = time.monotonic() - start
                progress(Progress(reply.stage, reply.done, reply.total, seconds))
    if not files:
        days = " to ".join(sorted({empty[0].where, empty[-1].where}))
        raise InputError(
            f"{days}: there are no papers",
            "name other days: weekends have few, and today's may not be out yet",
        )
    seconds = time.monotonic() - start
    papers = bot.stores.catalog.count()
    return IngestReport(tuple(files), papers, seconds, tuple(empty))


def _reports(bot: Ragbot, reply: Fetched) -> tuple[FileReport, ...]:
    """What a reply brought; one without any paper that can be read is no reason to stop."""
    document = Document(
        str(reply.path), lambda: reply.path.open("rb"), called=reply.source
    )
    try:
        return bot.ingest([document]).files
    except NothingRead as error:
        return error.files
