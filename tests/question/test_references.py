"""What a follow-up points at in the answers before it."""

from __future__ import annotations

import pytest

from ragbot.question.followup import standalone_question
from ragbot.question.references import with_titles
from ragbot.types import Message

MERGING = (
    "3 papers on this, the closest first:\n\n"
    "1. **Merging Models on the Fly Without Retraining** [1] · 2025-01-16\n\n    > We merge.\n\n"
    "2. **Model merging with SVD \\(and more\\)** [2]\n\n    > **Bold** words. [2]\n\n"
    "3. **Configurable Foundation Models** [3]"
)
KAN = "**KAN: Kolmogorov-Arnold Networks** [1]\n> We propose KANs. [1]"
TURNS = [Message("user", "Which papers merge models?"), Message("assistant", MERGING)]


@pytest.mark.parametrize(
    ("question", "pointed"),
    [
        (
            "What does the second one propose?",
            "What does “Model merging with SVD (and more)” propose?",
        ),
        (
            "Explain paper 3 in more detail",
            "Explain “Configurable Foundation Models” in more detail",
        ),
        (
            "Does the last paper say so?",
            "Does “Configurable Foundation Models” say so?",
        ),
    ],
)
def test_a_place_in_the_list_is_a_title(question: str, pointed: str) -> None:
    assert with_titles(question, TURNS) == pointed
    assert standalone_question(question, TURNS) == pointed


def test_both_are_the_two_of_one_answer_or_the_best_of_two() -> None:
    turns = [*TURNS, Message("user", "And KANs?"), Message("assistant", KAN)]
    told = with_titles("compare both", turns)
    assert told == (
        "compare “Merging Models on the Fly Without Retraining” and "
        "“KAN: Kolmogorov-Arnold Networks”"
    )


@pytest.mark.parametrize(
    "question",
    [
        "What does the seventh one propose?",
        "Explain paper 9",
        "What is the first layer for?",
        "Why?",
    ],
)
def test_what_points_at_nothing_that_is_there(question: str) -> None:
    assert with_titles(question, TURNS) is None
    assert with_titles("Explain paper 3", []) is None


@pytest.mark.parametrize(
    "question",
    [
        "What about time series forecasting?",
        "Is there any paper in this collection about brain tumor detection?",
    ],
)
def test_a_new_topic_stands_alone(question: str) -> None:
    assert standalone_question(question, TURNS) == question


@pytest.mark.parametrize(
    "question", ["What about speed?", "tell me more", "How fast is it?"]
)
def test_what_says_too_little_takes_the_topic_along(question: str) -> None:
    assert (
        standalone_question(question, TURNS) == f"Which papers merge models? {question}"
    )
