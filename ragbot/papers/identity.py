"""When two records are of one paper: by an identifier they share, else by their title.

A paper keeps the key it was first given, which means nothing. What it is known by stands beside it
as aliases: its arXiv id without version, its DOI, and its title in normal form, alone and with its
year, which tells two papers of one title apart.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, product
from operator import attrgetter

from ragbot.text.words import match_form
from ragbot.types import Paper

__all__ = [
    "PAGES",
    "Alias",
    "aliases",
    "conflict",
    "grouped",
    "identified",
    "identifiers",
    "paper_id",
    "title_key",
]

# "2401.01234v2" since 2007-04, "math.GT/0309136" before.
_ARXIV = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html)/|arxiv[:.]\s*|huggingface\.co/papers/)"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?!\d)",
    re.IGNORECASE,
)
# https://www.crossref.org/blog/dois-and-matching-regular-expressions/ without its rare forms.
# The DOI that arXiv gives each of its papers says no more than the id in it.
_DOI = re.compile(r"\b(?!10\.48550/arxiv\.)(10\.\d{4,9}/[^\s\"<>?#{}]+)", re.IGNORECASE)
_BARE_ARXIV = re.compile(r"(?<![\w./])(\d{4}\.\d{4,5})(?:v\d+)?(?![\w/]|\.\d)")
PAGES = {"arxiv_id": "https://arxiv.org/abs/", "doi": "https://doi.org/"}
"""What stands before an identifier where a paper is read, by the fields of `ragbot.types.Paper`."""
_IDENTIFIERS = {"arxiv": _ARXIV, "doi": _DOI}


@dataclass(frozen=True, slots=True)
class Alias:
    """One thing a paper is known by; ``kind`` is arxiv, doi, title-year or title."""

    kind: str
    value: str

    @property
    def identifies(self) -> bool:
        """Whether no two papers can share it, as they can a title."""
        return self.kind in _IDENTIFIERS


def title_key(title: str) -> str:
    """What two spellings of one title have in common; a title without letters is its own key."""
    return match_form(title) or title.strip()


def paper_id(title: str, beside: str = "") -> str:
    """12 hexadecimal digits of the SHA-256 of `title_key`: the same on every machine.

    ``beside`` is what sets a paper apart whose title another one has already.
    """
    key = "\n".join(filter(None, [title_key(title), beside]))
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def aliases(record: Paper) -> list[Alias]:
    """What a record says its paper is known by, the surest first."""
    told = (f"arxiv:{record.arxiv_id}", record.doi, record.url)
    known = _of_identifiers(filter(None, told))
    key = title_key(record.title)
    if record.date:
        known.append(Alias("title-year", f"{key} {record.date[:4]}"))
    known.append(Alias("title", key))
    return known


def identified(question: str) -> list[Alias]:
    """The identifiers that a question names a paper by; an arXiv id may stand alone."""
    bare = map("arxiv:{}".format, _BARE_ARXIV.findall(question))
    told = [question, *bare]
    return _of_identifiers(told)


def _of_identifiers(told: Iterable[str]) -> list[Alias]:
    return [Alias(kind, value.lower()) for kind, value in identifiers(told)]


def identifiers(told: Iterable[str]) -> list[tuple[str, str]]:
    """The kind and the identifier of each that stands in links or other texts: ``arxiv``, ``doi``.

    An arXiv id is without its version.
    """
    found: dict[tuple[str, str], None] = {}
    for text, (kind, pattern) in product(told, _IDENTIFIERS.items()):
        match = pattern.search(text)
        if match:
            found[kind, match[1].rstrip(".,;)")] = None
    return list(found)


def grouped(known: Sequence[Sequence[Alias]]) -> list[list[int]]:
    """Which of these records are of one paper, by their aliases: their places, in order."""
    groups: list[list[int]] = []
    for place, own in enumerate(known):
        joined, others = [place], []
        for group in groups:
            theirs = chain.from_iterable(map(known.__getitem__, group))
            if _is_one(own, list(theirs)):
                joined += group
            else:
                others.append(group)
        groups = [*others, joined]
    return sorted(map(sorted, groups))


def _is_one(own: Sequence[Alias], theirs: Sequence[Alias]) -> bool:
    """Whether a record shares an identifier with others, or a title that no identifier denies."""
    share = not set(own).isdisjoint(theirs)
    return share and not conflict(own, theirs)


def conflict(record: Iterable[Alias], known: Iterable[Alias]) -> bool:
    """Whether identifiers say that a record is of another paper than the one of that title.

    They do where both name one of a kind, and share none of any kind.
    """
    ours, theirs = _identifying(record), _identifying(known)
    kinds = set(map(attrgetter("kind"), ours))
    share_a_kind = not kinds.isdisjoint(map(attrgetter("kind"), theirs))
    return share_a_kind and ours.isdisjoint(theirs)


def _identifying(known: Iterable[Alias]) -> set[Alias]:
    return set(filter(attrgetter("identifies"), known))
