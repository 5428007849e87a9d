"""SQL for the committed papers of a range of dates, so that an index of the catalog gives them.

A year or a month alone is a date, too, and stands before all of its days: a range that begins
within it has it (`Filters.admits`). Each of these dates is a range of its own, since SQLite reads
all papers for ``OR``. Pure: what to ask, and not the catalog.
"""

from __future__ import annotations

from collections.abc import Sequence

from ragbot.types import Filters

__all__ = ["within"]

# Characters of a month and of a year.
_SHORTER = (7, 4)


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


def _spans(filters: Filters) -> list[tuple[str, ...]]:
    """First and last date of each range, as text, with nothing in common; no dates for all."""
    if not filters:
        return [()]
    first, last = filters.span
    shorter = sorted({first[:length] for length in _SHORTER} - {first})
    return [(first, last), *((date, date) for date in filter(last.__ge__, shorter))]
