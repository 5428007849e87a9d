"""What HTTP and its clients say of a failure, whatever was asked: causes, and when to ask again."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

__all__ = ["causes", "retry_after"]

# The window that is used up ends in so many seconds (draft-ietf-httpapi-ratelimit-headers).
_USED_UP = re.compile(r"\br=0\b.*?\bt=(\d+)")
_SECONDS = re.compile(r"\d+(?:\.\d*)?")
_A_YEAR = 31_536_000.0


def causes(error: BaseException) -> Iterator[BaseException]:
    """An exception, what caused it, and so on."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until the service wants to be asked again, a year at most, if it says so.

    ``headers`` are found by names in small letters; ``now`` is in seconds since the epoch.
    """
    used_up = _USED_UP.search(headers.get("ratelimit", ""))
    told = headers.get("retry-after") or (used_up[1] if used_up else "")
    if _SECONDS.fullmatch(told):
        return min(_A_YEAR, float(told))
    with suppress(ValueError, OverflowError):
        then = email.utils.parsedate_to_datetime(told).timestamp()
        return max(0.0, min(_A_YEAR, then - now))
    return None
