"""CSL-JSON, which citation processors read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ragbot.papers.describe import citation_key
from ragbot.papers.export.fields import line, notes
from ragbot.serialise import json_text
from ragbot.text.latex import readable
from ragbot.types import Paper

__all__ = ["write_csl"]


def write_csl(papers: Sequence[Paper]) -> str:
    """A list of items."""
    return json_text([_item(p) for p in papers], indent=2) + "\n"


def _item(paper: Paper) -> dict[str, Any]:
    item = {
        "id": citation_key(paper),
        "type": "article",  # CSL's type of preprints
        "title": line(readable(paper.title)),
        "author": [{"literal": line(name)} for name in paper.authors],
        "issued": _issued(paper),
        "abstract": line(readable(paper.abstract)),
        "URL": line(paper.url),
        "note": "; ".join(map(line, notes(paper))),
    }
    return {name: value for name, value in item.items() if value}


def _issued(paper: Paper) -> dict[str, Any]:
    """The date; nothing if there is none."""
    if not paper.date:
        return {}
    issued: dict[str, Any] = {"date-parts": [list(map(int, paper.date.split("-")))]}
    if paper.date_inferred:
        issued["circa"] = True
    return issued
