"""Misspelt words of a question, spelled as the collection does."""

from __future__ import annotations

import re

from ragbot.question.lexicon import Lexicon
from ragbot.text.languages import is_english

__all__ = ["respelled"]

_WORD = re.compile(r"(?<![\w.@/+-])[A-Za-z]+(?:-[A-Za-z]+)*(?![\w.@/+-]*[\d@/+])")
# Shorter ones are like too many words; what begins with a capital may be a name that the collection
# does not know, and what has one within is one.
_MAY_BE_MISSPELT = re.compile(r"[a-z]{5,30}|[A-Z][a-z]{7,29}")
# A pasted page is no question.
_LONGEST_QUESTION = 1_000


def respelled(question: str, lexicon: Lexicon) -> str:
    """The question with each word that no paper has in the spelling of a paper's, if one is like
    it: "algoritm" becomes "algorithm"."""
    if not is_english(question):
        return question
    if len(question) > _LONGEST_QUESTION:
        return question
    return _WORD.sub(lambda word: _respelled(word.group(), lexicon), question)


def _respelled(word: str, lexicon: Lexicon) -> str:
    parts = [_known(part, lexicon) for part in word.split("-")]
    return "-".join(parts)


def _known(word: str, lexicon: Lexicon) -> str:
    if not _MAY_BE_MISSPELT.fullmatch(word) or lexicon.frequency(word):
        return word
    return lexicon.spelled(word) or word
