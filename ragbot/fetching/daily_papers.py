"""Hugging Face's daily papers, a file a day: a day that is over is fetched once.

    daily-papers/2025-05-12.json          the papers of a day
                 2025-05-13.so-far.json   those of a day that was not over then

Days are those of UTC, as the service counts them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from ragbot.errors import FetchError, InputError
from ragbot.fetching.kept_replies import Fetched, keep
from ragbot.fetching.pace import Clock
from ragbot.fetching.web_client import WebClient
from ragbot.fetching.web_failures import WebService, unexpected
from ragbot.readers.kinds import of_kind, only

__all__ = ["FIRST_DAY", "HUGGING_FACE", "fetch_days"]

# Anonymous readers may ask 500 times in 300 seconds.
HUGGING_FACE = WebService("Hugging Face", "fetch.daily_papers_url", pause=0.6)
FIRST_DAY = date(2023, 5, 4)
"""The first with daily papers."""
# Papers of a reply, where no other limit is asked for; a full one may have others behind it.
_FULL = 50
_MOST_PAGES = 20


def fetch_days(
    first: date, last: date, url: str, folder: Path, client: WebClient, clock: Clock
) -> Iterator[Fetched]:
    """The papers of each day up to today, the oldest first, from ``folder`` or from ``url``.

    Raises:
        InputError: no such day has come, or they all lie before the first.
        FetchError: a reply cannot be had; the days before it are kept.
        CatalogError: it cannot be kept.
    """
    today = datetime.fromtimestamp(clock.now(), UTC).date()
    days = _days(max(first, FIRST_DAY), min(last, today))
    if not days:
        raise InputError(
            f"there are daily papers from {FIRST_DAY} to {today} (UTC)",
            "name a day between them",
        )
    for number, day in enumerate(days, 1):
        over = day < today
        path = folder / (f"{day}.json" if over else f"{day}.so-far.json")
        papers = _kept(path) if over else None
        if papers is None:
            papers = _papers_of(day, url, client)
            keep(path, json.dumps(papers, ensure_ascii=False, indent=1).encode())
        if over:
            (folder / f"{day}.so-far.json").unlink(missing_ok=True)
        source = f"daily-papers {day}"
        yield Fetched(path, source, len(papers), "days", number, len(days))


def _kept(path: Path) -> list[Any] | None:
    """The papers of a day that was fetched when it was over."""
    with suppress(OSError, FetchError):
        return _listed(path.read_bytes())
    return None


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _papers_of(day: date, url: str, client: WebClient) -> list[Any]:
    """All papers of a day, which stand on as many pages as they need."""
    pages = [client.get(url, {"date": str(day)}, _listed)]
    for number in range(1, _MOST_PAGES):
        if len(pages[-1]) < _FULL:
            break
        page = client.get(url, {"date": str(day), "p": str(number)}, _listed)
        if page in pages:  # of a service that has no pages
            break
        pages.append(page)
    return list(chain.from_iterable(pages))


def _listed(reply: bytes) -> list[Any]:
    """The items of a reply.

    Raises:
        FetchError: it is no list of objects.
    """
    try:
        told = json.loads(reply)
    except (ValueError, RecursionError):
        raise unexpected(HUGGING_FACE, "no JSON") from None
    objects = only(dict, of_kind(told, list))
    if objects != told:
        raise unexpected(HUGGING_FACE, "JSON, but no list of papers")
    return objects
