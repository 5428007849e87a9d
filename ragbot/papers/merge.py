"""One paper out of what several files say of it. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
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
)


def merge_records(records: Sequence[Paper]) -> Paper:
    """The paper that its records, oldest first and each with one source, describe together.

    The newest record that knows a fact settles it, except that a date whose year is stated beats
    one whose year was inferred, and the longest spelling of the title is kept, since the others
    have lost their LaTeX marks.
    """
    dated = [record for record in records if record.date]
    stated = [record for record in dated if not record.date_inferred]
    dating = (stated or dated or records)[-1]
    return dataclasses.replace(
        records[0],
        title=max((record.title for record in records), key=len),
        date=dating.date,
        date_inferred=dating.date_inferred,
        sources=tuple(dict.fromkeys(s for record in records for s in record.sources)),
        **{fact: _latest(records, fact) for fact in _SETTLED},
    )


def _latest(records: Sequence[Paper], fact: str) -> Any:
    """A fact as the newest record has it that knows it."""
    values = [getattr(record, fact) for record in records]
    known = list(filter(None, values))
    return (known or values)[-1]
