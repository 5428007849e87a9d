"""ragbot/question/followup.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ragbot.errors import InputError
from ragbot.question.followup import (
    depends_on_history,
    follow_up,
    read_history,
)
from ragbot.question.turns import turns_of
from ragbot.types import Message

FIRST = "How does MatryoshkaKV compress the KV cache?"


def standalone_question(question: str, history: list[Message]) -> str:
    return follow_up(question, turns_of(history)).standalone


HISTORY = [Message("user", FIRST), Message("assistant", "By projection [1].")]


@pytest.mark.parametrize(
    "question",
    [
        "What speed-up does it report?",
        "And on which datasets?",
        "How do they evaluate this?",
        "What about the second one?",
        "Why?",
        "its limits?",
        "results",
    ],
)
def test_a_follow_up_is_given_its_topic(question: str) -> None:
    assert depends_on_history(question)
    told = standalone_question(question, HISTORY)
    assert FIRST in told
    assert question in told
    assert "\n" not in told


@pytest.mark.parametrize(
    "question",
    [
        "Which papers prune convolutional channels?",
        "How does OLinear forecast time series?",
    ],
)
def test_a_question_that_stands_alone_stays(question: str) -> None:
    assert standalone_question(question, HISTORY) == question


def test_the_topic_is_the_last_question_that_stood_alone() -> None:
    history = [
        Message("user", "How does OLinear forecast time series?"),
        *HISTORY,
        Message("user", "How fast is it?"),
        Message("assistant", "Quite [1]. How does OLinear forecast?"),
    ]
    assert FIRST in standalone_question("And how large is it?", history)
    assert "OLinear" not in standalone_question("And how large is it?", history)


@pytest.mark.parametrize(
    "history", [[], [Message("assistant", FIRST)], [Message("user", " ")]]
)
def test_without_an_earlier_question_nothing_is_added(history: list[Message]) -> None:
    assert standalone_question("What does it do?", history) == "What does it do?"


def test_a_history_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    text = json.dumps([{"role": m.role, "content": m.content} for m in HISTORY])
    for encoding in ("utf-8", "utf-8-sig"):  # some editors write a byte order mark
        path.write_text(text, encoding=encoding)
        assert read_history(path) == HISTORY


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "not a JSON file"),
        ("[" * 100_000, "not a JSON file"),
        ("{}", "must be a list"),
        ("[1]", "turn 1 has no text under 'content'"),
        ('[{"role": "user", "content": "x"}, {"role": "user"}]', "turn 2 has no text"),
        (
            '[{"role": "system", "content": "x"}]',
            "turn 1: 'role' must be user or assistant",
        ),
    ],
)
def test_a_bad_history_file_is_one_line(
    tmp_path: Path, content: str, says: str
) -> None:
    path = tmp_path / "history.json"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_history(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_history_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such history file"):
        read_history(tmp_path / "none.json")
