"""Files into papers: one format per module, each pure, behind one table.

A reader takes a `Document` and yields `Paper` or `Skipped` in order, and knows of no index. A bad
record is skipped with its line and a reason; a bad file is one `ReadError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from ragbot.errors import InputError, UnknownFormat
from ragbot.readers import (
    arxiv_text,
    bibtex_entries,
    csl_items,
    csv_tables,
    feeds,
    html_pages,
    json_papers,
    jsonl,
    link_lists,
    listing,
    markdown_notes,
    paper_pages,
    pubmed,
    refer_records,
    ris_records,
    web_of_science,
)
from ragbot.readers.document import Document
from ragbot.readers.formats import Format, Records
from ragbot.readers.sources import STANDARD_INPUT, documents
from ragbot.types import Paper, Skipped

__all__ = [
    "FORMATS",
    "STANDARD_INPUT",
    "SUFFIXES",
    "Document",
    "Format",
    "documents",
    "read",
    "read_file",
]

FORMATS: tuple[Format, ...] = (
    jsonl.FORMAT,
    html_pages.FORMAT,
    web_of_science.FORMAT,
    ris_records.FORMAT,
    refer_records.FORMAT,
    csv_tables.FORMAT,
    bibtex_entries.FORMAT,
    csl_items.FORMAT,
    markdown_notes.FORMAT,
    paper_pages.FORMAT,
    listing.FORMAT,
    feeds.ATOM,
    feeds.RSS,
    feeds.OAI,
    pubmed.XML,
    pubmed.NBIB,
    pubmed.TEXT,
    arxiv_text.MAIL,
    arxiv_text.LISTED,
    json_papers.FORMAT,
    arxiv_text.LABELLED,
    link_lists.FORMAT,
)
"""Asked in this order which of them a text is."""
SUFFIXES = frozenset(chain.from_iterable(fmt.suffixes for fmt in FORMATS))
"""Of the files that are read in folders and archives."""


def read(document: Document, name: str | None = None) -> tuple[str, Records]:
    """The format's name and the records of a document, which are read as they are taken.

    ``name`` is the format, if it is not to be told by the text.

    Raises:
        ReadError: the document cannot be read, or is of no known format (`UnknownFormat`); while
            records are taken, too.
        InputError: no format has that name.
    """
    fmt = _named(name) if name else _recognised(document)
    return fmt.name, fmt.read(document)


def _named(name: str) -> Format:
    known = {fmt.name: fmt for fmt in FORMATS}
    if name not in known:
        raise InputError(
            f"no format is called '{name}'", f"choose from {', '.join(known)}"
        )
    return known[name]


def _recognised(document: Document) -> Format:
    head = document.head()
    for fmt in FORMATS:
        if fmt.recognises(head):
            return fmt
    raise UnknownFormat(
        document.name,
        "no format that is read here",
        "'ragbot ingest --formats' lists them; --format names one",
    )


def read_file(path: Path) -> tuple[str, Sequence[Paper | Skipped]]:
    """The format's name and every record of a file at once.

    Raises:
        ReadError: as for `read`, or it holds no record at all.
    """
    document = next(documents([path], SUFFIXES))
    assert isinstance(document, Document)  # whatever is named is read
    name, records = read(document)
    found = list(records)
    if not found:
        raise document.fault("it holds no papers", "save or export it again")
    return name, found
