"""What of a language model's reply is a question on one abstract. Trusts nothing in it.

Knows neither the model nor the set that the question is for.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Container, Mapping, Sequence
from typing import Any

from ragbot.papers.identity import title_key
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
    question, answer = (_line(fields.get(name)) for name in ("question", "answer"))
    form = match_form(question)
    if not form:
        raise UnusableError("no question in the reply")
    if len(question) > _LONGEST_QUESTION:
        raise UnusableError(f"a question of more than {_LONGEST_QUESTION} characters")
    if title_key(paper.title) in form:
        raise UnusableError("the paper's title in the question")
    if _POINTS_AT_IT.search(question):
        raise UnusableError('a question that does not stand alone ("this paper")')
    if form in asked:
        raise UnusableError("a question that was there before")
    if not match_form(answer):
        raise UnusableError("no reference answer")
    evidence = fields.get("evidence")
    quoted = evidence if isinstance(evidence, list) else [evidence]
    found = _sentences([_line(text) for text in quoted], paper.abstract)
    return {"question": question, "evidence": found, "answer": answer}


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
    if not isinstance(value, str):
        return ""
    return printable(" ".join(value.encode("utf-8", "replace").decode("utf-8").split()))


def _sentences(quoted: Sequence[str], abstract: str) -> list[str]:
    """The abstract's own sentences in which the quoted texts stand, in its order.

    Raises:
        UnusableError: a text does not stand there, or too many sentences do.
    """
    sentences = [" ".join(s.split()) for s in split_sentences(abstract)]
    forms = [match_form(s) for s in sentences]
    whole = "".join(forms)
    ends = list(itertools.accumulate(map(len, forms)))
    found: set[int] = set()
    for form in map(match_form, quoted):
        low = whole.find(form) if len(form) >= _LEAST_EVIDENCE else -1
        if low < 0:
            raise UnusableError("evidence that does not stand in the abstract")
        high = low + len(form)
        found |= {
            i
            for i, (end, own) in enumerate(zip(ends, forms, strict=True))
            if low < end and end - len(own) < high
        }
    if not found:
        raise UnusableError("no evidence in the reply")
    if len(found) > _MOST_EVIDENCE:
        raise UnusableError(f"more than {_MOST_EVIDENCE} sentences as evidence")
    return [sentences[i] for i in sorted(found)]
