"""What servers of chat completions say, in every shape in which they write it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ragbot.types import Piece

__all__ = [
    "error_of",
    "finish_of",
    "models_of",
    "pieces_of",
    "refused_of",
    "window_of",
    "without_system",
]

# DeepSeek and vLLM; OpenRouter and Groq; Ollama.
_REASONING = ("reasoning_content", "reasoning", "thinking")
# How servers name the window in their list of models: vLLM and SGLang, OpenRouter and Together,
# Groq, Mistral, llama.cpp, LM Studio.
_WINDOWS = (
    "max_model_len",
    "context_length",
    "context_window",
    "max_context_length",
    "n_ctx",
    "loaded_context_length",
)
_NAMES = ("id", "name", "model")
_REFUSED = re.compile(
    r"unsupported|not support|n['’]t support|unrecogni[sz]ed|unknown|unexpected|not (?:permitted|"
    r"allowed)|extra inputs|only the default",
    re.IGNORECASE,
)
_NO_SYSTEM = re.compile(
    r"system (?:role|message|prompt|instruction)s?\b.{0,40}(?:not|n['’]t|unsupported)"
    r"|(?:not|n['’]t) support.{0,20}\bsystem\b|developer instruction|roles must alternate"
    r"|only user(?:,| and) assistant roles",
    re.IGNORECASE,
)
# What of a request a model may refuse and an answer can do without.
_OPTIONS = ("max_tokens", "temperature")
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
            thought = _text(
                part.get("thinking") or part.get("reasoning") or part.get("text")
            )
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


def models_of(listed: object) -> list[Mapping[str, Any]]:
    """The models of a server's list, which may stand alone, or under one of two names."""
    if isinstance(listed, Mapping):
        listed = listed.get("data") or listed.get("models")
    if not isinstance(listed, list):
        return []
    return [model for model in listed if isinstance(model, Mapping)]


def window_of(models: Sequence[Mapping[str, Any]], name: str) -> int | None:
    """The context window of the model of that name in tokens, if the server says it."""
    for model in models:
        if name not in [model.get(key) for key in _NAMES]:
            continue
        more = model.get("meta")
        for facts in (model, more if isinstance(more, Mapping) else {}):
            for key in _WINDOWS:
                size = facts.get(key)
                if isinstance(size, str) and size.isdecimal():
                    size = int(size)
                if isinstance(size, int) and size > 0:
                    return size
    return None


def refused_of(body: object, message: str, arguments: Mapping[str, Any]) -> str | None:
    """What of a request a server refuses: the name of an argument, "system", or ``None``.

    Some name it in a field, others in their words only.
    """
    facts = body if isinstance(body, Mapping) else {}
    code, parameter = facts.get("code"), facts.get("param")
    if (
        isinstance(code, str)
        and code.startswith("unsupported_")
        and parameter in arguments
    ):
        return str(parameter)
    if _NO_SYSTEM.search(message):
        return "system"
    if not _REFUSED.search(message):
        return None
    named = [name for name in _OPTIONS if name in arguments and name in message]
    return named[0] if named else None


def without_system(turns: list[dict[str, str]]) -> list[dict[str, str]]:
    """The same conversation for models without a system role: its text opens the first turn."""
    if len(turns) < 2 or turns[0]["role"] != "system":
        return turns
    first = {**turns[1], "content": f"{turns[0]['content']}\n\n{turns[1]['content']}"}
    return [first, *turns[2:]]
