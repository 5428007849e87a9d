"""What is kept in memory, and for how long."""

from __future__ import annotations

from collections.abc import Sequence

from ragbot.index.cache import Memo


class Lengths:
    """Computes the lengths of words, except of empty ones, and notes what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def __call__(self, words: Sequence[str]) -> dict[str, int]:
        self.asked.append(list(words))
        return {w: len(w) for w in words if w}


def test_what_is_kept_is_not_computed_again() -> None:
    memo, lengths = Memo[str, int](10), Lengths()
    assert memo.get(["KAN", "MLP", "KAN"], lengths) == {"KAN": 3, "MLP": 3}
    assert memo.get(["MLP", "LoRA"], lengths) == {"MLP": 3, "LoRA": 4}
    assert memo.get(["LoRA"], lengths) == {"LoRA": 4}
    assert memo.get([], lengths) == {}
    assert lengths.asked == [["KAN", "MLP"], ["LoRA"]]


def test_what_has_no_value_is_asked_for_again() -> None:
    memo, lengths = Memo[str, int](10), Lengths()
    assert memo.get(["", "KAN"], lengths) == {"KAN": 3}
    assert memo.get(["", "KAN"], lengths) == {"KAN": 3}
    assert lengths.asked == [["", "KAN"], [""]]


def test_the_oldest_go_first() -> None:
    memo, lengths = Memo[str, int](2), Lengths()
    assert memo.get(["a", "bb", "ccc"], lengths) == {"a": 1, "bb": 2, "ccc": 3}
    memo.get(["bb", "ccc"], lengths)
    assert memo.get(["a"], lengths) == {"a": 1}
    assert lengths.asked == [["a", "bb", "ccc"], ["a"]]


def test_what_is_used_stays() -> None:
    memo, lengths = Memo[str, int](2), Lengths()
    memo.get(["a", "bb"], lengths)
    memo.get(["a"], lengths)
    memo.get(["ccc"], lengths)
    memo.get(["a"], lengths)
    assert lengths.asked == [["a", "bb"], ["ccc"]]


def test_all_is_forgotten() -> None:
    memo, lengths = Memo[str, int](2), Lengths()
    memo.get(["a"], lengths)
    memo.clear()
    memo.get(["a"], lengths)
    assert lengths.asked == [["a"], ["a"]]
