"""Papers side by side for spreadsheets, notes and programs: a row a paper, a column a facet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, get_args

from ragbot.errors import InputError
from ragbot.papers.export.fields import csv_text, marked
from ragbot.serialise import json_text
from ragbot.types import Facet, Row

__all__ = ["TABLE_FORMATS", "write_table"]

_TOLD = ("title", "date", *get_args(Facet))


def write_table(rows: Sequence[Row], format: str) -> str:  # noqa: A002  the option's name
    """The rows as text of one of `TABLE_FORMATS`.

    Raises:
        InputError: there is no such format.
    """
    if format not in TABLE_FORMATS:
        raise InputError(
            f"no format of a table is called '{format}'",
            f"choose from {', '.join(TABLE_FORMATS)}",
        )
    return TABLE_FORMATS[format](list(map(_record, rows)))


def _record(row: Row) -> dict[str, Any]:
    paper = row.paper
    told: dict[str, Any] = {"id": paper.id, "title": paper.title, "date": paper.date}
    return told | dict(row.cells)


def _json(records: Sequence[Mapping[str, Any]]) -> str:
    return json_text(list(records), indent=2) + "\n"


def _csv(records: Sequence[Mapping[str, Any]]) -> str:
    return csv_text(("id", *_TOLD), records)


def _markdown(records: Sequence[Mapping[str, Any]]) -> str:
    """A table without the ids, which are for programs."""
    head = ["paper", *_TOLD[1:]]
    lines = [_line(map(str.capitalize, head)), _line(["---"] * len(head))]
    return "".join([*lines, *map(_row, records)])


def _row(record: Mapping[str, Any]) -> str:
    return _line(map(marked, map(record.get, _TOLD)))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


TABLE_FORMATS: Mapping[str, Callable[[Sequence[Mapping[str, Any]]], str]] = {
    "md": _markdown,
    "csv": _csv,
    "json": _json,
}
"""The formats of `write_table` by name."""
