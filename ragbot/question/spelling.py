"""Misspelt words of a question, spelled as the collection does."""

from __future__ import annotations

import re
from functools import lru_cache, partial

from ragbot.question.lexicon import Lexicon
from ragbot.text.languages import is_english

__all__ = ["respelled"]

_WORD = re.compile(r"(?<![\w.@/+-])[A-Za-z]+(?:-[A-Za-z]+)*(?![\w.@/+-]*[\d@/+])")
# Shorter ones are like too many words; what begins with a capital may be a name that the collection
# does not know, and what has one within is one.
_MAY_BE_MISSPELT = re.compile(
    r"(?<![A-Za-z])(?:[a-z]{5,30}|[A-Z][a-z]{7,29})(?![A-Za-z])"
)
_ENDING = r"(?=(?:e[drs]?|ing|ations?|able)$)"
# "Normalise" and "normalize", "behaviour", "modelling", "centre", "catalogue". What is no word in
# its other spelling, as "noize", no paper has.
_TWO_WAYS = [
    (re.compile(pattern), other)
    for pattern, other in (
        (rf"is{_ENDING}", "iz"),
        (rf"iz{_ENDING}", "is"),
        (rf"ys{_ENDING}", "yz"),
        (rf"yz{_ENDING}", "ys"),
        (r"our(?=(?:s|ed|ing|al|able|ite)?$)", "or"),
        (r"or(?=(?:s|ed|ing|al|able|ite)?$)", "our"),
        (r"(?<=[aeiou])ll(?=(?:ed|ing|ers?)$)", "l"),
        (r"(?<=[aeiou])l(?=(?:ed|ing|ers?)$)", "ll"),
        (r"tre(?=s?$)", "ter"),
        (r"ter(?=s?$)", "tre"),
        (r"ogue(?=s?$)", "og"),
        (r"og(?=s?$)", "ogue"),
    )
]
# The words of a question whose spellings are kept: some 200 bytes each.
_KEPT = 4096
# A pasted page is no question.
_LONGEST_QUESTION = 1_000


def respelled(question: str, lexicon: Lexicon) -> str:
    """The question with each word that no paper has in the spelling of a paper's, if one is like
    it: "algoritm" becomes "algorithm"."""
    if len(question) > _LONGEST_QUESTION:
        return question
    if not is_english(question):
        return question
    return _WORD.sub(partial(_respelled, lexicon), question)


def _respelled(lexicon: Lexicon, word: re.Match[str]) -> str:
    """A word, of which the parts of a compound are spelled one by one."""
    return _MAY_BE_MISSPELT.sub(partial(_known, lexicon), word.group())


def _known(lexicon: Lexicon, part: re.Match[str]) -> str:
    return lexicon.spelled(_spellings(part.group()))


@lru_cache(_KEPT)
def _spellings(word: str) -> tuple[str, ...]:
    """The word as it is, and as it would be spelled on the other side of the Atlantic."""
    elsewhere = [way.sub(other, word) for way, other in _TWO_WAYS]
    return tuple(dict.fromkeys([word, *elsewhere]))
