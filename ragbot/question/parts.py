"""A question that asks several things at once, taken apart: "What is X, how does Y work, and …?"

Only what stands alone is a part; "… and how fast is it?" stays with what it is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

from ragbot.question.kind import THINGS
from ragbot.question.subjects import ASPECTS, subject_of
from ragbot.text.english import PAPERS
from ragbot.text.names import names_in
from ragbot.text.words import content_words

__all__ = ["parts_of"]

# More than these are a pasted page rather than a question.
_MOST = 6
_IS = (
    r"(?:is|are|was|were|do|does|did|can|could|has|have|had|should|would|will|might)\b"
)
_THINGS = rf"(?:{PAPERS}|{THINGS}|ones)\b"
# A question, not a clause like "how networks forget": its verb stands in front.
_ASKS = rf"""(?:
    (?:what|how|why|when|where|who)(?:\s+{_IS}|['’]s\b)
    |(?:is|are)\s+there\b
    |(?:by\s+)?how\s+(?:many|much|well|fast|large|big|long|often|accurate|good)\b
    |(?:what|which)\s+(?:[\w-]+\s+){{0,2}}?{_THINGS}
    |(?:what|which)\s+(?!(?:in|by|also|then|thus|often|further)\b|{_IS})(?:[\w-]+\s+){{1,3}}?{_IS}
    )"""
_ORDERS = (
    r"(?:list|find|compare|contrast|explain|summari[sz]e|describe|show|tell|give)\b"
)
_BEGINS = re.compile(
    rf"""(?:[?;.]\s+|\n\s*)(?:[-*•]\s+|\(?\d[.)]\s+)?(?:(?:and|also|then)\s+)*(?={_ASKS}|{_IS}|{_ORDERS})
    |,\s*(?:(?:and|also|then)\s+)*(?={_ASKS})
    |,?\s+and\s+(?:(?:also|then)\s+)*(?={_ASKS}|{_ORDERS})""",
    re.IGNORECASE | re.VERBOSE,
)
_SUBJECT_BEFORE = r"(?:it|this|that|they|these|those|he|she)"
# "… does it …", "compare them", "of these": of something that was said before.
_OF_BEFORE = (
    rf"(?:\b{_IS}\s+{_SUBJECT_BEFORE}\b|\b(?:it|them|these|those|both|each|theirs|the\s+"
    r"(?:two|former|latter|same|first|second|third|last|others?))\b)"
)
# What "it" may stand for in a later part.
_IT = re.compile(r"\b(?:it|this|that|they|them)\b", re.IGNORECASE)
# "How does X prune its filters?" says itself whose they are.
_OWN = re.compile(r"\b(?:its|itself|their|themselves|his|her)\b", re.IGNORECASE)
_VERB = re.compile(rf"\b{_IS}", re.IGNORECASE)
# "Is there a small one": of something that is not named.
_IS_THERE = rf"\W*(?:is|are)\s+there\b(?!.*{_THINGS})"
_STANDS_ALONE = re.compile(
    rf"(?!.*{_OF_BEFORE})(?!{_IS_THERE})"
    rf"\W*(?:\d\W+)?(?:please\s+)?(?:{_ASKS}|{_IS}|{_ORDERS})",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_ORDER = re.compile(_ORDERS, re.IGNORECASE)
_NUMBER = re.compile(r"^\W*\d[.)]\s+")
_WHICH_ONES = re.compile(r"^which\s+ones\b", re.IGNORECASE)
_THING = re.compile(_THINGS, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Part:
    """Where a part stands in the question, and what it asks without the others, if it can."""

    start: int
    end: int
    alone: str = ""


def parts_of(question: str) -> tuple[str, ...]:
    """The questions of which this one is made; none if it is one question."""
    breaks = list(map(re.Match[str].span, _BEGINS.finditer(question)))
    if not breaks:
        return ()
    edges = [0, *chain.from_iterable(breaks), len(question)]
    first, *others = zip(edges[::2], edges[1::2], strict=True)
    parts = [_read(question, *first)]
    named = _named(question[: edges[1]])
    for start, end in others:
        part = _read(question, start, end, named)
        if not (parts[-1].alone and part.alone):
            part = _together(question, parts.pop(), part)
        parts.append(part)
    if not 1 < len(parts) <= _MOST:
        return ()
    return tuple(_as_question(part.alone) for part in parts)


def _read(question: str, start: int, end: int, named: str = "") -> _Part:
    """A part, with what was named before it in place of "it" if it can then be asked alone."""
    said = question[start:end]
    told = _IT.sub(lambda it: named or it.group(), said, count=1)
    return _Part(start, end, next(filter(_stands_alone, (said, told)), ""))


def _together(question: str, one: _Part, other: _Part) -> _Part:
    """Two parts as one: of the two, at least one has to stand alone."""
    if one.alone or other.alone:
        return _Part(one.start, other.end, question[one.start : other.end])
    return _Part(one.start, other.end)


def _named(part: str) -> str:
    """The one thing that a part is about, as far as its words tell."""
    names = names_in(part) or [subject_of(part)]
    if len(names) > 1:
        return ""
    return names[0]


def _stands_alone(part: str) -> bool:
    """Whether it asks something, says of what, and refers to nothing said outside."""
    said = content_words(_THING.sub(" ", _before_own(part)))
    names_something = not ASPECTS.issuperset(said)
    return names_something and _STANDS_ALONE.match(part) is not None


def _before_own(part: str) -> str:
    """Where it says of what it asks: before an "its", behind the verb; else anywhere."""
    own = _OWN.search(part)
    if own is None:
        return part
    _, *behind_verb = _VERB.split(part[: own.start()], maxsplit=1)
    return "".join(behind_verb)


def _as_question(part: str) -> str:
    part = _NUMBER.sub("", part).strip(" \n,;?.")
    part = _WHICH_ONES.sub("Which papers", part)
    capitalised = f"{part[0].upper()}{part[1:]}"
    if _ORDER.match(part):
        return f"{capitalised}."
    return f"{capitalised}?"
