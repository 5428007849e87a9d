"""Whether a sentence gives a work what its paper gives to others: its make-up, or its relations.

Looks at three forms of sentence alone, in which a name says whose the claim is: "OLinear works in
the time domain", "OLinear is based on a Transformer", "BERT was used to train OLinear".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import combinations, filterfalse
from operator import attrgetter

from ragbot.support.claims import word_lists
from ragbot.support.dossier import Evidence
from ragbot.support.proper_names import names_of
from ragbot.text.latex import readable
from ragbot.text.names import stands_in

__all__ = ["of_others", "other_basis", "unrelated"]

_USES = (
    r"(?:uses|utili[sz]es|employs|adopts|applies|relies on|builds on|runs in|"
    r"is (?:based|built) on|(?:works|operates) (?:in|on|with))"
)
# What a work is said to be made of, up to the end of the clause.
_MADE_OF = re.compile(
    rf"\W*(?:\w+ly )?{_USES} (?P<what>(?:(?!\b(?:to|for|which|that|while|and|or|by|when|where|so|"
    r"as|from|than|via|through|during)\b)[^,;:.()])+)"
)
_LEAST_WORDS = 2  # one word stands in too many sentences
_SPREAD = 2  # words that may stand between those of one thing
# "Recent models adopt …", "To address this, some forecasters …"
_OTHERS = re.compile(
    r"(?:[^,]*, )?(?:some|many|most|other|recent|existing|previous|prior|earlier|current|"
    r"conventional|traditional|typical) (?:[\w-]+ ){0,3}?\w+s\b",
    re.I,
)
_OWN = re.compile(r"\b(?:we|our|this (?:paper|work))\b", re.I)
_BASIS = re.compile(r"\b(?:(\w+)-based\b|based on (?:an? |the )?(\w+))", re.I)
_IS_BASED = re.compile(rf"\W*is (?:an? )?(?:{_BASIS.pattern})", re.I)
# Beside these, two names may each have what their own paper says.
_SIDE_BY_SIDE = re.compile(
    r"[,;:]|\((?!\))|\b(?:and|or|both|while|whereas|but|like|unlike|than|as|with|also|too|similar(?:ly)?|"
    r"respectively|compared|alongside|instead)\b",
    re.I,
)


def of_others(text: str, source: Evidence) -> str | None:
    """What a sentence says that a work uses, if the paper says so of other work alone."""
    name, claim = _subject(text, source)
    made_of = _MADE_OF.match(claim)
    if made_of is None:
        return None
    what = made_of["what"].strip()
    wanted = frozenset(source.stems_of(what))
    if len(wanted) < _LEAST_WORDS:
        return None
    of_others = list(filter(partial(_tells_of_others, name), source.sentences))
    of_own = {source.paper.title, *source.sentences}.difference(of_others)
    is_theirs = any(map(wanted.issubset, map(source.stems_of, of_others)))
    is_own = any(_has_together(wanted, sentence, source) for sentence in of_own)
    if is_theirs and not is_own:
        return what
    return None


def _subject(text: str, source: Evidence) -> tuple[str, str]:
    """The name of the paper's own work with which a sentence begins, and what it says of that.

    Nothing if it does not, nor if it denies or contrasts: what others do may stand in it.
    """
    lists = word_lists()
    is_plain = (lists.denies | lists.contrasts).isdisjoint(text.lower().split())
    name = "".join(names_of(text, proper=False)[:1])
    is_own = stands_in(name, source.paper.title)
    if is_plain and is_own and text.startswith(name):
        return name, text.removeprefix(name)
    return "", ""


def _tells_of(name: str, sentence: str) -> bool:
    """Whether a sentence of the abstract tells of the work itself."""
    if _OWN.search(sentence):
        return True
    return stands_in(name, sentence)


def _tells_of_others(name: str, sentence: str) -> bool:
    if not _OTHERS.match(sentence):
        return False
    return not _tells_of(name, sentence)


def _has_together(wanted: frozenset[str], sentence: str, source: Evidence) -> bool:
    """Whether a sentence has words as one thing: "time domain", not "time … domain"."""
    words = readable(sentence).split()
    breadth = len(wanted) + _SPREAD
    starts = range(len(words))
    windows = (" ".join(words[start : start + breadth]) for start in starts)
    return any(map(wanted.issubset, map(source.stems_of, windows)))


def other_basis(text: str, source: Evidence) -> str | None:
    """What a sentence says that a work is based on, if the paper knows it, but of the work itself
    names another basis."""
    name, claim = _subject(text, source)
    based = _IS_BASED.match(claim)
    if based is None:
        return None
    basis = "".join(based.groups(""))
    by_name = filter(partial(stands_in, name), source.sentences)
    if not _BASIS.search(" ".join(by_name)):
        return None
    of_work = filter(partial(_tells_of, name), source.sentences)
    said_of_work = " ".join([source.paper.title, *of_work])
    is_known = stands_in(basis, source.text, inflected=True)
    is_own = stands_in(basis, said_of_work, inflected=True)
    if is_known and not is_own:
        return basis
    return None


def unrelated(text: str, sources: Sequence[Evidence]) -> tuple[str, str] | None:
    """Two works that a sentence relates, each of a cited paper that does not know the other."""
    if _SIDE_BY_SIDE.search(text):
        return None
    titles = " . ".join(map(attrgetter("paper.title"), sources))
    in_titles = partial(stands_in, text=titles)
    works = filter(in_titles, names_of(text, proper=False))
    related = combinations(works, 2)
    strangers = filterfalse(partial(_are_known, sources), related)
    return next(strangers, None)


def _are_known(sources: Sequence[Evidence], works: Sequence[str]) -> bool:
    """Whether one of the papers knows all of some works."""
    return any(map(partial(_knows_all, works), sources))


def _knows_all(works: Sequence[str], source: Evidence) -> bool:
    return all(map(partial(stands_in, text=source.text), works))
