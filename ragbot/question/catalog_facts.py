"""Questions that the catalog answers, not the abstracts: how many papers, which is the newest.

Only such as ask nothing else: "the newest paper on pruning" is searched for like any other.
"""

from __future__ import annotations

import re
from typing import Literal

from ragbot.text.english import PAPERS
from ragbot.types import CatalogQuestion

__all__ = ["catalog_question"]

_HERE = (
    r"(?:\s+(?:are\s+there|(?:do\s+)?you\s+have|here|there|(?:are\s+)?(?:in|within)\s+"
    r"(?:this|the|your|my)\s+(?:collection|library|database|corpus)|are\s+(?:here|indexed|ingested)))"
)
_END = r"\s*[?.!]*\s*\Z"
_ASKS: tuple[
    tuple[Literal["count", "newest", "oldest", "all", "authors"], re.Pattern[str]], ...
] = (
    ("count", re.compile(rf"^\W*how\s+many\s+{PAPERS}{_HERE}{{0,2}}{_END}", re.I)),
    (
        "newest",
        re.compile(
            r"^\W*(?:(?:what|which)\s+(?:is|are|was|were)\s+|show\s+(?:me\s+)?|give\s+me\s+)?the\s+"
            rf"(?:newest|latest|most\s+recent)\s+{PAPERS}{_HERE}?{_END}",
            re.I,
        ),
    ),
    (
        "oldest",
        re.compile(
            r"^\W*(?:(?:what|which)\s+(?:is|are|was|were)\s+|show\s+(?:me\s+)?|give\s+me\s+)?the\s+"
            rf"(?:oldest|earliest)\s+{PAPERS}{_HERE}?{_END}",
            re.I,
        ),
    ),
    (
        "all",
        re.compile(
            r"^\W*(?:please\s+)?(?:list|show|name|give\s+me|what\s+are)\s+(?:me\s+)?(?:all|every)?\s*"
            rf"(?:of\s+)?(?:the\s+|your\s+|my\s+)?(?:all\s+)?(?:{PAPERS}|titles){_HERE}?{_END}",
            re.I,
        ),
    ),
    (
        "authors",
        re.compile(
            r"^\W*how\s+many\s+(?:people|authors|researchers)\s+(?:does|do|did|wrote|has|have|are\s+"
            r"(?:there\s+)?(?:on|of|behind))\s+(?P<what>\S.{0,200}?)(?:\s+have)?"
            + _END,
            re.I,
        ),
    ),
)
_FROM = re.compile(
    rf"^\W*(?:which|what|list|show(?:\s+me)?|are\s+there(?:\s+any)?)\s+(?:the\s+|all\s+)?{PAPERS}\s+"
    rf"(?:(?:are|come|came|is)\s+)?(?:from|by)\s+(?P<what>[\w&.' -]{{2,60}}?){_END}",
    re.I,
)
_IDENTIFIER = re.compile(
    r"^\W*(?:(?:what|which)\s+(?:is|paper\s+is)\s+)?"
    r"(?P<what>(?:arxiv[:\s]\s*)?\d{4}\.\d{4,5}(?:v\d+)?|(?:doi[:\s]\s*)?10\.\d{4,9}/\S{1,120}|"
    rf"https?://\S{{1,200}}){_END}",
    re.I,
)
_MANNERS = re.compile(
    r"^\W*(?:hi|hello|hey|hallo|hola|bonjour|good\s+(?:morning|afternoon|evening)|thanks?(?:\s+you)?"
    r"(?:\s+(?:so|very)\s+much)?|thx|bye|goodbye|help|what\s+can\s+you\s+do|who\s+are\s+you|"
    r"what\s+are\s+you|how\s+are\s+you|how\s+does\s+this\s+work)"
    r"(?:\s+(?:there|ragbot|again|all|for\s+(?:that|the\s+\w+|your\s+\w+)))?\W*\Z",
    re.I,
)


def catalog_question(question: str) -> CatalogQuestion | None:
    """What a question asks of the catalog; ``None`` if it asks for what abstracts say."""
    if _MANNERS.match(question):
        return CatalogQuestion("manners")
    for asks, pattern in _ASKS:
        found = pattern.match(question)
        if found:
            return CatalogQuestion(asks, (found.groupdict().get("what") or "").strip())
    found = _FROM.match(question)
    if found:
        return CatalogQuestion("organisation", found["what"].strip())
    found = _IDENTIFIER.match(question)
    if found:
        return CatalogQuestion("identifier", found["what"].strip())
    return None
