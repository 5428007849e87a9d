"""What each sentence of an abstract is there for: background, objective, method, result or other.

A multinomial logistic regression on the words of the sentence (runs of one to three), the words of
its neighbours and its place. ``roles.json`` has the weights, fitted by benchmarks/roles.py on
CSAbstruct (Cohan et al., *Pretrained Language Models for Sequential Sentence Classification*, EMNLP
2019; Apache-2.0). It needs no vectors, so it is the same for every embedding model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from ragbot.embedding.embedder import Vectors

__all__ = ["ROLES", "Role", "near_words", "place_of", "role_scores", "runs_of"]

Role = Literal["background", "method", "objective", "other", "result"]
ROLES: tuple[Role, ...] = get_args(Role)
"""The columns of `role_scores`."""

_TOKEN = re.compile(r"\w+|%|\?")
_DIGITS = re.compile(r"\d+")
_LONGEST_RUN = 3
# Words of a neighbour that are looked at.
_NEAR = 60
_TENTHS = 10


@dataclass(frozen=True, slots=True)
class _Weights:
    """For each word run, neighbour's word and feature of the place a row of `ROLES`."""

    own: Mapping[str, Vectors]
    near: Mapping[str, Vectors]
    place: Vectors
    intercept: Vectors


def role_scores(sentences: Sequence[str]) -> Vectors:
    """How probable each role is for each sentence of an abstract (sentences, `ROLES`).

    ``sentences`` stand in reading order.
    """
    weights = _weights()
    scores = np.array(
        [
            weights.intercept
            + _sum(weights.own, runs_of(sentence))
            + _sum(weights.near, near_words(sentences, at))
            + place_of(at, len(sentences)) @ weights.place
            for at, sentence in enumerate(sentences)
        ],
        np.float32,
    ).reshape(len(sentences), len(ROLES))
    odds = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    shares: Vectors = odds / odds.sum(axis=1, keepdims=True)
    return shares


def runs_of(sentence: str) -> set[str]:
    """The runs of one to three words of a sentence; numbers are all the same."""
    words = _words(sentence)
    return {
        " ".join(words[at : at + length])
        for length in range(1, _LONGEST_RUN + 1)
        for at in range(len(words) - length + 1)
    }


def near_words(sentences: Sequence[str], at: int) -> set[str]:
    """The words of the sentences before and behind one, marked as such."""
    before = _words(sentences[at - 1])[:_NEAR] if at else ["#start"]
    last = at + 1 == len(sentences)
    behind = ["#end"] if last else _words(sentences[at + 1])[:_NEAR]
    return {f"<{word}" for word in before} | {f">{word}" for word in behind}


def place_of(at: int, count: int) -> Vectors:
    """Where a sentence stands among ``count`` (features,): first, last, how far, in which tenth."""
    share = at / max(1, count - 1)
    tenth = int(share * (_TENTHS - 0.01))
    edges = [float(at == 0), float(at == count - 1), share, share**2, float(count == 1)]
    return np.array([*edges, *np.eye(_TENTHS)[tenth]], np.float32)


def _words(text: str) -> list[str]:
    found: list[str] = _TOKEN.findall(_DIGITS.sub("0", text.lower()))
    return found


def _sum(weights: Mapping[str, Vectors], features: set[str]) -> Vectors:
    known = [weights[feature] for feature in sorted(features & weights.keys())]
    return np.sum(known, axis=0) if known else np.zeros(len(ROLES), np.float32)


@cache
def _weights() -> _Weights:
    path = Path(__file__).parent / "roles.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    own, near = (dict(_rows(stored[part])) for part in ("own", "near"))
    place = np.array(stored["place"], np.float32)
    return _Weights(own, near, place, np.array(stored["intercept"], np.float32))


def _rows(stored: Mapping[str, Sequence[float]]) -> Iterator[tuple[str, Vectors]]:
    matrix = np.array(list(stored.values()), np.float32)
    return zip(stored, matrix, strict=True)
