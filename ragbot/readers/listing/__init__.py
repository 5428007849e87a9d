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
from dataclasses import replace
from datetime import date
from operator import attrgetter

from ragbot.readers.document import Document
from ragbot.readers.formats import Format
from ragbot.readers.listing.assembly import TITLE_ALONE, Found, Stray, assembled
from ragbot.readers.listing.byline import Byline, byline, without_account
from ragbot.readers.listing.capture import Stated, lines_of, parts
from ragbot.readers.listing.furniture import HEADING
from ragbot.readers.record import known_by, record
from ragbot.readers.written_dates import WrittenDate
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT", "read_listing", "read_page"]

# The site has such pages since then: none was saved before.
_FIRST_YEAR = 2023
# Blank lines, or a label glued to the first title.
_ABOVE_PAPERS = re.compile(
    r"\S\n[ \t]*\n[ \t]*\S|^[^\w\n]{0,20}Subscribe(?=\S)", re.MULTILINE
)
_NUMBERED = re.compile(r"\d{1,3}[.)] (?=\S)")
# A number of authors, a dot and a date, or the most of it.
_SIGNED = re.compile("a·?d|d·?a|·d|a·")


def _is_listing(head: str) -> bool:
    """Whether a text has the page's heading above papers, or a byline as only papers have."""
    headed = HEADING.search(head) and _ABOVE_PAPERS.search(head)
    return bool(headed or _SIGNED.search(_signs(map(byline, _texts(head)))))


def _texts(text: str) -> Iterator[str]:
    return filter(None, map(attrgetter("text"), lines_of(text)))


def _signs(told: Iterable[Byline | None]) -> str:
    """What bylines tell, as letters, and a blank for each line that is none."""
    return "".join(getattr(one, "signs", " ") for one in told)


def read_listing(text: str, saved: date | None = None) -> Iterator[Paper | Skipped]:
    """The papers of a page, dated as far as it tells; ``saved`` is when the file was.

    Those without a byline are papers only on what is known to be a list of papers.
    """
    every = list(parts(lines_of(text)))
    page = _Page([part for part in every if isinstance(part, Stated)], saved)
    listed = HEADING.search(text) is not None or page.is_signed()
    for found in _unnumbered(list(assembled(every))):
        if isinstance(found, Found):
            yield page.paper(found) if found.byline or listed else _unknown(found)
            page.begun = True
        elif page.begun >= found.label:
            yield Skipped(f"line {found.line}", found.reason)


def _unnumbered(every: Sequence[Found | Stray]) -> Iterator[Found | Stray]:
    """Papers without the numbers of a list, if all titles have one."""
    titles = [found.title for found in every if isinstance(found, Found)]
    numbered = all(_NUMBERED.match(title.text) for title in titles)
    for found in every:
        if numbered and isinstance(found, Found):
            text = _NUMBERED.sub("", found.title.text)
            found = replace(found, title=replace(found.title, text=text))
        yield found


def _unknown(found: Found) -> Skipped:
    return Skipped(f"line {found.title.line}", "no author and date lines of a paper")


class _Page:
    """What holds for all papers of a page: when it was saved, whether there are logos.

    ``begun`` is whether papers have begun: above them stand labels, what was searched for, a
    greeting.
    """

    begun = False

    def __init__(self, stated: Sequence[Stated], saved: date | None) -> None:
        self._told = [one.byline for one in stated]
        self._year = _saved_in(self._told, saved)
        self._today = self._own_day() or saved
        names = map(attrgetter("organisation"), self._told)
        self._logos = any(map(_has_logo, filter(None, names)))

    def is_signed(self) -> bool:
        """Whether several papers have their bylines."""
        return len(_SIGNED.findall(_signs(self._told))) > 1

    def _own_day(self) -> date | None:
        """The first date, if it stands alone above all papers."""
        alone = filter(_is_date_alone, self._told)
        first = next(alone, Byline())
        written = first.date or WrittenDate()
        iso = written.iso(self._year, None)
        return date.fromisoformat(iso) if iso else None

    def paper(self, found: Found) -> Paper | Skipped:
        """What was found as a paper."""
        told = found.byline or Byline()
        written = told.date or WrittenDate()
        day = written.iso(self._year, self._today)
        inferred = day is not None and written.year is None
        name = told.organisation or ""
        organisation = without_account(name, self._logos)
        abstract = " ".join(map(attrgetter("text"), found.abstract))
        urls = map(attrgetter("url"), (found.title, *found.abstract))
        url = next(filter(None, urls), None)
        return record(
            found.title.text,
            abstract,
            f"line {found.title.line}",
            date=day,
            date_inferred=inferred,
            author_count=told.author_count,
            organisation=organisation,
            comments=told.comments,
            url=url,
            **known_by(url),
        )


def _has_logo(organisation: str) -> bool:
    return without_account(organisation, logos=False) != organisation


def _saved_in(told: Iterable[Byline], saved: date | None) -> int | None:
    """The year in which a page was saved: one more than the latest that it states."""
    dates = filter(None, map(attrgetter("date"), told))
    stated = filter(None, map(attrgetter("year"), dates))
    latest = max(stated, default=0)
    of_file = saved.year if saved else 0
    earliest = max(latest, _FIRST_YEAR)
    possible = [year for year in (latest + 1, of_file) if year >= earliest]
    return min(possible, default=None)


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
