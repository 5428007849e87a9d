"""Ragbot's own JSON Lines, as `ragbot export` writes them: everything known, a paper a line."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from ragbot.errors import InputError
from ragbot.papers.identity import paper_id
from ragbot.readers.formats import Format, entry_by_entry
from ragbot.readers.json_text import on_lines
from ragbot.serialise import read_paper
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT"]

_OURS = re.compile(
    r'[^\S\n]*\{"id": "[^"\n]*", "title": .*"date_inferred": (?:true|false)'
)


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
    _OURS.match,
    entry_by_entry(on_lines, _paper),
)
