"""What was asked, by whatever means, and what it gives."""

from __future__ import annotations

import pytest

from ragbot.window.ask import Cause, Wanted, what_was_asked
from ragbot.window.html.conversation import Turn

TURNS = [Turn("What is a KAN?"), Turn("What is new since 2024?")]


@pytest.mark.parametrize(
    ("cause", "text", "wanted"),
    [
        ("box", " Why? ", Wanted("Why?", 2)),
        ("box", " \n", None),
        ("example", "How?", Wanted("How?", 2)),
        ("retry", "", Wanted("What is new since 2024?", 1)),
        ("undated", "", Wanted("What is new since 2024?", 1, dates_in_words=False)),
    ],
)
def test_a_question_and_its_place(
    cause: Cause, text: str, wanted: Wanted | None
) -> None:
    assert what_was_asked(cause, text, TURNS) == wanted


@pytest.mark.parametrize("cause", ["retry", "undated"])
def test_without_a_turn_nothing_is_asked_again(cause: Cause) -> None:
    assert what_was_asked(cause, "", []) is None
