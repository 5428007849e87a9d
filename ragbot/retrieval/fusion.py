"""Two score lists into one. Pure arithmetic; knows no store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["Fused", "convex"]


# Hundreds a search: a frozen dataclass takes three times as long
class Fused(NamedTuple):
    """A paper's fused score and what it was made of."""

    paper_id: str
    score: float
    dense: float
    lexical: float


def convex(
    dense: Mapping[str, float],
    lexical: Mapping[str, float],
    *,
    weight: float,
    dense_minimum: float,
) -> list[Fused]:
    """Convex combination of scores, each (score - minimum) / (maximum - minimum), best first.

    ``weight`` is the lexical share; BM25's minimum is 0. A paper unknown to one side has that
    side's least score. Ties go by id, so that equal runs are equal. After Bruch, Gai and Ingber,
    *An Analysis of Fusion Functions for Hybrid Retrieval*, 2023.
    """
    least = min(dense.values(), default=dense_minimum)
    dense_span = max(max(dense.values(), default=0.0) - dense_minimum, 1e-9)
    lexical_span = max(max(lexical.values(), default=0.0), 1e-9)
    fused = []
    for id_ in dense.keys() | lexical.keys():
        d, x = dense.get(id_, least), lexical.get(id_, 0.0)
        score = (1 - weight) * (
            d - dense_minimum
        ) / dense_span + weight * x / lexical_span
        fused.append(Fused(id_, score, d, x))
    return sorted(fused, key=lambda f: (-f.score, f.paper_id))
