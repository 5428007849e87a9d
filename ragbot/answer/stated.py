"""Whether the abstracts of named works can state what a question asks of them.

A logistic score of how much of what is asked the abstracts mention, and of other designations that
stand in the question and in none of them: "Gemma 3", "Medusa". Fitted on questions whose facts were
exchanged (`benchmarks/abstention.py`); the weights stand in ``stated.json``.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from itertools import chain, filterfalse
from pathlib import Path

import regex

from ragbot.answer.asked_words import ASKING, SAME
from ragbot.answer.works import Works
from ragbot.retrieval.retriever import Retriever
from ragbot.text.names import names_in, stands_in
from ragbot.text.words import STOPWORDS, match_form

__all__ = ["foreign", "lacks", "signals"]

# A capitalised word within a question, and the number behind it, as in "Gemma 3".
_CAPITALISED = re.compile(r"(?<=[\w,(] )[A-Z][\w+-]+(?: \d[\w.]*\b)?")
_MARKED = regex.compile(r"\p{Lu}|.*\d")
# Two spellings this alike are one name misspelt.
_SAME_NAME = 0.8
_RARE_SHARE = 0.002
# Beyond these, further ones tell nothing more.
_MOST_WORDS, _MOST_FOREIGN, _MOST_UNMET = 8, 2, 3.0


def lacks(question: str, works: Works, retriever: Retriever) -> bool:
    """Whether the abstracts of the works cannot state what is asked of them."""
    measured = signals(question, works, retriever)
    weights, least = _fitted()
    return sum(weight * measured[name] for name, weight in weights.items()) < least


def signals(question: str, works: Works, retriever: Retriever) -> dict[str, float]:
    """What the score is made of, by name.

    ``met``: the share of the asked words, by idf, that an abstract has, itself or another word for
    the same; ``unmet``: the idf of the others, that of an unknown word being 1; ``words``: how many
    words are asked; ``foreign``: how many designations no abstract has.
    """
    known = _terms([*works.names, ASKING], retriever)
    rarest = math.log(retriever.size() + 1)
    called = _letters(works.names)  # "Matryoshka KV" asks nothing of MatryoshkaKV
    asked = {
        term: retriever.idf(term) / rarest
        for term in retriever.terms(question)
        if term not in known and term not in called
    }
    others = foreign(question, works, retriever)
    here = set(_designations(question, works.names, retriever)).difference(others)
    # A designation of theirs may be misspelt.
    said = _terms([*works.texts, *here], retriever)
    stated = _with_the_same(said, retriever) - _terms(others, retriever)
    unmet = sum(idf for term, idf in asked.items() if term not in stated)
    total = sum(asked.values())
    return {
        "met": 1 - unmet / total if total else 1.0,
        "unmet": min(unmet, _MOST_UNMET),
        "words": float(min(len(asked), _MOST_WORDS)),
        "foreign": float(min(len(others), _MOST_FOREIGN)),
    }


def foreign(question: str, works: Works, retriever: Retriever) -> list[str]:
    """What a question calls by a name that no abstract of the works has."""
    texts = works.texts
    said = _terms(texts, retriever)
    names = _designations(question, works.names, retriever)
    unsaid = filterfalse(lambda name: said.issuperset(retriever.terms(name)), names)
    return list(filterfalse(partial(_stands_in_any, texts=texts), unsaid))


def _terms(texts: Iterable[str], retriever: Retriever) -> set[str]:
    return set(chain.from_iterable(map(retriever.terms, texts)))


def _with_the_same(said: set[str], retriever: Retriever) -> set[str]:
    """Terms with all others for the same things."""
    same = map(set, map(retriever.terms, SAME))
    return said.union(*filterfalse(said.isdisjoint, same))


def _designations(
    question: str, names: Sequence[str], retriever: Retriever
) -> list[str]:
    """What the question calls by a name, beside the works."""
    for name in names:
        question = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", question)
    # "Earth" is a word of some abstracts, "Medusa" hardly is one.
    most = max(1.0, _RARE_SHARE * retriever.size())
    capitalised = [
        name
        for name in _CAPITALISED.findall(question)
        if name.lower() not in STOPWORDS and retriever.frequency(name) <= most
    ]
    # "Embedding-plus-MLP" names nothing.
    marked = list(filter(_MARKED.match, names_in(question)))
    called = _letters(names)
    found = dict.fromkeys(marked + capitalised)
    return list(filterfalse(lambda name: match_form(name) in called, found))


def _letters(names: Iterable[str]) -> str:
    return " ".join(map(match_form, names))


def _stands_in_any(name: str, texts: Sequence[str]) -> bool:
    """Whether a text has the name, or one that is spelled almost so."""
    if any(map(partial(stands_in, name, inflected=True), texts)):
        return True
    known = list(chain.from_iterable(map(names_in, texts)))
    return bool(difflib.get_close_matches(name, known, 1, _SAME_NAME))


@cache
def _fitted() -> tuple[Mapping[str, float], float]:
    path = Path(__file__).with_name("stated.json")
    fitted = json.loads(path.read_text(encoding="utf-8"))
    return fitted["weights"], fitted["least"]
