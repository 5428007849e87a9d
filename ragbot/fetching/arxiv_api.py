"""The newest papers of a query at arXiv, a file a page; a run that was interrupted goes on.

    arxiv/cat-cs.CL-1a2b3c4d/000000.xml   Atom, the newest first
                             000200.xml
                             run.json     when the run began, and which page is next

A run is another one where anything else is asked, or a day later: what is new pushes the others on.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ragbot.errors import FetchError, InputError, ReadError
from ragbot.fetching.kept_replies import Fetched, keep
from ragbot.fetching.pace import Clock
from ragbot.fetching.web_client import WebClient
from ragbot.fetching.web_failures import WebService, unexpected
from ragbot.readers.document import Document
from ragbot.readers.feeds import ATOM
from ragbot.readers.xml_text import elements, text_of

__all__ = ["ARXIV", "MOST", "PAGE", "Search", "fetch_pages"]

# https://info.arxiv.org/help/api/tou.html
ARXIV = WebService("arXiv", "fetch.arxiv_url", pause=3.0)
PAGE = 200
"""Papers asked for at once; 2,000 are the most that arXiv gives."""
MOST = 30_000
"""Papers that arXiv gives out of one query."""
_A_DAY = 86_400.0
_PAGES = "[0-9]" * 6 + ".xml"

_WRITTEN = re.compile(
    r'\b(?:ti|au|abs|co|jr|cat|rn|id|all|submittedDate):|\b(?:AND|OR|ANDNOT)\b|[()"]'
)
_ENTRY = re.compile(rb"<entry\b(?:(?!<entry\b).)*?</entry\s*>", re.DOTALL)
_UNSAFE = re.compile(r"[^A-Za-z0-9.]+")


@dataclass(frozen=True, slots=True)
class Search:
    """The newest papers of a query, at most ``most`` and none older than the day ``since``."""

    query: str
    since: str = ""
    most: int = MOST

    @property
    def asked(self) -> str:
        """The query as arXiv takes it: bare words would find what has any one of them."""
        if _WRITTEN.search(self.query):
            return self.query
        return " AND ".join(map("all:{}".format, self.query.split()))

    @property
    def name(self) -> str:
        """Of a folder of its own, whatever the query has in it."""
        told = repr((self.query, self.since, self.most))
        digest = hashlib.sha256(told.encode()).hexdigest()[:8]
        return f"{_UNSAFE.sub('-', self.query)[:40].strip('-.')}-{digest}".strip("-")


@dataclass(frozen=True, slots=True)
class _Run:
    """How far a run is: since when, the place of the next page, and of how many papers."""

    begun: float
    next: int = 0
    total: int = 0
    over: bool = False


@dataclass(frozen=True, slots=True)
class _Page:
    """A reply without what was not asked for; ``over`` says that no other need be asked for."""

    content: bytes
    papers: int
    next: int
    total: int
    over: bool


def fetch_pages(
    search: Search, url: str, folder: Path, client: WebClient, clock: Clock
) -> Iterator[Fetched]:
    """The papers of a query page by page, from ``folder`` or from ``url``.

    Raises:
        FetchError: a reply cannot be had, or arXiv has no more of them; the pages before it are
            kept.
        InputError: arXiv has no such paper.
        CatalogError: a reply cannot be kept.
    """
    own = folder / search.name
    run = _resumed(own, clock) or _begun(own, clock)
    for path in _pages(own, run.next):
        yield _fetched(path, search, run)
    while not run.over:
        parameters = {
            "search_query": search.asked,
            "start": str(run.next),
            "max_results": str(min(PAGE, search.most - run.next)),
            "sortBy": "submittedDate",
            "sortOrder": "descending",
        }
        page = client.get(url, parameters, partial(_read, search, run.next))
        path = own / _page_name(run.next)
        run = dataclasses.replace(run, next=page.next, total=page.total, over=page.over)
        keep(path, page.content)
        keep(own / "run.json", json.dumps(dataclasses.asdict(run)).encode())
        if page.papers:
            yield _fetched(path, search, run)
    if search.since and run.next == MOST < run.total:
        raise FetchError(
            f"arXiv gives out no more than {MOST:,} papers of one query",
            "narrow the query, or name a later --since",
        )


def _resumed(folder: Path, clock: Clock) -> _Run | None:
    """The run that was interrupted here less than a day ago."""
    with suppress(OSError, ValueError, TypeError):
        run = _Run(**json.loads((folder / "run.json").read_bytes()))
        if not run.over and 0 <= clock.now() - run.begun < _A_DAY:
            return run
    return None


def _begun(folder: Path, clock: Clock) -> _Run:
    """A new run, in place of the one before."""
    (folder / "run.json").unlink(missing_ok=True)
    for path in _pages(folder, MOST):
        path.unlink()
    return _Run(clock.now())


def _pages(folder: Path, until: int) -> list[Path]:
    """The pages that a run has; one that it was about to note is asked for again."""
    next_ = _page_name(until)
    return sorted(path for path in folder.glob(_PAGES) if path.name < next_)


def _page_name(place: int) -> str:
    """Of the page that begins with the paper of this place; names sort as places do."""
    return f"{place:06}.xml"


def _fetched(path: Path, search: Search, run: _Run) -> Fetched:
    papers = len(_ENTRY.findall(path.read_bytes()))
    total = min(run.total, search.most)
    done = total if run.over else min(run.next, total)
    return Fetched(path, f"arxiv {search.query}", papers, "papers", done, total)


def _read(search: Search, start: int, reply: bytes) -> _Page:
    """What a reply has of what was searched for.

    Raises:
        FetchError: it is no answer of arXiv's, says what is wrong, or is empty before the end.
        InputError: there is no such paper.
    """
    entries, total = _entries(reply)
    for id_, _, told in entries:
        if "/api/errors" in id_:
            raise FetchError(
                f"arXiv does not understand the query ({told[:200]})", _HOW_TO_ASK
            )
    if not entries and start < total:
        raise FetchError(
            "arXiv gave an empty page", "give the same command again later", busy=True
        )
    wanted = [published[:10] >= search.since for _, published, _ in entries]
    wanted = wanted[: search.most - start]
    following = start + len(wanted)
    if start == 0 and not any(wanted):
        since = f" since {search.since}" * bool(search.since)
        raise InputError(
            f"arXiv has no papers for '{search.query}'{since}", _HOW_TO_ASK
        )
    keeping = iter(wanted)
    content = _ENTRY.sub(lambda entry: entry[0] * next(keeping, False), reply)
    over = not all(wanted) or following >= min(total, search.most)
    return _Page(content, sum(wanted), following, total, over)


_HOW_TO_ASK = (
    "ask for words, or fields as in 'cat:cs.CL AND ti:pruning': ti, au, abs, cat, all"
)


def _entries(reply: bytes) -> tuple[list[tuple[str, str, str]], int]:
    """Id, day and summary of each entry of an Atom feed, and how many papers arXiv has in all."""
    document = Document("the reply", partial(io.BytesIO, reply))
    try:
        if not ATOM.recognises(document.head()):
            raise unexpected(ARXIV, "no Atom")
        totals = [int(one.text or "") for _, one in elements(document, "totalResults")]
        entries = [
            (text_of(one, "id"), text_of(one, "published"), text_of(one, "summary"))
            for _, one in elements(document, "entry")
        ]
    except (ReadError, ValueError) as error:
        raise unexpected(ARXIV, getattr(error, "problem", "no number")) from None
    if not totals or len(entries) != len(_ENTRY.findall(reply)):
        raise unexpected(ARXIV, "a feed that does not say how many papers it has")
    return entries, totals[0]
