"""What a question asks of the catalog: a part of `ragbot.types`, which names its values, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["CatalogFact", "CatalogQuestion", "TopicRequest", "Traits"]

CatalogFact = Literal[
    # Of a talk: nothing but manners, and what Ragbot is.
    "hello",
    "thanks",
    "goodbye",
    "ragbot",
    # Of the collection.
    "topics",
    "years",
    "organisations",
    "sources",
    # Of the papers that have some traits.
    "count",
    "list",
    "recent",
    "newest",
    "oldest",
    "most authors",
    "fewest authors",
    # Of one paper.
    "date",
    "authors",
    "organisation",
    "address",
    "held",
    "identifier",
]


@dataclass(frozen=True, slots=True)
class Traits:
    """What the catalog knows of papers, dates apart, as far as a question says it.

    ``titled`` are phrases that stand in the title, all of them or, with ``either``, one of them.
    ``by`` is an organisation or an author; without ``surely_by`` it may be something else, as in
    "papers from industry". ``fewest`` and ``most`` bound the number of authors, both inclusive.
    ``on`` is what those of an author are to be on. ``dated`` is whether a date is known.
    """

    titled: tuple[str, ...] = ()
    either: bool = False
    by: str = ""
    surely_by: bool = False
    on: str = ""
    fewest: int | None = None
    most: int | None = None
    dated: bool | None = None

    @property
    def is_any(self) -> bool:
        """Whether any trait is named."""
        return self != Traits()


@dataclass(frozen=True, slots=True)
class CatalogQuestion:
    """A question that the catalog answers, not the abstracts.

    ``about`` is the name of the one paper that it is about, or an identifier; ``traits`` are those
    of the papers that it counts or lists, ``first`` how many of them it wants.
    """

    asks: CatalogFact
    about: str = ""
    traits: Traits = Traits()
    first: int | None = None


@dataclass(frozen=True, slots=True)
class TopicRequest:
    """What a question asks of the papers on a topic: all, their number, the newest or oldest.

    The ``topic``, where it is not all, is for the search, the rest for whoever sets out what it
    found: sort by date, or count. ``first`` is how many are asked for.
    """

    asks: Literal["all", "count", "newest", "oldest"] = "all"
    topic: str = ""
    first: int | None = None
