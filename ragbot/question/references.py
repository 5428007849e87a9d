"""What a follow-up points at in the answers before it: "the second one", "paper 3", "both"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragbot.types import Message

__all__ = ["with_titles"]

# A paper in an answer of ours: its title in bold, and its number.
_LISTED = re.compile(r"\*\*(?P<title>[^\n]{1,400}?)\*\*[^\n\[]{0,20}\[(?P<n>\d{1,3})\]")
_ESCAPED = re.compile(r"\\([^\w\s])|\u200b")
_ORDINALS = {
    **{
        word: at
        for at, word in enumerate("first second third fourth fifth sixth".split(), 1)
    },
    **{word: at for at, word in enumerate("1st 2nd 3rd 4th 5th 6th".split(), 1)},
    "last": -1,
}
_ONE = r"(?:one|paper|work|article|preprint|entry|result|method|model|of (?:them|these|those))"
_NTH = re.compile(
    rf"\bthe\s+(?P<which>{'|'.join(_ORDINALS)})\s+{_ONE}\b", re.IGNORECASE
)
_NUMBERED = re.compile(
    r"\b(?:paper|entry|result|number|no\.)\s*#?(?P<n>\d{1,2})\b", re.IGNORECASE
)
_BOTH = re.compile(
    r"\b(?:compare|contrast|differ\w*|relate)\b.{0,60}\bboth\b|\bboth\b.{0,60}\b(?:compare|differ)",
    re.IGNORECASE,
)
_BOTH_WORDS = re.compile(r"\bboth(?: of them| papers| of these)?\b", re.IGNORECASE)


def with_titles(question: str, history: Sequence[Message]) -> str | None:
    """The question with titles in place of what points at papers of the answers before it.

    ``None`` if it points at none, or at one that is not there.
    """
    answers = [_listed(turn.content) for turn in history if turn.role == "assistant"]
    answers = [titles for titles in answers if titles]
    if not answers:
        return None
    last = answers[-1]
    for pattern in (_NTH, _NUMBERED):
        found = pattern.search(question)
        if found:
            title = _title(found, last)
            return _put(question, found, f"“{title}”") if title else None
    if _BOTH.search(question):
        pair = _pair(answers)
        found = _BOTH_WORDS.search(question)
        if pair and found:
            return _put(question, found, f"“{pair[0]}” and “{pair[1]}”")
    return None


def _listed(answer: str) -> dict[int, str]:
    """The titles of an answer by their numbers, in their order."""
    titles: dict[int, str] = {}
    for found in _LISTED.finditer(answer):
        titles.setdefault(int(found["n"]), _ESCAPED.sub(r"\1", found["title"]).strip())
    return titles


def _title(found: re.Match[str], titles: dict[int, str]) -> str | None:
    if found.re is _NUMBERED:
        return titles.get(int(found["n"]))
    at = _ORDINALS[found["which"].lower()]
    in_order = list(titles.values())
    if at == -1:
        return in_order[-1]
    return in_order[at - 1] if at <= len(in_order) else None


def _pair(answers: Sequence[dict[int, str]]) -> tuple[str, str] | None:
    """The two that "both" means: of an answer about two papers, else the best of two answers."""
    last = list(answers[-1].values())
    if len(last) == 2:
        return last[0], last[1]
    if len(answers) > 1:
        before = list(answers[-2].values())
        return before[0], last[0]
    return (last[0], last[1]) if len(last) > 2 else None


def _put(question: str, found: re.Match[str], text: str) -> str:
    return f"{question[: found.start()]}{text}{question[found.end() :]}"
