"""Which papers assert what a question leaves out: "without attention" wants none that use it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain
from operator import itemgetter

from ragbot.reading.cues import CUES
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
# A title that asks whether a thing is needed does not assert it.
_QUESTIONS = re.compile(r"\?|\b(?:need|rethink\w*|revisit\w*)\b", re.IGNORECASE)
# How a paper stands to a thing, in this order.
_ASSERTS, _DENIED, _SILENT = range(3)
# What a paper does itself stands in its title and in sentences with one of these.
_OWN = re.compile(
    "|".join(CUES[cue] for cue in ("own", "proposes", "means")), re.IGNORECASE
)


def not_asserting(
    hits: Sequence[Hit], excluded: Sequence[str], retriever: Retriever
) -> list[Hit]:
    """The hits whose papers do or use none of the things excluded, those first that say so."""
    things = list(filter(None, map(set, map(retriever.terms, excluded))))
    stances = [_stance_on_all(hit.paper, things, retriever) for hit in hits]
    order = sorted(range(len(hits)), key=stances.__getitem__)  # stable: the best first
    # Those that assert it come before all others.
    return list(map(hits.__getitem__, order[stances.count(_ASSERTS) :]))


def _stance_on_all(
    paper: Paper, things: Sequence[set[str]], retriever: Retriever
) -> int:
    """That on the thing which a paper has most to do with."""
    stances = map(partial(_stance, paper, retriever=retriever), things)
    return min(stances, default=_SILENT)


def _stance(paper: Paper, thing: set[str], retriever: Retriever) -> int:
    """Whether a paper names a thing as its own, or denies it somewhere."""
    title, abstract = readable(paper.title), readable(paper.abstract)
    sentences = split_sentences(abstract)
    denied = _denied(f"{title}. {abstract}") + list(filter(_NEITHER.search, sentences))
    plain = [] if _QUESTIONS.search(title) or _denied(title) else [title]
    claims = (
        # "Image Synthesis" is of images, though it be done "without paired images".
        (_ASSERTS, plain),
        (_DENIED, denied),
        (_ASSERTS, [title, *filter(_OWN.search, sentences)]),
    )
    made = (stance for stance, texts in claims if _names(texts, thing, retriever))
    return next(made, _SILENT)


def _denied(text: str) -> list[str]:
    """What a text says that it does without."""
    found = chain(_DENIES.finditer(text), _FREE.finditer(text))
    return list(map(itemgetter("what"), found))


def _names(texts: Iterable[str], thing: set[str], retriever: Retriever) -> bool:
    return any(map(thing.issubset, map(retriever.terms, texts)))
