"""Ragbot's own JSON Lines, as `ragbot export` writes them: everything known, a paper a line."""

from __future__ import annotations

import dataclasses
import json
import re

from ragbot.errors import InputError
from ragbot.papers.identity import paper_id
from ragbot.readers.document import Document
from ragbot.readers.formats import Format, Records
from ragbot.serialise import read_paper
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT"]

_OURS = re.compile(r'\s*\{"id": "[^"\n]*", "title": .*"date_inferred": (?:true|false)')


def _recognises(head: str) -> bool:
    return _OURS.match(head.partition("\n")[0]) is not None


def _read(document: Document) -> Records:
    for number, line in document.lines():
        if line.strip():
            yield _paper(line, f"line {number}")


def _paper(line: str, where: str) -> Paper | Skipped:
    try:
        paper = read_paper(json.loads(line))
    except InputError as error:
        return Skipped(where, str(error))
    except (ValueError, RecursionError) as error:
        return Skipped(where, f"no JSON: {error}")
    return dataclasses.replace(paper, id=paper.id or paper_id(paper.title))


FORMAT = Format(
    "jsonl",
    "papers that Ragbot has exported",
    (".jsonl", ".ndjson"),
    _recognises,
    _read,
)
