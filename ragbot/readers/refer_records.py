"""EndNote's export with a per cent sign before each tag (.enw), as Google Scholar has it, too."""

from __future__ import annotations

import re

from ragbot.readers.document import Document
from ragbot.readers.formats import Format, Records
from ragbot.readers.record import iso_date
from ragbot.readers.reference import names, parted, reference
from ragbot.readers.tagged import Fields, first_of, tagged, values_of
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT"]

_HEAD = re.compile(r"\s*%0 .*\n(?:%[A-Z0-9@!>?] .*\n)+")
_TAG = re.compile(r"%([A-Z0-9@!>?])(?: (.*)|\s*)")


def _recognises(head: str) -> bool:
    return _HEAD.match(head) is not None


def _read(document: Document) -> Records:
    for where, fields in tagged(document.lines(), _TAG, "0"):
        yield _paper(where, fields)


def _paper(where: str, fields: Fields) -> Paper | Skipped:
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
    "enw", "EndNote's tags (%T, %X …)", (".enw", ".txt"), _recognises, _read
)
