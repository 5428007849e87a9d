"""Words that no paper has, read as the papers spell them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import partial
from itertools import filterfalse
from operator import methodcaller

from ragbot.embedding.known_words import is_word
from ragbot.index.stores import View
from ragbot.text.words import words

__all__ = ["spelled_in"]

# Papers that are looked at for a word like a misspelt one, and how alike the two must be.
_ALIKE = 5
_SPELLED_ALIKE = 0.85


def spelled_in(view: View, ways: Sequence[str]) -> str:
    """The spelling of a word that most papers have, of the ``ways`` to spell it; where none has it
    the word of the papers that is spelled most like it, or the first way if none is like it."""
    word, *others = ways
    small = word.lower()
    is_english = is_word(small)
    if is_english and not others:
        return word
    usual = max(ways, key=view.lexical.frequency)
    if is_english or view.lexical.frequency(usual):
        return usual
    ids = list(dict.fromkeys(view.lexical.alike(word, _ALIKE)))
    papers = view.catalog.get(ids).values()
    text = " ".join(f"{paper.title} {paper.abstract}" for paper in papers)
    said = {*text.split(), *text.replace("-", " ").split()}
    known = set(words(" ".join(said)))
    begin_so = filter(methodcaller("startswith", small[0]), known)
    like = get_close_matches(small, list(begin_so), 1, _SPELLED_ALIKE)
    return next(filterfalse(partial(_is_british, small), like), word)


def _is_british(known: str, word: str) -> bool:
    """Whether two spellings differ as "summarise" and "summarize" do."""
    return known.replace("z", "s") == word.replace("z", "s")
