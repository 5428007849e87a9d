"""Questions that the catalog answers: exact, complete, and honest about what it cannot know."""

from __future__ import annotations

import pytest

from ragbot.pipeline import Ragbot
from ragbot.question import read
from ragbot.types import Answer


def answered(bot: Ragbot, question: str) -> Answer:
    answer = bot.ask(question)
    assert (answer.mode, answer.abstained, answer.quotes) == ("catalog", False, ())
    assert [c.n for c in answer.papers] == list(range(1, len(answer.papers) + 1))
    return answer


def test_how_many_there_are(full_collection: Ragbot) -> None:
    said = answered(full_collection, "How many papers are in this collection?").text
    assert said.startswith(
        "There are 451 papers: 298 papers of them without a date, the others from"
    )
    within = answered(full_collection, "How many papers are there since 2025?").text
    expected = sum((p.date or "") >= "2025" for p in full_collection.papers())
    assert within.startswith(
        f"There are {expected} papers dated 2025-01-01 to the last."
    )
    assert "the 298 papers without a date could not be considered" in within


@pytest.mark.parametrize("question", ["What is the newest paper?", "the latest papers"])
def test_the_newest(full_collection: Ragbot, question: str) -> None:
    answer = answered(full_collection, question)
    newest = max(p.date for p in full_collection.papers() if p.date)
    assert {c.paper.date for c in answer.papers} == {newest}
    assert "298 papers without a date could not be considered" in answer.text


def test_the_oldest(full_collection: Ragbot) -> None:
    answer = answered(full_collection, "What is the oldest paper?")
    oldest = min(p.date for p in full_collection.papers() if p.date)
    assert {c.paper.date for c in answer.papers} == {oldest}


def test_all_of_them(full_collection: Ragbot) -> None:
    answer = answered(full_collection, "List all papers")
    assert len(answer.papers) == 20
    assert "431 more are not named here" in answer.text


def test_an_organisation(full_collection: Ragbot) -> None:
    answer = answered(full_collection, "Which papers are from OpenBMB?")
    own = [
        p
        for p in full_collection.papers()
        if "openbmb" in (p.organisation or "").lower()
    ]
    assert [c.paper.id for c in answer.papers] == [p.id for p in own]
    assert "name no organisation" in answer.text


def test_how_many_authors(full_collection: Ragbot) -> None:
    assert answered(
        full_collection, "How many authors does OLinear have?"
    ).text.startswith("It has 8 authors; their names are not in the collection.")


@pytest.mark.parametrize(
    "question", ["arXiv:2505.08550", "2505.08550v2", "10.1109/CVPR.2016.90"]
)
def test_an_identifier_that_nothing_bears(
    full_collection: Ragbot, question: str
) -> None:
    answer = answered(full_collection, question)
    assert answer.text.startswith("No paper of the collection is known by")
    assert "0 of 451 papers state an address or identifier" in answer.text


@pytest.mark.parametrize(
    "question", ["hi", "Thanks!", "thank you very much", "What can you do?"]
)
def test_manners(full_collection: Ragbot, question: str) -> None:
    assert answered(full_collection, question).text.startswith(
        "Ragbot answers questions from 451"
    )


@pytest.mark.parametrize(
    "question",
    [
        "Which papers prune channels?",
        "What is the newest paper on pruning?",
        "How many papers use reinforcement learning?",
        "Which papers come from a Bayesian view?",
        "List papers about diffusion",
        "hi, what is OLinear?",
        "Who wrote OLinear?",
        "How many parameters does OLinear have?",
    ],
)
def test_what_abstracts_say_is_left_to_them(
    full_collection: Ragbot, question: str
) -> None:
    assert full_collection.ask(question).mode == "extractive"


@pytest.mark.parametrize(
    "unit", ["how many papers ", "list all ", "hi ", "which papers from ", "1234."]
)
def test_catalog_questions_are_read_in_linear_time(unit: str) -> None:
    import time

    def seconds(length: int) -> float:
        start = time.perf_counter()
        read(unit * (length // len(unit)))
        return time.perf_counter() - start

    seconds(500)
    assert seconds(16_000) < 10 * max(seconds(4_000), 0.05)
