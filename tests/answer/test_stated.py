"""ragbot/answer/stated.py: what is asked of a work and its abstract does not mention."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ragbot.answer.stated import foreign, signals
from ragbot.answer.works import Works
from ragbot.pipeline import Ragbot
from ragbot.testing import tiny_collection, tiny_papers

OLINEAR, MATRYOSHKA, *_ = tiny_papers()
WORKS = Works(["MatryoshkaKV"], [MATRYOSHKA])


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path_factory.mktemp("tiny")) as bot:
        yield bot


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Does MatryoshkaKV work with Gemma 3?", ["Gemma 3"]),
        ("How does MatryoshkaKV compare with Medusa?", ["Medusa"]),
        ("Is MatryoshkaKV better than PyramidKV-7?", ["PyramidKV-7"]),
        ("How does MatryoshkaKV, or Matryoshka-KW, compress?", []),
        ("What does MatryoshkaKV do to the KV cache?", []),
        ("Does it help?", []),
    ],
)
def test_designations_of_others(tiny: Ragbot, question: str, names: list[str]) -> None:
    assert foreign(question, WORKS, tiny.retriever()) == names


def test_a_common_word_is_no_designation(tiny: Ragbot) -> None:
    """Here every word is rare, so this one stands for those of larger collections."""
    asked = "Does MatryoshkaKV change Networks?"
    assert foreign(asked, WORKS, tiny.retriever()) == []


def test_the_share_that_is_met(tiny: Ragbot) -> None:
    retriever = tiny.retriever()
    nothing = signals("How does MatryoshkaKV work?", WORKS, retriever)
    assert nothing == {"met": 1.0, "unmet": 0.0, "words": 0.0, "foreign": 0.0}
    lacking = signals("Which optimizer does MatryoshkaKV use?", WORKS, retriever)
    assert (lacking["met"], lacking["words"]) == (0.0, 1.0)


def test_another_word_for_the_same_is_met(tiny: Ragbot) -> None:
    """The abstract says "speed-up"."""
    pruning = tiny_papers()[-1]
    assert "speed-up" in pruning.abstract
    works = Works(["channel pruning"], [pruning])
    asked = signals("How fast is channel pruning?", works, tiny.retriever())
    assert asked["met"] == 1.0


def test_what_only_another_work_has_is_not_met(tiny: Ragbot) -> None:
    asked = "How much forecasting does MatryoshkaKV do?"
    assert "forecasting" in OLINEAR.abstract
    assert signals(asked, WORKS, tiny.retriever())["met"] == 0.0
