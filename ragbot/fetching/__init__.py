"""Papers from the internet, as files below the data folder; only when a user asks for them.

    <data folder>/fetched/daily-papers/2025-05-12.json
                          arxiv/<query>/000000.xml

Nothing else in Ragbot asks for anything there, and nothing imports this before it is needed. What
was fetched is read by those who ask for it, like any file.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from ragbot.config import Settings
from ragbot.fetching.arxiv_api import ARXIV, Search, fetch_pages
from ragbot.fetching.daily_papers import HUGGING_FACE, fetch_days
from ragbot.fetching.kept_replies import Fetched, alone
from ragbot.fetching.pace import REAL, Clock, Pace
from ragbot.fetching.web_client import WebClient
from ragbot.fetching.web_failures import WebService

__all__ = ["Clock", "Fetched", "Replies", "Search", "fetch_arxiv", "fetch_daily_papers"]

Replies = Generator[Fetched, None, None]


def fetch_daily_papers(
    settings: Settings, first: date, last: date, clock: Clock = REAL
) -> Replies:
    """Hugging Face's daily papers, day by day (`ragbot.fetching.daily_papers.fetch_days`).

    Raises:
        Locked: another process fetches into this data folder.
    """
    url = settings.fetch.daily_papers_url
    with _visit(HUGGING_FACE, settings, "daily-papers", clock) as (own, client):
        yield from fetch_days(first, last, url, own, client, clock)


def fetch_arxiv(settings: Settings, search: Search, clock: Clock = REAL) -> Replies:
    """The papers of a query at arXiv (`ragbot.fetching.arxiv_api.fetch_pages`).

    Raises:
        Locked: another process fetches into this data folder.
    """
    url = settings.fetch.arxiv_url
    with _visit(ARXIV, settings, "arxiv", clock) as (own, client):
        yield from fetch_pages(search, url, own, client, clock)


@contextmanager
def _visit(
    service: WebService, settings: Settings, name: str, clock: Clock
) -> Iterator[tuple[Path, WebClient]]:
    """The folder of a service's replies and what asks it, for one run at a time."""
    folder = settings.data_dir / "fetched"
    own = folder / name
    pace = Pace(own / "last-request", service.pause, clock)
    with alone(folder), WebClient(service, settings.fetch, pace, clock) as client:
        yield own, client
