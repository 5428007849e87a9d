"""Papers for spreadsheets, programs and notes: CSV, JSON Lines and Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from ragbot.papers.describe import names_of, remarks
from ragbot.papers.export.fields import (
    csv_text,
    line,
    linked,
    marked,
)
from ragbot.serialise import json_text, paper_json
from ragbot.types import Paper

__all__ = ["write_csv", "write_jsonl", "write_markdown"]


def write_csv(papers: Sequence[Paper]) -> str:
    """A row a paper under a row of names."""
    return csv_text(list(paper_json(Paper("", "", ""))), map(paper_json, papers))


def write_jsonl(papers: Sequence[Paper]) -> str:
    """Everything known, a paper a line."""
    return "".join(json_text(paper_json(p)) + "\n" for p in papers)


def write_markdown(papers: Sequence[Paper]) -> str:
    """A section a paper."""
    return "\n".join(map(_section, papers))


def _section(paper: Paper) -> str:
    facts = [
        ", ".join(map(marked, paper.authors)),
        marked(paper.organisation),
        line(paper.date),
        *remarks(paper),
        *map(marked, names_of(paper)),
        linked(paper.url),
    ]
    blocks = [
        f"## {marked(paper.title)}",
        " · ".join(filter(None, facts)),
        marked(paper.abstract),
        marked("; ".join(paper.keywords)),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"
