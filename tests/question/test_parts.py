"""ragbot/question/parts.py: a question that asks several things, and what only seems to."""

from __future__ import annotations

import pytest

from ragbot.question import read
from ragbot.question.parts import parts_of
from ragbot.types import Message


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "What are KANs, how does TimesNet model periods, and which papers merge models?",
            (
                "What are KANs?",
                "How does TimesNet model periods?",
                "Which papers merge models?",
            ),
        ),
        (
            "what is mamba? and what is a capsule?",
            ("What is mamba?", "What is a capsule?"),
        ),
        (
            "Explain dropout. List papers on speech. Why does batch normalization help?",
            (
                "Explain dropout.",
                "List papers on speech.",
                "Why does batch normalization help?",
            ),
        ),
        (
            "1. What is SMASH?\n2) How many layers does MLKV share?\n",
            ("What is SMASH?", "How many layers does MLKV share?"),
        ),
        (
            "Which papers study pruning and which ones study distillation?",
            ("Which papers study pruning?", "Which papers study distillation?"),
        ),
        (
            "What is SMASH and how fast is it, and are there surveys of Mamba?",
            ("What is SMASH?", "How fast is SMASH?", "Are there surveys of Mamba?"),
        ),
        (
            "How does LoRAP prune its layers, and how does MOAT mix its blocks?",
            ("How does LoRAP prune its layers?", "How does MOAT mix its blocks?"),
        ),
        (
            r"What is $\gamma$-Net, and how does it work?",
            (r"What is $\gamma$-Net?", r"How does $\gamma$-Net work?"),
        ),
    ],
)
def test_questions_are_taken_apart(question: str, parts: tuple[str, ...]) -> None:
    assert parts_of(question) == parts
    assert [part.question for part in read(question).parts] == list(parts)


@pytest.mark.parametrize(
    "question",
    [
        "How do KANs work and what are their limits?",
        "What is OLinear, and KAN?",
        "Which networks are small, and are they fast?",
        "Do papers show when pruning hurts and how distillation helps?",
        "A model, which prunes channels, is what?",
        "What are the limitations and what are the benefits of KANs?",
        "I have many checkpoints; how can I merge them?",
        "How does channel pruning work, and what accuracy does it reach?",
        "Why do deep graph networks degrade? Which papers propose fixes?",
        "How do robots grasp, and is there a detector that runs on a phone?",
        "Compare KANs and MLPs",
        "what is x? " * 7,
        "?, and what is",
        "",
    ],
)
def test_what_belongs_together_stays(question: str) -> None:
    assert parts_of(question) == ()


def test_dates_and_what_was_said_before_keep_a_question_whole() -> None:
    question = "Which papers from 2024 prune channels, and which papers merge models?"
    assert parts_of(question)
    assert read(question).parts == ()
    turns = [
        Message("user", "Which papers merge models?"),
        Message("assistant", "**KAN** [1]\n> It is a network. [1]"),
    ]
    assert read("What is paper 1, and what is a capsule?", turns).parts == ()


def test_a_question_of_the_catalog_is_no_part() -> None:
    assert read("What is dropout? How many papers are there?").parts == ()
