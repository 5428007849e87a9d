"""What an ask case wants of an answer: the checks that there are, and the form of each. Pure.

Checks are a mapping from the name of a check to what it wants; `FORMS` tells how that is written.
Whether an answer passes is for `ragbot.evaluation.scores.verdicts` to say.
"""

from __future__ import annotations

import difflib
import json
import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, filterfalse
from operator import attrgetter
from typing import Any

import regex

from ragbot.errors import InputError
from ragbot.evaluation.sets.rows import kind_of, require, texts
from ragbot.text.words import match_form

__all__ = [
    "FORMS",
    "Checks",
    "Earlier",
    "Pattern",
    "Share",
    "every",
    "read_checks",
    "sentences_of",
    "titles_of",
]

Checks = Mapping[str, Any]
Pattern = Any  # a compiled pattern of the regex package, which ships no types


@dataclass(frozen=True, slots=True)
class Share:
    """Titles of the relevant papers, and the least share wanted, 0 to 1."""

    relevant: tuple[str, ...]
    least: float


@dataclass(frozen=True, slots=True)
class Earlier:
    """A paper by its number ``n`` in the answer to turn ``turn``, both from 1; ``golds`` are the
    sentences that answer, for each paper that may be meant."""

    turn: int
    n: int
    golds: Mapping[str, tuple[str, ...]]


def read_checks(value: Any) -> Checks:
    """The checks of a JSON object, by their names.

    Raises:
        InputError: there is none, one is unknown, or is not written as `FORMS` has it.
    """
    return {name: _read(name, wanted) for name, wanted in _fields(value).items()}


def _read(name: str, wanted: Any) -> Any:
    if name not in FORMS:
        close = difflib.get_close_matches(name, FORMS, 1) or sorted(FORMS)
        raise InputError(f"'{name}' is no check", f"choose from {', '.join(close)}")
    try:
        return FORMS[name](wanted)
    except InputError as error:
        raise InputError(f"{name}: {error.message}", error.remedy) from None


def every(checks: Checks) -> Iterator[tuple[str, Any]]:
    """The checks and those of their alternatives."""
    for name, wanted in checks.items():
        yield name, wanted
        if name == "any_of":
            yield from chain.from_iterable(map(every, wanted))


def titles_of(checks: Checks) -> set[str]:
    """The titles that any of the checks names."""
    titles: set[str] = set()
    for name, wanted in every(checks):
        if name in _TITLES:
            titles.update(_TITLES[name](wanted))
    return titles


def sentences_of(checks: Checks) -> list[str]:
    """The sentences of which the checks want one quoted, those of alternatives left out."""
    single = chain(checks.get("first_quote", ()), checks.get("any_quote", ()))
    return [*single, *chain.from_iterable(checks.get("any_quotes", ()))]


# -- forms: from JSON to what a check wants; each raises InputError ---------------------------


def _fields(value: Any) -> dict[str, Any]:
    problem = f"must be an object, not {_told(value)}"
    require(isinstance(value, dict), problem, 'write {"…": …}')
    require(len(value) > 0, problem, 'write {"…": …}')
    return dict(value)


def _items(value: Any) -> list[Any]:
    problem = f"must be a list, not {_told(value)}"
    require(isinstance(value, list), problem, "write […]")
    require(len(value) > 0, problem, "write […]")
    return list(value)


def _told(value: Any) -> str:
    if value in ([], {}):
        return "an empty one"
    return kind_of(value)


def _lettered(value: Any) -> tuple[str, ...]:
    """Sentences or titles, which are compared by their letters and digits."""
    items = texts(_items(value))
    blank = list(filterfalse(match_form, items))
    problem = f"{', '.join(map(repr, blank))} has no letter and no digit"
    require(not blank, problem, "write what is to be found")
    return items


def _one_or_several(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return _lettered([value])
    return _lettered(value)


def _groups(value: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(map(_lettered, _items(value)))


def _whole(value: Any, least: int = 0) -> int:
    problem = f"must be a whole number, not {_short(value)}"
    require(type(value) is int, problem, f"write {least} or more")
    require(value >= least, problem, f"write {least} or more")
    return int(value)


def _yes_or_no(value: Any) -> bool:
    problem = f"must be true or false, not {_short(value)}"
    require(isinstance(value, bool), problem, "write it without quotes")
    return bool(value)


def _short(value: Any) -> str:
    return repr(value)[:40]


def _share(value: Any) -> Share:
    fields = _those(value, '{"relevant": ["title"], "least": 0.5}')
    least = fields["least"]
    problem = f"least must be from 0 to 1, not {_short(least)}"
    require(type(least) in (int, float), problem, "mend it")
    require(0 <= least <= 1, problem, "mend it")
    return Share(_lettered(fields["relevant"]), float(least))


def _earlier(value: Any) -> Earlier:
    given = {"golds": {}, **_fields(value)}
    fields = _those(given, '{"turn": 1, "n": 1, "golds": {"title": ["sentence"]}}')
    golds = fields["golds"]
    problem = f"golds must map titles to sentences, not be {kind_of(golds)}"
    require(isinstance(golds, dict), problem, 'write {"title": ["sentence"]}')
    sentences = {title: _lettered(of_it) for title, of_it in golds.items()}
    return Earlier(_whole(fields["turn"], 1), _whole(fields["n"], 1), sentences)


def _those(value: Any, form: str) -> dict[str, Any]:
    """The fields of an object, which must be those of the form: JSON itself."""
    fields, wanted = _fields(value), json.loads(form)
    other = ", ".join(sorted(fields.keys() ^ wanted.keys()))
    require(not other, f"missing or unknown: {other}", f"write {form}")
    return fields


def _alternatives(value: Any) -> tuple[Checks, ...]:
    return tuple(map(read_checks, _items(value)))


_LONGEST = 2_000
# The regex package writes out what is repeated at least so often: memory without end.
_MOST_REPEATED = 10_000
_LEAST_TIMES = re.compile(r"\{(\d+)")


def _patterns(value: Any) -> tuple[Pattern, ...]:
    return tuple(map(_pattern, texts(_items(value))))


def _pattern(source: str) -> Pattern:
    """A pattern of Python's own syntax, case ignored, that can be searched for with a time limit.

    `re` knows no time limit, `regex` more syntax than there are bounds for, so both compile it.
    """
    repeated = math.prod(max(1, int(n)) for n in _LEAST_TIMES.findall(source))
    problem = f"'{source[:40]}…' is too large a pattern"
    require(len(source) <= _LONGEST, problem, "write a simpler one")
    require(repeated <= _MOST_REPEATED, problem, "write a simpler one")
    try:
        with warnings.catch_warnings(action="ignore"):  # of what may change some day
            re.compile(source)
            return regex.compile(source, regex.IGNORECASE)
    except (re.error, regex.error, RecursionError, OverflowError) as error:
        raise InputError(
            f"'{source[:60]}' is no pattern ({error})",
            "write a regular expression of Python's",
        ) from None


FORMS: Mapping[str, Callable[[Any], Any]] = {
    "first_quote": _lettered,
    "any_quote": _lettered,
    "any_quotes": _groups,
    "cited": _lettered,
    "cited_first": _one_or_several,
    "not_cited": _lettered,
    "cited_precision": _share,
    "cited_recall": _share,
    "max_papers": _whole,
    "abstained": _yes_or_no,
    "answer_matches": _patterns,
    "answer_lacks": _patterns,
    "says_matches": _patterns,
    "cites_turn": _earlier,
    "any_of": _alternatives,
}
"""How what a check wants is read from JSON; each raises `InputError`."""
_TITLES: Mapping[str, Callable[[Any], Any]] = {
    "cited": tuple,
    "cited_first": tuple,
    "not_cited": tuple,
    "cited_precision": attrgetter("relevant"),
    "cited_recall": attrgetter("relevant"),
    "cites_turn": attrgetter("golds"),
}
