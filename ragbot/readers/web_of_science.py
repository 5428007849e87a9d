"""Web of Science's tagged text: two letters and a value, which goes on in indented lines."""

from __future__ import annotations

import re
from functools import partial

from ragbot.readers.formats import Format, entry_by_entry
from ragbot.readers.record import iso_date
from ragbot.readers.reference import names, parted, reference
from ragbot.readers.tagged import Fields, first_of, tagged, values_of
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT"]

_HEAD = re.compile(r"\s*(?:FN .*\n\s*VR .*\n\s*)?PT [A-Z]\n(?:AU|BA|BE|GP|TI) ")
_TAG = re.compile(r"([A-Z][A-Z0-9])(?: (.*)|\s*)")


def _paper(fields: Fields, where: str) -> Paper | Skipped:
    # "SEP-OCT" is since September.
    month = re.sub(r"-\w+", "", first_of(fields, "PD"))
    year = first_of(fields, "PY")
    return reference(
        where,
        first_of(fields, "TI"),
        first_of(fields, "AB"),
        told=values_of(fields, "AR"),
        doi=first_of(fields, "DI"),
        # Their full names, if there are any
        authors=names(first_of(fields, "AF", "AU", "CA").splitlines()),
        venue=first_of(fields, "SO"),
        date=iso_date(f"{month} {year}", year),
        keywords=parted(first_of(fields, "DE")),
    )


FORMAT = Format(
    "wos",
    "Web of Science, tagged",
    (".txt", ".ciw"),
    _HEAD.match,
    entry_by_entry(partial(tagged, tag=_TAG, begins="PT"), _paper),
)
