"""Whether the cited abstracts bear out a sentence, told without a language model.

Four questions; the first that fails gives the reason: does every number occur in them, with its
unit; does every name; does a sentence of theirs come close in meaning and words, and no paper
that was not cited clearly closer; does none say the opposite. Knows vectors and terms, no store
and no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from ragbot.answer.polarity import Claims, claims_of, contradiction
from ragbot.answer.quantities import Quantity, claimed, quantities
from ragbot.answer.questions import names_in
from ragbot.answer.statements import Statement
from ragbot.embedding.base import Vectors
from ragbot.sentences import split_sentences
from ragbot.text import STOPWORDS, match_form, readable, words
from ragbot.types import Paper, Sentence, Support

__all__ = ["Evidence", "Limits", "Verdict", "check", "check_all"]

Terms = Callable[[str], list[str]]
Weight = Callable[[str], float]


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


class Evidence:
    """What a paper says, taken apart once for all sentences that cite it.

    ``vectors`` (sentences of the abstract, dimension), L2-normalised, are those of the store;
    ``None``, or a number of them that does not fit, leaves the words to decide. ``terms`` gives
    the stems of a text, ``weight`` how rare a stem is.
    """

    def __init__(self, paper: Paper, vectors: Vectors | None, terms: Terms, weight: Weight) -> None:
        self.paper = paper
        self.stems_of = terms
        self.weight = weight
        self.sentences = split_sentences(paper.abstract)
        fits = vectors is not None and len(vectors) == len(self.sentences) > 0
        self._vectors = vectors if fits else None

    def cosines(self, vector: Vectors) -> list[float]:
        """To each sentence; zeros without vectors."""
        if self._vectors is None:
            return [0.0] * len(self.sentences)
        return [float(c) for c in self._vectors @ vector]

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
        return "".join(w[0] for w in re.findall(r"[^\W_]+", self.text)).lower()

    @cached_property
    def pairs(self) -> frozenset[str]:
        """First letters of two long words in a row: what "RL" may stand for."""
        said = words(self.text.replace("-", " "))
        return frozenset(a[0] + b[0] for a, b in pairwise(said) if min(len(a), len(b)) > 3)

    @cached_property
    def numbers(self) -> list[tuple[Quantity, frozenset[str]]]:
        """Those of title and abstract, each with the stems around it."""
        return [
            (number, frozenset(self.stems_of(" ".join(number.around))))
            for sentence in [self.paper.title, *self.sentences]
            for number in quantities(sentence)
        ]

    @cached_property
    def claims(self) -> list[Claims]:
        """Sentence by sentence."""
        return [claims_of(s, self.stem) for s in self.sentences]

    def stem(self, word: str) -> str:
        """The stem of a word, "" for a stop word."""
        stems = self.stems_of(word)
        return stems[-1] if stems else ""


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
    statement: Statement, vector: Vectors, context: Mapping[int, Evidence], limits: Limits | None
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
    text = readable(sentence)
    if number := _unknown_number(text, sources):
        return Verdict("unsupported", f"{number} does not occur in {where}")
    if name := next((n for n in _names(text) if not any(_bears(s, n) for s in sources)), None):
        return Verdict("unsupported", f"{name} does not occur in {where}")
    if not _is_english(text):
        return Verdict("not_checked", "only names and numbers can be checked in this language")
    if reason := _far(text, vector, sources, others, where, limits or Limits()):
        return Verdict("unsupported", reason)
    if word := _opposite(text, vector, sources):
        return Verdict("unsupported", f"{where} seems to say the opposite (“{word}”)")
    return Verdict("supported")


# -- numbers --------------------------------------------------------------------------------------

# A count this small stands in many abstracts; what it counts must be there, too.
_SMALL = 20
# Beyond this, or with decimals, a number is as good as a name.
_EXACT = 99
# Units in which many things are given: the words around the number have to agree as well.
_COMMON = frozenset({"", "%", "×", "bit", "orders"})
_OF = re.compile(r"\s*(?:top-\d\s)?(?:on|for|in|at|with)\s(?:the\s)?(\S+)")


def _unknown_number(text: str, sources: Sequence[Evidence]) -> str | None:
    """The first number that the papers do not give, of the same thing as far as can be told."""
    said = claimed(text, len(sources))
    known = [pair for s in sources for pair in s.numbers] if said else []
    dated = _dated(text, sources) if said else []
    stems_of = sources[0].stems_of
    for number in said:
        if any(number.fits(d) for d in dated):
            continue
        found = [(other, near) for other, near in known if number.fits(other)]
        if any(number.unit == other.unit not in _COMMON for other, _ in found):
            continue
        if not _about_the_same(number, [near for _, near in found], stems_of):
            return number.written
        about = _OF.match(number.text[number.end :])
        thing = about[1].rstrip(".,;:)") if about else ""
        if names := _names(f"a {thing}"):
            name = stems_of(names[0])
            if name and not any(near.intersection(name) for _, near in found):
                return f"{number.written} {about.group().strip().rstrip('.,;:)')}" if about else ""
    return None


def _about_the_same(number: Quantity, places: Sequence[frozenset[str]], stems_of: Terms) -> bool:
    """Whether the words around a number are those around one of its places."""
    before, behind = number.around
    counted = set(stems_of(behind)[:2])
    here = {*stems_of(before), *stems_of(behind)}
    if not here:
        return bool(places)
    if number.value <= _SMALL and not number.unit:
        return any(near & counted or len(near & here) > 2 for near in places)
    return any(near & here for near in places)


_MONTH = re.compile(
    r"\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)\b|\bMay \d|\d May\b|"
    r"\b(?:January|February|March|April|June|July|August|September|October|November|December)\b"
)
_ISO_DATE = re.compile(r"\b\d{4}-\d\d")


def _dated(text: str, sources: Sequence[Evidence]) -> list[Quantity]:
    """The numbers of the papers' dates: the year, and the day where a sentence names a month."""
    dates = [s.paper.date.split("-") for s in sources if s.paper.date]
    if not _ISO_DATE.search(text):
        dates = [[d[0], *d[2:]] if _MONTH.search(text) else d[:1] for d in dates]
    return quantities(" ; ".join(str(int(part)) for date in dates for part in date))


# -- names ----------------------------------------------------------------------------------------

_ENDING = re.compile(r"(?:['’]s?|-[a-z]+)$")
_PROPER = re.compile(r"(?<=[a-z,)] )[A-Z][a-zà-ÿ]{2,}\b")
_MONTHS = frozenset(
    """january february march april june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec""".split()
)
# Abbreviations of the field, and what in an abstract amounts to them.
_WRITTEN_OUT = {
    "LLM": ("language model",),
    "LM": ("language model",),
    "NLP": ("natural language",),
    "CNN": ("convolution",),
    "DNN": ("deep neural", "deep network", "deep learning"),
    "NN": ("neural net",),
    "ANN": ("neural net",),
    "GNN": ("graph neural",),
    "RNN": ("recurrent",),
    "MLP": ("perceptron",),
    "RL": ("reinforcement",),
    "VIT": ("vision transformer",),
    "ASR": ("speech recognition",),
    "NAS": ("architecture search",),
    "SOTA": ("state-of-the-art", "state of the art"),
    "KD": ("distill",),
    "GPU": ("cuda",),
    "MOE": ("mixture of experts", "mixture-of-experts"),
}


def _names(text: str) -> list[str]:
    """Names of methods, data and people: marked words, capitalised ones within the sentence."""
    names = [_ENDING.sub("", n) for n in names_in(text)]
    marked = [n for n in names if any(c.isupper() or c.isdigit() for c in n)]
    proper = [w for w in _PROPER.findall(text) if w.lower() not in STOPWORDS | _MONTHS]
    return list(dict.fromkeys([*marked, *proper]))


def _bears(source: Evidence, name: str) -> bool:
    """Whether a paper has a name, in any spelling, in the plural, or written out."""
    form = match_form(name)
    if name.istitle():  # "Bayesian", "Bayes"
        return form[: max(4, len(form) - 3)] in source.form
    singular = form.removesuffix("s") if name.endswith("s") else form
    if singular in source.form and _stands_alone(singular, source.text):
        return True
    parts = [p for p in re.split(r"[-/]", name) if p]
    if len(parts) > 1 and not any(p.isdigit() for p in parts):
        return all(_bears(source, p) for p in parts)
    letters = name.removesuffix("s")
    if any(w in source.text.lower() for w in _WRITTEN_OUT.get(letters.upper(), ())):
        return True
    if not (letters.isupper() and letters.isalpha()):
        return False
    return letters.lower() in (source.pairs if len(letters) == 2 else source.initials)


def _stands_alone(form: str, text: str) -> bool:
    pattern = r"[\W_]*".join(map(re.escape, form))
    return bool(re.search(rf"(?<![^\W_]){pattern}(?:s|es|v?\d+)?(?![^\W_])", text, re.I))


_ENGLISH = frozenset(
    "a an and are as by can for has have is it its of that the this to we with".split()
)
_FOREIGN = frozenset(
    """der die das und ist ein eine mit von für nicht werden le la les des et une est dans pour que
    el los las es del por con il lo che di per een het van niet na o os um uma não i w z""".split()
)


def _is_english(text: str) -> bool:
    """Whether the abstracts' words can be expected in a sentence at all."""
    said = words(text)
    letters = [c for c in text if c.isalpha()]
    latin = sum(c < "\u0250" for c in letters) >= len(letters) / 2
    foreign = sum(w in _FOREIGN for w in said)
    return latin and (foreign < 2 or foreign <= sum(w in _ENGLISH for w in said))


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
        ((_closeness(weights, vector, [o]), o.paper.title) for o in others), default=(0.0, "")
    )
    if own < nearest[0] - limits.margin:
        return f"“{readable(nearest[1])}” says this rather than {where}"
    exact = any(q.value % 1 or q.value > _EXACT for q in quantities(text))
    if own < limits.closeness - limits.exact * exact:
        return f"{where} says nothing close to this"
    return None


def _closeness(weights: Mapping[str, float], vector: Vectors, sources: Sequence[Evidence]) -> float:
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
    return contradiction(said, [c for _, c in ranked])
