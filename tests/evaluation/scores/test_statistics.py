"""Intervals and tests against values known from theory."""

from __future__ import annotations

from math import sqrt

import pytest

from ragbot.evaluation.scores.statistics import (
    holm,
    interval,
    percentile,
    randomisation_test,
)


def test_an_interval_is_the_one_theory_expects() -> None:
    values = [0.0, 1.0] * 200
    half = 1.96 * sqrt(0.25 / 400)

    low, high = interval(values, seed=1)

    assert (low, high) == pytest.approx((0.5 - half, 0.5 + half), abs=0.006)


def test_an_interval_of_one_value_is_that_value() -> None:
    assert interval([0.3]) == (0.3, 0.3)
    with pytest.raises(ValueError, match="no values"):
        interval([])


def test_the_seed_settles_the_draws() -> None:
    values = [0.1, 0.4, 0.9, 0.2, 0.7]

    assert interval(values, seed=3) == interval(values, seed=3)
    assert interval(values, seed=3) != interval(values, seed=4)


def test_a_p_value_is_the_share_of_sign_patterns_as_extreme() -> None:
    # Of the 32 patterns of five equal differences two are as extreme: all up, all down.
    assert randomisation_test([0.2] * 5) == pytest.approx(2 / 32, abs=0.006)
    # Of the 16 patterns of ±1 ±2 ±3 ±4 some are as far from zero as 1+2-3+4; zeros change nothing.
    assert randomisation_test([1, 2, 0, -3, 0, 4]) == pytest.approx(10 / 16, abs=0.02)


def test_equal_runs_differ_by_nothing() -> None:
    assert randomisation_test([0.0, 0.0]) == 1.0
    assert randomisation_test([0.5, -0.5]) == 1.0


def test_holm_on_a_worked_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_percentiles() -> None:
    assert percentile([3.0, 1.0, 2.0], 50) == 2.0
    assert percentile([], 95) is None
