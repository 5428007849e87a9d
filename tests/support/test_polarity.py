"""ragbot/support/polarity.py: what goes against a source, and what goes with it."""

from __future__ import annotations

import pytest

from ragbot.support.claims import claims_of
from ragbot.support.polarity import contradiction

NORMLIN = (
    "Extensive experiments show that the NormLin module consistently outperforms multi-head "
    "self-attention, while requiring nearly half the FLOPs."
)
ADVANTAGE = (
    "Empirically, the NormLin module shows a surprising performance advantage over multi-head "
    "self-attention, while requiring nearly half the FLOPs."
)
LOSSLESS = (
    "Our method offers lossless compression of the key-value cache of large models."
)


def stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word.removesuffix(ending)
    return word


def against(said: str, *sources: str) -> bool:
    claims = [claims_of(source, stem) for source in sources]
    return contradiction(claims_of(said, stem), claims) is not None


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("NormLin is outperformed by multi-head self-attention.", NORMLIN),
        ("Multi-head self-attention outperforms the NormLin module.", NORMLIN),
        ("NormLin is outperformed by multi-head self-attention.", ADVANTAGE),
        ("The NormLin module is inferior to multi-head self-attention.", ADVANTAGE),
        ("NormLin never outperforms multi-head self-attention.", NORMLIN),
        ("The method offers lossy compression of the key-value cache.", LOSSLESS),
        ("It doubles the memory of the cache.", "We halve the memory of the cache."),
    ],
)
def test_what_goes_against_a_source(said: str, source: str) -> None:
    assert against(said, source)


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("NormLin outperforms multi-head self-attention.", NORMLIN),
        ("Multi-head self-attention is outperformed by NormLin.", NORMLIN),
        ("NormLin outperforms multi-head self-attention.", ADVANTAGE),
        ("Multi-head self-attention is worse than NormLin.", ADVANTAGE),
        ("The method compresses the key-value cache in a lossless way.", LOSSLESS),
        ("It halves the memory of the cache.", "We halve the memory of the cache."),
        ("NormLin needs half the FLOPs of self-attention.", NORMLIN),
    ],
)
def test_what_goes_with_it(said: str, source: str) -> None:
    assert not against(said, source)


@pytest.mark.parametrize(
    "unit", ["not ", "not a. ", "outperforms ", "a outperforms b by ", "x-free "]
)
def test_claims_are_read_in_linear_time(unit: str) -> None:
    import time

    def seconds(n: int) -> float:
        start = time.thread_time()
        claims_of(unit * n, stem)
        return time.thread_time() - start

    seconds(100)
    assert seconds(4_000) < 8 * max(seconds(1_000), 0.05)
