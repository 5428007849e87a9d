"""Saved *Daily Papers* pages, as browsers, clippers and scrapers capture them.

Lines lose the marks of the capture (`capture`), are told apart as text, byline or furniture of the
page (`byline`, `furniture`), and put together as papers (`assembly`). What every capture has is the
byline under a paper::

    Titles of Papers

    The abstract.

      • 4 authors
    ·
    Sep 16, 2024 5

The *compact* layout has neither blank lines nor bylines: ``Subscribe`` glued to the first title,
then abstract and title in turn.

A date without a year belongs to the year in which the page was saved, which is one more than the
latest year the page states: the site leaves out the year of the current year only. Where that
cannot be, it is the year in which the file was saved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from operator import attrgetter

from ragbot.readers.document import Document
from ragbot.readers.formats import Format
from ragbot.readers.kinds import only
from ragbot.readers.listing.assembly import TITLE_ALONE, Found, Stray, assembled
from ragbot.readers.listing.byline import Byline, byline, without_account
from ragbot.readers.listing.capture import Part, Stated, lines_of, parts
from ragbot.readers.listing.furniture import HEADING
from ragbot.readers.record import known_by, record
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT", "read_listing", "read_page"]

# The site has such pages since then: none was saved before.
_FIRST_YEAR = 2023
# Blank lines, or a label glued to the first title.
_ABOVE_PAPERS = re.compile(
    r"\S\n[ \t]*\n[ \t]*\S|^[^\w\n]{0,20}Subscribe(?=\S)", re.MULTILINE
)
_NUMBERED = re.compile(r"^\d{1,3}[.)] (?=\S)")
_NEVER = re.compile("(?!)")
# A number of authors, a dot and a date, or the most of it.
_SIGNED = re.compile("a·?d|d·?a|·d|a·")


def _is_listing(head: str) -> object:
    """Whether a text has the page's heading above papers, or a byline as only papers have."""
    headed = HEADING.search(head) and _ABOVE_PAPERS.search(head)
    lines = filter(None, map(attrgetter("text"), lines_of(head)))
    return headed or _SIGNED.search(_signs(map(byline, lines)))


def _signs(told: Iterable[Byline | None]) -> str:
    """What bylines tell, as letters, and a blank for each line that is none."""
    return "".join(getattr(one, "signs", " ") for one in told)


def read_listing(text: str, saved: date | None = None) -> Iterator[Paper | Skipped]:
    """The papers of a page, dated as far as it tells; ``saved`` is when the file was.

    Those without a byline are papers only on what is known to be a list of papers.
    """
    every = list(parts(lines_of(text)))
    found = list(assembled(every))
    page = _Page(every, found, saved)
    page.listed |= HEADING.search(text) is not None
    for one in found:
        if isinstance(one, Found):
            yield page.paper(one)
            page.begun = True
        elif page.begun >= one.label:
            yield Skipped(f"line {one.line}", one.reason)


class _Page:
    """What holds for all papers of a page: when it was saved, whether there are logos and numbers.

    ``listed`` is whether it is known to be a list of papers, since several have their bylines.
    ``begun`` is whether papers have begun: above them stand labels, what was searched for, a
    greeting.
    """

    begun = False

    def __init__(
        self, every: Sequence[Part], found: Sequence[Found | Stray], saved: date | None
    ) -> None:
        told = list(map(attrgetter("byline"), only(Stated, every)))
        self.listed = len(_SIGNED.findall(_signs(told))) > 1
        self._year = _saved_in(told, saved)
        self._today = _own_day(told, self._year) or saved
        names = map(attrgetter("organisation"), told)
        self._logos = any(map(_has_logo, filter(None, names)))
        titles = map(attrgetter("title.text"), only(Found, found))
        numbered = all(map(_NUMBERED.match, titles))
        self._number = _NUMBERED if numbered else _NEVER

    def paper(self, found: Found) -> Paper | Skipped:
        """What was found as a paper; one without a byline only on what is known to be a list."""
        where = f"line {found.title.line}"
        told = found.byline
        if not self.listed and not told.signs:
            return Skipped(where, "no author and date lines of a paper")
        day = told.date.iso(self._year, self._today)
        inferred = day is not None and not told.date.year
        organisation = without_account(told.organisation, self._logos)
        abstract = " ".join(map(attrgetter("text"), found.abstract))
        urls = map(attrgetter("url"), (found.title, *found.abstract))
        url = next(filter(None, urls), None)
        return record(
            self._number.sub("", found.title.text),
            abstract,
            where,
            date=day,
            date_inferred=inferred,
            author_count=told.author_count,
            organisation=organisation,
            comments=told.comments,
            url=url,
            **known_by(url),
        )


def _own_day(told: Iterable[Byline], year: int) -> date | None:
    """The first date, if it stands alone above all papers."""
    alone = filter(_is_date_alone, told)
    first = next(alone, Byline())
    iso = first.date.iso(year, None)
    return date.fromisoformat(iso) if iso else None


def _has_logo(organisation: str) -> bool:
    return without_account(organisation, logos=False) != organisation


def _saved_in(told: Iterable[Byline], saved: date | None) -> int:
    """The year in which a page was saved: one more than the latest that it states; 0 if unknown."""
    latest = max(map(attrgetter("date.year"), told), default=0)
    of_file = saved.year if saved else 0
    earliest = max(latest, _FIRST_YEAR)
    possible = [year for year in (latest + 1, of_file) if year >= earliest]
    return min(possible, default=0)


def _is_date_alone(told: Byline) -> bool:
    return told.signs == "d"


def _reason(record: Paper | Skipped) -> str | None:
    return getattr(record, "reason", None)


def read_page(document: Document, text: str) -> Iterator[Paper | Skipped]:
    """The papers of the text that a document shows.

    Raises:
        ReadError: it shows titles alone.
    """
    records = list(read_listing(text, document.saved))
    yield from records
    reasons = set(map(_reason, records))
    if reasons & {TITLE_ALONE, None} == {TITLE_ALONE}:
        raise document.fault(
            "it shows titles without abstracts",
            "save the page of a search or of one paper, which show them",
        )


FORMAT = Format(
    "listing",
    "a saved Daily Papers page",
    (".txt", ".md"),
    _is_listing,
    lambda document: read_page(document, document.text()),
)
