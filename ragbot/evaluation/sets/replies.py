"""What of a language model's reply is a question on one abstract. Trusts nothing in it.

Knows neither the model nor the set that the question is for.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Mapping, Sequence
from itertools import accumulate
from typing import Any

from ragbot.papers.identity import title_key
from ragbot.readers.kinds import of_kind
from ragbot.text.sentences import split_sentences
from ragbot.text.words import match_form, printable
from ragbot.types import Paper

__all__ = ["UnusableError", "read_reply"]

_LONGEST_QUESTION = 400  # characters
_MOST_EVIDENCE = 3  # sentences
_LEAST_EVIDENCE = 20  # letters and digits: fewer may stand anywhere
_POINTS_AT_IT = re.compile(
    r"\b(?:this|these|our)\s+(?:paper|abstract|article|work|study|author)s?\b"
    r"|\b(?:in|to|by|do|does|did)\s+the\s+(?:paper|abstract|article|study)\b|\bthe\s+authors?\b",
    re.I,
)
# A backslash of LaTeX that JSON takes for another escape or for none: "\times", "\%".
_LATEX = re.compile(r'(?<!\\)\\(?=[bfrt][a-z]|[^\\"/bfnrtu])')


class UnusableError(Exception):
    """A reply that is no question; the message says why."""


def read_reply(reply: str, paper: Paper, asked: Container[str]) -> dict[str, Any]:
    """The fields of a set that a reply has to give.

    Raises:
        UnusableError: one is missing or breaks a rule.
    """
    fields = _object(reply)
    question, answer = _line(fields.get("question")), _line(fields.get("answer"))
    form = match_form(question)
    _require(form != "", "no question in the reply")
    too_long = f"a question of more than {_LONGEST_QUESTION} characters"
    _require(len(question) <= _LONGEST_QUESTION, too_long)
    _require(title_key(paper.title) not in form, "the paper's title in the question")
    stands_alone = _POINTS_AT_IT.search(question) is None
    _require(stands_alone, 'a question that does not stand alone ("this paper")')
    _require(form not in asked, "a question that was there before")
    _require(match_form(answer) != "", "no reference answer")
    quoted = fields.get("evidence")
    if not isinstance(quoted, list):
        quoted = [quoted]
    found = _sentences(list(map(_line, quoted)), paper.abstract)
    return {"question": question, "evidence": found, "answer": answer}


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise UnusableError(problem)


def _object(reply: str) -> Mapping[str, Any]:
    """The first object with a question in it, whatever stands around it: a fence, a preamble."""
    text = _LATEX.sub(r"\\\\", reply)
    decoder = json.JSONDecoder(strict=False)  # lines may be broken within strings
    for brace in re.finditer(r"\{", text):
        try:
            found: Mapping[str, Any] = decoder.raw_decode(text, brace.start())[0]
        except (ValueError, RecursionError):
            continue
        if "question" in found:
            return found
    raise UnusableError("no JSON object with a question in the reply")


def _line(value: object) -> str:
    """Text of a reply as one line that can be shown and written."""
    text = of_kind(value, str)
    return printable(" ".join(text.encode("utf-8", "replace").decode("utf-8").split()))


_NOT_THERE = "evidence that does not stand in the abstract"


def _sentences(quoted: Sequence[str], abstract: str) -> list[str]:
    """The abstract's own sentences in which the quoted texts stand, in its order.

    Raises:
        UnusableError: a text does not stand there, or too many sentences do.
    """
    sentences = list(map(" ".join, map(str.split, split_sentences(abstract))))
    forms = list(map(match_form, sentences))
    whole = "".join(forms)
    ends = list(accumulate(map(len, forms)))
    found: set[int] = set()
    for form in map(match_form, quoted):
        _require(len(form) >= _LEAST_EVIDENCE, _NOT_THERE)
        _require(form in whole, _NOT_THERE)
        start = whole.index(form)
        first, last = bisect_right(ends, start), bisect_left(ends, start + len(form))
        found.update(range(first, last + 1))
    _require(found != set(), "no evidence in the reply")
    too_many = f"more than {_MOST_EVIDENCE} sentences as evidence"
    _require(len(found) <= _MOST_EVIDENCE, too_many)
    return list(map(sentences.__getitem__, sorted(found)))
