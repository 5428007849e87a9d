"""What one chunk of a chat completion adds, in every shape in which servers write it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ragbot.types import Piece

__all__ = ["error_of", "finish_of", "pieces_of"]

# DeepSeek and vLLM; OpenRouter and Groq; Ollama.
_REASONING = ("reasoning_content", "reasoning", "thinking")
_REASONING_PARTS = {"thinking", "reasoning", "reasoning_content", "redacted_thinking"}


def pieces_of(chunk: Mapping[str, Any]) -> Iterator[Piece]:
    """The reasoning and the text that a chunk, or a whole completion, brings."""
    choice = _choice(chunk)
    delta = choice.get("delta") or choice.get("message") or {}
    if not isinstance(delta, Mapping):
        return
    for name in _REASONING:
        thought = _text(delta.get(name))
        if thought:
            yield Piece(thought, reasoning=True)
            break
    yield from _content(delta.get("content"))


def finish_of(chunk: Mapping[str, Any]) -> str | None:
    """Why the answer has ended, or ``None`` while it goes on."""
    reason = _choice(chunk).get("finish_reason")
    if not isinstance(reason, str) or reason in {"", "null", "None"}:
        return None
    return reason


def error_of(chunk: Mapping[str, Any]) -> object:
    """The failure that a chunk tells of; ``None`` if it tells of none."""
    error = chunk.get("error")
    if not error and "choices" not in chunk and chunk.get("object") == "error":
        return chunk
    return error or None


def _choice(chunk: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first choice; some chunks have none, such as those that count tokens."""
    choices = chunk.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], Mapping):
        return choices[0]
    return {}


def _content(content: object) -> Iterator[Piece]:
    """Text, or a list of parts, each of which is text or a thought."""
    if isinstance(content, str):
        if content:
            yield Piece(content)
        return
    if not isinstance(content, list):
        return
    for part in content:
        if isinstance(part, Mapping) and part.get("type") in _REASONING_PARTS:
            thought = _text(part.get("thinking") or part.get("reasoning") or part.get("text"))
            if thought:
                yield Piece(thought, reasoning=True)
        elif _text(part):
            yield Piece(_text(part))


def _text(value: object) -> str:
    """The text of a string, a part, or a list of parts; nothing of an image or a call."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return _text(value.get("text") or value.get("content") or "")
    if isinstance(value, list):
        return "".join(_text(part) for part in value)
    return ""
