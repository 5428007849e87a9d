"""A paper in three sentences of its own: the problem, the method, the result."""

from __future__ import annotations

from collections.abc import Mapping

from ragbot.retrieval.cues import CUES, cues_of
from ragbot.text.latex import readable
from ragbot.text.sentences import split_sentences
from ragbot.types import Paper

__all__ = ["outline"]

_PARTS: Mapping[str, Mapping[str, float]] = {
    "Problem": {
        "lacks": 1.0,
        "concedes": 0.5,
        "own": -1.0,
        "finds": -1.0,
        "place": -1.5,
    },
    "Method": {"own": 1.0, "proposes": 1.5, "means": 0.7, "finds": -0.5, "lacks": -0.7},
    "Result": {
        "finds": 1.0,
        "quantity": 1.0,
        "measure": 0.7,
        "compares": 0.5,
        "place": 1.0,
        "available": -2.0,
        "address": -2.0,
    },
}


def outline(paper: Paper) -> dict[str, str]:
    """Its sentences by what they tell, in reading order of the parts; none stands twice."""
    sentences = split_sentences(paper.abstract)
    shown = [dict(zip(CUES, cues_of(readable(s)), strict=True)) for s in sentences]
    last = max(1, len(sentences) - 1)
    for at, cues in enumerate(shown):
        cues["place"] = at / last
    told: dict[str, str] = {}
    for part, weights in _PARTS.items():
        left = [at for at, s in enumerate(sentences) if s not in told.values()]
        if left:
            best = max(
                left, key=lambda at: sum(w * shown[at][c] for c, w in weights.items())
            )
            told[part] = sentences[best]
    return told
