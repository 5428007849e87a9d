"""What a follow-up points at in the answers before it."""

from __future__ import annotations

import pytest

from ragbot.question import read
from ragbot.question.more import more_of
from ragbot.question.references import pointed_at
from ragbot.question.turns import turns_of
from ragbot.types import Message

MERGING = (
    "3 papers on this, the closest first:\n\n"
    "1. **Merging Models on the Fly Without Retraining** [1] · 2025-01-16\n\n    > We merge.\n\n"
    "2. **Model merging with SVD \\(and more\\)** [2]\n\n    > **Bold** words. [2]\n\n"
    "3. **Configurable Foundation Models** [3]"
)
KAN = "**KAN: Kolmogorov-Arnold Networks** [1]\n> We propose KANs. [1]"
TURNS = [Message("user", "Which papers merge models?"), Message("assistant", MERGING)]
ON_THE_FLY = "Merging Models on the Fly Without Retraining"


@pytest.mark.parametrize(
    ("question", "pointed", "places"),
    [
        (
            "What does the second one propose?",
            "What does “Model merging with SVD (and more)” propose?",
            [2],
        ),
        (
            "Explain paper 3 in more detail",
            "Explain “Configurable Foundation Models” in more detail",
            [3],
        ),
        (
            "Does the last paper say so?",
            "Does “Configurable Foundation Models” say so?",
            [3],
        ),
        (
            "How do the first and the third differ?",
            "How do “Merging Models on the Fly Without Retraining” and “Configurable Foundation "
            "Models” differ?",
            [1, 3],
        ),
        (
            "Contrast papers 3 and 1",
            "Contrast “Configurable Foundation Models” and “Merging Models on the Fly Without "
            "Retraining”",
            [3, 1],
        ),
        (
            "What do the last two use?",
            "What do “Model merging with SVD (and more)” and “Configurable Foundation Models” use?",
            [2, 3],
        ),
        (
            "and the second?",
            "and “Model merging with SVD (and more)”?",
            [2],
        ),
    ],
)
def test_a_place_in_the_list_is_a_title(
    question: str, pointed: str, places: list[int]
) -> None:
    follow_up = read(question, TURNS).follow_up
    assert follow_up.standalone == pointed
    (turn,) = turns_of(TURNS)
    assert list(follow_up.about) == [turn.titles[n] for n in places]


SPEECH = (
    "2 papers on this, the closest first:\n\n1. **Listen, Attend and Spell** [1]\n\n"
    "   > We present LAS. [1]\n\n2. **Conformer** [2]\n\n   > It is a model. [2]"
)


@pytest.mark.parametrize(
    ("second", "answer", "pair"),
    [
        (
            "And KANs?",
            KAN,
            (
                "Merging Models on the Fly Without Retraining",
                "KAN: Kolmogorov-Arnold Networks",
            ),
        ),
        # a list of two beside another list stands for its topic
        (
            "And which ones recognise speech?",
            SPEECH,
            (
                "Merging Models on the Fly Without Retraining",
                "Listen, Attend and Spell",
            ),
        ),
        (
            "Which papers recognise speech?",
            SPEECH,
            ("Listen, Attend and Spell", "Conformer"),
        ),
    ],
)
def test_both_are_the_two_of_one_answer_or_the_best_of_two(
    second: str, answer: str, pair: tuple[str, str]
) -> None:
    turns = [*TURNS, Message("user", second), Message("assistant", answer)]
    asked = read("compare both", turns)
    assert asked.follow_up.about == pair
    assert asked.standalone == f"compare “{pair[0]}” and “{pair[1]}”"
    assert asked.kind == "comparison"


def test_both_are_never_one_paper_twice() -> None:
    turns = [*TURNS, Message("user", "And on the fly?"), Message("assistant", MERGING)]
    first, second = read("How do the two differ?", turns).follow_up.about
    assert first != second


def test_an_answer_about_no_paper_has_none_of_both() -> None:
    beside = "Also on this: **Conformer** [1]"
    turns = [
        Message("user", "Which papers recognise speech?"),
        Message("assistant", beside),
        Message("user", "What are KANs?"),
        Message("assistant", KAN),
    ]
    assert read("How do both differ?", turns).follow_up.about == ()


def test_what_an_answer_names_beside_its_paper_is_not_what_it_is_about() -> None:
    also = f"{KAN}\n\nAlso on this: **Conformer** [2]\n> It is a model. [2]"
    (turn,) = turns_of([Message("user", "What are KANs?"), Message("assistant", also)])
    assert turn.main == ("KAN: Kolmogorov-Arnold Networks",)
    assert list(turn.titles) == [1, 2]
    assert turn.quoted == ("We propose KANs.", "It is a model.")


def test_another_list_than_the_last_may_be_meant() -> None:
    turns = [*TURNS, Message("user", "And KANs?"), Message("assistant", KAN)]
    asked = read("Explain the second paper of the first list", turns)
    assert asked.follow_up.about == ("Model merging with SVD (and more)",)


@pytest.mark.parametrize(
    "question", ["What does the seventh one propose?", "Explain paper 9"]
)
def test_a_place_that_the_list_does_not_have_is_said(question: str) -> None:
    follow_up = read(question, TURNS).follow_up
    assert follow_up.about == ()
    assert follow_up.missing.startswith("The answer before this names 3 papers")


@pytest.mark.parametrize(
    "question",
    [
        "What is the first layer for?",
        "Why?",
        "Do both encoders share weights?",
        "What is the seventh method of it?",
    ],
)
def test_what_points_at_nothing_that_is_there(question: str) -> None:
    assert pointed_at(question, turns_of(TURNS)) is None
    assert pointed_at("Explain paper 3", []) is None


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("And which ones recognise speech?", "Which papers recognise speech?"),
        ("and which about speech?", "Which papers are about speech?"),
        ("And papers on graph networks?", "papers on graph networks?"),
        ("And graph neural networks?", "Which papers are about graph neural networks?"),
    ],
)
def test_and_may_turn_to_another_topic(question: str, alone: str) -> None:
    asked = read(question, TURNS)
    assert (asked.standalone, asked.kind) == (alone, "list")


@pytest.mark.parametrize(
    "question",
    [
        "And on which datasets?",
        "And the training time?",
        "And which datasets does it use?",
        "And how fast is training on GPUs?",
        "and any code?",
        "And on CIFAR-10?",
    ],
)
def test_and_may_ask_more_of_the_same_topic(question: str) -> None:
    assert read(question, TURNS).standalone == f"Which papers merge models? {question}"


@pytest.mark.parametrize(
    "question",
    [
        "What about time series forecasting?",
        "Is there any paper in this collection about brain tumor detection?",
    ],
)
def test_a_new_topic_stands_alone(question: str) -> None:
    assert read(question, TURNS).standalone == question


@pytest.mark.parametrize(
    "question", ["What about speed?", "tell me more", "How fast is it?"]
)
def test_what_says_too_little_takes_the_topic_along(question: str) -> None:
    assert read(question, TURNS).standalone == f"Which papers merge models? {question}"


@pytest.mark.parametrize(
    "question",
    [
        "any other papers on that?",
        "any others?",
        "Are there any more?",
        "anything else on this topic?",
        "Do you have further studies that merge models?",
        "show me more papers",
        "Similar works, please",
    ],
)
def test_other_papers_are_others_than_were_named(question: str) -> None:
    follow_up = read(question, TURNS).follow_up
    (turn,) = turns_of(TURNS)
    assert follow_up.without == frozenset(turn.titles.values())
    assert follow_up.about == ()
    assert follow_up.standalone.startswith("Which papers merge models?")


KANS = [Message("user", "What are KANs?"), Message("assistant", KAN)]


@pytest.mark.parametrize(
    "question",
    [
        "tell me more",
        "Can you elaborate on that, please?",
        "more details",
        "go on",
        "What else does the paper say?",
        "anything else?",
        "I would like to know more about this paper",
    ],
)
def test_more_of_a_paper_is_what_was_not_said(question: str) -> None:
    follow_up = read(question, [*TURNS, *KANS]).follow_up
    assert follow_up.about == ("KAN: Kolmogorov-Arnold Networks",)
    assert "We propose KANs." in follow_up.said
    assert follow_up.without == frozenset()
    assert follow_up.focus == "What are KANs?"


def test_more_of_a_paper_called_by_its_name() -> None:
    follow_up = read("tell me more about kan", [*KANS, *TURNS]).follow_up
    assert follow_up.about == ("KAN: Kolmogorov-Arnold Networks",)
    assert follow_up.said


@pytest.mark.parametrize(
    "question",
    [
        "What other activation functions are there?",
        "Is it more accurate than an MLP?",
        "How do they report their results?",
        "Which other papers use splines?",
        "thanks",
        "",
    ],
)
def test_what_has_a_subject_asks_for_no_more_of_the_same(question: str) -> None:
    assert more_of(question, "What are KANs?", listed=False) is None


def test_what_was_shown_since_the_topic_came_up_counts() -> None:
    more = f"One more paper on this:\n\n1. {KAN}"
    turns = [*TURNS, Message("user", "any more?"), Message("assistant", more)]
    assert len(read("others?", turns).follow_up.without) == 4
    switched = [*TURNS, *KANS]
    assert len(read("other papers?", switched).follow_up.without) == 1


def test_the_list_is_still_meant_after_one_paper_of_it_was_explained() -> None:
    explained = "**Configurable Foundation Models** [1]\n> We compose. [1]"
    turns = [
        *TURNS,
        Message("user", "Explain paper 3"),
        Message("assistant", explained),
    ]
    assert read("and the second one?", turns).follow_up.about == (
        "Model merging with SVD (and more)",
    )
    assert read("tell me more", turns).standalone.startswith(
        "Explain “Configurable Foundation Models”"
    )
