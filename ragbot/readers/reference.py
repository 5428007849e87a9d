"""What a reference manager or a database keeps of a paper, whatever its format, as a paper.

What we have exported ourselves says so. It is taken as it stands; of what others tell, markup goes,
as does what publishers put around an abstract.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import filterfalse
from typing import Any

from ragbot.papers.describe import noted
from ragbot.readers.record import given_first, known_by, record, unmarked, web_address
from ragbot.types import Paper, Skipped

__all__ = ["OURS", "names", "parted", "reference", "somebody"]

OURS = "Ragbot"
"""What our exports name as the library that a record is from."""

_DOI = re.compile(
    r"(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:\s*)?(?!10\.48550/arxiv)(10\.\d{4,9}/\S+)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s;]+(?:;(?!\s*http)[^\s;]+)*", re.IGNORECASE)
# Behind a login, and of the record, not of the paper
_OF_RECORDS = re.compile(
    r"https?://(?:www\.)?(?:scopus|webofscience|webofknowledge)\.com/", re.IGNORECASE
)
_COPYRIGHT = r"(?:©|\(c\)|copyright(?: ©| \(c\))?)\s*(?:copyright\s*)?(?:19|20)\d\d\b"
# A publisher's notice of copyright
_AROUND = re.compile(
    rf"^\s*{_COPYRIGHT}[^.]{{0,80}}\.(?:\s*all rights reserved\.)?\s*(?=\S)|"
    rf"(?<=[.!?])\s*{_COPYRIGHT}(?:(?!{_COPYRIGHT}).){{0,300}}$",
    re.IGNORECASE | re.DOTALL,
)
_NOBODY = re.compile(
    r"\W*(?:no author name available|anonymous|anon|others|et al|unknown)\W*",
    re.IGNORECASE,
)


def reference(
    where: str,
    title: str,
    abstract: str,
    *,
    ours: bool = False,
    notes: Iterable[str] = (),
    told: Iterable[str] = (),
    doi: str = "",
    url: str = "",
    **facts: Any,
) -> Paper | Skipped:
    """A paper of what a reference tells; ``facts`` are other fields of `Paper`.

    ``told`` are fields in which an arXiv id or a DOI may stand, ``notes`` those that our exports
    write for want of a field.
    """
    known = known_by(doi, url, *told)
    if own := _DOI.fullmatch(doi.strip()):
        known["doi"] = own[1]
    if ours:
        written = {"title": title, "url": url, **facts, **known, **noted(notes)}
        return record(written.pop("title"), abstract, where, **written)
    on_arxiv = dict(known)
    on_arxiv.pop("doi", None)
    addresses = filterfalse(_OF_RECORDS.match, _ADDRESS.findall(url))
    facts["url"] = web_address(addresses, on_arxiv)
    own_words = _AROUND.sub("", unmarked(abstract))
    return record(unmarked(title), own_words, where, **{**facts, **known})


def names(told: Iterable[str], *, literal: bool = False) -> list[str]:
    """Authors as "Given Family" of "Family, Given"; what says that there is nobody is left out.

    ``literal``: a comma at the end says that those before it are a part of the name.
    """
    read = _whole_or_parted if literal else given_first
    return list(map(read, somebody(map(str.strip, told))))


def _whole_or_parted(name: str) -> str:
    if name.endswith(","):
        return name[:-1]
    return given_first(name)


def somebody(told: Iterable[str]) -> Iterable[str]:
    """Names without those that say that there is nobody, or others."""
    return filterfalse(_NOBODY.fullmatch, filter(None, told))


def parted(told: str, marks: str = ";,") -> list[str]:
    """Keywords, parted by the first of the marks that there is."""
    mark = next(filter(told.__contains__, marks), marks[0])
    return list(map(str.strip, told.split(mark)))
