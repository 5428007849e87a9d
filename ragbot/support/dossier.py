"""A paper taken apart, once, for all the sentences of an answer that cite it.

Knows vectors and terms, no store and no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, pairwise
from operator import itemgetter

from ragbot.embedding.embedder import Vectors
from ragbot.support.claims import Claims, claims_of
from ragbot.support.numbers import Quantity, quantities
from ragbot.text.latex import readable
from ragbot.text.sentences import split_sentences
from ragbot.text.words import match_form, words
from ragbot.types import Paper

__all__ = ["Evidence", "Place", "Terms", "Weight", "share_of_words"]

_INITIAL = re.compile(r"(?<![^\W_])[^\W_]")
_LONG = 4  # letters of a word that an abbreviation may stand for

Terms = Callable[[str], list[str]]
Weight = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Place:
    """A number where it stands: the stems around it, and those of what it is a number of."""

    number: Quantity
    near: frozenset[str]
    thing: frozenset[str]


class Evidence:
    """What a paper says, taken apart once for all sentences that cite it.

    ``vectors`` (sentences of the abstract, dimension), L2-normalised, are those of the store;
    ``None``, or a number of them that does not fit, leaves the words to decide. ``terms`` gives
    the stems of a text, ``weight`` how rare a stem is.
    """

    def __init__(
        self, paper: Paper, vectors: Vectors | None, terms: Terms, weight: Weight
    ) -> None:
        self.paper = paper
        self.stems_of = terms
        self.weight = weight
        self.sentences = split_sentences(paper.abstract)
        self._vectors = vectors

    def cosines(self, vector: Vectors) -> list[float]:
        """To each sentence; zeros without vectors."""
        none_fit = [0.0] * len(self.sentences)
        if self._vectors is None:
            return none_fit
        if len(self._vectors) != len(self.sentences):
            return none_fit
        return list((self._vectors @ vector).tolist())

    def nearest(self, text: str, vector: Vectors) -> str | None:
        """The sentence that a statement rests on: by meaning, words and numbers together.

        Each counts alike, 0 to 1: the cosine, the share of the words' weight and of the numbers
        that the sentence has. Cosine alone picks a sentence on the topic that lacks the figures.
        """
        weights = self.weights_of(text)
        numbers = quantities(text)
        scored: list[tuple[float, str | None]] = [(0.0, None)]
        for sentence, cosine in zip(self.sentences, self.cosines(vector), strict=True):
            stems = frozenset(self.stems_of(readable(sentence)))
            score = cosine + share_of_words(weights, stems)
            score += _share_of_numbers(numbers, sentence)
            scored.append((score, sentence))
        _, best = max(scored, key=itemgetter(0))
        return best

    def weights_of(self, text: str) -> dict[str, float]:
        """The stems of a text, each with how rare it is."""
        return {stem: self.weight(stem) for stem in self.stems_of(text)}

    @cached_property
    def text(self) -> str:
        """Title and abstract without LaTeX."""
        return f"{readable(self.paper.title)}. {readable(self.paper.abstract)}"

    @cached_property
    def terms(self) -> frozenset[str]:
        """Stems of title and abstract."""
        return frozenset(self.stems_of(self.text))

    @cached_property
    def form(self) -> str:
        """Letters and digits only."""
        return match_form(self.text)

    @cached_property
    def initials(self) -> str:
        """First letters of all words: an abbreviation may stand for a run of them."""
        return "".join(_INITIAL.findall(self.text)).lower()

    @cached_property
    def pairs(self) -> frozenset[str]:
        """First letters of two long words in a row: what "RL" may stand for."""
        found = set()
        for one, other in pairwise(words(self.text.replace("-", " "))):
            if min(len(one), len(other)) >= _LONG:
                found.add(one[0] + other[0])
        return frozenset(found)

    @cached_property
    def numbers(self) -> list[Place]:
        """Those of title and abstract."""
        sentences = [self.paper.title, *self.sentences]
        numbers = chain.from_iterable(map(quantities, sentences))
        return list(map(self._place, numbers))

    def _place(self, number: Quantity) -> Place:
        near = frozenset(self.stems_of(" ".join(number.around)))
        thing = frozenset(self.stems_of(number.thing))
        return Place(number, near, thing)

    @cached_property
    def claims(self) -> list[Claims]:
        """Sentence by sentence."""
        claims_in = partial(claims_of, stem=self.stem)
        return list(map(claims_in, self.sentences))

    @cached_property
    def title_claims(self) -> list[Claims]:
        """The title's, unless it asks."""
        if "?" in self.paper.title:
            return []
        return [claims_of(self.paper.title, self.stem)]

    def stem(self, word: str) -> str:
        """The stem of a word, "" for a stop word."""
        return ["", *self.stems_of(word)][-1]


def share_of_words(weights: Mapping[str, float], stems: Container[str]) -> float:
    """The share of the weight of a text's stems that is met by these; 0 if it has none."""
    total = sum(weights.values()) or 1.0
    met = filter(stems.__contains__, weights)
    return sum(map(weights.__getitem__, met)) / total


def _share_of_numbers(claimed: Sequence[Quantity], sentence: str) -> float:
    if not claimed:
        return 0.0
    given = quantities(sentence)
    fitting = [any(map(number.fits, given)) for number in claimed]
    return sum(fitting) / len(claimed)
