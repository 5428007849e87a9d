"""Follow-ups that ask for more: other papers on the same, or more of what a paper says.

They have no subject of their own: beside the words below they say nothing that the question
before them did not.
"""

from __future__ import annotations

import re
from typing import Literal

from ragbot.text.english import PAPERS
from ragbot.text.words import STOPWORDS, words

__all__ = ["More", "more_of"]

More = Literal["papers", "text"]

_FURTHER = frozenset(
    "other others another more else additional further next remaining rest similar related".split()
)
# These ask for papers by themselves.
_OTHERS = frozenset("other others another similar related".split())
_TEXT = frozenset(
    """tell explain elaborate expand detail details detailed describe continue go information info
    deeper depth longer say says said state states report reports mention mentions""".split()
)
_POLITE = frozenset(
    """please like want need know see look find found list name want would i'd i'm what's that's
    there's interested anything something everything topic subject matter same collection library
    exist exists left good ok okay thanks great bit little keep going again apart besides except
    excluding already listed named shown mentioned""".split()
)
_KNOWN = STOPWORDS | _FURTHER | _TEXT | _POLITE
_PAPERS = re.compile(rf"\b{PAPERS}\b", re.I)
# "More about this paper" asks for no other one.
_THIS_PAPER = re.compile(
    rf"\b(?:this|that|these|those|the)\s+(?:(?:same|two|three|first|last)\s+)?{PAPERS}\b",
    re.I,
)


def more_of(question: str, topic: str, *, listed: bool) -> More | None:
    """What a question wants more of that was asked after ``topic``; ``None`` if it asks anew.

    ``listed`` is whether a list of papers came last: "any more?" then means papers.
    """
    own = _THIS_PAPER.sub(" ", question)
    said = set(words(own))
    known = _KNOWN.union(words(topic))
    if not all(map(_PAPERS.fullmatch, said - known)):
        return None
    if not said.isdisjoint(_OTHERS):
        return "papers"
    further = not said.isdisjoint(_FURTHER)
    if further and _PAPERS.search(own):
        return "papers"
    if not said.isdisjoint(_TEXT):
        return "text"
    if not further:
        return None
    if listed:
        return "papers"
    return "text"
