"""Months without a paper where there should be some: told, since a list may be missing. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

__all__ = ["date_gaps"]

# So many months on both sides of a gap have together so many papers, or it means nothing.
_BESIDE = 3
_DENSE = 15
_MONTHLY = re.compile(r"\d{4}-")


def date_gaps(dates: Iterable[str | None]) -> list[tuple[str, str]]:
    """The first and the last month, "2024-05", of each run of months without a paper, where the
    months before and behind have many. Dates that are a year alone do not count."""
    monthly = filter(_MONTHLY.match, filter(None, dates))
    numbers = Counter(map(_number, monthly))
    return [
        (_spelled(last + 1), _spelled(following - 1))
        for last, following in pairwise(sorted(numbers))
        if _has_many_beside(numbers, last, following)
    ]


def _has_many_beside(numbers: Counter[int], last: int, following: int) -> bool:
    """Whether there are months between two without a paper, and many papers on both sides."""
    before = sum(map(numbers.__getitem__, range(last + 1 - _BESIDE, last + 1)))
    behind = sum(map(numbers.__getitem__, range(following, following + _BESIDE)))
    return following - last > 1 and min(before, behind) >= _DENSE


def _number(date: str) -> int:
    """The month of a date, counted on from year 0."""
    return int(date[:4]) * 12 + int(date[5:7])


def _spelled(month: int) -> str:
    year, rest = divmod(month - 1, 12)
    return f"{year}-{rest + 1:02}"
