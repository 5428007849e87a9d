"""EndNote's export with a per cent sign before each tag (.enw), as Google Scholar has it, too."""

from __future__ import annotations

import re
from functools import partial

from ragbot.readers.formats import Format, entry_by_entry
from ragbot.readers.record import iso_date
from ragbot.readers.reference import names, parted, reference
from ragbot.readers.tagged import Fields, first_of, tagged, values_of
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT"]

_HEAD = re.compile(r"\s*%0 .*\n(?:%[A-Z0-9@!>?] .*\n)+")
_TAG = re.compile(r"%([A-Z0-9@!>?])(?: (.*)|\s*)")


def _paper(fields: Fields, where: str) -> Paper | Skipped:
    year = first_of(fields, "D")
    return reference(
        where,
        first_of(fields, "T"),
        first_of(fields, "X"),
        told=values_of(fields, "M", "Z", "@"),
        doi=first_of(fields, "R"),
        url=first_of(fields, "U"),
        authors=names(values_of(fields, "A")),
        venue=first_of(fields, "J", "B"),
        date=iso_date(f"{first_of(fields, '8')} {year}", year),
        keywords=parted("; ".join("; ".join(values_of(fields, "K")).splitlines())),
    )


FORMAT = Format(
    "enw",
    "EndNote's tags (%T, %X …)",
    (".enw", ".txt"),
    _HEAD.match,
    entry_by_entry(partial(tagged, tag=_TAG, begins="0"), _paper),
)
