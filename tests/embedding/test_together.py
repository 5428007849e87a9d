"""Texts of several threads in one call."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ragbot.config import load_settings
from ragbot.embedding import load_embedder
from ragbot.embedding.embedder import Vectors
from ragbot.embedding.together import Together
from ragbot.testing import HashEmbedder


class Door:
    """An embedding function that stays in its first call until it is let go on."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.entered, self.open = threading.Event(), threading.Event()
        self._embed = HashEmbedder().embed_queries

    def __call__(self, texts: Sequence[str]) -> Vectors:
        self.calls.append(len(texts))
        self.entered.set()
        assert self.open.wait(60)
        if "" in texts:
            raise ValueError("no text")
        return self._embed(texts)


def asked(together: Together, door: Door, groups: list[list[str]]) -> list[Vectors]:
    """What each group gets: the first has the model while the others come."""
    with ThreadPoolExecutor(len(groups)) as threads:
        first = threads.submit(together, groups[0])
        assert door.entered.wait(60)
        others = [threads.submit(together, group) for group in groups[1:]]
        while together.waiting() < len(others):
            pass
        door.open.set()
        return [one.result(60) for one in [first, *others]]


def test_those_that_wait_go_together_and_get_their_own() -> None:
    door = Door()
    groups = [[f"question {n}"] * (1 + n % 3) + [f"{n} more"] for n in range(9)]
    found = asked(Together(door), door, groups)
    assert door.calls == [len(groups[0]), sum(map(len, groups[1:]))]
    for group, rows in zip(groups, found, strict=True):
        np.testing.assert_array_equal(rows, HashEmbedder().embed_queries(group))


def test_of_many_that_wait_some_go_first() -> None:
    door = Door()
    groups = [[f"question {n}"] for n in range(20)]
    found = asked(Together(door), door, groups)
    assert door.calls == [1, 8, 8, 3]
    for group, rows in zip(groups, found, strict=True):
        np.testing.assert_array_equal(rows, HashEmbedder().embed_queries(group))


def test_what_fails_fails_for_all_who_waited_and_for_nobody_after() -> None:
    door = Door()
    together = Together(door)
    with pytest.raises(ValueError, match="no text"):
        asked(together, door, [["a"], [""], ["b"]])
    assert door.calls == [1, 2]
    assert len(together(["c"])) == 1


@pytest.mark.parametrize("precision", ["auto", "int8"])
def test_a_question_among_others_has_the_vector_that_it_has_alone(
    precision: str, models: Path
) -> None:
    settings = replace(load_settings(environ={}).embedding, precision=precision)
    embedder = load_embedder(settings, models)
    questions = [f"{'Which papers prune channels? ' * n}KAN" for n in range(1, 9)]
    alone = np.vstack([embedder.embed_queries([question]) for question in questions])
    assert np.vecdot(embedder.embed_queries(questions), alone).min() > 0.9999
