"""The words by which a question asks for papers, taken away from what they are on."""

from __future__ import annotations

import re

from ragbot.text.english import PAPERS
from ragbot.text.words import content_words

__all__ = ["unframed"]

_THINGS = (
    rf"(?:{PAPERS}|methods?|approaches|techniques?|models?|alternatives|architectures|systems|"
    r"anything|something|ones?)"
)
_ASKS = (
    r"(?:please|list|name|enumerate|show|find|search\s+for|give|get|me|us|which|what|any|are|is|there|"
    r"how\s+many|do\s+you\s+have|have\s+you|i\s+need|i\s+want|tell\s+me\s+about)"
)
_SORT = r"(?:all|any|some|the|other|more|recent|new|latest|newest|good|of|most|oldest|earliest)"
_ON = (
    r"(?:about|on|that|which|who|stud(?:y|ies)|deals?|dealing|with|tackles?|works?|working|concern\w*|"
    r"covers?|covering|address\w*|propos\w*|discuss\w*|investigat\w*|looks?|at|considers?|focus\w*|"
    r"related\s+to|regarding|treats?|uses?|using|talks?|mentions?|presents?|introduces?|in|for)"
)
_IS = r"(?:is|are|was|were|exists?|there|have|has|been|do|does|can|be|found)"
_OPENING = re.compile(
    rf"^\W*(?:{_ASKS}\s+)*(?:{_SORT}\s+)*(?:{_THINGS}\s+)?(?:{_IS}\s+)*(?:{_ON}\s+)*"
    r"(?:(?:an?|the)\s+)?",
    re.I,
)
_CLOSING = re.compile(
    rf"(?:\s+(?:{PAPERS}|there|are|is|(?:in|within)\s+(?:this|the|my|your)\s+(?:collection|library|corpus)|"
    r"do\s+you\s+have))+\W*$|\W+$",
    re.I,
)


def unframed(question: str) -> str:
    """What papers are asked for on: "grokking" of "Which papers study grokking?".

    A question that is nothing but such words comes back as it is.
    """
    topic = _CLOSING.sub("", _OPENING.sub("", question, count=1)).strip()
    if not content_words(topic):
        return question
    return topic
