"""An answer out of the catalog: its lines, the papers that it lists, what it could not consider."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from ragbot.index.catalog import Catalog
from ragbot.index.selection import Heading
from ragbot.papers.describe import dated
from ragbot.text.english import framed
from ragbot.text.latex import readable
from ragbot.text.markdown import as_text
from ragbot.types import Citation, Draft, Paper, Sentence

__all__ = ["Remark", "page", "papers_of", "quoted", "unremarked"]

Remark = Callable[[Paper], str]


def unremarked(paper: Paper) -> str:
    """Nothing: its title and date say what was asked for."""
    return ""


def page(
    leads: Sequence[str],
    papers: Sequence[Paper] = (),
    *,
    note: str = "",
    remark: Remark = unremarked,
    behind: Sequence[str] = (),
    signed: bool = True,
) -> Draft:
    """Lines, then papers with their numbers and dates, then what could not be considered.

    ``remark`` is what else is said of each paper, ``behind`` are lines behind the list; only what
    is ``signed`` says where it is from.
    """
    blocks = list(leads)
    sentences = [Sentence(lead, (), False, "not_checked") for lead in leads]
    for n, paper in enumerate(papers, 1):
        said = " · ".join(filter(None, (dated(paper), remark(paper))))
        blocks.append(f"{n}. **{as_text(readable(paper.title))}** [{n}] · {said}")
        sentences.append(Sentence(paper.title, (n,), False, "not_checked"))
    end = framed("; {}", note)
    blocks += behind
    if signed:
        blocks.append(f"*From the catalog{end}.*")
    cited = tuple(Citation(n, paper, 1.0) for n, paper in enumerate(papers, 1))
    return Draft("\n\n".join(blocks), tuple(sentences), (), cited)


def quoted(text: str) -> str:
    """What was asked for, in an answer's words, as text."""
    return f"“{as_text(text)}”"


def papers_of(catalog: Catalog, headings: Iterable[Heading]) -> list[Paper]:
    """The papers that stand under headings, in their order, each once."""
    ids = list(dict.fromkeys(map(attrgetter("id"), headings)))
    return list(filter(None, map(catalog.get(ids).get, ids)))
