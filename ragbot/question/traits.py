"""What a question says of the papers it counts or lists: words of the title, authors, organisation.

Each is read and taken out of the question; what is left tells what is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ragbot.text.english import PAPERS
from ragbot.types import Traits

__all__ = ["NUMBERS", "number_of", "read_by", "read_traits"]

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
_WORDS = {
    **{word: n for n, word in enumerate(_SMALL)},
    "a": 1,
    "an": 1,
    "single": 1,
    "sole": 1,
    "couple": 2,
    "dozen": 12,
}
NUMBERS = rf"(?:\d{{1,5}}|{'|'.join(_SMALL)}|dozen)"
"""A pattern of the numbers that questions write."""

_QUOTED = re.compile(
    r"[\"“”„«]([^\"“”„«»]{1,120})[\"“”»]|(?<!\w)['‘]([^'‘’]{1,120})['’](?!\w)"
)
_QUOTES = " \"'“”‘’"
_OR = re.compile(r"\s+or\s+", re.I)
# "the word", "the exact phrase", "either".
_A_WORD = (
    r"(?:(?:either|both|at\s+least)\s+)?(?:(?:the|a)\s+)?(?:(?:exact\s+)?(?:words?|terms?|phrases?|names?|"
    r"expressions?|strings?|keywords?|acronyms?)\s+)?"
)
_HAS = (
    r"(?:with|have|has|having|contains?|containing|includes?|including|mentions?|mentioning|uses?|"
    r"using|bears?|bearing|carry|carries|carrying|features?|featuring|says?|saying|got)"
)
_THAT = r"(?:(?:that|which|who)\s+)?(?:(?:do|does|are|is|were|was)\s+)?"
_TITLES = r"(?:(?:paper|article)\s+)?(?:titles?|headings?|headlines?)"
_TITLED = (
    # "… with X in the title"
    rf"\b{_THAT}{_HAS}\s+{_A_WORD}(?P<said>\S.{{0,120}}?)\s+(?:as\s+(?:a\s+)?part\s+of|anywhere\s+in|somewhere\s+in|in|within)"
    rf"\s+(?:the|their|its|a|his|her)\s+(?:\w+['’]s?\s+)?{_TITLES}",
    # "in whose title X appears", "in how many titles does X appear"
    rf"(?P<kept>\bin\s+(?:whose|how\s+many|which|what)\s+{_TITLES})\s+{_THAT}{_A_WORD}(?P<said>\S.{{0,120}}?)\s+"
    r"(?:appears?|occurs?|stands?|is\s+(?:mentioned|used|found)|shows?\s+up)\b",
    # "X appears in how many titles"
    rf"^\W*{_A_WORD}(?P<said>\S.{{0,120}}?)\s+(?:appears?|occurs?|stands?|is|shows?\s+up)\s+"
    rf"(?P<kept>in\s+(?:how\s+many|which|what)\s+{_TITLES})",
    # "titles with X", "whose title contains X"
    rf"(?P<kept>\b(?:whose\s+)?{_TITLES})\s+{_THAT}{_HAS}\s+{_A_WORD}(?P<said>\S.{{0,120}}?)(?=\s*[?.!]*\s*\Z)",
    # "X-titled", "with a title about X" is for the search
)
_TITLED_BY = [(re.compile(pattern, re.I), None) for pattern in _TITLED]
_AUTHORS = (
    r"(?:co-?)?(?:authors?|writers?|people|persons?|researchers?|names?)"
    r"(?:\s+(?:listed|each|on\s+(?:it|them)))?"
)
_WRITTEN = (
    rf"(?:\b{_THAT}(?:(?:were|was|are|is|been)\s+)?(?:(?:written|authored|published|produced|made)\s+)?"
    r"(?:with|by|has|have|having|of|list|lists|listing|name|names)\s+)"
)
_N = rf"(?:{NUMBERS}|an?(?:\s+(?:single|sole))?|(?:the\s+)?(?:single|sole))"
Bounds = Callable[[int, int], tuple[int | None, int | None]]
_NUMBER_OF_AUTHORS: tuple[tuple[str, Bounds], ...] = (
    (
        rf"{_WRITTEN}(?:between\s+)?(?P<n>{_N})\s*(?:and|to|[-–])\s*(?P<m>{_N})\s+{_AUTHORS}",
        lambda n, m: (n, m),
    ),
    (
        rf"{_WRITTEN}(?:more\s+than|over|above|upwards\s+of)\s+(?P<n>{_N})\s+{_AUTHORS}",
        lambda n, m: (n + 1, None),
    ),
    (
        rf"{_WRITTEN}(?:at\s+least|no\s+fewer\s+than|no\s+less\s+than|a\s+minimum\s+of)\s+(?P<n>{_N})\s+{_AUTHORS}",
        lambda n, m: (n, None),
    ),
    (
        rf"{_WRITTEN}(?P<n>{_N})(?:\s*\+|\s+or\s+more|\s+and\s+more)\s+{_AUTHORS}",
        lambda n, m: (n, None),
    ),
    (
        rf"{_WRITTEN}(?P<n>{_N})\s+{_AUTHORS}\s+(?:or|and)\s+more\b",
        lambda n, m: (n, None),
    ),
    (
        rf"{_WRITTEN}(?:(?:fewer|less)\s+than|under|below)\s+(?P<n>{_N})\s+{_AUTHORS}",
        lambda n, m: (None, n - 1),
    ),
    (
        rf"{_WRITTEN}(?:at\s+most|up\s+to|no\s+more\s+than|a\s+maximum\s+of)\s+(?P<n>{_N})\s+{_AUTHORS}",
        lambda n, m: (None, n),
    ),
    (
        rf"{_WRITTEN}(?P<n>{_N})(?:\s+{_AUTHORS})?\s+or\s+(?:fewer|less)(?:\s+{_AUTHORS})?",
        lambda n, m: (None, n),
    ),
    (
        r"\b(?:have|has|had|with|by|list|lists)\s+(?:multiple|several|many|various|"
        rf"more\s+than\s+one)\s+{_AUTHORS}|\b(?:multi|multiple|co)[\s-]?author(?:ed|s)?\b",
        lambda n, m: (2, None),
    ),
    (
        r"\b(?P<n>single|sole|solo|one|two|three|four|five)[\s-]author(?:ed)?\b|"
        r"\bsolo(?:\s+(?=papers?|works?))|\b(?:written|authored)\s+alone\b",
        lambda n, m: (n, n),
    ),
    (
        rf"{_WRITTEN}(?:only|just|exactly|precisely|a\s+total\s+of)?\s*(?P<n>{_N})\s+(?:single\s+)?{_AUTHORS}"
        r"(?:\s+(?:only|alone|each))?",
        lambda n, m: (n, n),
    ),
)
_NUMBERED = [(re.compile(p, re.I), bounds) for p, bounds in _NUMBER_OF_AUTHORS]
_DATES = (
    r"(?:(?:an?y?|the|known|explicit|publication|stated|release)\s+)*"
    r"(?:publication\s+|release\s+)?dates?(?:\s+of\s+publication)?"
)
_DATED = (
    (
        re.compile(
            rf"""\b{_THAT}(?:undated\b
            |(?:with(?:out|\s+no)|have\s+no|has\s+no|having\s+no|without|lack(?:s|ing)?
                |(?:are\s+|is\s+)?miss(?:ing|es)?
                |(?:do(?:es)?\s+not|do(?:es)?n['’]t|no)\s+
                    (?:have|has|state|give|bear|carry|show|mention))\s+{_DATES}
            |(?:not|isn['’]t|aren['’]t)\s+dated\b
            |(?:whose\s+)?dates?\s+(?:(?:is|are)\s+)?(?:unknown|not\s+known|missing))""",
            re.I | re.X,
        ),
        False,
    ),
    (
        re.compile(
            rf"""\b{_THAT}(?:
            (?:with|have|has|having|state|give|bear|carry)\s+{_DATES}\b
                (?!\s+(?:in|of|from|since|before|after)\b)
            |(?:are|is|were)\s+dated\b(?=\s*[?.!]*\s*\Z)
            |\bdated(?=\s+(?:papers?|works?|ones)))""",
            re.I | re.X,
        ),
        True,
    ),
)
# What stands behind "by" and is no name.
_NO_NAME = (
    r"\W*(?:(?-i:s?he|him|her)|an?|the|this|that|these|those|it|them|its|their|your|my|our|which|what|whom|who|any|"
    r"all|same|each|hand|topic|year|date|month|author|title|default|far|now|then|here|there|how|"
    r"you|i|we|people|many|most|recent|latest|newest|oldest|new|other|more|one|undated|dated|no|is|are|"
    rf"{PAPERS})\b"
)
_NAME = rf"(?!{_NO_NAME})(?P<by>[^\s?!,;:][^?!,;:]{{0,60}}?)"
_SHORT_NAME = rf"(?!{_NO_NAME})(?P<by>[\w.&-]+(?:\s+[\w.&-]+){{0,2}}?)"
_END = r"\s*(?:(?:,\s*)?please)?[\s?.!]*\Z"
_HERE = (
    r"(?:\s+(?:are|is|were|was|exist|(?:are|is)\s+there|here|"
    r"(?:do\s+|can\s+)?you\s+(?:have|know(?:\s+of)?)|"
    r"(?:are\s+)?in\s+(?:the|this|your|my)\s+\w+))?"
)
_BEFORE_BY = (
    rf"\b{_THAT}(?:(?:come|comes|came|originate|stem)\s+)?(?:(?:written|published|authored|"
    r"released|produced|made|posted|submitted|put\s+out)\s+)?"
)
_BEHIND_BY = (
    r"\s+(?:(?:the\s+)?(?:organi[sz]ation|company|institution|institute|lab|team|group|people|"
    r"folks|researchers|authors?)\s+(?:(?:at|of|from|called|named|in)\s+)?)?"
    rf"{_NAME}{_HERE}{_END}"
)
_PROPER = re.compile(r"[A-ZÀ-Þ0-9&]|(?:of|de|der|van|von|la|le|and|for|the|di|da)\Z")


def _is_proper(name: str) -> bool:
    """Whether all words of a name are capitalised, small ones apart."""
    return all(map(_PROPER.match, name.split())) and name[:1].isupper()


# How papers are said to be by somebody, and whether that is surely a name.
_BY_WHOM = (
    (rf"{_BEFORE_BY}by{_BEHIND_BY}", bool),
    (rf"{_BEFORE_BY}from{_BEHIND_BY}", _is_proper),
    (rf"{_BEFORE_BY}(?:affiliated\s+with|at|of){_BEHIND_BY}", str.isspace),
    # "what has X published?", "does X have papers here?"
    (
        rf"^\W*(?:(?P<kept>(?:what|(?:what|which|how\s+many)\s+{PAPERS})\s+)"
        rf"(?:has|have|did|does|do|was|were)|has|have|did|does|do)\s+{_NAME}\s+"
        r"(?:(?:publish|releas|writ|wrot|author|produc|contribut|post|put\s+out|have|got)\w*|"
        rf"ever\s+publish\w*)(?P<rest>(?:\s+(?:any(?:thing)?|some|{PAPERS}|to|out))*)"
        rf"{_HERE}{_END}",
        str.isspace,
    ),
    # "X papers"
    (
        r"^\W*(?P<kept>(?:(?:how\s+many|which|what|list|show|find|give|me|us|all|any|the|"
        rf"are\s+there)\s+)*){_SHORT_NAME}(?:['’]s?)?\s+"
        rf"(?P<rest>(?:papers|articles|publications|preprints)){_HERE}{_END}",
        str.isspace,
    ),
)
_BY = [(re.compile(pattern, re.I), sure) for pattern, sure in _BY_WHOM]


def number_of(text: str) -> int:
    """A number in digits or words: "12", "twelve", "a single"."""
    last = text.lower().split()[-1]
    if last.isdecimal():
        return int(last)
    return _WORDS.get(last, 1)


def read_traits(question: str) -> tuple[Traits, str]:
    """The traits that a question names, and the question without them; see `read_by`."""
    traits, rest = Traits(), question
    for needed, table, told in _READINGS:
        if needed.search(rest):
            traits, rest = _read(traits, rest, table, told)
    return traits, rest


def read_by(traits: Traits, text: str) -> tuple[Traits, str]:
    """The traits with whom papers are by, if a question says it, and the question without that.

    What stands there may be anything else: it is for the end, when nothing else fits.
    """
    return _read(traits, text, _BY, _by_whom)


def _read(traits: Traits, text: str, table: _Table, told: _Told) -> tuple[Traits, str]:
    """The traits with what the first pattern that is found tells, and the text without that."""
    for pattern, value in table:
        match = pattern.search(text)
        if match:
            return replace(traits, **told(match, value)), _without(text, match)
    return traits, text


def _number(match: re.Match[str], bounds: Bounds) -> dict[str, Any]:
    said = {"n": "one", "m": "one", **match.groupdict("one")}
    fewest, most = bounds(number_of(said["n"]), number_of(said["m"]))
    return {"fewest": fewest, "most": most}


def _title(match: re.Match[str], _: None) -> dict[str, Any]:
    said = match["said"]
    phrases = list(map("".join, _QUOTED.findall(said)))
    if not phrases:
        phrases = [part.strip(_QUOTES) for part in _OR.split(said)]
    either = _OR.search(_QUOTED.sub(" ", said)) is not None
    return {"titled": tuple(filter(None, phrases)), "either": either}


def _date(_: re.Match[str], dated: bool) -> dict[str, Any]:
    return {"dated": dated}


def _by_whom(match: re.Match[str], sure: Callable[[str], bool]) -> dict[str, Any]:
    name = match["by"].strip(f"{_QUOTES}.")
    return {"by": name, "surely_by": sure(name)}


_Told = Callable[[re.Match[str], Any], dict[str, Any]]
"""The fields of `Traits` that a match gives, and the value beside its pattern."""
_Table = Sequence[tuple[re.Pattern[str], Any]]
_NUMBER_NEEDS = r"author|writer|people|person|researcher|name|fewer|less|solo|alone"
# What of each table fits only where one of some words stands, which is soon seen.
_READINGS: tuple[tuple[re.Pattern[str], _Table, _Told], ...] = (
    (re.compile(_NUMBER_NEEDS, re.I), _NUMBERED, _number),
    (re.compile("title|head", re.I), _TITLED_BY, _title),
    (re.compile("date", re.I), _DATED, _date),
)


def _without(text: str, match: re.Match[str]) -> str:
    """The text without a match, but for what of it tells what is asked."""
    groups = {"kept": "", "rest": "", **match.groupdict("")}
    before, behind = text[: match.start()], text[match.end() :]
    return f"{before} {groups['kept']} {groups['rest']} {behind}"
