"""Which sentences of a paper answer a question. Knows vectors and terms, no store and no model."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ragbot.embedding.base import Vectors
from ragbot.sentences import split_sentences
from ragbot.types import Paper

__all__ = ["RankedSentence", "best_texts", "rank_sentences"]

# Chosen on the bundled question set by evidence_hit@3 and the share of first quotes that answer.
_OVERLAP_WEIGHT = 0.2
_LENGTH_WEIGHT = 0.03  # of the logarithm of its characters: a bare phrase seldom answers
_OPENING_PENALTY = 0.1  # the opening tells what is known rather than what is new
_CUES: tuple[tuple[float, re.Pattern[str]], ...] = (
    (
        0.05,
        re.compile(
            r"\b(we|our|this (paper|work|study|article)|in this|"
            r"propose[sd]?|introduce[sd]?|presents?)\b",
            re.I,
        ),
    ),
    (
        -0.04,
        re.compile(
            r"\b(however|prior|previous|existing|traditional|recent(ly)?|has been|have been|often|"
            r"usually|challeng\w+|bottleneck|suffers?|difficult\w*)\b",
            re.I,
        ),
    ),
    (-0.15, re.compile(r"https?://|github|code (is|and|will)|available at", re.I)),
)


@dataclass(frozen=True, slots=True)
class RankedSentence:
    """A verbatim sentence, its place in the abstract, its cosine to the question and its score."""

    text: str
    position: int
    cosine: float
    score: float


def rank_sentences(
    paper: Paper,
    vectors: Vectors,
    question: Vectors,
    weights: dict[str, float],
    terms: Callable[[str], list[str]],
) -> list[RankedSentence]:
    """The sentences of a paper, best first.

    ``vectors`` (sentences, dimension) stand in reading order, ``question`` (dimension,) is the
    question's; ``weights`` has the idf of each of its terms. A score is the cosine, plus the share
    of the question's weight that the sentence repeats, plus a little for sentences that tell what
    the paper does and less for those about other work, its code or its field.
    """
    sentences = split_sentences(paper.abstract)
    if len(vectors) != len(sentences):
        return []
    total = sum(weights.values()) or 1.0
    cosines = vectors @ question
    ranked = []
    for position, (text, cosine) in enumerate(zip(sentences, cosines, strict=True)):
        overlap = sum(weights.get(t, 0.0) for t in terms(text)) / total
        score = float(cosine) + _OVERLAP_WEIGHT * overlap + _LENGTH_WEIGHT * math.log(len(text))
        score += sum(weight for weight, cue in _CUES if cue.search(text))
        if position == 0 and len(sentences) > 1:
            score -= _OPENING_PENALTY
        ranked.append(RankedSentence(text, position, float(cosine), score))
    return sorted(ranked, key=lambda s: -s.score)


def best_texts(ranked: Sequence[RankedSentence], n: int) -> tuple[str, ...]:
    """The first ``n`` texts."""
    return tuple(s.text for s in ranked[:n])
