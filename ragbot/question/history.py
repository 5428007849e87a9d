"""Earlier turns as they are kept, and as other programs give them: in a file or a question set."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain, starmap
from operator import attrgetter
from pathlib import Path
from typing import Any

from ragbot.conversation_types import SavedTurn
from ragbot.errors import InputError
from ragbot.question.turns import with_titles
from ragbot.serialise import read_conversation
from ragbot.types import Message

__all__ = ["HISTORY_FORM", "history_of", "read_history", "read_turns"]

HISTORY_FORM = 'write [{"role": "user", "content": "…"}, …]'
_ROLES = ("user", "assistant")


def history_of(turns: Sequence[SavedTurn]) -> list[Message]:
    """Turns as the next question is asked after them, with the papers that answers hand on.

    Of a question without an answer there is the question alone: servers refuse empty messages.
    """
    messages = chain.from_iterable(map(_messages, turns))
    return list(filter(attrgetter("content"), messages))


def _messages(turn: SavedTurn) -> tuple[Message, Message]:
    cited = turn.answer.papers if turn.answer else ()
    titles = dict(map(attrgetter("n", "paper.title"), cited))
    said = with_titles(turn.said, titles)
    return Message("user", turn.question), Message("assistant", said)


def read_history(path: Path) -> list[Message]:
    """Turns from a JSON file: ``[{"role": "user", "content": "…"}, …]``, or a conversation as
    `ragbot.serialise.conversation_json` has it.

    Raises:
        InputError: the file is missing, no JSON, or not of that form; names the turn and the field.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such history file", "check the path") from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not a JSON file ({error})", HISTORY_FORM) from None
    try:
        return _read(document)
    except InputError as error:
        raise InputError(f"{path}: {error.message}", error.remedy) from None


def _read(document: object) -> list[Message]:
    if isinstance(document, dict) and "turns" in document:
        return history_of(read_conversation(document).turns)
    if isinstance(document, list):
        return read_turns(document)
    raise InputError("must be a list of turns", HISTORY_FORM)


def read_turns(turns: Sequence[Any]) -> list[Message]:
    """Turns of a JSON document, each ``{"role": "user", "content": "…"}``.

    Raises:
        InputError: a turn is not of that form; names its number and the field.
    """
    return list(starmap(_turn, enumerate(turns, 1)))


def _turn(number: int, turn: Any) -> Message:
    problem = f"turn {number} has no text under 'content'"
    if not isinstance(turn, dict):
        raise InputError(problem, HISTORY_FORM)
    if not isinstance(turn.get("content"), str):
        raise InputError(problem, HISTORY_FORM)
    if turn.get("role") not in _ROLES:
        problem = f"turn {number}: 'role' must be user or assistant"
        raise InputError(problem, HISTORY_FORM)
    return Message(turn["role"], turn["content"])
