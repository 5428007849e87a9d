"""ragbot/papers/likeness.py: titles that are nearly the same."""

from __future__ import annotations

import dataclasses

from ragbot.papers.likeness import near_duplicates
from ragbot.types import Paper

RESNET = Paper("a", "Deep Residual Learning for Image Recognition", "")
MISSPELT = Paper("b", "Deep Residual Learning for Image Recogniton", "")
LONGER = Paper(
    "c", "Deep Residual Learning for Image Recognition: A Survey of Twenty Years", ""
)


def test_a_misspelt_title_is_told_once_and_a_longer_one_is_another() -> None:
    pairs = near_duplicates([RESNET, MISSPELT, LONGER])
    assert [(one.id, other.id) for one, other in pairs] == [("a", "b")]


def test_papers_with_identifiers_of_their_own_are_two() -> None:
    first = dataclasses.replace(RESNET, arxiv_id="1512.03385")
    assert near_duplicates([first, MISSPELT])
    second = dataclasses.replace(MISSPELT, doi="10.1109/CVPR.2016.90")
    assert not near_duplicates([first, second])


def test_many_papers_that_begin_alike_are_no_copies() -> None:
    title = "A Comprehensive Survey of Neural Networks"
    begun = [Paper(str(n), f"{title} {n:03}", "") for n in range(60)]
    assert not near_duplicates(begun)
