"""Checks the sentences of one answer while it is being written, so that little is left at its end.

Owns what is taken apart once for all sentences: the evidence of the papers that the model was
given. How a sentence is judged is `ragbot.support.verify`'s.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from operator import attrgetter

from ragbot.retrieval.retriever import Retriever
from ragbot.support.statements import Statement
from ragbot.support.verify import Evidence, check_all
from ragbot.types import Sentence, Source

__all__ = ["Checked", "Checker", "evidence_of"]

_MOST_EVIDENCE = 3


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence with its verdict, and the nearest sentence of each paper that it cites."""

    sentence: Sentence
    nearest: Mapping[int, str]


class Checker:
    """Checks sentences in a thread of its own; ``sources`` are the papers the model was given."""

    def __init__(self, sources: Sequence[Source], retriever: Retriever) -> None:
        self._papers = list(map(attrgetter("hit.paper"), sources))
        self._retriever = retriever
        # Ends with this object; what is left undone of an abandoned answer is a few milliseconds.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ragbot-check")
        self._begun: dict[tuple[str, tuple[int, ...]], Future[Checked]] = {}

    def begin(
        self, statements: Sequence[Statement], numbers: Mapping[int, int]
    ) -> None:
        """Have sentences checked; ``numbers`` tells the source's place of each number shown."""
        for statement in filter(attrgetter("states"), statements):
            key = (statement.text, statement.citations)
            if key not in self._begun:
                self._begun[key] = self._pool.submit(
                    self._check, statement, dict(numbers)
                )

    def finish(
        self, statements: Sequence[Statement], numbers: Mapping[int, int]
    ) -> list[Checked]:
        """All sentences of the answer, in order."""
        self.begin(statements, numbers)
        return list(map(self._result, statements))

    def _result(self, statement: Statement) -> Checked:
        if statement.states:
            return self._begun[statement.text, statement.citations].result()
        unchecked = Sentence(statement.text, statement.citations, False, "not_checked")
        return Checked(unchecked, {})

    def _check(self, statement: Statement, numbers: Mapping[int, int]) -> Checked:
        # Papers that are not shown stand under negative numbers.
        context = dict(zip(itertools.count(-1, -1), self._evidence, strict=False))
        for number, place in numbers.items():
            context[number] = context.pop(-1 - place)
        vectors = self._retriever.embed([statement.text])
        (sentence,) = check_all([statement], vectors, context)
        nearest = {}
        for n in statement.citations:
            found = context[n].nearest(statement.text, vectors[0])
            if found is not None:
                nearest[n] = found
        return Checked(sentence, nearest)

    @cached_property
    def _evidence(self) -> list[Evidence]:
        ids = list(map(attrgetter("id"), self._papers))
        vectors = self._retriever.sentence_vectors(ids)
        terms, idf = self._retriever.terms, self._retriever.idf
        own = map(vectors.get, ids)
        apart = partial(Evidence, terms=terms, weight=idf)
        return list(map(apart, self._papers, own))


def evidence_of(checked: Sequence[Checked]) -> dict[int, list[str]]:
    """For each cited paper the sentences nearest to what the answer says of it, at most three."""
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for one in checked:
        for n, nearest in one.nearest.items():
            found[n][nearest] = None
    return {n: list(found[n])[:_MOST_EVIDENCE] for n in sorted(found)}
