"""Whether an answer passes the checks of an ask case, and its figures beside that. Pure.

What checks want is read by `ragbot.evaluation.sets.checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

from ragbot.evaluation.scores.matching import (
    same_sentence,
    title_form,
    title_forms,
)
from ragbot.evaluation.scores.plain_text import plain
from ragbot.evaluation.sets.checks import Checks, Earlier, Pattern, Share
from ragbot.types import Answer

__all__ = ["JUDGES", "Seen", "failed_checks", "measures", "seen"]

# Seconds that a pattern of a set may take on an answer.
_MOST_SECONDS = 1.0
# Sums of shares such as 1/3 may fall short of what they are.
_ROUNDING = 1e-9
_SHOWN = 70  # characters of a quote, title or pattern


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person sees of an answer; ``cited`` are titles, in the order of their numbers."""

    text: str = ""
    quotes: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    abstained: bool = False


def seen(answer: Answer) -> Seen:
    """An answer as it is seen."""
    return Seen(
        answer.text,
        tuple(map(attrgetter("text"), answer.quotes)),
        tuple(map(attrgetter("paper.title"), answer.papers)),
        answer.abstained,
    )


def failed_checks(
    checks: Checks, answer: Seen, earlier: Sequence[Seen] = ()
) -> dict[str, str]:
    """What is wrong with an answer, by the name of the check that says so; nothing if it passes.

    ``earlier`` are the answers to the turns before.
    """
    failed = {}
    for name, wanted in checks.items():
        if problem := JUDGES[name](wanted, answer, earlier):
            failed[name] = problem
    return failed


def measures(checks: Checks, answer: Seen) -> dict[str, float]:
    """Shares beside pass and fail, so that progress shows before a case passes.

    Each is of the cases that have the check it belongs to.
    """
    return {
        name: measure(checks[check], answer)
        for name, (check, measure) in _MEASURES.items()
        if check in checks
    }


def told(failed: Mapping[str, str]) -> str:
    """Failed checks in one line."""
    return "; ".join(f"{name}: {problem}" for name, problem in failed.items())


# -- one check each: what is wrong, or nothing ------------------------------------------------


def _unless(holds: bool, problem: str) -> str:
    return "" if holds else problem


def _first_quote(golds: Sequence[str], answer: Seen, _: Sequence[Seen]) -> str:
    first = _first(answer.quotes)
    return _unless(same_sentence(first, golds), f"the first is {_shown(first)}")


def _any_quote(golds: Sequence[str], answer: Seen, _: Sequence[Seen]) -> str:
    count = len(answer.quotes)
    return _unless(_answers(answer.quotes, golds), f"none of {count} answers")


def _any_quotes(
    groups: Sequence[Sequence[str]], answer: Seen, _: Sequence[Seen]
) -> str:
    missing = []
    for n, golds in enumerate(groups, 1):
        if not _answers(answer.quotes, golds):
            missing.append(str(n))
    problem = f"none answers part {', '.join(missing)} of {len(groups)}"
    return _unless(not missing, problem)


def _cited(titles: Sequence[str], answer: Seen, _: Sequence[Seen]) -> str:
    missing = _without(titles, title_forms(answer.cited))
    return _unless(not missing, f"lacks {_listed(missing)}")


def _not_cited(titles: Sequence[str], answer: Seen, _: Sequence[Seen]) -> str:
    right = _without(answer.cited, title_forms(titles))
    wrong = _without(answer.cited, title_forms(right))
    return _unless(not wrong, f"has {_listed(wrong)}")


def _cited_first(titles: Sequence[str], answer: Seen, _: Sequence[Seen]) -> str:
    first = _first(answer.cited)
    right = title_form(first) in title_forms(titles)
    return _unless(right, f"number 1 is {_shown(first)}")


def _precise(wanted: Share, answer: Seen, _: Sequence[Seen]) -> str:
    return _below(wanted, _cited_precision(wanted, answer))


def _complete(wanted: Share, answer: Seen, _: Sequence[Seen]) -> str:
    return _below(wanted, _cited_recall(wanted, answer))


def _few_papers(most: int, answer: Seen, _: Sequence[Seen]) -> str:
    count = len(answer.cited)
    return _unless(count <= most, f"it cites {count}, more than {most}")


def _abstained(wanted: bool, answer: Seen, _: Sequence[Seen]) -> str:
    return _unless(answer.abstained == wanted, _DONE[answer.abstained])


def _matches(
    patterns: Sequence[Pattern],
    answer: Seen,
    _: Sequence[Seen],
    *,
    quotes: bool = True,
    wanted: bool = True,
) -> str:
    """What is wrong with the first pattern that is found though unwanted, or the other way."""
    text = plain(answer.text, quotes=quotes)
    for pattern in patterns:
        try:
            found = pattern.search(text, timeout=_MOST_SECONDS) is not None
        except (TimeoutError, MemoryError):
            return f"takes too long to match: {_short(pattern.pattern)}"
        if found != wanted:
            return f"{_MATCHED[found]} {_short(pattern.pattern)}"
    return ""


def _cites_turn(wanted: Earlier, answer: Seen, earlier: Sequence[Seen]) -> str:
    before = earlier[wanted.turn - 1].cited
    if len(before) < wanted.n:
        return f"turn {wanted.turn} cited only {len(before)}"
    meant = before[wanted.n - 1]
    if wrong := _cited_first([meant], answer, earlier):
        return f"{_shown(meant)} was meant, {wrong}"
    for title, golds in wanted.golds.items():
        if title_form(title) == title_form(meant):
            return _first_quote(golds, answer, earlier)
    return ""


def _any_of(
    alternatives: Sequence[Checks], answer: Seen, earlier: Sequence[Seen]
) -> str:
    failed = [failed_checks(checks, answer, earlier) for checks in alternatives]
    return _unless(not all(failed), " / ".join(map(told, failed)))


JUDGES: Mapping[str, Callable[[Any, Seen, Sequence[Seen]], str]] = {
    "first_quote": _first_quote,
    "any_quote": _any_quote,
    "any_quotes": _any_quotes,
    "cited": _cited,
    "cited_first": _cited_first,
    "not_cited": _not_cited,
    "cited_precision": _precise,
    "cited_recall": _complete,
    "max_papers": _few_papers,
    "abstained": _abstained,
    "answer_matches": _matches,
    "answer_lacks": partial(_matches, wanted=False),
    "says_matches": partial(_matches, quotes=False),
    "cites_turn": _cites_turn,
    "any_of": _any_of,
}
"""What is wrong with an answer by each check, given what it wants and the answers before."""


# -- parts ------------------------------------------------------------------------------------


def _first(items: Sequence[str]) -> str:
    return next(iter(items), "")


def _answers(quotes: Sequence[str], golds: Sequence[str]) -> bool:
    return any(same_sentence(quote, golds) for quote in quotes)


def _without(titles: Sequence[str], forms: Collection[str]) -> list[str]:
    return [title for title in titles if title_form(title) not in forms]


def _share_in(some: Collection[str], all_: Collection[str]) -> float:
    return sum(map(some.__contains__, all_)) / max(1, len(all_))


def _below(wanted: Share, share: float) -> str:
    enough = share >= wanted.least - _ROUNDING
    return _unless(enough, f"{share:.2f}, below {wanted.least:g}")


_DONE = {True: "it declined", False: "it answered"}
_MATCHED = {True: "matches", False: "does not match"}


def _listed(titles: Sequence[str]) -> str:
    return ", ".join(map(_shown, titles))


def _shown(text: str) -> str:
    if not text:
        return "nothing"
    return f"“{_short(text)}”"


def _short(text: str) -> str:
    """The text in one line, its end left out if it is long."""
    line = " ".join(text.split())
    if len(line) <= _SHOWN:
        return line
    return line[: _SHOWN - 1] + "…"


def _first_answers(golds: Sequence[str], answer: Seen) -> float:
    return float(same_sentence(_first(answer.quotes), golds))


def _any_answers(golds: Sequence[str], answer: Seen) -> float:
    return float(_answers(answer.quotes, golds))


def _cited_precision(wanted: Share, answer: Seen) -> float:
    cited = list(map(title_form, answer.cited))
    return _share_in(title_forms(wanted.relevant), cited)


def _cited_recall(wanted: Share, answer: Seen) -> float:
    return _share_in(title_forms(answer.cited), title_forms(wanted.relevant))


# Each with the check that it belongs to.
_MEASURES: Mapping[str, tuple[str, Callable[[Any, Seen], float]]] = {
    "first_quote_answers": ("first_quote", _first_answers),
    "any_quote_answers": ("first_quote", _any_answers),
    "cited_precision": ("cited_precision", _cited_precision),
    "cited_recall": ("cited_recall", _cited_recall),
}
