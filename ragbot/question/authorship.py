"""Whose papers a question asks for: names as people write them, looked up among the authors.

A name counts only where the collection has an author of it: "papers by hand" are nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, combinations

import regex

from ragbot.question.lexicon import Lexicon
from ragbot.question.manners import without_manners
from ragbot.text.english import PAPERS
from ragbot.text.words import STOPWORDS
from ragbot.types import CatalogFact, CatalogQuestion, Traits

__all__ = ["author_in", "by_author"]

_LONGEST = 400
_MOST_WORDS = 4
_NAME = r"(?P<by>[^\W\d_][^?!;:()]{0,60}?)"
_ABOUT = r"(?:on|about|regarding|concerning|in|for|dealing\s+with|related\s+to)"
_TOPIC = rf"(?:\s+(?:anything\s+|something\s+)?{_ABOUT}\s+(?P<on>[^?!;:]{{1,120}}?))?"
_ASKING = (
    r"^\W*(?:(?:what|which|list|show|find|give|tell|get|search\s+for|me|us|all|any|the|are|is|there|"
    r"do|you|have|some|every|please|of|(?:(?P<count>how\s+many)))\s+)*"
)
_ANY = rf"(?:{PAPERS}|anything|everything|something)"
_WRITTEN = (
    r"(?:(?:that|which)\s+)?(?:(?:are|is|were|was|have\s+been)\s+)?"
    r"(?:(?:written|published|authored|released|made|co-?authored)\s+)?"
)
_WRITE = (
    r"(?:(?:ever\s+)?(?:writ(?:e|ten)|wrote|co-?authored?|publish(?:ed)?|released?|author)"
    rf"(?:\s+(?:any(?:thing)?|some(?:thing)?|{PAPERS}))*)?"
)
_HERE = r"(?:\s+(?:here|(?:in|of)\s+(?:the|this|my)\s+(?:collection|corpus)))?"
_END = rf"\s*(?:,?\s*please)?{_HERE}[\s?.!]*\Z"
_READINGS = [
    re.compile(rf"(?=.{{,{_LONGEST}}}\Z){pattern}{_END}", re.I)
    for pattern in (
        # "papers by X", "papers by X on a topic", "what is there from X"
        rf"{_ASKING}{_ANY}\s+{_WRITTEN}(?:by|from|of)\s+{_NAME}{_TOPIC}",
        # "papers on a topic by X"
        rf"{_ASKING}{_ANY}\s+{_ABOUT}\s+(?P<on>[^?!;:]{{1,120}}?)\s+{_WRITTEN}(?:by|from)\s+{_NAME}",
        # "X's papers", "X's papers on a topic"
        rf"{_ASKING}{_NAME}(?:['’]s?)?\s+{PAPERS}{_TOPIC}",
        # "what did X write", "which papers has X published on a topic", "did X write about it"
        rf"{_ASKING}(?:{PAPERS}\s+)?(?:did|has|have|does)\s+{_NAME}\s+(?:have\s+)?{_WRITE}{_TOPIC}",
        # "what did X …" of which a date has been taken away, with its verb
        rf"^\W*what\s+(?:did|has)\s+{_NAME}",
    )
]
_ASKS: dict[bool, CatalogFact] = {True: "count", False: "list"}
_TITLES = re.compile(r"^(?:(?:prof(?:essor)?|dr|mr|mrs|ms)\b\.?\s+)+|['’]s?$", re.I)
_SMALL_WORD = regex.compile(r"[^\s\p{Lu}\p{Lt}]+")
_CAPITAL = r"[^\W\d_a-z][\w'’.-]*"
_CAPITALISED = re.compile(
    rf"(?<!\w){_CAPITAL}(?: (?:{_CAPITAL}|(?:van|von|de|der|den|la|di)(?=\s))){{1,3}}"
)


def by_author(question: str, lexicon: Lexicon) -> CatalogQuestion | None:
    """The list of an author's papers, or their number, perhaps on a topic, if that is asked for and
    the collection has an author of that name."""
    _, text = without_manners(" ".join(question.split()))
    for found in filter(None, (reading.match(text) for reading in _READINGS)):
        name = _TITLES.sub("", found["by"].strip(" \"'“”‘’,"))
        if _is_author(name, lexicon):
            said = {"on": "", **found.groupdict("")}
            traits = Traits(by=name, surely_by=True, on=said["on"].strip())
            return CatalogQuestion(_ASKS[bool(said.get("count"))], traits=traits)
    return None


def author_in(question: str, lexicon: Lexicon) -> str:
    """The author whom a search names: in a question for papers by one, as all that is typed, or as
    two or more capitalised words; nothing if there is none."""
    asked = by_author(question, lexicon)
    if asked is not None:
        return asked.traits.by
    text = " ".join(question.split()).strip(" ?.!\"'")
    whole = [text] * (len(text.split()) <= _MOST_WORDS)
    several = filter(_has_several, _runs(question[:_LONGEST]))
    names = chain(whole, several)
    return next((name for name in names if _is_author(name, lexicon)), "")


def _runs(text: str) -> Iterator[str]:
    """Runs of capitalised words, and what is left of each without its first words or its last."""
    for run in _CAPITALISED.findall(text):
        said = run.split()
        for start, end in combinations(range(len(said) + 1), 2):
            yield " ".join(said[start:end])


def _has_several(name: str) -> bool:
    return " " in name


def _is_author(name: str, lexicon: Lexicon) -> bool:
    """Whether words are an author's name: "he" is none, nor "long" where papers have that word."""
    if name in STOPWORDS:
        return False
    if _SMALL_WORD.fullmatch(name) and lexicon.frequency(name):
        return False
    return lexicon.is_author(name)
