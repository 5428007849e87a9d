"""Whether the cited abstracts bear out a sentence, told without a language model.

Four questions; the first that fails gives the reason: does every number occur in them, with its
unit; does every name; does a sentence of theirs come close in meaning and words, and no paper
that was not cited clearly closer; does none say the opposite. Knows vectors and terms, no store
and no model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ragbot.embedding.base import Vectors
from ragbot.support.claims import claims_of
from ragbot.support.dossier import Evidence
from ragbot.support.figures import is_exact, unknown_number
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """The finding on one sentence; ``reason`` is in words for the reader."""

    support: Support
    reason: str | None = None


def check_all(
    statements: Sequence[Statement],
    vectors: Vectors,
    context: Mapping[int, Evidence],
    limits: Limits | None = None,
) -> list[Sentence]:
    """The sentences of an answer with what was found.

    ``vectors`` (statements, dimension) are those of the statements' texts; ``context`` has every
    paper that was given to the LLM, the cited ones under the numbers shown, the others under any
    number below 1.
    """
    return [
        Sentence(s.text, s.citations, s.states, verdict.support, verdict.reason)
        for s, vector in zip(statements, vectors, strict=True)
        for verdict in [_judged(s, vector, context, limits)]
    ]


def _judged(
    statement: Statement,
    vector: Vectors,
    context: Mapping[int, Evidence],
    limits: Limits | None,
) -> Verdict:
    if not statement.states:
        return Verdict("not_checked")
    cited = {n: context[n] for n in statement.citations if n in context}
    others = [e for n, e in context.items() if n not in cited]
    return check(statement.text, vector, cited, others, limits)


def check(
    sentence: str,
    vector: Vectors,
    cited: Mapping[int, Evidence],
    others: Iterable[Evidence] = (),
    limits: Limits | None = None,
) -> Verdict:
    """Whether the cited papers, by the numbers shown, support a sentence.

    ``vector`` (dimension,) is the sentence's; ``others`` are papers it could have cited.
    """
    if not cited:
        return Verdict("uncited", "no paper is cited for this")
    sources = list(cited.values())
    where = " or ".join(f"[{n}]" for n in sorted(cited))
    text = parted(readable(sentence))
    english = is_english(text)
    number = unknown_number(text, sources, by_words=english)
    if absent := number or unknown_name(text, sources, proper=english):
        return Verdict("unsupported", f"{absent} does not occur in {where}")
    if not english:
        return Verdict(
            "not_checked", "only names and numbers can be checked in this language"
        )
    if reason := _far(text, vector, sources, others, where, limits or Limits()):
        return Verdict("unsupported", reason)
    if word := _opposite(text, vector, sources):
        return Verdict("unsupported", f"{where} seems to say the opposite (“{word}”)")
    return Verdict("supported")


# -- meaning --------------------------------------------------------------------------------------


def _far(
    text: str,
    vector: Vectors,
    sources: Sequence[Evidence],
    others: Iterable[Evidence],
    where: str,
    limits: Limits,
) -> str | None:
    """Why the papers are not what the sentence is about, ``None`` if they are."""
    weights = {t: sources[0].weight(t) for t in sources[0].stems_of(text)}
    own = _closeness(weights, vector, sources)
    nearest = max(
        ((_closeness(weights, vector, [o]), o.paper.title) for o in others),
        default=(0.0, ""),
    )
    if own < nearest[0] - limits.margin:
        return f"“{readable(nearest[1])}” says this rather than {where}"
    if own < limits.closeness - limits.exact * is_exact(text):
        return f"{where} says nothing close to this"
    return None


def _closeness(
    weights: Mapping[str, float], vector: Vectors, sources: Sequence[Evidence]
) -> float:
    """The mean of the best sentence's cosine and the share of the words' weight that is met."""
    cosine = max((c for s in sources for c in s.cosines(vector)), default=0.0)
    met = sum(w for t, w in weights.items() if any(t in s.terms for s in sources))
    return (cosine + met / (sum(weights.values()) or 1.0)) / 2


def _opposite(text: str, vector: Vectors, sources: Sequence[Evidence]) -> str | None:
    """The word on which the sentence goes against the papers."""
    ranked = sorted(
        (
            (cosine, claims)
            for s in sources
            for cosine, claims in zip(s.cosines(vector), s.claims, strict=True)
        ),
        key=lambda pair: -pair[0],
    )
    if not ranked:
        return None
    said = claims_of(text, sources[0].stem)
    titles = [c for s in sources for c in s.title_claims]
    return contradiction(said, [*(c for _, c in ranked), *titles])
