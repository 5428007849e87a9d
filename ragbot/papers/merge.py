"""One paper out of what several files say of it. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from ragbot.types import Paper

__all__ = ["merge_records"]

# Facts that the newest record which knows them settles.
_SETTLED = (
    "abstract",
    "authors",
    "author_count",
    "organisation",
    "comments",
    "url",
    "arxiv_id",
    "doi",
    "venue",
    "keywords",
)


def merge_records(records: Sequence[Paper]) -> Paper:
    """The paper that its records, oldest first and each with one source, describe together.

    The newest record that knows a fact settles it, except that a date whose year is stated beats
    one whose year was inferred, and the longest spelling of the title is kept, since the others
    have lost their LaTeX marks.
    """
    dating = max(reversed(records), key=_date_certainty)
    sources = chain.from_iterable(map(attrgetter("sources"), records))
    return dataclasses.replace(
        records[0],
        title=max(map(attrgetter("title"), records), key=len),
        date=dating.date,
        date_inferred=dating.date_inferred,
        sources=tuple(dict.fromkeys(sources)),
        **{fact: _latest(records, fact) for fact in _SETTLED},
    )


def _date_certainty(record: Paper) -> tuple[bool, bool]:
    """Whether its date is known, and whether it is stated: greater for what is surer."""
    return record.date is not None, not record.date_inferred


def _latest(records: Sequence[Paper], fact: str) -> Any:
    """A fact as the newest record has it that knows it."""
    values = list(map(attrgetter(fact), reversed(records)))
    return next(filter(None, values), values[0])
