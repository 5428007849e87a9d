"""Earlier turns as other programs give them: a list of objects, in a file or in a question set."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import starmap
from pathlib import Path
from typing import Any

from ragbot.errors import InputError
from ragbot.types import Message

__all__ = ["HISTORY_FORM", "read_history", "read_turns"]

HISTORY_FORM = 'write [{"role": "user", "content": "…"}, …]'
_ROLES = ("user", "assistant")


def read_history(path: Path) -> list[Message]:
    """Turns from a JSON file: ``[{"role": "user", "content": "…"}, …]``.

    Raises:
        InputError: the file is missing, no JSON, or not of that form; names the turn and the field.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such history file", "check the path") from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not a JSON file ({error})", HISTORY_FORM) from None
    if not isinstance(document, list):
        raise InputError(f"{path}: must be a list of turns", HISTORY_FORM)
    try:
        return read_turns(document)
    except InputError as error:
        raise InputError(f"{path}: {error.message}", error.remedy) from None


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
