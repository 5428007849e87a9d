"""Which sentences of a paper answer a question. Knows vectors and terms, no store and no model."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ragbot.embedding.embedder import Vectors
from ragbot.text.sentences import split_sentences
from ragbot.types import RankedSentence

__all__ = ["ReadSentence", "best_texts", "rank_sentences", "read_sentences"]

# Fitted by listwise softmax regression on the 269 abstracts that answer the bundled questions;
# cross-validated, the first sentence answers in 51 %. See benchmarks/sentences.py.
_OVERLAP_WEIGHT = 0.7
_LEAST_WEIGHT = (
    15.0  # idf of three rare words: a question with less leaves more to the meaning
)
_LENGTH_WEIGHT = 0.1  # of the logarithm of its characters: a bare phrase seldom answers
_OPENING_PENALTY = 0.1  # the opening tells what is known rather than what is new
_CUES: tuple[tuple[float, re.Pattern[str]], ...] = (
    (0.2, re.compile(r"\b(we|our|this (paper|work|study|article)|in this)\b", re.I)),
    (
        0.1,
        re.compile(
            r"\b(by|via|using|through|utili[sz]\w+|leverag\w+|employ\w*|introduc\w+|propos\w+|"
            r"design\w*|develop\w*|integrat\w+|combin\w+|consists?|based on)\b",
            re.I,
        ),
    ),
    (-0.15, re.compile(r"https?://|github|code (is|and|will)|available at", re.I)),
)
_ADDRESS = re.compile(r"(https?://|www\.)\S+", re.I)


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A verbatim sentence, its terms, and what it scores whatever the question."""

    text: str
    terms: frozenset[str]
    merit: float


def read_sentences(
    abstract: str, terms: Callable[[str], Iterable[str]]
) -> tuple[ReadSentence, ...]:
    """The sentences of an abstract in reading order, ready to be ranked for any question.

    Those that tell what the paper does and how have more merit, its opening and what leads
    to its code less.
    """
    sentences = split_sentences(abstract)
    read = []
    for position, text in enumerate(sentences):
        merit = _LENGTH_WEIGHT * math.log(len(text))
        merit += sum(weight for weight, cue in _CUES if cue.search(text))
        if position == 0 and len(sentences) > 1:
            merit -= _OPENING_PENALTY
        words = _ADDRESS.sub(" ", text)  # the words of a link say nothing
        read.append(ReadSentence(text, frozenset(terms(words)), merit))
    return tuple(read)


def rank_sentences(
    sentences: Sequence[ReadSentence],
    vectors: Vectors,
    question: Vectors,
    weights: Mapping[str, float],
) -> list[RankedSentence]:
    """The sentences of a paper, best first; none if ``vectors`` are not theirs.

    ``vectors`` (sentences, dimension) stand in reading order, ``question`` (dimension,) is the
    question's; ``weights`` has the idf of each of its terms. A score is the cosine, plus the share
    of the question's weight that the sentence repeats, plus its merit.
    """
    if len(vectors) != len(sentences):
        return []
    total = max(sum(weights.values()), _LEAST_WEIGHT)
    ranked = []
    for position, (sentence, cosine) in enumerate(
        zip(sentences, (vectors @ question).tolist(), strict=True)
    ):
        # In the question's order: a sum of floats must not hang on that of a set.
        overlap = (
            sum(idf for term, idf in weights.items() if term in sentence.terms) / total
        )
        score = cosine + _OVERLAP_WEIGHT * overlap + sentence.merit
        ranked.append(RankedSentence(sentence.text, position, cosine, score))
    return sorted(ranked, key=lambda s: -s.score)


def best_texts(ranked: Sequence[RankedSentence], n: int) -> tuple[str, ...]:
    """The first ``n`` texts."""
    return tuple(s.text for s in ranked[:n])
