"""A paper in sentences of its own: problem, method and result; its numbers, its data, its code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ragbot.embedding.embedder import Vectors
from ragbot.reading.cues import CUES, cues_of
from ragbot.reading.roles import ROLES, role_scores
from ragbot.text.latex import readable
from ragbot.text.sentences import split_sentences
from ragbot.types import Facet, Paper

__all__ = ["facets", "outline"]


@dataclass(frozen=True, slots=True)
class _Facet:
    """What speaks for a sentence telling this of its paper: its role, what it shows, its place.

    A sentence with ``least`` or less is none that tells it.
    """

    weights: Mapping[str, float]
    least: float = -np.inf


_OUTLINE: dict[Facet, _Facet] = {
    # Some abstracts begin with what they propose, and state no problem.
    "problem": _Facet(
        {"background": 2.0, "lacks": 1.0, "concedes": 0.5, "own": -1.0}, 1.0
    ),
    "method": _Facet(
        {"method": 1.0, "objective": 1.0, "proposes": 1.0, "own": 0.5, "place": -1.0}
    ),
    "result": _Facet(
        {
            "result": 2.0,
            "finds": 0.5,
            "quantity": 0.6,
            "compares": 0.5,
            "address": -2.0,
            "place": 0.4,
        }
    ),
}
_DETAILS: dict[Facet, _Facet] = {
    "numbers": _Facet(
        {
            "quantity": 2.0,
            "number": 0.5,
            "measure": 1.0,
            "result": 1.0,
            "background": -1.0,
            "finds": 0.5,
            "compares": 0.3,
            # "CIFAR-100" is no number.
            "named_data": -0.4,
        },
        3.0,
    ),
    "data": _Facet(
        {
            "named_data": 1.5,
            "data": 1.0,
            "made": 0.5,
            "finds": 0.5,
            "own": 0.3,
            "background": -1.5,
            "others": -0.5,
        },
        1.7,
    ),
    "code": _Facet(
        {"address": 2.0, "available": 2.0, "own": 0.5, "place": 1.0, "others": -1.0},
        2.6,
    ),
}
_COLUMNS = (*ROLES, *CUES, "place")
_FACETS = _OUTLINE | _DETAILS
_WEIGHTS = np.array(
    [[f.weights.get(column, 0.0) for f in _FACETS.values()] for column in _COLUMNS]
)


def outline(paper: Paper) -> dict[Facet, str]:
    """Its problem, method and result, as far as it tells them; no sentence stands twice."""
    return _told(paper, _OUTLINE)


def facets(paper: Paper) -> dict[Facet, str]:
    """A verbatim sentence of the abstract for each `Facet` that it tells.

    One may tell of numbers, data or code and stand in the outline as well.
    """
    return _told(paper, _FACETS)


def _told(paper: Paper, wanted: Mapping[Facet, _Facet]) -> dict[Facet, str]:
    """The best sentence for each; ``wanted`` are all, or the first of them."""
    sentences = split_sentences(paper.abstract)
    if not sentences:
        return {}
    scores = _shown(sentences) @ _WEIGHTS
    told: dict[Facet, str] = {}
    for column, (name, facet) in enumerate(wanted.items()):
        best = np.argmax(scores[:, column])
        if scores[best, column] > facet.least:
            told[name] = sentences[best]
            scores[best, : len(_OUTLINE)] = -np.inf
    return told


def _shown(sentences: Sequence[str]) -> Vectors:
    """What each sentence shows (sentences, `_COLUMNS`)."""
    plain = list(map(readable, sentences))
    place = np.linspace(0.0, 1.0, len(plain))
    return np.column_stack((role_scores(plain), list(map(cues_of, plain)), place))
