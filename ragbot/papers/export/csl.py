"""CSL-JSON, which citation processors read."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from ragbot.papers.describe import citation_keys, notes
from ragbot.papers.export.fields import SOURCE, Published, line, on_arxiv, published
from ragbot.papers.person import person
from ragbot.serialise import json_text
from ragbot.text.latex import readable
from ragbot.types import Paper

__all__ = ["write_csl"]

_TYPES: dict[Published, str] = {
    "preprint": "article",
    "conference": "paper-conference",
    "journal": "article-journal",
}


def write_csl(papers: Sequence[Paper]) -> str:
    """A list of items."""
    items = map(_item, papers, citation_keys(papers))
    return json_text(list(items), indent=2) + "\n"


def _item(paper: Paper, key: str) -> dict[str, Any]:
    item = {
        "id": key,
        "type": _TYPES[published(paper)],
        "title": readable(line(paper.title)),
        "author": list(map(_name, map(line, paper.authors))),
        "container-title": line(paper.venue),
        "issued": _issued(paper),
        # As it was found: nobody cites it, and it comes back as it was.
        "abstract": line(paper.abstract),
        "DOI": line(paper.doi),
        "number": on_arxiv(paper),
        "URL": line(paper.url),
        "keyword": "; ".join(map(line, paper.keywords)),
        "note": "\n".join(map(line, notes(paper))),
        "source": SOURCE,
    }
    return dict(filter(itemgetter(1), item.items()))


def _name(name: str) -> dict[str, str]:
    known = person(name)
    if known is None:
        return {"literal": name}
    return dict(filter(itemgetter(1), dataclasses.asdict(known).items()))


def _issued(paper: Paper) -> dict[str, Any]:
    """The date; nothing if there is none."""
    if not paper.date:
        return {}
    issued: dict[str, Any] = {"date-parts": [list(map(int, paper.date.split("-")))]}
    if paper.date_inferred:
        issued["circa"] = True
    return issued
