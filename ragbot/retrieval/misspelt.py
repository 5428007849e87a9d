"""Words that no paper has, read as the papers spell them."""

from __future__ import annotations

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


def spelled_in(view: View, word: str) -> str:
    """The word of the papers that is spelled most like one that none of them has, or that one
    itself if none is like it."""
    small = word.lower()
    if is_word(small):
        return word  # no paper has it, and it is no misspelling
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
