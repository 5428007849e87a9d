"""Dates people type into a filter. Pure."""

from __future__ import annotations

import calendar
import datetime
import re

from ragbot.errors import InputError
from ragbot.types import Filters

__all__ = ["parse_filters"]

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


def parse_filters(date_from: str | None, date_to: str | None) -> Filters:
    """A range of ``YYYY[-MM[-DD]]``, both ends inclusive: ``2024`` to ``2024`` is the whole year.

    Raises:
        InputError: a date of another form, one that does not exist, or an end before its start.
    """
    low, _ = _bounds(date_from)
    _, high = _bounds(date_to)
    if low and high and low > high:
        raise InputError(
            f"the date range ends ({date_to}) before it starts ({date_from})",
            "swap them",
        )
    return Filters(low, high)


def _bounds(text: str | None) -> tuple[str | None, str | None]:
    """The first and the last day of a year, a month or a day."""
    if not text:
        return None, None
    match = _DATE.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        first = datetime.date(*map(int, match.groups("1")))
        month = int(match.groups("12")[1])
        days = calendar.monthrange(first.year, month)[1]
        last = datetime.date(first.year, month, int(match.groups(days)[2]))
    except ValueError:
        raise InputError(
            f"'{text}' is no date", "write YYYY, YYYY-MM or YYYY-MM-DD"
        ) from None
    return first.isoformat(), last.isoformat()
