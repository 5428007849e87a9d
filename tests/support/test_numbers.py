"""ragbot/support/numbers.py: when a number bears another out."""

from __future__ import annotations

import pytest

from ragbot.support.numbers import quantities


def fits(claim: str, source: str) -> bool:
    (mine,), (theirs,) = quantities(claim), quantities(source)
    return mine.fits(theirs)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("4.2x faster", "4.2× faster"),
        ("4.2 times faster", "4.2x faster"),
        ("99,9 % of values", "99.9% of values"),
        ("about 4x faster", "4.2x faster"),
        ("14x faster", "14.23x faster"),
        ("over 20 benchmarks", "24 benchmarks"),
        ("more than 100 tasks", "140 tasks"),
        ("less than 200 tasks", "140 tasks"),
        ("no more than 200 tasks", "140 tasks"),
        ("nearly 90 %", "89.4%"),
        ("two dozen benchmarks", "24 benchmarks"),
        ("1.5 million images", "1.5M images"),
        ("1,500,000 images", "1.5 million images"),
        ("175 B parameters", "175 billion parameters"),
        ("twofold speed", "two-fold speed"),
        ("half of the memory", "50 % of the memory"),
    ],
)
def test_a_rounded_or_bounded_number_is_borne_out(claim: str, source: str) -> None:
    assert fits(claim, source)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("over 20 benchmarks", "18 benchmarks"),
        ("over 20 benchmarks", "240 benchmarks"),
        ("less than 100 tasks", "140 tasks"),
        ("no more than 100 tasks", "140 tasks"),
        ("about 4x faster", "6x faster"),
        ("4.3x faster", "4.23x faster"),
        ("4.23x faster", "4.2x faster"),
        ("175 million parameters", "175 billion parameters"),
        ("90 % of values", "90 values"),
        ("2,048 tokens", "2.048 tokens"),
    ],
)
def test_another_number_is_not(claim: str, source: str) -> None:
    assert not fits(claim, source)


def test_what_more_than_a_share_leaves() -> None:
    (rest,) = quantities("less than 0.1 % of values")
    (share,) = quantities("more than 99.9% of values")
    assert rest.fits(share)
    (other,) = quantities("about 0.1 % of values")
    assert not other.fits(share)


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("evaluated on 24 benchmarks and 140 tasks", "benchmarks"),
        ("reaches 80 on MMLU, a benchmark", "on MMLU"),
        ("an MMLU score of 80.", "an MMLU score of"),
        ("3 data sets with 7 layers", "data sets"),
    ],
)
def test_what_a_number_is_of(text: str, thing: str) -> None:
    assert quantities(text)[0].thing == thing


@pytest.mark.parametrize(
    "unit", ["1 ", "\\[a", "over ", "99,9", "1.5 million ", "two dozen "]
)
def test_numbers_are_read_in_linear_time(unit: str) -> None:
    import time

    def seconds(n: int) -> float:
        start = time.perf_counter()
        quantities(unit * n)
        return time.perf_counter() - start

    seconds(100)
    assert seconds(4_000) < 8 * max(seconds(1_000), 0.05)
