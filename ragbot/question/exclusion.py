"""What a question does not want: "without attention", "neither X nor Y", "other than pruning"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ragbot.text.english import PAPERS

__all__ = ["Exclusion", "read_exclusion"]

_WHAT = r"(?P<{}>[\w+.-]+(?:[ -](?!(?:and|or|nor|but|in|for|on|with|that|which)\b)[\w+.-]+){{0,3}})"
_USE = (
    r"(?:us(?:e|es|ing)|rely(?:ing)?\s+on|need(?:ing)?|requir(?:e|es|ing)|with|about|on|based\s+on|"
    r"involv(?:e|es|ing)|contain(?:ing)?|employ(?:ing)?|appl(?:y|ying)|by\s+means\s+of|for|from)"
)
_NOT = (
    rf"(?:(?:{PAPERS}\s+)?(?:that|which|but)?\s*(?:are|is|do|does|did)\s*(?:not|n['’]t)|"
    r"(?:do|does|is|are)n['’]t|but\s+not|and\s+not|,?\s*not)"
)
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:(?:use|rely\s+on|need|with)\s+)?neither\s+{_WHAT.format('a')}\s+nor\s+{_WHAT.format('b')}",
        rf"\b(?:without|excluding|avoiding)\s+(?:any\s+|the\s+|using\s+)?{_WHAT.format('a')}"
        rf"(?:\s+(?:or|and|nor)\s+{_WHAT.format('b')})?",
        rf"\b(?P<cut>(?:other\s+than|except(?:\s+for)?|apart\s+from|besides|rather\s+than)\s+"
        rf"{_WHAT.format('a')}(?:\s+(?:or|and)\s+{_WHAT.format('b')})?)",
        rf"\A(?=(?s:.*)n(?:o|['’])t)(?s:.*?)(?P<cut>,?\s*\b{_NOT}\s+(?:{_USE}\s+)+(?:any\s+|the\s+)?{_WHAT.format('a')}"
        rf"(?:\s+(?:or|and|nor)\s+{_WHAT.format('b')})?)",
    )
)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """The question without the words that only exclude, and what papers must not assert.

    "Without X" stays: who works without it says so. "Not about X" would find what is about X.
    """

    question: str
    excluded: tuple[str, ...] = ()


def read_exclusion(question: str) -> Exclusion:
    """What a question leaves out; one that leaves nothing out comes back as it is."""
    for pattern in _PATTERNS:
        found = pattern.search(question)
        if found is None:
            continue
        groups = found.groupdict()
        excluded = tuple(filter(None, (groups.get("a"), groups.get("b"))))
        if groups.get("cut"):
            before, after = question[: found.start("cut")], question[found.end("cut") :]
            question = f"{before} {after}".strip()
        return Exclusion(question, excluded)
    return Exclusion(question)
