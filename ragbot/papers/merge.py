"""One paper out of what several files say of it. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TypeVar

from ragbot.types import Paper

__all__ = ["merge_records"]

T = TypeVar("T")


def merge_records(records: Sequence[Paper]) -> Paper:
    """The paper that its records, oldest first and each with one source, describe together.

    The newest record that knows a fact settles it, except that a date whose year is stated beats
    one whose year was inferred, and the longest spelling of the title is kept, since the others
    have lost their LaTeX marks.
    """
    newest = list(reversed(records))

    def latest(fact: Callable[[Paper], T]) -> T:
        return next((fact(r) for r in newest if fact(r)), fact(newest[0]))

    dated = [r for r in newest if r.date]
    stated = [r for r in dated if not r.date_inferred]
    dating = (stated or dated or newest)[0]
    return dataclasses.replace(
        records[0],
        title=max((r.title for r in records), key=len),
        abstract=latest(lambda r: r.abstract),
        date=dating.date,
        date_inferred=dating.date_inferred,
        authors=latest(lambda r: r.authors),
        author_count=latest(lambda r: r.author_count),
        organisation=latest(lambda r: r.organisation),
        comments=latest(lambda r: r.comments),
        url=latest(lambda r: r.url),
        sources=tuple(dict.fromkeys(s for r in records for s in r.sources)),
    )
