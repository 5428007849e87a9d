"""Which sentences of a paper answer a question. Knows vectors and terms, no store and no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ragbot.embedding.base import Vectors
from ragbot.sentences import split_sentences
from ragbot.types import Paper

__all__ = ["RankedSentence", "best_texts", "rank_sentences"]

# Chosen on the bundled question set by evidence_hit@3: see benchmarks/.
_OVERLAP_WEIGHT = 0.2
_OPENING_PENALTY = 0.07


@dataclass(frozen=True, slots=True)
class RankedSentence:
    """A verbatim sentence, its place in the abstract, its cosine to the question and its rank score."""

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
    question's; ``weights`` has the idf of each of its terms. A score is the cosine, plus the share of
    the question's weight that the sentence repeats, less a little for the opening sentence, which
    tells what is known rather than what is new.
    """
    sentences = split_sentences(paper.abstract)
    if len(vectors) != len(sentences):
        return []
    total = sum(weights.values()) or 1.0
    cosines = vectors @ question
    ranked = []
    for position, (text, cosine) in enumerate(zip(sentences, cosines, strict=True)):
        overlap = sum(weights.get(t, 0.0) for t in terms(text)) / total
        opening = _OPENING_PENALTY if position == 0 and len(sentences) > 1 else 0.0
        score = float(cosine) + _OVERLAP_WEIGHT * overlap - opening
        ranked.append(RankedSentence(text, position, float(cosine), score))
    return sorted(ranked, key=lambda s: -s.score)


def best_texts(ranked: Sequence[RankedSentence], n: int) -> tuple[str, ...]:
    """The first ``n`` texts."""
    return tuple(s.text for s in ranked[:n])
