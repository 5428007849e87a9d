"""What kind of answer a question asks for. Looks at its words only."""

from __future__ import annotations

import re

from ragbot.text.names import names_in
from ragbot.types import Kind

__all__ = ["THINGS", "asked_fact", "kind_of"]

_COMPARE = re.compile(
    r"\b(compare[sd]?|comparison|versus|vs\.?|differ(s|ent|ence|ences)?|contrast(ed|s)?|"
    r"as opposed to|both\b.{0,200}?\band)\b",
    re.I,
)
# "What does X add to Y?", "What restriction of X does Y remove?": two named things side by side.
_RELATES = re.compile(
    r"\b(add(s|ed)?\b.{0,200}?\b(to|beyond|over)|beyond|improve(s|d)? (on|upon|over)|instead of|"
    r"restriction of|each)\b",
    re.I,
)
THINGS = (
    r"(papers?|works?|research|studies|stud(y|ies)|methods?|approaches|systems?|models?|articles?|"
    r"literature|techniques|alternatives|designs?|architectures|surveys?|datasets?|publications?|"
    r"benchmarks?|preprints?|agents|parsers|attempts|proposals)"
)
"""A pattern of what a question may ask a list of."""
_LIST = re.compile(
    rf"^\W*(please\s+)?("
    rf"(list|name|enumerate)\b|show me\b|(give|find|get) me\b.*\b{THINGS}|"
    rf"(which|what)\s+(\w+[\s-]){{0,3}}?(papers|works?|research|studies|methods|approaches|systems|models|articles|"
    rf"alternatives|techniques|architectures|surveys|datasets|benchmarks)\b|"
    rf"(are|is) there\s+(anything|any|some|other|more|{THINGS})|any(thing)?\b|"
    rf"what (is|else is) there\b|what has (come out|been)\b|"
    rf"(is|are) there (any )?(papers|works?|research)|"
    rf"how (have|do|did) (people|researchers|others|the papers|papers)\b|"
    rf"who (else )?(has|have|works?|worked)\b)"
    rf"|\bwhich (papers|works|methods|studies)\b|\bpapers (about|on|that|which|from|dated|with)\b|"
    r"^\W*(\w+ ){0,2}papers (published|released|written|since|before|after|in|between|using)\b",
    re.I,
)
_ONE = re.compile(
    r"\b(is there|are there) (a|an) |\bwhich (paper|work|one|method|model|network)\b",
    re.I,
)
# "Which datasets does OLinear use?" is about one work.
_OF_ONE = re.compile(
    rf"\b[Ww](?:hich|hat)\s+(?:\w+[\s-]){{0,3}}?{THINGS}\s+(?:does|did|has|is|was)\s+"
    r"(?:[A-Z]|\w+[A-Z]|(?:it|this|the\s+(?:paper|work|method|model|authors?))\b)"
)
# What is asked for is short; without a bound, time would grow with the square of the question.
_FACT = re.compile(
    r"\b(?:what|which|how many|how much)\s+(.{1,200}?)\s+"
    r"(?:do|does|did|is|are|was|were|can|has|have|will|would|use[sd]?|get|gets|reach\w*)\b",
    re.I,
)


def asked_fact(question: str) -> str | None:
    """What a "what …", "which …" or "how many …" question asks for: "GPU hours", "learning-rate
    schedule"; ``None`` for other questions."""
    match = _FACT.search(question)
    return match.group(1) if match else None


def kind_of(question: str) -> Kind:
    """``list`` for "which papers …", ``compare`` for two things side by side, else ``single``."""
    if _COMPARE.search(question):
        return "compare"
    if _RELATES.search(question) and len(names_in(question)) >= 2:
        return "compare"
    if _LIST.search(question) and not (
        _ONE.search(question) or _OF_ONE.search(question)
    ):
        return "list"
    return "single"
