"""Whether a sentence answers in the form that a question asks for: it defines the subject, counts
the things asked about, tells how something was made. Words only."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["ANSWERING", "Asking"]

ANSWERING = ("copula", "apposition", "naming", "spelling_out", "counting", "making")
"""The ways in which a sentence answers: "X is a …", "X, a …", "we call it X", "… (X)"; "five data
sets" where it is asked how many; "built from …" where it is asked what of."""

_BETWEEN = r"(?:\s*\([^)]{0,80}\))?"
_GENUS = (
    r"(?:also\b|an?\b|the\b|i\.e|which\b|where\b|in\s+which\b|or\b|that\s+is\b|learning\b|neural\b|"
    r"models?\b|networks?\b|[a-z]+(?:ed|ing)\b)"
)
_NAMING = (
    r"(?:propos|introduc|present|call|dub|term|nam|known\s+as|referred\s+to\s+as|phenomenon\s+of|"
    r"creat|develop)"
)
_HOW_MANY = re.compile(
    r"\bhow\s+many\s+(?P<what>(?:[\w-]+\s+){0,4}?[\w-]+)"
    r"(?=\W*$|\s+(?:is|are|was|were|do|does|did|can|has|have|had|will|must|need)\b)",
    re.IGNORECASE,
)
_NUMBERS = (
    r"(?:\d[\d,.]*[km]?\+?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|"
    r"fifteen|sixteen|twenty|thirty|forty|fifty|hundreds|thousands|dozens|several)"
)
_MADE = re.compile(
    r"\b(?:built|build|made|constructed|collected|created|based|drawn|composed|compiled|derived|"
    r"gathered|annotated|generated)\b",
    re.IGNORECASE,
)


class Asking:
    """How a question asks; ``subject`` is what it asks the meaning of, in any case and number."""

    def __init__(self, question: str = "", subject: str = "") -> None:
        self._ways: list[re.Pattern[str] | None] = [
            *_defining(subject),
            _counting(question),
            _MADE if _MADE.search(question) else None,
        ]

    def answered_in(self, sentence: str) -> list[float]:
        """For each of `ANSWERING` 1.0 where the sentence does so, else 0.0."""
        return [
            float(way is not None and way.search(sentence) is not None)
            for way in self._ways
        ]


def _defining(subject: str) -> Iterator[re.Pattern[str] | None]:
    words = [re.escape(word) for word in re.split(r"[\s-]+", subject.strip()) if word]
    if not words:
        yield from [None] * 4
        return
    words[-1] = re.sub(r"(?<=\w{3})s\Z", "", words[-1])
    joined = r"[\s-]+".join(words)
    said = rf"(?<![^\W_]){joined}(?:e?s)?(?![^\W_])"
    for pattern in (
        rf"{said}{_BETWEEN}(?:,[^.,]{{0,60}},)?\s+(?:is|are|means?|refers?|denotes?|describes?)\b",
        rf"{said}\)?{_BETWEEN}\s*(?:[,:]|--?|–|—)\s*{_GENUS}",
        rf"\b{_NAMING}\w*\s+(?:[\w-]+\s+){{0,6}}?\W{{0,3}}{said}",
        rf"\(\s*(?:[^()]{{0,40}},\s)?{said}\s*[,)]",
    ):
        yield re.compile(pattern, re.IGNORECASE)


def _counting(question: str) -> re.Pattern[str] | None:
    """A number, and behind it what is to be counted: "535 sample houses" of "how many houses"."""
    asked = _HOW_MANY.search(question)
    if asked is None:
        return None
    stems = [re.escape(re.sub(r"s\Z", "", word)) for word in asked["what"].split()]
    things = "|".join(stem for stem in stems if len(stem) > 2)
    if not things:
        return None
    return re.compile(
        rf"\b{_NUMBERS}\s+(?:[\w-]+\s+){{0,3}}?(?:{things})", re.IGNORECASE
    )
