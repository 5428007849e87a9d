"""RIS records."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from operator import itemgetter

from ragbot.papers.describe import citation_keys, notes
from ragbot.papers.export.fields import SOURCE, Published, line, on_arxiv, published
from ragbot.papers.person import person
from ragbot.text.latex import readable
from ragbot.types import Paper

__all__ = ["write_ris"]

_TYPES: dict[Published, str] = {
    "preprint": "GEN",
    "conference": "CONF",
    "journal": "JOUR",
}


def write_ris(papers: Sequence[Paper]) -> str:
    """One record a paper."""
    return "\n".join(map(_record, papers, citation_keys(papers)))


def _record(paper: Paper, key: str) -> str:
    dated = line(paper.date)
    fields = [
        ("ID", key),
        ("TI", readable(line(paper.title))),
        *zip(repeat("AU"), map(_name, paper.authors)),
        ("T2", paper.venue),
        ("PY", dated[:4]),
        ("DA", _slashed(dated)),
        ("DO", paper.doi),
        ("AN", on_arxiv(paper)),
        ("UR", paper.url),
        *zip(repeat("KW"), paper.keywords),
        # As it was found: nobody cites it, and it comes back as it was.
        ("AB", paper.abstract),
        *zip(repeat("N1"), notes(paper)),
        ("DP", SOURCE),
    ]
    known = filter(itemgetter(1), fields)
    told = [f"{tag}  - {line(value)}\n" for tag, value in known]
    return "".join([f"TY  - {_TYPES[published(paper)]}\n", *told, "ER  - \n"])


def _slashed(dated: str) -> str:
    """A date as RIS has it, whose slashes stand for what is not known, too: "2024/02//"."""
    parts = dated.split("-")
    slashed = {2: f"{'/'.join(parts)}//", 3: "/".join(parts)}
    return slashed.get(len(parts), "")


def _name(name: str) -> str:
    """ "Family, Given, Jr."; a comma behind a collective's name says that its own part nothing."""
    known = person(line(name))
    if known is None:
        return f"{name}," if "," in name else name
    return ", ".join(filter(None, (known.family, known.given, known.suffix)))
