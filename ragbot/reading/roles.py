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
from functools import cache, lru_cache
from itertools import chain, count, repeat
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from ragbot.embedding.embedder import Vectors

__all__ = [
    "ROLES",
    "Role",
    "near_words",
    "place_of",
    "role_scores",
    "runs_of",
    "words_of",
]

Role = Literal["background", "method", "objective", "other", "result"]
ROLES: tuple[Role, ...] = get_args(Role)
"""The columns of `role_scores`."""

_TOKEN = re.compile(r"\w+|%|\?")
_DIGITS = re.compile(r"\d+")
# Words of a neighbour that are looked at.
_NEAR = 60
_TENTHS = 10


Run = tuple[str, ...]
"""Words in a row; a neighbour's word behind a mark that says which neighbour's it is."""


@dataclass(frozen=True, slots=True)
class _Weights:
    """``known`` has the row of each run in ``rows`` (runs, `ROLES`), whose first is of no run;
    ``place`` (features, `ROLES`) and ``intercept`` (`ROLES`,) are added to them."""

    known: Mapping[Run, int]
    rows: Vectors
    place: Vectors
    intercept: Vectors


def role_scores(sentences: Sequence[str]) -> Vectors:
    """How probable each role is for each sentence of an abstract (sentences, `ROLES`).

    ``sentences`` stand in reading order.
    """
    weights = _weights()
    read = list(map(words_of, sentences))
    scores = np.zeros((len(sentences), len(ROLES)), np.float32)
    for at, words in enumerate(read):
        found = map(weights.known.get, chain(runs_of(words), near_words(read, at)))
        # In one order: a sum of floats must not hang on that of a set.
        rows = sorted(filter(None, set(found)))
        scores[at] = weights.intercept + weights.rows[rows].sum(axis=0)
    scores += _of_places(len(sentences))
    odds = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    shares: Vectors = odds / odds.sum(axis=1, keepdims=True)
    return shares


def words_of(sentence: str) -> list[str]:
    """The words of a sentence in small letters; numbers are all the same."""
    found: list[str] = _TOKEN.findall(_DIGITS.sub("0", sentence.lower()))
    return found


def runs_of(words: Sequence[str]) -> Iterator[Run]:
    """The runs of one to three words of a sentence."""
    behind = words[1:]
    pairs = zip(words, behind, strict=False)
    return chain(
        zip(words, strict=True), pairs, zip(words, behind, words[2:], strict=False)
    )


def near_words(read: Sequence[Sequence[str]], at: int) -> Iterator[Run]:
    """The words of the sentences before and behind one, marked as such."""
    before, _, behind = [["#start"], *read, ["#end"]][at : at + 3]
    marked = zip(repeat("<"), before[:_NEAR], strict=False)
    return chain(marked, zip(repeat(">"), behind[:_NEAR], strict=False))


def place_of(at: int, count: int) -> Vectors:
    """Where a sentence stands among ``count`` (features,): first, last, how far, in which tenth."""
    share = at / max(1, count - 1)
    tenth = int(share * (_TENTHS - 0.01))
    edges = [float(at == 0), float(at == count - 1), share, share**2, float(count == 1)]
    return np.array([*edges, *np.eye(_TENTHS)[tenth]], np.float32)


@lru_cache
def _of_places(sentences: int) -> Vectors:
    """What the places of so many sentences add to their scores (sentences, `ROLES`)."""
    weights = _weights().place
    added = [place_of(at, sentences) @ weights for at in range(sentences)]
    return np.array(added, np.float32).reshape(sentences, len(ROLES))


@cache
def _weights() -> _Weights:
    path = Path(__file__).parent / "roles.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    own = {tuple(run.split()): row for run, row in stored["own"].items()}
    near = {(word[0], word[1:]): row for word, row in stored["near"].items()}
    runs = own | near
    return _Weights(
        dict(zip(runs, count(1), strict=False)),
        np.array([np.zeros(len(ROLES)), *runs.values()], np.float32),
        np.array(stored["place"], np.float32),
        np.array(stored["intercept"], np.float32),
    )
