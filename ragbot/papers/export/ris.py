"""RIS records."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

from ragbot.papers.describe import citation_key
from ragbot.papers.export.fields import line, notes
from ragbot.text.latex import readable
from ragbot.types import Paper

__all__ = ["write_ris"]


def write_ris(papers: Sequence[Paper]) -> str:
    """One record a paper."""
    return "\n".join(map(_record, papers))


def _record(paper: Paper) -> str:
    dated = line(paper.date)
    fields = [
        ("ID", citation_key(paper)),
        ("TI", readable(paper.title)),
        *zip(repeat("AU"), paper.authors),
        ("PY", dated[:4]),
        ("DA", dated.replace("-", "/")),
        ("AB", readable(paper.abstract)),
        ("UR", line(paper.url)),
        *zip(repeat("N1"), notes(paper)),
    ]
    known = [f"{tag}  - {line(value)}\n" for tag, value in fields if value]
    return "".join(["TY  - GEN\n", *known, "ER  - \n"])
