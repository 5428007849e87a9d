"""ragbot/llm/deltas.py: what servers say, in every shape in which they write it."""

from __future__ import annotations

from typing import Any

import pytest

from ragbot.llm.deltas import (
    error_of,
    finish_of,
    models_of,
    pieces_of,
    refused_of,
    window_of,
    without_system,
)


def heard(delta: object) -> list[tuple[str, bool]]:
    return [(p.text, p.reasoning) for p in pieces_of({"choices": [{"delta": delta}]})]


@pytest.mark.parametrize(
    ("delta", "said"),
    [
        ({"content": "OLinear"}, [("OLinear", False)]),
        ({"content": None, "tool_calls": []}, []),
        ({"content": [{"type": "text", "text": "OLinear"}]}, [("OLinear", False)]),
        (
            {"content": ["OLinear", {"type": "image_url", "image_url": {}}]},
            [("OLinear", False)],
        ),
        (
            {
                "content": [
                    {
                        "type": "thinking",
                        "thinking": [{"type": "text", "text": "Which?"}],
                    }
                ]
            },
            [("Which?", True)],
        ),
        (
            {"reasoning_content": "Which?", "content": "O"},
            [("Which?", True), ("O", False)],
        ),
        ({"reasoning": "Which?"}, [("Which?", True)]),
        ({"thinking": "Which?", "reasoning": None}, [("Which?", True)]),
        ({"content": [{"type": ["text"], "text": "O"}]}, [("O", False)]),
        ({"content": 7}, []),
        ("OLinear", []),
        (None, []),
    ],
)
def test_what_a_chunk_adds(delta: object, said: list[tuple[str, bool]]) -> None:
    assert heard(delta) == said


def test_a_whole_completion_is_one_chunk() -> None:
    whole = {"choices": [{"message": {"content": "OLinear"}, "finish_reason": "stop"}]}
    assert [p.text for p in pieces_of(whole)] == ["OLinear"]
    assert finish_of(whole) == "stop"


@pytest.mark.parametrize("reason", [None, "", "null", 3])
def test_an_answer_that_goes_on(reason: object) -> None:
    assert finish_of({"choices": [{"delta": {}, "finish_reason": reason}]}) is None


@pytest.mark.parametrize("choices", [None, [], [None], "x", {}])
def test_a_chunk_without_a_choice_adds_nothing(choices: object) -> None:
    assert not list(pieces_of({"choices": choices, "usage": {}}))
    assert finish_of({"choices": choices}) is None


def test_errors_in_a_stream() -> None:
    assert error_of({"error": "quota exceeded"}) == "quota exceeded"
    assert error_of({"error": {"message": "no"}}) == {"message": "no"}
    assert error_of({"object": "error", "message": "no"}) == {
        "object": "error",
        "message": "no",
    }
    assert error_of({"error": None, "choices": []}) is None


@pytest.mark.parametrize(
    "listed",
    [
        {"data": [{"id": "other"}, {"id": "m", "max_model_len": 8192}]},
        [{"id": "m", "context_length": 8192}],
        {"models": [{"name": "m", "context_window": "8192"}]},
        {"data": [{"id": "m", "meta": {"n_ctx": 8192}}]},
    ],
)
def test_the_window_in_any_list(listed: object) -> None:
    assert window_of(models_of(listed), "m") == 8192


@pytest.mark.parametrize(
    "listed",
    [None, "m", 7, {}, {"data": None}, ["m"], {"data": [{"id": "m"}]}, [{"id": "x"}]],
)
def test_a_window_that_nobody_tells(listed: object) -> None:
    assert window_of(models_of(listed), "m") is None


SENT: dict[str, Any] = {"max_tokens": 9, "temperature": 0.1, "messages": []}


@pytest.mark.parametrize(
    ("body", "message", "refused"),
    [
        ({"code": "unsupported_parameter", "param": "max_tokens"}, "", "max_tokens"),
        (
            {"code": 400},
            "Unsupported parameter: 'max_tokens' is not supported",
            "max_tokens",
        ),
        ({}, "temperature does not support 0.1, only the default (1)", "temperature"),
        ({}, "System role not supported", "system"),
        (None, "Conversation roles must alternate user/assistant/user", "system"),
        ({}, "Developer instruction is not enabled for this model", "system"),
        (
            {"code": 400},
            "maximum context length is 2048 tokens; max_tokens is 1024",
            None,
        ),
        ({}, "Unknown model", None),
        ("text", "no", None),
    ],
)
def test_what_was_refused(body: object, message: str, refused: str | None) -> None:
    assert refused_of(body, message, SENT) == refused


def test_what_the_system_says_opens_the_first_turn() -> None:
    turns = [
        {"role": "system", "content": "Cite."},
        {"role": "user", "content": "Which?"},
    ]
    assert without_system(turns) == [{"role": "user", "content": "Cite.\n\nWhich?"}]
    assert without_system(turns[1:]) == turns[1:]
