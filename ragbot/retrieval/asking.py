"""Whether a sentence answers in the form that a question asks for: it defines the subject, counts
the things asked about, tells how something was made. Words only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragbot.reading.cues import shown_in

__all__ = ["ANSWERING", "Asking"]

ANSWERING = (
    "copula",
    "apposition",
    "naming",
    "spelling_out",
    "opening_subject",
    "expansion",
    "counting",
    "making",
)
"""The ways in which a sentence answers: "X is a …", "X, a …", "we call it X", "… (X)", "X allows
…"; the third once more where it is asked what X stands for; "five data sets" where it is asked how
many; "built from …" where it is asked what of."""

_BETWEEN = r"(?:\s*\([^)]{0,80}\))?"
_GENUS = (
    r"(?:also\b|an?\b|the\b|i\.e|which\b|where\b|in\s+which\b|or\b|that\s+is\b|learning\b|neural\b|"
    r"models?\b|networks?\b|[a-z]+(?:ed|ing)\b)"
)
_BEING = (
    r"(?:(?:is|are|means?|refers?|denotes?|describes?)|(?:has|have)\s+(?:recently\s+)?emerged\s+as|"
    r"(?:serves?|acts?)\s+as|(?:aims?|allows?|enables?|offers?|provides?|consists?|combines?))"
)
_STANDS_FOR = re.compile(
    r"\b(?:stands?\s+for|short\s+for|mean|abbreviat\w+|acronym)\b", re.I
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


# At the beginning, so that it need not be looked for anywhere else.
_NEVER = re.compile(r"\A(?!)")
# Of a sentence that does not say what is asked the meaning of; numbers and making are beside it.
_SILENT = [0.0] * (len(ANSWERING) - 2)


class Asking:
    """How a question asks; ``subject`` is what it asks the meaning of, in any case and number."""

    def __init__(self, question: str = "", subject: str = "") -> None:
        making = _NEVER
        if _MADE.search(question):
            making = _MADE
        self._subject = _NEVER
        words = list(map(re.escape, subject.replace("-", " ").split()))
        if words:
            self._subject = re.compile(_said(words), re.IGNORECASE)
        self._about = [
            *_defining(self._subject.pattern),
            _expansion(question, subject),
        ]
        self._others = [_counting(question), making]

    def answered_in(self, sentence: str) -> list[float]:
        """For each of `ANSWERING` 1.0 where the sentence does so, else 0.0."""
        about = _SILENT
        if self._subject.search(sentence):
            about = shown_in(sentence, self._about)
        return about + shown_in(sentence, self._others)


def _defining(said: str) -> list[re.Pattern[str]]:
    patterns = (
        rf"{said}{_BETWEEN}(?:,[^.,]{{0,60}},)?\s+{_BEING}\b",
        rf"{said}\)?{_BETWEEN}\s*(?:[,:]|--?|–|—)\s*{_GENUS}",
        rf"\b{_NAMING}\w*\s+(?:[\w-]+\s+){{0,6}}?\W{{0,3}}{said}",
        rf"\(\s*(?:[^()]{{0,40}},\s)?{said}\s*[,)]",
        rf"^\W*(?:(?:an?|the)\s+)?{said}",
    )
    return [re.compile(pattern, re.IGNORECASE) for pattern in patterns]


def _expansion(question: str, subject: str) -> re.Pattern[str]:
    """A short form in brackets behind what it stands for, where that is asked."""
    if not subject:
        return _NEVER
    if not _STANDS_FOR.search(question):
        return _NEVER
    return re.compile(
        rf"\w\s+\(\s*(?:[^()]{{0,40}},\s)?{_said([re.escape(subject)])}\s*[,)]"
    )


def _said(words: Sequence[str]) -> str:
    """The pattern of a name in the singular or the plural, with spaces or hyphens."""
    last = re.sub(r"(?<=\w{3})s\Z", "", words[-1])
    joined = r"[\s-]+".join([*words[:-1], last])
    return rf"(?<![^\W_]){joined}(?:e?s)?(?![^\W_])"


def _counting(question: str) -> re.Pattern[str]:
    """A number, and behind it what is to be counted: "535 sample houses" of "how many houses"."""
    asked = _HOW_MANY.search(question)
    if asked is None:
        return _NEVER
    things = []
    for word in asked["what"].split():
        stem = word.removesuffix("s")
        if len(stem) > 2:
            things.append(re.escape(stem))
    if not things:
        return _NEVER
    return re.compile(
        rf"\b{_NUMBERS}\s+(?:[\w-]+\s+){{0,3}}?(?:{'|'.join(things)})", re.IGNORECASE
    )
