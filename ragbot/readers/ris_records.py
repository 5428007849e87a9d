"""RIS, as EndNote, Zotero, Mendeley and publishers write it.

Tags may stand askew, ends may be missing, and values may go on over lines.
"""

from __future__ import annotations

import re
from functools import partial

from ragbot.readers.formats import Format, entry_by_entry
from ragbot.readers.record import iso_date
from ragbot.readers.reference import OURS, names, parted, reference
from ragbot.readers.tagged import Fields, first_of, tagged, values_of
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT"]

_TAG = re.compile(r"\s{0,3}([A-Z][A-Z0-9]) {0,3}-(?: (.*)|\s*)")
_HEAD = re.compile(r"^\s{0,3}TY {0,3}- ?\S", re.MULTILINE)
_BEFORE = 3_000  # characters that databases put before the first record
_DIGITS = re.compile(r"\d{0,4}")


def _paper(fields: Fields, where: str) -> Paper | Skipped:
    ours = OURS in values_of(fields, "DP")
    keywords = values_of(fields, "KW")
    return reference(
        where,
        first_of(fields, "TI", "T1", "CT", "BT", "ST"),
        first_of(fields, "AB", "N2"),
        ours=ours,
        notes=values_of(fields, "N1"),
        told=values_of(fields, "L1", "L2", "L3", "AN", "M1", "M3", "N1", "C1", "ID"),
        doi=first_of(fields, "DO"),
        url=first_of(fields, "UR", "LK"),
        authors=names(values_of(fields, "AU", "A1", "A0"), literal=ours),
        venue=first_of(fields, "T2", "JF", "JO", "C3", "T3", "JA", "J2"),
        date=_date(fields),
        keywords=keywords if ours else parted("; ".join(keywords)),
    )


def _date(fields: Fields) -> str | None:
    """The date that tells most: DA alone, DA ("Sep 12") in the year of PY, or PY."""
    day, year = first_of(fields, "DA"), first_of(fields, "PY", "Y1")
    in_year = re.compile(rf"{_DIGITS.match(year)[0]}.*")  # type: ignore[index]
    told = (day, f"{day} {year[:4]}", year)
    known = filter(in_year.match, filter(None, map(iso_date, told)))
    return max(known, key=len, default=None)


FORMAT = Format(
    "ris",
    "RIS",
    (".ris", ".txt"),
    lambda head: _HEAD.search(head, 0, _BEFORE),
    entry_by_entry(partial(tagged, tag=_TAG, begins="TY"), _paper),
)
