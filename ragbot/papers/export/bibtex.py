"""BibTeX entries: formulas stay formulas, everything else is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import starmap
from operator import itemgetter

from ragbot.papers.describe import author_count, citation_keys, remarks
from ragbot.papers.export.fields import (
    SOURCE,
    Published,
    address,
    line,
    on_arxiv,
    published,
)
from ragbot.papers.person import person
from ragbot.text.english import MONTH_NAMES
from ragbot.text.latex import readable
from ragbot.text.tex_fields import tex
from ragbot.types import Paper

__all__ = ["write_bibtex"]

_TYPES: dict[Published, str] = {
    "preprint": "misc",
    "conference": "inproceedings",
    "journal": "article",
}
_VENUES: dict[Published, str] = {
    "preprint": "howpublished",
    "conference": "booktitle",
    "journal": "journal",
}


def write_bibtex(papers: Sequence[Paper]) -> str:
    """One entry a paper."""
    return "\n".join(map(_entry, papers, citation_keys(papers)))


def _entry(paper: Paper, key: str) -> str:
    title, kind = line(paper.title), published(paper)
    cited = tex(title, readable)
    fields = {
        "title": _in_braces(cited),  # which keep its capitals
        "author": " and ".join(map(_tex_name, paper.authors)),
        "organization": _in_braces(tex(line(paper.organisation))),
        # Of preprints most styles show no other field.
        _VENUES[kind]: tex(line(paper.venue)) or on_arxiv(paper),
        "year": line(paper.date)[:4],
        "day": line(paper.date)[8:],
        "doi": _unbraced(paper.doi),
        "url": address(paper.url),
        "eprint": _unbraced(paper.arxiv_id),
        "archivePrefix": on_arxiv(paper).partition(":")[0],
        "keywords": ", ".join(map(_tex_keyword, paper.keywords)),
        "abstract": tex(line(paper.abstract)),
        "note": tex("; ".join(remarks(paper))),
        "annote": author_count(paper) if paper.authors else "",
        # Where the title is not as it was found
        "latextitle": tex(title) if tex(title) != cited else "",
        "library": SOURCE,
    }
    known = filter(itemgetter(1), fields.items())
    lines = list(starmap("  {} = {{{}}},".format, known))
    if len(line(paper.date)) > len("2024"):
        lines.append(
            f"  month = {MONTH_NAMES[int(line(paper.date)[5:7]) - 1][:3].lower()},"
        )
    return "\n".join([f"@{_TYPES[kind]}{{{key},", *lines, "}", ""])


def _in_braces(text: str) -> str:
    return f"{{{text}}}" if text else ""


def _unbraced(identifier: str | None) -> str:
    return re.sub(r"[{}\\]", "", line(identifier))


def _tex_keyword(keyword: str) -> str:
    text = tex(line(keyword))
    return _in_braces(text) if re.search("[,;]", text) else text


def _tex_name(name: str) -> str:
    """ "Family, Given", as names of several words are told apart; a collective is in braces."""
    known = person(line(name))
    if known is None:
        return _in_braces(tex(line(name)))
    return ", ".join(filter(None, map(tex, (known.family, known.suffix, known.given))))
