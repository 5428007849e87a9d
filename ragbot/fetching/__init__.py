"""Papers from the internet, as files below the data folder; only when a user asks for them.

    <data folder>/fetched/daily-papers/2025-05-12.json
                          arxiv/<query>/000000.xml

Nothing else in Ragbot asks for anything there, and nothing imports this before it is needed. What
was fetched is read by those who ask for it, like any file.
"""

from __future__ import annotations

from collections.abc import Generator
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
    folder = settings.data_dir / "fetched"
    own = folder / "daily-papers"
    url = settings.fetch.daily_papers_url
    with alone(folder), _client(HUGGING_FACE, settings, own, clock) as client:
        yield from fetch_days(first, last, url, own, client, clock)


def fetch_arxiv(settings: Settings, search: Search, clock: Clock = REAL) -> Replies:
    """The papers of a query at arXiv (`ragbot.fetching.arxiv_api.fetch_pages`).

    Raises:
        Locked: another process fetches into this data folder.
    """
    folder = settings.data_dir / "fetched"
    own = folder / "arxiv"
    url = settings.fetch.arxiv_url
    with alone(folder), _client(ARXIV, settings, own, clock) as client:
        yield from fetch_pages(search, url, own, client, clock)


def _client(
    service: WebService, settings: Settings, folder: Path, clock: Clock
) -> WebClient:
    pace = Pace(folder / "last-request", service.pause, clock)
    return WebClient(service, settings.fetch, pace, clock)
