"""Whether a figure or a difference could be chance. Pure; the seed settles the draws.

Every test is over questions: they are what another set would have others of.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["LEVEL", "holm", "interval", "percentile", "randomisation_test"]

LEVEL = 0.95
_RESAMPLES = 5_000
_SHUFFLES = 20_000
# Draws at a time: bounds the memory of a set of thousands of questions.
_AT_ONCE = 4_000_000


def interval(values: Sequence[float], *, seed: int = 0) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of the mean (Efron and Tibshirani, 1993, ch. 13)."""
    if not values:
        raise ValueError("no values")
    data, n = np.asarray(values, np.float64), len(values)
    rng = np.random.default_rng(seed)
    means = np.concatenate(
        [
            data[rng.integers(0, n, (rows, n))].mean(axis=1)
            for rows in _parts(_RESAMPLES, n)
        ]
    )
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def randomisation_test(differences: Sequence[float], *, seed: int = 0) -> float:
    """Two-sided p of the mean of paired differences under random signs.

    Fisher's test as Smucker, Allan and Carterette recommend for retrieval (CIKM 2007); with the
    observed arrangement counted in, p is never 0.
    """
    data = np.asarray(differences, np.float64)
    data = data[data != 0]
    if not len(data):
        return 1.0
    rng = np.random.default_rng(seed)
    observed = abs(data.sum()) - 1e-12
    extreme = sum(
        int(
            (
                abs((rng.integers(0, 2, (rows, len(data))) * 2 - 1) @ data) >= observed
            ).sum()
        )
        for rows in _parts(_SHUFFLES, len(data))
    )
    return (extreme + 1) / (_SHUFFLES + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction (1979) for as many tests as there are values, in their order."""
    values = np.asarray(p_values, np.float64)
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.maximum.accumulate(factors * values[order])
    corrected: list[float] = np.minimum(adjusted, 1.0).tolist()
    return corrected


def percentile(values: Sequence[float], q: float) -> float | None:
    """The q-th percentile, ``None`` of nothing."""
    if not values:
        return None
    return round(float(np.percentile(values, q)), 3)


def _parts(rows: int, columns: int) -> list[int]:
    size = max(1, _AT_ONCE // columns)
    return [min(size, rows - at) for at in range(0, rows, size)]
