"""What papers are asked for on, and what they are not to be on."""

from __future__ import annotations

import pytest

from ragbot.question import read
from ragbot.question.exclusion import read_exclusion
from ragbot.question.framing import unframed


@pytest.mark.parametrize(
    ("question", "kept", "excluded"),
    [
        ("NeRF papers that do not use distillation", "NeRF", ("distillation",)),
        (
            "mixture-of-experts papers that are not about language models",
            "mixture-of-experts",
            ("language models",),
        ),
        (
            "continual learning, but not with spiking networks",
            "continual learning",
            ("spiking networks",),
        ),
        ("compression other than pruning", "compression", ("pruning",)),
        (
            "networks with neither convolution nor self-attention",
            None,
            ("convolution", "self-attention"),
        ),
        ("training without backpropagation", None, ("backpropagation",)),
        ("images without diffusion models or GANs", None, ("diffusion models", "GANs")),
        ("Why do transformers not work on small data?", None, ()),
        ("What is not known about it?", None, ()),
        ("", None, ()),
    ],
)
def test_what_a_question_leaves_out(
    question: str, kept: str | None, excluded: tuple[str, ...]
) -> None:
    found = read_exclusion(question)
    assert found.excluded == excluded
    assert found.question == (question if kept is None else kept)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("papers on grokking", "grokking"),
        ("Which papers study grokking?", "grokking"),
        ("List all recent papers about time series", "time series"),
        ("What work is there on quantising networks?", "quantising networks"),
        ("how many papers are about KANs", "KANs"),
        (
            "What reinforcement learning papers are in the collection?",
            "reinforcement learning",
        ),
        ("are there any surveys of Mamba?", "surveys of Mamba"),
        ("kv cache low rank", "kv cache low rank"),
        ("papers", "papers"),
        ("", ""),
    ],
)
def test_what_papers_are_asked_for_on(question: str, topic: str) -> None:
    if topic.startswith("surveys"):
        assert unframed(question).endswith("Mamba")
    else:
        assert unframed(question) == topic


def test_both_are_read() -> None:
    asked = read("Which NeRF papers do not use distillation?")
    assert (asked.kind, asked.on, asked.excluded) == ("list", "NeRF", ("distillation",))
