"""What a question asks for, read once: everything later goes by the one value `Asked`.

words, turns before, dates given ─► stand-alone, its dates, its kind ─► Asked
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from operator import attrgetter

from ragbot.errors import InputError
from ragbot.question.authorship import author_in, by_author
from ragbot.question.catalog_facts import catalog_question
from ragbot.question.dates import read_dates
from ragbot.question.exclusion import read_exclusion
from ragbot.question.followup import follow_up, in_full
from ragbot.question.foreign_kind import foreign_kind
from ragbot.question.framing import unframed
from ragbot.question.kind import asked_fact, kind_of
from ragbot.question.lexicon import NO_PAPERS, Lexicon
from ragbot.question.parts import parts_of
from ragbot.question.spelling import respelled
from ragbot.question.subjects import subject_of
from ragbot.question.titles import by_title
from ragbot.question.topic_request import topic_request
from ragbot.question.turns import turns_of
from ragbot.text.languages import language_of
from ragbot.text.markdown import without_tags
from ragbot.text.words import whole
from ragbot.types import (
    Asked,
    CatalogQuestion,
    Filters,
    FollowUp,
    Kind,
    Message,
    TopicRequest,
)

__all__ = ["read"]

# A pasted page is no question: its first words say what it asks.
_LOOKED_AT = 2_000
# What kind of answer it is that says what is wanted of the papers on a topic.
_REQUESTED: Mapping[str, Kind] = {"count": "count", "newest": "list", "oldest": "list"}
_NARROWS = re.compile(
    r"^\W*(?:and\s+|but\s+|now\s+|ok(?:ay)?\W+)?(?:only|just|those|these|the\s+ones|ones|restrict|"
    r"limit|from|since|before|after|without|with|in\s+\d)\b",
    re.IGNORECASE,
)


def read(
    question: str,
    history: Sequence[Message] = (),
    filters: Filters | None = None,
    *,
    lexicon: Lexicon = NO_PAPERS,
    dates_in_words: bool = True,
) -> Asked:
    """A question with what it refers to, its dates, and the kind of answer that it asks for.

    With the ``lexicon`` of a collection, misspelt words are read as it spells them. ``filters``
    are dates given beside it; without them those in its words count, unless ``dates_in_words`` is
    false.

    Raises:
        InputError: there is nothing in it.
    """
    question = whole(question).strip()
    if not question:
        raise InputError("the question is empty", "type one")
    history = [replace(turn, content=whole(turn.content)) for turn in history]
    turns = turns_of(history)
    spelled = in_full(_spelled(without_tags(question), lexicon), turns)
    follow = follow_up(spelled, turns)
    dates: Callable[[str], tuple[str, Filters]] = cache(read_dates)
    if not dates_in_words:
        dates = _undated
    topic, spoken = dates(follow.standalone)
    own, _ = dates(spelled)
    request = topic_request(follow.standalone)
    # Names are no words of the abstracts: they stand as they were typed.
    typed, _ = dates(in_full(without_tags(question), turns))
    without = read_exclusion((request.topic or topic)[:_LOOKED_AT])
    said = spelled[:_LOOKED_AT]
    language = language_of(question[:_LOOKED_AT])
    return Asked(
        question=question,
        follow_up=follow,
        topic=topic,
        filters=filters or spoken,
        history=history,
        kind=_kind(said, follow, request, language),
        subject=subject_of(said),
        on=unframed(without.question),
        excluded=without.excluded,
        language=language,
        fact=asked_fact(said),
        catalog=_catalog(own, typed, lexicon),
        author=author_in(typed, lexicon),
        request=request,
        parts=_parts(spelled, follow, filters, spoken),
    )


def _undated(question: str) -> tuple[str, Filters]:
    return question, Filters()


def _spelled(question: str, lexicon: Lexicon) -> str:
    """The question as a collection would spell it; what the catalog is asked stays as it is."""
    spelled = respelled(question, lexicon)
    if catalog_question(question):
        return spelled
    return by_title(spelled, lexicon)


def _catalog(question: str, typed: str, lexicon: Lexicon) -> CatalogQuestion | None:
    """What is asked of the catalog: of an author's papers where the name is one's."""
    known = catalog_question(question)
    if known is None:
        return by_author(typed, lexicon)
    whom = known.traits.by
    if not whom:
        return known
    if lexicon.is_author(whom):
        return known
    return by_author(typed, lexicon) or known


def _kind(
    question: str, follow: FollowUp, request: TopicRequest, language: str
) -> Kind:
    """The kind of the question; where it only narrows one before it, of that one."""
    if language != "en":
        return foreign_kind(question)
    if request.asks in _REQUESTED:
        return _REQUESTED[request.asks]
    kind = kind_of(question)
    if kind == "other" and _NARROWS.match(question):
        return kind_of(follow.standalone)
    return kind


def _parts(
    question: str, follow: FollowUp, filters: Filters | None, spoken: Filters
) -> tuple[Asked, ...]:
    """The parts of a question that refers to nothing before it and says no dates, unless one of
    them is for the catalog."""
    if spoken:
        return ()
    if follow != FollowUp(question, question):
        return ()
    parts = [
        read(part, filters=filters, dates_in_words=False) for part in parts_of(question)
    ]
    if any(map(attrgetter("catalog"), parts)):
        return ()
    return tuple(parts)
