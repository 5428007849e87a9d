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
    item: dict[str, Any] = {
        "id": citation_key(paper),
        "type": "article",  # CSL's type of preprints
        "title": line(readable(paper.title)),
    }
    if paper.authors:
        item["author"] = [{"literal": line(name)} for name in paper.authors]
    if paper.date:
        item["issued"] = {"date-parts": [[int(part) for part in paper.date.split("-")]]}
        if paper.date_inferred:
            item["issued"]["circa"] = True
    if paper.abstract:
        item["abstract"] = line(readable(paper.abstract))
    if paper.url:
        item["URL"] = line(paper.url)
    if notes(paper):
        item["note"] = "; ".join(map(line, notes(paper)))
    return item
