"""Records of lines that begin with a tag, as RIS and Web of Science have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat

from ragbot.readers.document import Document

__all__ = ["Fields", "first_of", "tagged", "values_of"]

Fields = Mapping[str, Sequence[str]]
"""The values of each tag, in order; one that goes on over lines has line ends in it."""


def tagged(
    document: Document, tag: re.Pattern[str], begins: str
) -> Iterator[tuple[str, Fields]]:
    """Each record with its first line ("line 7"): from the tag that begins it to ER or the next.

    ``tag`` finds the tag of a line and its value; a line without goes on with the value before.
    """
    fields: dict[str, list[str]] = {}
    first, last = 0, ""
    for number, line in document.lines():
        if found := tag.fullmatch(line):
            last, value = found.groups("")
            if last in (begins, "ER"):
                yield from _begun(first, fields, begins)
                fields, first = {}, number
            fields.setdefault(last, []).append(value.strip())
        elif last in fields:
            fields[last][-1] = f"{fields[last][-1]}\n{line}".strip()
    yield from _begun(first, fields, begins)


def _begun(first: int, fields: Fields, begins: str) -> Sequence[tuple[str, Fields]]:
    """What stands between records is none."""
    return [(f"line {first}", fields)][: begins in fields]


def values_of(fields: Fields, *tags: str) -> list[str]:
    """The values of some tags, those of the first one first."""
    return list(chain.from_iterable(map(fields.get, tags, repeat(()))))


def first_of(fields: Fields, *tags: str) -> str:
    """The first value of some tags that says something."""
    return next(filter(None, values_of(fields, *tags)), "")
