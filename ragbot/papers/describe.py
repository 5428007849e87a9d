"""What is said of a paper wherever it is named: when, by whom, and how sure that is. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress, filterfalse, islice, repeat
from typing import Any

from ragbot.papers.identity import PAGES
from ragbot.papers.person import Person, person
from ragbot.text.english import counted
from ragbot.text.latex import readable
from ragbot.text.words import STOPWORDS, folded, match_form
from ragbot.types import Paper

__all__ = [
    "INFERRED",
    "author_count",
    "citation_keys",
    "dated",
    "names_of",
    "noted",
    "notes",
    "organisation_name",
    "remarks",
    "web_address",
    "who",
]

INFERRED = "year inferred"
_AS_FOUND = "Title in LaTeX: "
_NOTE = re.compile(
    rf"Organisation: (?P<organisation>.+)|{_AS_FOUND}(?P<title>.+)|"
    rf"(?P<author_count>\d[\d,]*) authors?|(?P<date_inferred>{INFERRED}) .*"
)
# Letters whose accents cannot be taken away.
_LATIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
_LONGEST_PART = 24  # of a citation key
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
    if match_form(account) == match_form(name) != "":
        return name
    return organisation


def who(paper: Paper) -> str:
    """Authors as far as known: up to three names, else their number, else the organisation."""
    told = (_named(paper.authors), author_count(paper), paper.organisation)
    return next(filter(None, told), "")


def _named(authors: Sequence[str]) -> str:
    named = ", ".join(authors[:_NAMED])
    more = len(authors) - _NAMED
    if more > 0:
        return f"{named} and {more} more"
    return named


def web_address(paper: Paper) -> str | None:
    """Where it can be read: its own address, else by its arXiv id or DOI."""
    addresses = {
        f"{paper.url}": paper.url,
        f"{PAGES['arxiv_id']}{paper.arxiv_id}": paper.arxiv_id,
        f"{PAGES['doi']}{paper.doi}": paper.doi,
    }
    return next(_holding(addresses), None)


def names_of(paper: Paper) -> list[str]:
    """Its venue and its identifiers, as far as they are known: "CVPR", "arXiv:1512.03385"."""
    names = {
        f"{paper.venue}": paper.venue,
        f"arXiv:{paper.arxiv_id}": paper.arxiv_id,
        f"doi:{paper.doi}": paper.doi,
    }
    return list(_holding(names))


def _holding(told: Mapping[str, object]) -> Iterator[str]:
    """Of texts, each with what it rests on, those for which there is that."""
    return compress(told, told.values())


def remarks(paper: Paper) -> list[str]:
    """What is known of a paper and has no field of its own in the formats of others."""
    number = author_count(paper)
    told = {
        number: number and not paper.authors,
        f"{INFERRED} from the page it was saved from": paper.date_inferred,
    }
    return list(_holding(told))


def notes(paper: Paper) -> list[str]:
    """Facts for formats that have no field for them; `noted` reads them again."""
    number = author_count(paper)
    facts = {
        f"Organisation: {paper.organisation}": paper.organisation,
        number: number and paper.authors,
        f"{_AS_FOUND}{paper.title}": readable(paper.title) != paper.title,
    }
    return [*_holding(facts), *remarks(paper)]


def noted(told: Iterable[str]) -> dict[str, Any]:
    """The fields of a paper that `notes` and `remarks` put into words; others are no matter."""
    facts = {}
    for note in filter(None, map(_NOTE.fullmatch, told)):
        name = str(note.lastgroup)
        read = _NOTED.get(name, str)
        facts[name] = read(note[name])
    return facts


def _whole_number(text: str) -> int:
    return int(text.replace(",", ""))


_NOTED: dict[str, Callable[[str], Any]] = {
    "author_count": _whole_number,
    "date_inferred": bool,
}


def citation_keys(papers: Sequence[Paper]) -> list[str]:
    """A key for each paper, in their order: first author's family name, year, telling word.

    "vaswani2017attention", without authors "attention2017need"; in ASCII, and unique among these
    papers: those that would share one have their ids behind it.
    """
    keys = list(map(_key, papers))
    times = Counter(keys)
    return [
        key if times[key] == 1 else f"{key}-{paper.id}"
        for key, paper in zip(keys, papers, strict=True)
    ]


def _key(paper: Paper) -> str:
    first = next(iter(paper.authors), "")
    known = person(first) or Person("", first)
    family = "".join(_ascii(known.family))
    telling = filterfalse(STOPWORDS.__contains__, _ascii(readable(paper.title)))
    leading = filter(None, [family, *filterfalse(str.isdigit, telling)])
    head, word = islice(chain(leading, repeat("")), 2)
    year = (paper.date or "")[:4]
    return "".join([head[:_LONGEST_PART], year, word[:_LONGEST_PART]]) or "paper"


def _ascii(text: str) -> list[str]:
    """Words in small Latin letters without accents, and numbers."""
    return re.findall(r"[a-z0-9]+", folded(text).translate(_LATIN))
