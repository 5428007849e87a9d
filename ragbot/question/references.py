"""What a follow-up points at in the answers before it: "the second one", "paper 3", "both"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, filterfalse
from operator import attrgetter, itemgetter

from ragbot.question.kind import kind_of
from ragbot.question.turns import Turn, titles_of
from ragbot.text.english import agreeing
from ragbot.text.names import stands_in

__all__ = ["MORE_OF_IT", "Pointed", "pointed_at"]

# Places in a list, from 0 on or from -1 back.
_PLACES = {
    "first": 0,
    "second": 1,
    "third": 2,
    "fourth": 3,
    "fifth": 4,
    "sixth": 5,
    "seventh": 6,
    "eighth": 7,
    "ninth": 8,
    "tenth": 9,
    "1st": 0,
    "2nd": 1,
    "3rd": 2,
    "4th": 3,
    "5th": 4,
    "6th": 5,
    "7th": 6,
    "8th": 7,
    "9th": 8,
    "10th": 9,
    "last": -1,
    "former": 0,
    "latter": 1,
}
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5}
_NTH = "|".join(_PLACES)
# These name a paper; what a method, a model or a result is, only the list before tells.
_PAPER = r"(?:ones?|papers?|works?|articles?|preprints?|entry|entries|of\s+(?:them|these|those))"
_WORK = r"(?:results?|methods?|models?|approach(?:es)?)"
_THING = rf"(?:{_PAPER}|{_WORK})"
# Behind a word that stands for a paper by itself: "the first and …", but not "the first layer".
_ALONE = (
    r"(?=\s*(?:[?.!,;:)]|\Z)|\s+(?:and|or|with|to|than|from|but|in|on|for|by|is|are|was|were|do|"
    r"does|did|has|have|can|use|work|compare|differ|relate|need|report|propose|say|solve)\b)"
)
_MENTION = re.compile(
    rf"""\b(?:
    (?:the\s+)?(?P<end>first|last)\s+(?P<count>{"|".join(_COUNTS)})\b(?:\s+{_THING}\b|{_ALONE})
    |the\s+(?P<nth>{_NTH})\b(?:\s+(?:{_PAPER}|(?P<work>{_WORK}))\b|{_ALONE})
    |(?:papers?|entry|results?|numbers?|no\.)\s*\#?(?P<n>\d{{1,2}})\b
        (?:\s*(?:,|and|&|or|with)\s*\#?(?P<m>\d{{1,2}})\b)?)""",
    re.IGNORECASE | re.VERBOSE,
)
# "… of the first list", "… in your previous answer": another answer than the last.
_ANSWER = re.compile(
    rf"\s*\b(?:of|in|from)\s+(?:the|your)\s+(?P<nth>{_NTH}|previous|earlier)\s+"
    r"(?:list|answer|reply|question)\b",
    re.IGNORECASE,
)
_PAIR = re.compile(
    rf"\b(?:both|(?:the|these|those)\s+two)\b(?:\s+of)?(?:\s+{_THING}\b|{_ALONE})",
    re.IGNORECASE,
)
_ALL = re.compile(
    rf"\b(?:(?:all|each|any|which)\s+of\s+)?(?:them|they|(?:these|those)(?:\s+{_PAPER}\b|{_ALONE}))",
    re.IGNORECASE,
)
MORE_OF_IT = re.compile(r"\b(?:more|further|else|elaborate|details?)\b", re.IGNORECASE)
"""Words by which a question asks to read on."""
_OPENS_BESIDE = re.compile(r"^\W*(?:and|also|what about|how about)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pointed:
    """Titles that a question points at, and the question with them in place of what points.

    ``missing`` says what it points at that is not there; then there are no titles.
    """

    question: str
    titles: tuple[str, ...] = ()
    missing: str = ""


def pointed_at(question: str, turns: Sequence[Turn]) -> Pointed | None:
    """The papers of earlier answers that a question points at; ``None`` if it points at none."""
    answers = list(filter(attrgetter("titles"), turns))
    if not answers:
        return None
    asked = question
    within = _ANSWER.search(question)
    if within:
        place = _PLACES.get(within["nth"].lower(), -1)
        answers = answers[place:][:1]
        asked = _put(question, within, "")
    if not answers:
        return Pointed(asked, missing="There is no such answer before this.")
    pointed = _mentioned(asked, answers) or _several(asked, answers)
    return pointed or _called(question, turns)


def _called(question: str, turns: Sequence[Turn]) -> Pointed | None:
    """The papers of which a question wants more, called by name: "OLinear" of "OLinear: …"."""
    if not MORE_OF_IT.search(question):
        return None
    titles = []
    for title in titles_of(turns):
        name, _, _ = title.partition(":")
        if stands_in(name, question):
            titles.append(title)
    if not titles:
        return None
    return Pointed(question, tuple(titles))


def _mentioned(question: str, answers: Sequence[Turn]) -> Pointed | None:
    """Each place in a list replaced by the title that stands there.

    The last answer that has these places is meant: an explanation of one paper may stand between
    a list and the next question on it.
    """
    mentions = list(_MENTION.finditer(question))
    if not mentions:
        return None
    if any(map(itemgetter("work"), mentions)):
        # "The third method" of the last answer, or of the one paper there is
        with suppress(LookupError):
            return _named(question, mentions, answers[-1])
        return None
    for shown in reversed(answers):
        with suppress(LookupError):
            return _named(question, mentions, shown)
    return Pointed(question, missing=_missing(mentions, answers))


def _named(question: str, mentions: Sequence[re.Match[str]], shown: Turn) -> Pointed:
    """The question with the titles that an answer has at the places mentioned.

    Raises:
        LookupError: there is no such place in it.
    """
    titles = [_titles(mention, shown) for mention in mentions]
    for mention, named in zip(reversed(mentions), reversed(titles), strict=True):
        question = _put(question, mention, _joined(named))
    return Pointed(question, tuple(dict.fromkeys(chain.from_iterable(titles))))


def _missing(mentions: Sequence[re.Match[str]], answers: Sequence[Turn]) -> str:
    count = len(answers[-1].titles)
    papers = agreeing(count, "one paper", f"{count} papers")
    places = " and ".join(f"“{' '.join(m.group().split())}”" for m in mentions)
    return (
        f"The answer before this names {papers}; what {places} means is not among them."
    )


def _several(question: str, answers: Sequence[Turn]) -> Pointed | None:
    """The papers that "both" or, in a comparison, "them" stands for."""
    pair = _PAIR.search(question)
    if pair:
        return _replaced(question, pair, _pair(answers))
    everything = _ALL.search(question)
    if everything is None:
        return None
    if kind_of(question) != "comparison":
        return None
    main = answers[-1].main
    if len(main) < 2:
        main = _pair(answers)
    return _replaced(question, everything, main)


def _titles(mention: re.Match[str], shown: Turn) -> list[str]:
    """The titles at the places that one mention names.

    Raises:
        LookupError: there is no such place.
    """
    if mention["n"]:
        numbers = map(int, filter(None, mention.group("n", "m")))
        return list(map(shown.titles.__getitem__, numbers))
    in_order = list(shown.titles.values())
    return list(map(in_order.__getitem__, _places(mention)))


def _places(mention: re.Match[str]) -> Sequence[int]:
    if mention["nth"]:
        return [_PLACES[mention["nth"].lower()]]
    count = _COUNTS[mention["count"].lower()]
    if mention["end"].lower() == "first":
        return range(count)
    return range(-count, 0)


def _pair(answers: Sequence[Turn]) -> tuple[str, ...]:
    """The two that "both" means.

    Those of an answer about two papers, unless its question set it beside the one before ("And
    which …?"); else what the last two answers are about; else the two best of the last.
    """
    *before, last = answers
    is_beside = before and _OPENS_BESIDE.match(last.question)
    if len(last.main) == 2 and not is_beside:
        return last.main
    for earlier in reversed(before):
        others = list(filterfalse(earlier.main.__contains__, last.main))
        pair = (*earlier.main[:1], *others[:1])
        if len(pair) == 2:
            return pair
    return tuple(last.titles.values())[:2]


def _replaced(
    question: str, found: re.Match[str], titles: tuple[str, ...]
) -> Pointed | None:
    if len(titles) < 2:
        return None
    return Pointed(_put(question, found, _joined(titles)), titles)


def _joined(titles: Sequence[str]) -> str:
    return " and ".join(map("“{}”".format, titles))


def _put(question: str, found: re.Match[str], text: str) -> str:
    return f"{question[: found.start()]}{text}{question[found.end() :]}"
