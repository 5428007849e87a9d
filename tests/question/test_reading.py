"""ragbot/question: a question is read once, in time that grows with its length."""

from __future__ import annotations

import time

import pytest

from ragbot.errors import InputError
from ragbot.question import read
from ragbot.types import Filters, Message


def test_everything_that_is_read() -> None:
    asked = read("  Which papers since 2024 prune channels?  ")
    assert asked.question == "Which papers since 2024 prune channels?"
    assert asked.standalone == asked.question
    assert "2024" not in asked.topic
    assert asked.filters == Filters("2024-01-01", None)
    assert asked.kind == "list"


def test_dates_that_are_given_win() -> None:
    given = Filters("2020-01-01", None)
    assert read("Papers since 2024?", filters=given).filters == given
    assert read("Papers since 2024?", dates_in_words=False).filters == Filters()


def test_what_it_refers_to() -> None:
    turns = [Message("user", "What is OLinear?"), Message("assistant", "A model [1].")]
    asked = read("How many parameters does it have?", turns)
    assert asked.standalone.startswith("What is OLinear?")
    assert asked.fact == "parameters"


@pytest.mark.parametrize("question", ["", "  ", "\n"])
def test_nothing_is_no_question(question: str) -> None:
    with pytest.raises(InputError, match="empty: type one"):
        read(question)


def test_half_a_character_is_no_crash() -> None:
    assert read("Which paper\ud83d prunes?").question == "Which paper� prunes?"


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "both ",
            "which which-",
            "what ",
            "how many ",
            "which of ",
            "add to ",
            "(",
            "-",
            "Q1 ",
        ),
        *(
            "since 2024 ",
            "between 2023 and ",
            "first half of ",
            "May ",
            "2024-",
            "last week ",
        ),
        *("compare ", "which of these ", "and what about ", "A-", "\u0301"),
    ],
)
def test_a_question_is_read_in_linear_time(unit: str) -> None:
    def seconds(length: int) -> float:
        start = time.thread_time()
        read("x" + unit * (length // len(unit)))
        return time.thread_time() - start

    seconds(500)
    assert seconds(16_000) < 10 * max(seconds(4_000), 0.05)


def test_half_characters_of_earlier_turns_do_no_harm() -> None:
    turns = [Message("user", "What is \udfffOLinear?"), Message("assistant", "\ud800")]
    asked = read("What does it forecast?", turns)
    assert "OLinear" in asked.standalone
    for text in (asked.standalone, *(turn.content for turn in asked.history)):
        text.encode("utf-8")
