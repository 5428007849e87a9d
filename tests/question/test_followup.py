"""ragbot/question/followup.py."""

from __future__ import annotations

import pytest

from ragbot.question.followup import (
    depends_on_history,
    follow_up,
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
        "without graph neural networks at inference",
        "Faster than convolutional networks with residual connections?",
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
        "Is anything faster than convolutional networks?",
        "Without labels, how does contrastive learning separate classes?",
        "Since when are transformers applied to images of satellites?",
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
