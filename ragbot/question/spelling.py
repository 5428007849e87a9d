"""Misspelt words of a question, spelled as the collection does."""

from __future__ import annotations

import re

from ragbot.question.lexicon import Lexicon
from ragbot.text.languages import is_english

__all__ = ["respelled"]

_WORD = re.compile(r"(?<![\w.@/+-])[A-Za-z]+(?:-[A-Za-z]+)*(?![\w.@/+-]*[\d@/+])")
# Shorter ones are like too many words.
_SHORTEST = 5
_LONGEST = 30
# A pasted page is no question.
_LONGEST_QUESTION = 1_000
# What begins with a capital may be a name that the collection does not know.
_SHORTEST_NAME = 8
_MARKED = re.compile(r"\w[A-Z]")


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
    shortest = _SHORTEST if word.islower() else _SHORTEST_NAME
    if not shortest <= len(word) <= _LONGEST or _MARKED.search(word):
        return word
    if lexicon.frequency(word):
        return word
    return lexicon.spelled(word) or word
