"""What is asked of the papers on a topic: how many there are, the newest, the oldest.

The topic is for the search; counting and sorting what it found is for whoever answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import dropwhile
from typing import Literal

from ragbot.question.catalog_facts import FRAME, LONGEST, catalog_question, first_asked
from ragbot.question.manners import without_manners
from ragbot.question.traits import NUMBERS
from ragbot.text.english import PAPERS
from ragbot.types import TopicRequest

__all__ = ["topic_request"]

_COUNTED = r"(?:how\s+many|(?:the\s+)?number\s+of|count(?:\s+the)?)"
_KINDS = rf"(?:{PAPERS}|surveys?|reviews?|tutorials?|theses|books?)"
_AMOUNT = re.compile(
    rf"^.{{0,40}}?\b{_COUNTED}\s+(?:[\w-]+\s+){{0,2}}?{_KINDS}\b", re.I
)
# Whose "newest" it is: a paper's, not that of a benchmark that a paper reports on.
_OF_PAPERS = (
    rf"(?:\b(?:newest|latest|recent(?:ly)?(?:\s+\w+)?|date|oldest|earliest|first)\s+(?:[\w-]+\s+){{0,4}}?{_KINDS}\b|"
    rf"\b{_KINDS}\s+(?:[\w-]+\s+){{0,6}}?(?:is|are|was|were)\s+(?:the\s+)?(?:newest|latest|most\s+recent|oldest|earliest)\b|"
    r"\bwhat(?:['’]s|\s+is)\s+the\s+(?:latest|newest)\s+(?:on|about|in)\b)"
)
_NEWEST = (
    r"(?:newest|latest|most\s+recent(?:ly\s+(?:published|released))?|"
    r"most\s+up[\s-]to[\s-]date)"
)
_OLDEST = r"(?:oldest|earliest|first(?=\s+(?:papers?|works?|articles?|stud)))"
_SOME = rf"(?:{NUMBERS}\s+)?"
_THE_NEWEST = rf"\b(?:the\s+)?{_SOME}{_NEWEST}\s+{_SOME}"
_THE_OLDEST = rf"\b(?:the\s+)?{_SOME}{_OLDEST}\s+{_SOME}"
# By what a question is told, and the words in it that say it.
_REQUESTS: tuple[
    tuple[Literal["count", "newest", "oldest"], re.Pattern[str], re.Pattern[str]], ...
] = (
    ("count", _AMOUNT, re.compile(rf"\b{_COUNTED}\b", re.I)),
    (
        "newest",
        re.compile(rf"(?=.*{_OF_PAPERS}).*{_THE_NEWEST}", re.I),
        re.compile(_THE_NEWEST, re.I),
    ),
    (
        "oldest",
        re.compile(rf"(?=.*{_OF_PAPERS}).*{_THE_OLDEST}", re.I),
        re.compile(_THE_OLDEST, re.I),
    ),
)
_BEFORE_TOPIC = FRAME | frozenset(
    """about dealing deal deals concerning concern covering discussing discuss treating
    treat most what's""".split()
)
_BEHIND_TOPIC = frozenset(
    """papers paper articles article works work research publications publication studies
    study literature preprints preprint abstracts abstract here there are is have collection
    this the in do you exist""".split()
)


def topic_request(question: str) -> TopicRequest:
    """Whether a question wants the number of papers on a topic, or the newest or oldest of them.

    Others, and those that `catalog_question` reads, want all that there are.
    """
    _, text = without_manners(" ".join(question.split()))
    if len(text) > LONGEST:
        return TopicRequest()
    if _is_of_catalog(text):
        return TopicRequest()
    for asks, told, words in _REQUESTS:
        topic = told.match(text) and _topic(words.sub(" ", text, count=1))
        if topic:
            return TopicRequest(asks, topic, first_asked(text))
    return TopicRequest()


def _is_of_catalog(text: str) -> bool:
    """Whether a question is surely one that the catalog answers."""
    known = catalog_question(text)
    if known is None:
        return False
    # "Vision papers" are perhaps of an organisation, but rather on a topic.
    by = known.traits.by
    return not by or known.traits.surely_by


def _topic(text: str) -> str:
    """The text without the words that only say that papers are meant, in front and behind."""
    said = _without_first(_BEFORE_TOPIC, text.split())
    backwards = _without_first(_BEHIND_TOPIC, reversed(said))
    return " ".join(reversed(backwards)).rstrip(" ?.!,")


def _without_first(frame: frozenset[str], words: Iterable[str]) -> list[str]:
    """The words from the first on that is none of these."""
    return list(dropwhile(lambda word: _bare(word) in frame, words))


def _bare(word: str) -> str:
    return word.lower().strip("\"'“”‘’?.!,;:()")
