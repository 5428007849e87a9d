"""What servers of chat completions say, in every shape in which they write it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import attrgetter
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

# What a chunk of a stream adds, or a whole completion says.
_ADDED = ("delta", "message")
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
_REASONING_PARTS = ("thinking", "reasoning", "reasoning_content", "redacted_thinking")
_THOUGHTS = ("thinking", "reasoning", "text")
_TEXTS = ("text", "content")
_LISTS = ("data", "models")
_GOES_ON = ("", "null", "None")  # what stands for no reason to end


def pieces_of(chunk: Mapping[str, Any]) -> Iterator[Piece]:
    """The reasoning and the text that a chunk, or a whole completion, brings."""
    delta = _mapping(_first(_choice(chunk), _ADDED))
    thoughts = filter(None, map(_text, map(delta.get, _REASONING)))
    for thought in islice(thoughts, 1):
        yield Piece(thought, reasoning=True)
    parts = map(_piece, _parts(delta.get("content")))
    yield from filter(attrgetter("text"), parts)


def finish_of(chunk: Mapping[str, Any]) -> str | None:
    """Why the answer has ended, or ``None`` while it goes on."""
    reason = _text(_choice(chunk).get("finish_reason"))
    return None if reason in _GOES_ON else reason


def error_of(chunk: Mapping[str, Any]) -> object:
    """The failure that a chunk tells of; ``None`` if it tells of none."""
    error = chunk.get("error")
    if error:
        return error
    is_error = chunk.get("object") == "error" and "choices" not in chunk
    return chunk if is_error else None


def _choice(chunk: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first choice; some chunks have none, such as those that count tokens."""
    choices = _list(chunk.get("choices"))
    return _mapping(next(iter(choices), None))


def _parts(content: object) -> Sequence[object]:
    """Text is one part; else it is a list of parts, each of which is text or a thought."""
    return [content] if isinstance(content, str) else _list(content)


def _piece(part: object) -> Piece:
    facts = _mapping(part)
    if facts.get("type") in _REASONING_PARTS:
        return Piece(_text(_first(facts, _THOUGHTS)), reasoning=True)
    return Piece(_text(part))


# -- values of JSON, whatever stands there --------------------------------------------------------


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _first(facts: Mapping[str, Any], names: Iterable[str]) -> Any:
    """What stands under the first of some names that has a value, "" if none has."""
    return next(filter(None, map(facts.get, names)), "")


def _text(value: object) -> str:
    """The text of a string, a part, or a list of parts; nothing of an image or a call."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(map(_text, value))
    within = _first(_mapping(value), _TEXTS)
    return _text(within)


def _size(value: object) -> int:
    """A whole number, written as such or as a string; 0 for anything else."""
    written = str(value)
    return int(written) if written.isdecimal() else 0


# -- what else servers say ------------------------------------------------------------------------


def models_of(listed: object) -> list[Mapping[str, Any]]:
    """The models of a server's list, which may stand alone, or under one of two names."""
    models = _first(_mapping(listed), _LISTS) or listed
    return list(filter(None, map(_mapping, _list(models))))


def window_of(models: Sequence[Mapping[str, Any]], name: str) -> int | None:
    """The context window of the model of that name in tokens, if the server says it."""
    own = [model for model in models if name in map(model.get, _NAMES)]
    facts = chain.from_iterable((model, _mapping(model.get("meta"))) for model in own)
    values = chain.from_iterable(map(each.get, _WINDOWS) for each in facts)
    sizes = filter(None, map(_size, values))
    return next(sizes, None)


def refused_of(body: object, message: str, arguments: Mapping[str, Any]) -> str | None:
    """What of a request a server refuses: the name of an argument, "system", or ``None``.

    Some name it in a field, others in their words only.
    """
    facts = _mapping(body)
    parameter = _text(facts.get("param"))
    is_unsupported = _text(facts.get("code")).startswith("unsupported_")
    if is_unsupported and parameter in arguments:
        return parameter
    if _NO_SYSTEM.search(message):
        return "system"
    if not _REFUSED.search(message):
        return None
    sent = filter(arguments.__contains__, _OPTIONS)
    named = filter(message.__contains__, sent)
    return next(named, None)


def without_system(turns: list[dict[str, str]]) -> list[dict[str, str]]:
    """The same conversation for models without a system role: its text opens the first turn."""
    match turns:
        case [{"role": "system", "content": rules}, first, *others]:
            opening = f"{rules}\n\n{first['content']}"
            return [{**first, "content": opening}, *others]
    return turns
