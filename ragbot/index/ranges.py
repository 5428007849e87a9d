"""A range of dates as SQL, so that an index of the catalog gives its papers, and as numbers.

A year or a month alone is a date, too, and stands before all of its days: a range that begins
within it has it (`Filters.admits`). Each of these dates is a range of its own, since SQLite reads
all papers for ``OR``. Pure: what to ask, and not the catalog.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import itemgetter

from ragbot.types import Filters

__all__ = ["UNTIL", "count_within", "date_number", "numbers", "within"]

# Characters of a month and of a year.
_SHORTER = (7, 4)
# Above the number of the undated.
_FIRST = 10000

# Each date, and how many committed papers are of it or of an earlier one: counting those of each
# range would read all of its papers.
UNTIL = """
SELECT date, sum(count(*)) OVER (ORDER BY date)
FROM papers INDEXED BY papers_by_state_and_date
WHERE state = 'committed' AND date IS NOT NULL GROUP BY date
"""


def within(
    columns: str,
    filters: Filters,
    table: str = "papers",
    clauses: Sequence[str] = (),
    values: Sequence[object] = (),
) -> tuple[str, list[object]]:
    """A query for ``columns`` and ``place`` (the rowid) of the papers that pass, and its values.

    ``clauses`` are further conditions and ``values`` theirs.
    """
    dated = ["date BETWEEN ? AND ?"] * bool(filters)
    where = " AND ".join(["state = 'committed'", *dated, *clauses])
    one = f"SELECT {columns}, rowid AS place FROM {table} WHERE {where}"
    spans = _spans(filters)
    of_all: list[object] = []
    for span in spans:
        of_all += [*span, *values]
    return " UNION ALL ".join([one] * len(spans)), of_all


def count_within(until: Sequence[tuple[str, int]], filters: Filters) -> int:
    """How many papers are in a range, from what `UNTIL` gives."""
    dates = list(map(itemgetter(0), until))
    papers = [0, *map(itemgetter(1), until)]
    return sum(
        papers[bisect_right(dates, last)] - papers[bisect_left(dates, first)]
        for first, last in _spans(filters)
    )


def numbers(filters: Filters) -> list[tuple[int, int]]:
    """First and last date of each range, as `date_number` has them, with nothing in common.

    There is none without dates. Undated papers are in no range.
    """
    if not filters:
        return []
    spans = [(date_number(first), date_number(last)) for first, last in _spans(filters)]
    return [(max(first, _FIRST), last) for first, last in spans]


def date_number(date: str | None) -> int:
    """A date as 20250301, a month as 20250300, 0 if unknown: stores compare numbers."""
    return int(date.replace("-", "").ljust(8, "0")) if date else 0


def _spans(filters: Filters) -> list[tuple[str, ...]]:
    """First and last date of each range, as text, with nothing in common; no dates for all."""
    if not filters:
        return [()]
    first, last = filters.span
    shorter = sorted({first[:length] for length in _SHORTER} - {first})
    return [(first, last), *((date, date) for date in filter(last.__ge__, shorter))]
