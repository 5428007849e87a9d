"""What is doubted in a written answer: its mark, its reason, and the sentences that have it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from ragbot.types import Draft, Sentence

if TYPE_CHECKING:
    from ragbot.support.statements import Statement

__all__ = ["BREAKS_OFF", "MARK", "cites_nothing", "doubted", "is_doubted", "states"]

# Stands behind a sentence that the cited abstracts do not bear out, or that cites none.
MARK = "⚠"
# Why the last sentence of an answer that was cut is doubted.
BREAKS_OFF = "the answer breaks off here"


def doubted(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Those that are marked, in their order."""
    return list(filter(is_doubted, sentences))


def is_doubted(sentence: Sentence) -> bool:
    """Whether the cited abstracts do not bear it out, or it cites none."""
    return sentence.support in ("unsupported", "uncited")


def cites_nothing(draft: Draft) -> bool:
    """Whether an answer states something, and not one sentence of it rests on a paper."""
    return states(draft.sentences) and not draft.papers


def states(sentences: Iterable[Sentence | Statement]) -> bool:
    """Whether one of the sentences says something of a paper."""
    return any(map(attrgetter("states"), sentences))
