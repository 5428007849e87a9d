"""Which papers assert what a question leaves out: "without attention" wants none that use it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Literal

from ragbot.retrieval.cues import CUES
from ragbot.retrieval.retriever import Retriever
from ragbot.text.latex import readable
from ragbot.text.sentences import split_sentences
from ragbot.types import Hit, Paper

__all__ = ["not_asserting"]

# What stands behind these, up to the next pause, is denied rather than asserted.
_DENIES = re.compile(
    r"\b(?:without|no|not|neither|nor|free\s+(?:of|from)|instead\s+of|rather\s+than|replac\w*|"
    r"avoid\w*|eliminat\w*|remov\w*|alternatives?\s+to|unlike|beyond|bypass\w*|abandon\w*|forgo\w*|"
    r"dispens\w*|discard\w*|exclud\w*)\b(?P<what>[^.,;:]{0,80})",
    re.IGNORECASE,
)
_NEITHER = re.compile(r"\b(?:neither|nor|not\s+necessary|unnecessary|needless)\b", re.I)
_FREE = re.compile(r"(?P<what>[\w-]+)[-\s](?:free|less)\b", re.IGNORECASE)
# What a paper does itself stands in its title and in sentences with one of these.
_OWN = ("own", "proposes", "means")


def not_asserting(
    hits: Sequence[Hit], excluded: Sequence[str], retriever: Retriever
) -> list[Hit]:
    """The hits whose papers do or use none of the things excluded, those first that say so."""
    things = [set(retriever.terms(thing)) for thing in excluded]
    things = [thing for thing in things if thing]
    if not things:
        return list(hits)
    denying, silent = [], []
    for hit in hits:
        denied = {_stance(hit.paper, thing, retriever) for thing in things}
        if denied == {"silent"}:
            silent.append(hit)
        elif "asserts" not in denied:
            denying.append(hit)
    return denying + silent


def _stance(
    paper: Paper, thing: set[str], retriever: Retriever
) -> Literal["asserts", "denies", "silent"]:
    """Whether a paper names a thing as its own, or denies it somewhere."""
    text = readable(f"{paper.title}. {paper.abstract}")
    denied = [
        found["what"] for found in chain(_DENIES.finditer(text), _FREE.finditer(text))
    ]
    sentences = split_sentences(readable(paper.abstract))
    denied += filter(_NEITHER.search, sentences)
    if _names(denied, thing, retriever):
        return "denies"
    own = [readable(paper.title), *filter(_is_own, sentences)]
    return "asserts" if _names(own, thing, retriever) else "silent"


def _names(texts: Iterable[str], thing: set[str], retriever: Retriever) -> bool:
    return any(thing.issubset(retriever.terms(text)) for text in texts)


def _is_own(sentence: str) -> bool:
    return any(CUES[cue].search(sentence) for cue in _OWN)
