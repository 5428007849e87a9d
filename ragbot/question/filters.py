"""Dates people type into a filter. Pure."""

from __future__ import annotations

import calendar
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
    low = _bound(date_from, last=False) if date_from else None
    high = _bound(date_to, last=True) if date_to else None
    if low and high and low > high:
        raise InputError(
            f"the date range ends ({date_to}) before it starts ({date_from})",
            "swap them",
        )
    return Filters(low, high)


def _bound(text: str, *, last: bool) -> str:
    match = _DATE.fullmatch(text.strip())
    wrong = InputError(f"'{text}' is no date", "write YYYY, YYYY-MM or YYYY-MM-DD")
    if not match or int(match.group(1)) == 0:
        raise wrong
    year = int(match.group(1))
    month = int(match.group(2) or (12 if last else 1))
    if not 1 <= month <= 12:
        raise wrong
    days = calendar.monthrange(year, month)[1]
    day = int(match.group(3) or (days if last else 1))
    if not 1 <= day <= days:
        raise wrong
    return f"{year:04}-{month:02}-{day:02}"
