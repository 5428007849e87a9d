"""Whether the cited abstracts bear out a sentence, told without a language model.

Four questions; the first that fails gives the reason: does every number occur in them, with its
unit; does every name; does a sentence of theirs come close in meaning and words, and no paper
that was not cited clearly closer; does none say the opposite. Knows vectors and terms, no store
and no model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter, methodcaller

from ragbot.embedding.embedder import Vectors
from ragbot.support.attribution import of_others, other_basis, unrelated
from ragbot.support.claims import claims_of
from ragbot.support.dossier import Evidence, share_of_words
from ragbot.support.figures import is_exact, unknown_number, without_remainder
from ragbot.support.polarity import contradiction
from ragbot.support.proper_names import unknown_name
from ragbot.support.statements import Statement
from ragbot.text.languages import is_english, parted
from ragbot.text.latex import readable
from ragbot.types import Sentence, Support

__all__ = ["Evidence", "Limits", "Verdict", "check", "check_all"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds, chosen on one half of the bundled question set: see benchmarks/support.py."""

    closeness: float = 0.38
    """Least closeness (0 to 1) of a sentence to what its papers say."""
    exact: float = 0.12
    """So much less is asked of a sentence that gives a decimal or a large number of theirs."""
    margin: float = 0.1
    """A paper that is not cited may be closer by at most this."""


CHOSEN = Limits()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The finding on one sentence; ``reason`` is in words for the reader."""

    support: Support
    reason: str | None = None


def check_all(
    statements: Sequence[Statement],
    vectors: Vectors,
    context: Mapping[int, Evidence],
    limits: Limits = CHOSEN,
) -> list[Sentence]:
    """The sentences of an answer with what was found.

    ``vectors`` (statements, dimension) are those of the statements' texts; ``context`` has every
    paper that was given to the LLM, the cited ones under the numbers shown, the others under any
    number below 1.
    """
    checked = []
    for statement, vector in zip(statements, vectors, strict=True):
        verdict = _judged(statement, vector, context, limits)
        checked.append(
            Sentence(
                statement.text,
                statement.citations,
                statement.states,
                verdict.support,
                verdict.reason,
            )
        )
    return checked


def _judged(
    statement: Statement,
    vector: Vectors,
    context: Mapping[int, Evidence],
    limits: Limits,
) -> Verdict:
    if not statement.states:
        return Verdict("not_checked")
    others = dict(context)
    cited = {}
    for number in statement.citations:
        if number in others:
            cited[number] = others.pop(number)
    return check(statement.text, vector, cited, others.values(), limits)


def check(
    sentence: str,
    vector: Vectors,
    cited: Mapping[int, Evidence],
    others: Iterable[Evidence] = (),
    limits: Limits = CHOSEN,
) -> Verdict:
    """Whether the cited papers, by the numbers shown, support a sentence.

    ``vector`` (dimension,) is the sentence's; ``others`` are papers it could have cited.
    """
    if not cited:
        return Verdict("uncited", "no paper is cited for this")
    text = parted(readable(sentence))
    sources = list(cited.values())
    where = " or ".join(map("[{}]".format, sorted(cited)))
    case = _Case(text, vector, sources, where, limits)
    is_checkable = is_english(text)
    reason = _lacks(case, in_english=is_checkable)
    if reason:
        return Verdict("unsupported", reason)
    if not is_checkable:
        return Verdict(
            "not_checked", "only names and numbers can be checked in this language"
        )
    reason = (
        _is_far(case, others) or _says_the_opposite(case) or _says_it_of_others(case)
    )
    if reason:
        return Verdict("unsupported", reason)
    return Verdict("supported")


@dataclass(frozen=True, slots=True)
class _Case:
    """A sentence and what it is held against; ``where`` names its papers to the reader."""

    text: str
    vector: Vectors
    sources: Sequence[Evidence]
    where: str
    limits: Limits


def _lacks(case: _Case, *, in_english: bool) -> str | None:
    """Why a number or a name is not the papers'."""
    absent = unknown_number(case.text, case.sources, by_words=in_english)
    if absent is None:
        absent = unknown_name(case.text, case.sources, proper=in_english)
    if absent is None:
        return None
    return f"{absent} does not occur in {case.where}"


def _is_far(case: _Case, others: Iterable[Evidence]) -> str | None:
    """Why the papers are not what the sentence is about, ``None`` if they are."""
    weights = case.sources[0].weights_of(case.text)
    own = _closeness(weights, case.vector, case.sources)
    nearest, title = -1.0, ""
    for other in others:
        closeness = _closeness(weights, case.vector, [other])
        if closeness > nearest:
            nearest, title = closeness, other.paper.title
    if own < nearest - case.limits.margin:
        return f"“{readable(title)}” says this rather than {case.where}"
    least = case.limits.closeness
    if is_exact(case.text):
        least -= case.limits.exact
    if own < least:
        return f"{case.where} says nothing close to this"
    return None


def _closeness(
    weights: Mapping[str, float], vector: Vectors, sources: Sequence[Evidence]
) -> float:
    """The mean of the best sentence's cosine and the share of the words' weight that is met."""
    cosines = chain.from_iterable(map(methodcaller("cosines", vector), sources))
    terms = frozenset().union(*map(attrgetter("terms"), sources))
    return (max(cosines, default=0.0) + share_of_words(weights, terms)) / 2


def _says_the_opposite(case: _Case) -> str | None:
    """Why the papers do not go with the sentence, with the word on which it goes against them."""
    claims = []
    cosines = []
    for source in case.sources:
        claims += source.claims
        cosines += source.cosines(case.vector)
    if not claims:
        return None
    nearest_first = sorted(range(len(claims)), key=cosines.__getitem__, reverse=True)
    ranked = list(map(claims.__getitem__, nearest_first))
    for source in case.sources:
        ranked += source.title_claims
    text = without_remainder(case.text, case.sources)
    word = contradiction(claims_of(text, case.sources[0].stem), ranked)
    if word is None:
        return None
    return f"{case.where} seems to say the opposite (“{word}”)"


def _says_it_of_others(case: _Case) -> str | None:
    """Why the papers do not say this of the work that the sentence names."""
    related = unrelated(case.text, case.sources)
    if related:
        one, other = related
        return f"{one} does not occur together with {other} in {case.where}"
    if len(case.sources) > 1:
        return None
    (source,) = case.sources
    if what := of_others(case.text, source):
        return f"{case.where} says this of other work (“{what}”)"
    if basis := other_basis(case.text, source):
        return f"{case.where} names another basis than “{basis}”"
    return None
