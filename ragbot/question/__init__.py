"""What a question asks for, read once: everything later goes by the one value `Asked`.

words, turns before, dates given ─► stand-alone, its dates, its kind ─► Asked
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ragbot.errors import InputError
from ragbot.question.catalog_facts import catalog_question
from ragbot.question.dates import read_dates
from ragbot.question.followup import follow_up, in_full
from ragbot.question.kind import asked_fact, kind_of
from ragbot.question.parts import parts_of
from ragbot.question.turns import turns_of
from ragbot.text.words import whole
from ragbot.types import Asked, Filters, FollowUp, Message

__all__ = ["read"]


def read(
    question: str,
    history: Sequence[Message] = (),
    filters: Filters | None = None,
    *,
    dates_in_words: bool = True,
) -> Asked:
    """A question with what it refers to, its dates, and the kind of answer that it asks for.

    ``filters`` are dates given beside it; without them those in its words count, unless
    ``dates_in_words`` is false.

    Raises:
        InputError: there is nothing in it.
    """
    question = whole(question).strip()
    if not question:
        raise InputError("the question is empty", "type one")
    history = [replace(turn, content=whole(turn.content)) for turn in history]
    turns = turns_of(history)
    spelled = in_full(question, turns)
    follow = follow_up(spelled, turns)
    topic, own, spoken = follow.standalone, spelled, Filters()
    if dates_in_words:
        topic, spoken = read_dates(follow.standalone)
        own, _ = read_dates(spelled)
    return Asked(
        question=question,
        follow_up=follow,
        topic=topic,
        filters=filters or spoken,
        history=history,
        kind=kind_of(spelled),
        fact=asked_fact(spelled),
        catalog=catalog_question(own),
        parts=_parts(spelled, follow, filters) if not spoken else (),
    )


def _parts(
    question: str, follow: FollowUp, filters: Filters | None
) -> tuple[Asked, ...]:
    """The parts of a question that refers to nothing before it, unless one is for the catalog."""
    if follow != FollowUp(question, question):
        return ()
    parts = [
        read(part, filters=filters, dates_in_words=False) for part in parts_of(question)
    ]
    if any(part.catalog for part in parts):
        return ()
    return tuple(parts)
