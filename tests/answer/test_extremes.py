"""ragbot/answer/extremes.py: the numbers that papers report, sorted."""

from __future__ import annotations

import pytest

from ragbot.answer.extremes import extremes, measured
from ragbot.types import Hit, Paper, RankedSentence, Source


def reporting(name: str, *sentences: str) -> Source:
    paper = Paper(name, name, " ".join(sentences))
    ranked = [RankedSentence(s, i, 0.5, 1.0) for i, s in enumerate(sentences)]
    return Source(Hit(paper, 1.0, 0.5, 1.0), ranked)


REVCOL = reporting(
    "RevCol",
    "RevCol-XL obtains 88.2% ImageNet-1K accuracy.",
    "RevCol-H reaches 90.0% on ImageNet-1K, 63.8% APbox on COCO detection.",
)
SOFTHEBB = reporting(
    "SoftHebb",
    "Accuracies on MNIST, CIFAR-10, STL-10, and ImageNet, respectively reach 99.4%, 80.3%, "
    "76.2%, and 27.3%.",
)
THREED = reporting("E-3DSNN", "E-3DSNN obtained 91.7% top-1 accuracy on ModelNet40.")
MOMASK = reporting(
    "MoMask", "It has an FID of 0.045 (vs 0.141 of T2M-GPT) on HumanML3D."
)
DIMR = reporting("DiMR", "It sets new FID scores of 1.70 on ImageNet.")
MATRIX = reporting("MatrixKAN", r"It is faster by $40\times$; it has 3 layers.")
EASY = reporting("EasySpec", "It reaches a speedup of 4.17x.")
NOTHING = reporting("Nothing", "It reports no number on ImageNet.")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "What is the best ImageNet top-1 accuracy reported?",
            [("RevCol", 90.0), ("SoftHebb", 27.3)],
        ),
        (
            "What is the lowest ImageNet accuracy?",
            [("SoftHebb", 27.3), ("RevCol", 88.2)],
        ),
        ("highest accuracy on CIFAR-10", [("SoftHebb", 80.3)]),
        ("What is the best FID?", [("MoMask", 0.045), ("DiMR", 1.7)]),
        ("Which model has the highest speedup?", [("EasySpec", 4.17)]),
        ("Which model is the fastest, how many times faster?", [("MatrixKAN", 40.0)]),
        ("What is the best poem?", []),
    ],
)
def test_numbers_are_sorted_as_asked(
    question: str, expected: list[tuple[str, float]]
) -> None:
    sources = [THREED, SOFTHEBB, REVCOL, DIMR, MOMASK, EASY, MATRIX, NOTHING]
    found = extremes(question, sources)
    assert [(r.source.hit.paper.id, r.value) for r in found] == expected


def test_the_sentence_is_the_one_with_the_number() -> None:
    (best,) = extremes("best ImageNet accuracy", [REVCOL])
    assert best.sentence.text.startswith("RevCol-H")


def test_what_is_searched_for() -> None:
    assert measured("What is the best accuracy on CIFAR-10?") == "accuracy CIFAR-10?"
    assert measured("What is the best?") == "What is the best?"
