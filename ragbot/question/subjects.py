"""What a question is about: named works, the papers that bear their names, words of no subject."""

from __future__ import annotations

import re

from ragbot.question.lexicon import Lexicon
from ragbot.text.names import names_in, stands_in
from ragbot.types import Paper

__all__ = ["ASPECTS", "mentions", "rare_names", "subject_of"]

ASPECTS = frozenset(
    """accuracy ablation ablations advantage advantages application applications author authors
    baseline baselines benchmark benchmarks code comparison complexity compute contribution
    contributions cost costs data dataset datasets date details drawback drawbacks efficiency energy
    error errors evaluation experiment experiments hardware inference latency limit limitation
    limitations limits loss memory method methodology metric metrics parameter parameters
    performance problem problems quality result results robustness runtime scalability score scores
    size speed speedup stability task tasks theory throughput training usage difference
    differences better best faster main idea work works propose fix fixes
    solution solutions remedy remedies exist""".split()
)
"""Words for what is asked of a work: with nothing beside them they name no subject."""

# A name is rare when so few papers, or this share of the collection, bear it: then they are what
# the question is about. "GPU" is not, "KiloNeRF" is.
_RARE_COUNT = 3
_RARE_SHARE = 0.025


_ARTICLE = r"(?:(?:an?|the)\s+)?"
_MEANS = r"(?:means?|stands?\s+for)\W*$"
_SUBJECTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bwhat\s+do(?:es)?\s+{_ARTICLE}(.{{1,80}}?)\s+(?:means?|stands?|refers?)\b",
        rf"^\W*(?:what|who)(?:['’]?s|\s+(?:is|are|was|were))\s+(?:meant\s+by\s+)?{_ARTICLE}"
        r"(.{1,80}?)\W*$",
        rf"^\W*(?:define|explain)\s+{_ARTICLE}(.{{1,80}}?)"
        r"(?:\s+(?:simply|briefly|(?:in|like|to|as|for)\b.{1,40}))?\W*$",
        rf"\b(?:definition|meaning)\s+of\s+{_ARTICLE}(.{{1,80}}?)\W*$",
        rf"\A(?=(?s:.*)\s{_MEANS})(?s:.*?)\b(.{{1,80}}?)\s+{_MEANS}",
    )
)


def subject_of(question: str) -> str:
    """What a question asks the meaning of: "neural collapse"; nothing if none is found."""
    for pattern in _SUBJECTS:
        match = pattern.search(question)
        if match:
            return match[1].strip("\"'“”‘’ ")
    return ""


def rare_names(question: str, lexicon: Lexicon) -> list[str]:
    """The names of a question that few papers bear, none included."""
    most = max(_RARE_COUNT, _RARE_SHARE * lexicon.size())
    return [n for n in names_in(question) if lexicon.frequency(n) <= most]


def mentions(paper: Paper, name: str) -> bool:
    """Whether a name stands in a title or an abstract."""
    return stands_in(name, paper.title) or stands_in(name, paper.abstract)
