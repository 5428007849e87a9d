"""The sentences of an abstract, and what each shows whatever the question."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ragbot.embedding.embedder import Vectors
from ragbot.reading.cues import CUES, cues_of
from ragbot.reading.roles import ROLES, role_scores
from ragbot.text.latex import readable
from ragbot.text.sentences import split_sentences

__all__ = ["SHOWN", "ReadSentences", "read_sentences"]

SHOWN = ("length", "opening", "place", *CUES, *ROLES)
"""What the columns of `ReadSentences.shown` are."""

# By its first letter, so that a text is quickly read.
_ADDRESS = re.compile(r"[HhWw](?:(?<=[Hh])(?i:ttps?://)|(?<=[Ww])(?i:ww\.))\S+")
# So many characters count as of no length.
_USUAL_LENGTH = 150


@dataclass(frozen=True, slots=True)
class ReadSentences:
    """The sentences of an abstract in reading order: their texts, the terms of each, and what each
    shows whatever the question (sentences, features)."""

    texts: tuple[str, ...]
    terms: tuple[frozenset[str], ...]
    shown: Vectors


def read_sentences(
    abstract: str, terms: Callable[[str], Iterable[str]]
) -> ReadSentences:
    """The sentences of an abstract, ready to be ranked for any question."""
    texts = split_sentences(abstract)
    last = max(1, len(texts) - 1)
    plain = list(map(readable, texts))
    shown = [
        [
            math.log(len(text) / _USUAL_LENGTH),
            float(position == 0 < len(texts) - 1),
            position / last,
            *cues_of(plain[position]),
        ]
        for position, text in enumerate(texts)
    ]
    alone = np.array(shown, np.float32).reshape(len(texts), len(SHOWN) - len(ROLES))
    return ReadSentences(
        tuple(texts),
        # The words of a link say nothing.
        tuple(frozenset(terms(_ADDRESS.sub(" ", text))) for text in texts),
        np.hstack((alone, role_scores(plain))),
    )
