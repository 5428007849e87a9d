"""Ragbot's own JSON Lines, as `ragbot export` writes them: everything known, a paper a line."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from ragbot.errors import InputError
from ragbot.papers.identity import paper_id
from ragbot.readers.document import Document
from ragbot.readers.formats import Format, Records
from ragbot.readers.json_text import on_lines
from ragbot.serialise import read_paper
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT"]

_OURS = re.compile(r'\s*\{"id": "[^"\n]*", "title": .*"date_inferred": (?:true|false)')


def _recognises(head: str) -> bool:
    return _OURS.match(head.partition("\n")[0]) is not None


def _read(document: Document) -> Records:
    for where, value in on_lines(document):
        yield value if isinstance(value, Skipped) else _paper(value, where)


def _paper(value: Any, where: str) -> Paper | Skipped:
    try:
        paper = read_paper(value)
    except InputError as error:
        return Skipped(where, str(error))
    return dataclasses.replace(paper, id=paper.id or paper_id(paper.title))


FORMAT = Format(
    "jsonl",
    "papers that Ragbot has exported",
    (".jsonl", ".ndjson"),
    _recognises,
    _read,
)
