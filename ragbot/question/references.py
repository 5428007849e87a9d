"""What a follow-up points at in the answers before it: "the second one", "paper 3", "both"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from ragbot.question.kind import kind_of
from ragbot.question.turns import Turn
from ragbot.text.names import stands_in

__all__ = ["Pointed", "called", "pointed_at"]

_ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
    "5th": 5,
    "6th": 6,
    "7th": 7,
    "8th": 8,
    "9th": 9,
    "10th": 10,
    "last": -1,
    "former": 1,
    "latter": 2,
}
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5}
_NTH = "|".join(_ORDINALS)
# These name a paper; what a method, a model or a result is, only the list before tells.
_PAPER = r"(?:ones?|papers?|works?|articles?|preprints?|entry|entries|of\s+(?:them|these|those))"
_THING = rf"(?:{_PAPER}|results?|methods?|models?|approach(?:es)?)"
# Behind a word that stands for a paper by itself: "the first and …", but not "the first layer".
_ALONE = (
    r"(?=\s*(?:[?.!,;:)]|\Z)|\s+(?:and|or|with|to|than|from|but|in|on|for|by|is|are|was|were|do|"
    r"does|did|has|have|can|use|work|compare|differ|relate|need|report|propose|say|solve)\b)"
)
_MENTION = re.compile(
    rf"""\b(?:
    (?:the\s+)?(?P<end>first|last)\s+(?P<count>{"|".join(_COUNTS)})\b(?:\s+{_THING}\b|{_ALONE})
    |the\s+(?P<nth>{_NTH})\b(?:\s+(?P<noun>{_THING})\b|{_ALONE})
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
    answers = [turn for turn in turns if turn.titles]
    if not answers:
        return None
    within = _ANSWER.search(question)
    if within:
        at = _ORDINALS.get(within["nth"].lower(), -1)
        answers = answers[at - 1 : at] if at > 0 else answers[-1:]
        question = _put(question, within, "")
    if not answers:
        return Pointed(question, missing="There is no such answer before this.")
    return _mentioned(question, answers) or _several(question, answers)


def called(question: str, turns: Sequence[Turn]) -> tuple[str, ...]:
    """The titles of earlier answers that a question calls by name: "OLinear" of "OLinear: …"."""
    shown = dict.fromkeys(title for turn in turns for title in turn.titles.values())
    return tuple(t for t in shown if stands_in(t.partition(":")[0], question))


def _mentioned(question: str, answers: Sequence[Turn]) -> Pointed | None:
    """Each place in a list replaced by the title that stands there.

    The last answer that has these places is meant: an explanation of one paper may stand between
    a list and the next question on it.
    """
    mentions = list(_MENTION.finditer(question))
    if not mentions:
        return None
    of_papers = all(_is_of_paper(mention) for mention in mentions)
    for shown in reversed(answers if of_papers else answers[-1:]):
        try:
            titles = [list(_titles(mention, shown)) for mention in mentions]
        except LookupError:
            continue
        told = question
        for mention, named in zip(reversed(mentions), reversed(titles), strict=True):
            told = _put(told, mention, _joined(named))
        return Pointed(told, tuple(dict.fromkeys(chain.from_iterable(titles))))
    if not of_papers:
        return None  # "the third method" of the one paper there is
    return Pointed(question, missing=_missing(mentions, answers))


def _is_of_paper(mention: re.Match[str]) -> bool:
    noun = mention["noun"]
    return noun is None or re.fullmatch(_PAPER, noun, re.IGNORECASE) is not None


def _missing(mentions: Sequence[re.Match[str]], answers: Sequence[Turn]) -> str:
    count = len(answers[-1].titles)
    papers = "one paper" if count == 1 else f"{count} papers"
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
    if everything and kind_of(question) == "comparison":
        main = answers[-1].main
        return _replaced(
            question, everything, main if len(main) > 1 else _pair(answers)
        )
    return None


def _titles(mention: re.Match[str], shown: Turn) -> Iterator[str]:
    """The titles at the places that one mention names.

    Raises:
        LookupError: there is no such place.
    """
    in_order = list(shown.titles.values())
    if mention["n"]:
        yield shown.titles[int(mention["n"])]
        if mention["m"]:
            yield shown.titles[int(mention["m"])]
    elif mention["count"]:
        count = _COUNTS[mention["count"].lower()]
        if count > len(in_order):
            raise LookupError
        first = mention["end"].lower() == "first"
        yield from in_order[:count] if first else in_order[-count:]
    else:
        at = _ORDINALS[mention["nth"].lower()]
        yield in_order[at - 1 if at > 0 else at]


def _pair(answers: Sequence[Turn]) -> tuple[str, ...]:
    """The two that "both" means.

    Those of an answer about two papers, unless its question set it beside the one before ("And
    which …?"); else what the last two answers are about; else the two best of the last.
    """
    last = answers[-1]
    beside = len(answers) > 1 and _OPENS_BESIDE.match(last.question)
    if len(last.main) == 2 and not beside:
        return last.main
    for earlier in reversed(answers[:-1]):
        other = next((title for title in last.main if title not in earlier.main), None)
        if other:
            return earlier.main[0], other
    return tuple(last.titles.values())[:2]


def _replaced(
    question: str, found: re.Match[str], titles: tuple[str, ...]
) -> Pointed | None:
    if len(titles) < 2:
        return None
    return Pointed(_put(question, found, _joined(titles)), titles)


def _joined(titles: Sequence[str]) -> str:
    return " and ".join(f"“{title}”" for title in titles)


def _put(question: str, found: re.Match[str], text: str) -> str:
    return f"{question[: found.start()]}{text}{question[found.end() :]}"
