"""Conversations as JSON objects and back, with every answer as it was given.

The papers of the answers stand beside the turns, each once and as the last answer had it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from ragbot.conversation_types import ConversationHeading, SavedConversation, SavedTurn
from ragbot.errors import InputError
from ragbot.json_object import JsonObject
from ragbot.serialise.answer_documents import (
    answer_json,
    answer_of,
    filters_json,
    papers_of,
    read_filters,
)
from ragbot.serialise.paper_documents import paper_json, read_paper
from ragbot.types import Answer, Paper

__all__ = [
    "conversation_json",
    "heading_json",
    "read_conversation",
    "read_turn",
    "turn_json",
]

_TIME = "write it like 2026-11-30T12:00:00+00:00"


def heading_json(heading: ConversationHeading) -> dict[str, Any]:
    """A conversation in a list."""
    return {
        "id": heading.id,
        "title": heading.title,
        "created": heading.created.isoformat(),
        "changed": heading.changed.isoformat(),
        "turns": heading.turns,
    }


def turn_json(turn: SavedTurn) -> dict[str, Any]:
    """A turn; of the papers of its answer what `answer_json` has, and nothing rounded."""
    answer = answer_json(turn.answer, exact=True) if turn.answer else None
    return {
        "question": turn.question,
        "asked": turn.asked.isoformat(),
        "filters": filters_json(turn.filters),
        "dates_in_words": turn.dates_in_words,
        "answer": answer,
        "shown": turn.shown,
        "reasoning": turn.reasoning,
        "problem": turn.problem,
        "stopped": turn.stopped,
    }


def conversation_json(conversation: SavedConversation) -> dict[str, Any]:
    """A conversation with all its turns, and the papers of their answers."""
    answers = filter(None, (turn.answer for turn in conversation.turns))
    papers = {p.id: p for p in chain.from_iterable(map(papers_of, answers))}
    return {
        **heading_json(conversation.heading),
        "branch_of": conversation.branch_of,
        "turns": list(map(turn_json, conversation.turns)),
        "papers": list(map(paper_json, papers.values())),
    }


def read_turn(document: object, papers: Mapping[str, Paper]) -> SavedTurn:
    """The turn that `turn_json` wrote; ``papers`` are those of its answer, by id.

    Raises:
        InputError: a field is missing or of another kind.
    """
    return _turn(JsonObject(document, ""), papers)


def _turn(fields: JsonObject, papers: Mapping[str, Paper]) -> SavedTurn:
    return SavedTurn(
        question=fields.take("question", str),
        asked=_time(fields, "asked"),
        filters=read_filters(fields.object("filters")),
        dates_in_words=fields.maybe("dates_in_words", bool, True),
        answer=_answer(fields, papers),
        shown=fields.maybe("shown", str, ""),
        reasoning=fields.maybe("reasoning", str, ""),
        problem=fields.maybe("problem", str, ""),
        stopped=fields.maybe("stopped", bool, False),
    )


def read_conversation(document: object) -> SavedConversation:
    """The conversation that `conversation_json` wrote.

    Raises:
        InputError: a field is missing or of another kind.
    """
    fields = JsonObject(document, "", later={"papers": []})
    papers = {p.id: p for p in map(read_paper, fields.take("papers", list))}
    turns = tuple(_turn(turn, papers) for turn in fields.objects("turns"))
    created = _time(fields, "created")
    heading = ConversationHeading(
        id=fields.take("id", str),
        title=fields.take("title", str),
        created=created,
        changed=_time(fields, "changed"),
        turns=len(turns),
    )
    return SavedConversation(heading, turns, fields.maybe("branch_of", str, None))


def _answer(fields: JsonObject, papers: Mapping[str, Paper]) -> Answer | None:
    if fields.maybe("answer", dict, None) is None:
        return None
    return answer_of(fields.object("answer"), papers)


def _time(fields: JsonObject, name: str) -> datetime:
    text = fields.take(name, str)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(f"{name}: {text[:40]!r} is no time", _TIME) from None
