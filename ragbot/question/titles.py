"""Identifiers in a question, read as the titles of their papers."""

from __future__ import annotations

import re

from ragbot.question.lexicon import Lexicon

__all__ = ["by_title"]

_DIGITS = re.compile(r"(?<!\S)\S*\d{4}\S*")
_EDGES = "?!.,;:()[]\"'"


def by_title(question: str, lexicon: Lexicon) -> str:
    """The question with each arXiv id and DOI that the collection knows as a title in quotes."""

    def titled(word: re.Match[str]) -> str:
        given = word.group().strip(_EDGES)
        title = lexicon.title(given)
        if title is None:
            return word.group()
        return word.group().replace(given, f"“{title}”")

    return _DIGITS.sub(titled, question)
