"""What is said of a paper wherever it is named: when, by whom, and how sure that is. Pure."""

from __future__ import annotations

import re
from itertools import filterfalse

from ragbot.text.english import counted
from ragbot.text.latex import readable
from ragbot.text.words import STOPWORDS, match_form
from ragbot.types import Paper

__all__ = [
    "INFERRED",
    "author_count",
    "citation_key",
    "dated",
    "names_of",
    "organisation_name",
    "remarks",
    "web_address",
    "who",
]

INFERRED = "year inferred"
_NAMED = 3  # authors named before "and 7 more"


def dated(paper: Paper) -> str:
    """The date as far as it is known: "2024-05-12", "2024-05-12 (year inferred)", "undated"."""
    if not paper.date:
        return "undated"
    if paper.date_inferred:
        return f"{paper.date} ({INFERRED})"
    return paper.date


def author_count(paper: Paper) -> str:
    """How many authors, in words; nothing if that is not known."""
    return counted(paper.author_count, "author") if paper.author_count else ""


def organisation_name(organisation: str) -> str:
    """What an organisation is called: listings put its account in front, "openbmb OpenBMB"."""
    account, _, name = organisation.partition(" ")
    if name and match_form(account) == match_form(name):
        return name
    return organisation


def who(paper: Paper) -> str:
    """Authors as far as known: up to three names, else their number, else the organisation."""
    if not paper.authors:
        return author_count(paper) or paper.organisation or ""
    named = ", ".join(paper.authors[:_NAMED])
    more = len(paper.authors) - _NAMED
    if more > 0:
        return f"{named} and {more} more"
    return named


def web_address(paper: Paper) -> str | None:
    """Where it can be read: its own address, else by its arXiv id or DOI."""
    addresses = {
        "": paper.url,
        "https://arxiv.org/abs/": paper.arxiv_id,
        "https://doi.org/": paper.doi,
    }
    return next((f"{site}{own}" for site, own in addresses.items() if own), None)


def names_of(paper: Paper) -> list[str]:
    """Its venue and its identifiers, as far as they are known: "CVPR", "arXiv:1512.03385"."""
    arxiv = paper.arxiv_id and f"arXiv:{paper.arxiv_id}"
    doi = paper.doi and f"doi:{paper.doi}"
    return [name for name in (paper.venue, arxiv, doi) if name]


def remarks(paper: Paper) -> list[str]:
    """What is known of a paper and has no field of its own in the formats of others."""
    found = []
    if paper.author_count and not paper.authors:
        found.append(author_count(paper))
    if paper.date_inferred:
        found.append(f"{INFERRED} from the page it was saved from")
    return found


def citation_key(paper: Paper) -> str:
    """The title's first telling word and the paper's id: unique, and the same in every export."""
    words = re.findall(r"[a-z0-9]+", readable(paper.title).lower())
    spelled = filterfalse(str.isdigit, words)
    telling = next((word for word in spelled if word not in STOPWORDS), "paper")
    return f"{telling[:24]}-{paper.id}"
