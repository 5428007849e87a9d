"""RIS records."""

from __future__ import annotations

from collections.abc import Sequence

from ragbot.papers.describe import citation_key
from ragbot.papers.export.fields import line, notes
from ragbot.text.latex import readable
from ragbot.types import Paper

__all__ = ["write_ris"]


def write_ris(papers: Sequence[Paper]) -> str:
    """One record a paper."""
    return "\n".join(map(_record, papers))


def _record(paper: Paper) -> str:
    fields = [("TY", "GEN"), ("ID", citation_key(paper)), ("TI", readable(paper.title))]
    fields += [("AU", name) for name in paper.authors]
    if paper.date:
        fields += [("PY", paper.date[:4]), ("DA", paper.date.replace("-", "/"))]
    if paper.abstract:
        fields.append(("AB", readable(paper.abstract)))
    if paper.url:
        fields.append(("UR", paper.url))
    fields += [("N1", remark) for remark in notes(paper)]
    fields.append(("ER", ""))
    return "".join(f"{tag}  - {line(value)}\n" for tag, value in fields)
