"""Tables with a row a paper: of Scopus, Zotero, Web of Science, our own, or made by hand.

Columns are known by their names, in any case and order; commas, semicolons, tabs or bars part them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, filterfalse
from typing import Any

from ragbot.readers.document import Document
from ragbot.readers.formats import Format, Records
from ragbot.readers.kinds import first
from ragbot.readers.people import split_names
from ragbot.readers.record import iso_date, record
from ragbot.readers.reference import parted, reference, somebody
from ragbot.serialise import paper_json
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT"]

# What a column is called, letters only; of several the first that says something counts.
_COLUMNS: Mapping[str, Sequence[str]] = {
    "title": ("title", "articletitle", "documenttitle", "papertitle", "primarytitle", "ti"),
    "abstract": ("abstract", "abstractnote", "abstracttext", "summary", "ab"),
    "authors": ("authorfullnames", "af", "authors", "author", "authornames", "creators", "au"),
    "date": ("date", "publicationdate", "published", "publisheddate", "pd"),
    "year": ("year", "publicationyear", "pubyear", "py"),
    "venue": (
        "sourcetitle", "publicationtitle", "journal", "journaltitle", "venue", "booktitle",
        "conference", "proceedingstitle", "conferencename", "so",
    ),
    "doi": ("doi", "di"),
    "url": ("url", "link", "pdfurl", "arxivurl"),
    "keywords": ("authorkeywords", "keywords", "manualtags", "automatictags", "tags", "de"),
    "arxiv": ("arxivid", "arxiv", "eprint", "archivelocation", "extra", "externalids"),
}  # fmt: skip
_FIELDS = {column: field for field, columns in _COLUMNS.items() for column in columns}
_FEWEST = 2  # known columns beside the title
_OURS = frozenset(paper_json(Paper("", "", "")))
# Spreadsheets leave out the last cells of a row if nothing is in them.
_EMPTY = ("",) * 1_000
_LONGEST_CELL = 10_000_000
_DELIMITERS = ",\t;|"
# What may stand above the header: what says what parts the columns, or nothing.
_ABOVE = re.compile(r"sep=.\n?|\s*", re.IGNORECASE)
_GUARD = re.compile("^'(?='*[=+@-])")
_INITIALS = re.compile(r"^([^.,]+?) ((?:[A-Z]\.-?\s?)+)$")
_BETWEEN = re.compile(r"[|\n]")

Row = Mapping[str, str]


def _recognises(head: str) -> bool:
    lines = _ABOVE.sub("", head.lstrip(), count=1).splitlines()
    header = next(iter(lines), "")
    return _is_header(_cells(header, _delimiter(header)))


def _delimiter(header: str) -> str:
    """What parts the most columns."""
    return max(_DELIMITERS, key=lambda mark: len(_cells(header, mark)))


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _is_header(cells: Sequence[str]) -> bool:
    known = set(map(_FIELDS.get, map(_name, cells))) - {None}
    return "title" in known and (len(known) > _FEWEST or "abstract" in known)


def _name(cell: str) -> str:
    return "".join(filter(str.isalpha, cell.lower()))


def _read(document: Document) -> Records:
    csv.field_size_limit(_LONGEST_CELL)
    rows = _rows(document.lines())
    try:
        _, header = next(rows, (0, []))
        yield from _papers(header, rows)
    except csv.Error as error:
        yield Skipped("from the last of these rows on", f"no table: {error}")


def _rows(numbered: Iterable[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row, with the number of the line where it begins."""
    end = 0

    def lines() -> Iterator[str]:
        nonlocal end
        for number, line in numbered:
            end = number
            yield f"{line}\n"

    told = lines()
    first = next(filterfalse(_ABOVE.fullmatch, told), "")
    begin = end
    for cells in csv.reader(chain([first], told), delimiter=_delimiter(first)):
        yield begin, cells
        begin = end + 1


def _papers(
    header: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]
) -> Records:
    name, read = (str, _own_paper) if set(header) == _OURS else (_name, _paper)
    keys = list(map(name, header))
    for line, cells in rows:
        where = f"line {line}"
        row = dict(zip(keys, map(_unguarded, chain(cells, _EMPTY)), strict=False))
        if any(cells[len(keys) :]):
            yield Skipped(where, f"{len(cells)} cells in {len(keys)} columns")
        elif any(cells):
            yield read(row, where)


def _unguarded(cell: str) -> str:
    """A cell without the mark that keeps spreadsheets from running it as a formula."""
    return _GUARD.sub("", cell.strip())


def _own_paper(row: Row, where: str) -> Paper | Skipped:
    """The paper of a row that we wrote; its id is the title's, if it is not told."""
    facts = {name: _OWN_CELLS.get(name, str)(cell) for name, cell in row.items()}
    paper = record(where=where, **facts)
    if isinstance(paper, Skipped):
        return paper
    # That there are none is known, too
    return replace(paper, comments=facts["comments"])


def _list(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split("; ")))


def _number(cell: str) -> int | None:
    return int(cell) if cell.isdecimal() else None


_OWN_CELLS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("authors", "keywords", "sources"), _list),
    **dict.fromkeys(("author_count", "comments"), _number),
    "date_inferred": "true".__eq__,
}
"""How cells are read that hold no text."""


def _paper(row: Row, where: str) -> Paper | Skipped:
    told = {field: first(row, columns) for field, columns in _COLUMNS.items()}
    day, year = told["date"], told["year"]
    return reference(
        where,
        told["title"],
        told["abstract"],
        # A column of them has bare ids.
        told=[told["arxiv"], f"arxiv:{told['arxiv'].strip()}"],
        doi=told["doi"],
        url=told["url"],
        authors=_authors(told["authors"]),
        venue=told["venue"],
        date=iso_date(day, f"{day} {year}", year),
        keywords=parted(told["keywords"]),
    )


def _authors(cell: str) -> list[str]:
    """Several names, bars and lines between them, too; Scopus puts initials behind the family."""
    told = somebody(split_names(_BETWEEN.sub(";", cell)))
    return [_INITIALS.sub(r"\2 \1", name) for name in told]


FORMAT = Format(
    "csv",
    "CSV and TSV with a header",
    (".csv", ".tsv", ".tab", ".txt"),
    _recognises,
    _read,
)
