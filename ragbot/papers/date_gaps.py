"""Months without a paper where there should be some: told, since a list may be missing. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

__all__ = ["date_gaps"]

# So many months on both sides of a gap have together so many papers, or it means nothing.
_BESIDE = 3
_DENSE = 15


def date_gaps(dates: Iterable[str | None]) -> list[tuple[str, str]]:
    """The first and the last month, "2024-05", of each run of months without a paper, where the
    months before and behind have many. Dates that are a year alone do not count."""
    numbers = Counter(int(d[:4]) * 12 + int(d[5:7]) for d in dates if d and d[5:7])
    months = range(min(numbers, default=0) + 1, max(numbers, default=0))
    runs = groupby(months, numbers.__contains__)
    empty = [list(run) for has_papers, run in runs if not has_papers]
    return [
        (_spelled(run[0]), _spelled(run[-1]))
        for run in empty
        if _between(numbers, run[0], run[-1])
    ]


def _between(numbers: Counter[int], first: int, last: int) -> bool:
    before = sum(map(numbers.__getitem__, range(first - _BESIDE, first)))
    behind = sum(map(numbers.__getitem__, range(last + 1, last + 1 + _BESIDE)))
    return min(before, behind) >= _DENSE


def _spelled(month: int) -> str:
    year, rest = divmod(month - 1, 12)
    return f"{year}-{rest + 1:02}"
