"""A conversation: which question a follow-up asks, and of which papers. Knows no retrieval."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import attrgetter

from ragbot.question.kind import kind_of
from ragbot.question.more import more_of
from ragbot.question.references import MORE_OF_IT, pointed_at
from ragbot.question.subjects import ASPECTS
from ragbot.question.turns import Turn, titles_of
from ragbot.text.english import PAPERS
from ragbot.text.words import content_words
from ragbot.types import FollowUp

__all__ = ["depends_on_history", "follow_up", "in_full"]

_REFERS = (
    r"\b(?:it|its|itself|they|them|their|theirs|these|those|"
    # "in this collection" refers to nothing that was said
    r"this(?! (collection|corpus|library|database|field|area|domain)\b)|"
    r"that(?= (paper|work|method|model|approach|one))|he|she|his|her|one of them|which of|"
    r"the (same|former|latter|other|others|first|second|third|last|two|three|four|authors?|paper|"
    r"papers|work|method|methods|approach|model|models|network|student|result|results|dataset|"
    r"datasets|experiments?|above))\b"
)
_OPENS = re.compile(
    r"^\W*(and|but|so|also|what about|how about|why|how so|more|then|or)\b", re.I
)
# "Without GNNs", "faster than NeRF?" leave out what they are said of; "without GNNs, what is …?" is
# a sentence.
_OF_WHAT = (
    r"^\W*(?:with|without|excluding|except|not|since|from|before|after|"
    r"(?:\w+er|worse|(?:more|less)\s+\w+)\s+than)\b(?!.*\b(?:what|which|who|whose|when|where|why|"
    r"how|is|are|was|were|do|does|did|has|have|can|could|will|would|should)\b)"
)
_LEANS = re.compile(rf"{_OF_WHAT}|{_REFERS}", re.I | re.S)
_ABOUT = re.compile(r"^\W*(?:and |but |so )?(?:what|how) about\b", re.I)
# "And …" may go on to another topic, if it refers to nothing.
_AND = re.compile(
    rf"^(?!.*{_REFERS})\W*(?:and|but|so|also|then|now)\b[\s,]*(?P<rest>\S.*)",
    re.I | re.S,
)
_WHICH = r"^(?:which|what|any|those|the)"
_ON = re.compile(rf"{_WHICH}(?:\s+ones?)?\s+(?=(?:about|on)\b)", re.I)
_ONES = re.compile(rf"{_WHICH}\s+(?:ones?\s+|(?=(?:for|with|using|that)\b))", re.I)
# "On ImageNet?", "the training time?" ask for more of the same topic.
_NO_TOPIC = re.compile(
    r"^(?:what|which|who|whose|when|where|why|how|is|are|was|were|do|does|did|has|have|can|could|"
    r"will|would|should|the|its|their|on|in|at|for|with|by|from|to|of|if)\b",
    re.I,
)
_PAPERS = re.compile(rf"\b{PAPERS}\b", re.I)
# Words by which papers are asked for, whatever they are on.
_FRAME = re.compile(
    rf"\b(?:{PAPERS}|list|name|find|stud(?:y|ies)|about|methods?|models?|approach(?:es)?|"
    r"datasets?|benchmarks?|techniques?|systems?)\b",
    re.I,
)
# A question with fewer words that carry meaning than this can hardly stand alone after another one.
_FEW_WORDS = 2


@dataclass(frozen=True, slots=True)
class _Thread:
    """What a conversation is on: the last question that stood alone, the first if none did.

    ``latest`` is the last one that said of what it asks: that one, or one that pointed at papers;
    ``turns`` are those since the topic came up.
    """

    topic: str = ""
    latest: str = ""
    turns: Sequence[Turn] = ()


def follow_up(question: str, turns: Sequence[Turn]) -> FollowUp:
    """What a question asks after these turns; one that stands alone comes back as it is.

    What points at papers of the answers ("the second one") is replaced by their titles. Else a
    question that cannot be understood alone has the last one that could in front.
    """
    pointed = pointed_at(question, turns)
    if pointed:
        said: frozenset[str] = frozenset()
        if MORE_OF_IT.search(question):
            said = _quoted(turns)
        return FollowUp(
            pointed.question,
            question,
            pointed.titles,
            said=said,
            missing=pointed.missing,
        )
    thread = _thread(turns)
    answered = list(filter(attrgetter("titles"), turns))
    if answered:
        last = answered[-1]
        more = more_of(question, thread.topic, listed=last.is_list)
        if more == "papers":
            shown = frozenset(titles_of(thread.turns))
            return FollowUp(f"{thread.topic} {question}", thread.topic, without=shown)
        if more == "text":
            together = f"{thread.latest} {question}"
            return FollowUp(together, thread.latest, last.main, said=_quoted(turns))
    if thread.latest and depends_on_history(question):
        return FollowUp(f"{thread.latest} {question}", question)
    return FollowUp(question, question)


def _thread(turns: Sequence[Turn]) -> _Thread:
    thread = _Thread()
    for at, turn in enumerate(turns):
        question = in_full(turn.question, turns[:at])
        pointed = pointed_at(question, turns[:at])
        if pointed:
            thread = replace(thread, latest=pointed.question)
        elif question and not _goes_on(question, thread.topic):
            thread = _Thread(question, question, turns[at:])
    return thread


def _goes_on(question: str, topic: str) -> bool:
    """Whether a question is on the topic of the ones before it, if there is one."""
    if not topic:
        return False
    if depends_on_history(question):
        return True
    return more_of(question, topic, listed=True) is not None


def _quoted(turns: Sequence[Turn]) -> frozenset[str]:
    return frozenset(chain.from_iterable(map(attrgetter("quoted"), turns)))


def in_full(question: str, turns: Sequence[Turn]) -> str:
    """The question with what "and …" leaves out when it turns to another topic.

    "And which ones study speech?" asks which papers do; after a list, "And graph networks?" asks
    for one of these. "And how fast is it?" comes back as it is.
    """
    if not turns:
        return question
    opened = _AND.match(question)
    if opened is None:
        return question
    rest = _ON.sub("Which papers are ", opened["rest"])
    rest = _ONES.sub("Which papers ", rest)
    if _asks_for_papers(rest):
        return rest
    if _NO_TOPIC.match(rest):
        return question
    before = kind_of(turns[-1].question)
    if before == "list" and _is_topic(rest):
        return f"Which papers are about {rest}"
    return question


def depends_on_history(question: str) -> bool:
    """Whether a question cannot be understood without the turn before it."""
    if _LEANS.search(question):
        return True
    if _asks_for_papers(question):
        return False
    about = _ABOUT.match(question)
    if about:
        return not _is_topic(question[about.end() :])
    has_few_words = len(content_words(question)) <= _FEW_WORDS
    if has_few_words and not _names_something(question):
        return True
    return _OPENS.match(question) is not None


def _is_topic(phrase: str) -> bool:
    """Whether a phrase names a topic, as "time series" does, not something to know of one."""
    content = content_words(phrase)
    if not ASPECTS.isdisjoint(content):
        return False
    if len(content) >= _FEW_WORDS:
        return True
    return _names_something(phrase)


def _names_something(phrase: str) -> bool:
    """Whether it has a capital behind its beginning."""
    behind = phrase.strip()[1:]
    return behind != behind.lower()


def _asks_for_papers(question: str) -> bool:
    """Whether it asks which papers there are on something, and says on what."""
    if not _PAPERS.search(question):
        return False
    says_on_what = content_words(_FRAME.sub(" ", question)) != []
    return says_on_what and kind_of(question) == "list"
