"""A paper in three sentences of its own: the problem, the method, the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ragbot.retrieval.cues import CUES, cues_of
from ragbot.retrieval.roles import ROLES, role_scores
from ragbot.text.latex import readable
from ragbot.text.sentences import split_sentences
from ragbot.types import Paper

__all__ = ["outline"]

# What speaks for a sentence being each part: its role, then what it shows.
_PARTS: Mapping[str, Mapping[str, float]] = {
    "Problem": {"background": 2.0, "lacks": 1.0, "concedes": 0.5, "own": -1.0},
    "Method": {
        "method": 1.0,
        "objective": 1.0,
        "proposes": 1.0,
        "own": 0.5,
        "place": -1.0,
    },
    "Result": {
        "result": 2.0,
        "finds": 0.5,
        "quantity": 0.6,
        "compares": 0.5,
        "address": -2.0,
        "place": 0.4,
    },
}
# A sentence with less is no problem stated: some abstracts begin with what they propose.
_LEAST = {"Problem": 1.0}
_COLUMNS = (*ROLES, *CUES, "place")


def outline(paper: Paper) -> dict[str, str]:
    """Its sentences by what they tell; none stands twice, and none is there without an abstract."""
    sentences = split_sentences(paper.abstract)
    if not sentences:
        return {}
    plain = [readable(sentence) for sentence in sentences]
    place = np.linspace(0.0, 1.0, len(plain))
    shown = np.column_stack((role_scores(plain), list(map(cues_of, plain)), place))
    told: dict[str, str] = {}
    for part, weights in _PARTS.items():
        scores = shown @ _row(weights)
        order = np.argsort(-scores, kind="stable")
        left = [at for at in order if sentences[at] not in told.values()]
        if left and scores[left[0]] >= _LEAST.get(part, -np.inf):
            told[part] = sentences[left[0]]
    return told


def _row(weights: Mapping[str, float]) -> Sequence[float]:
    return [weights.get(name, 0.0) for name in _COLUMNS]
