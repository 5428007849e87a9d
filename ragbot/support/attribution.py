"""Whether a sentence gives a work what its paper gives to others: its make-up, or its relations.

Looks at three forms of sentence alone, in which a name says whose the claim is: "OLinear works in
the time domain", "OLinear is based on a Transformer", "BERT was used to train OLinear".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

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
    name = _subject(text, source)
    made_of = _MADE_OF.match(text, len(name))
    if not name or made_of is None:
        return None
    wanted = frozenset(source.stems_of(made_of["what"]))
    if len(wanted) < _LEAST_WORDS:
        return None
    is_theirs = False
    for sentence in source.sentences:
        if _tells_of_others(name, sentence):
            is_theirs |= wanted.issubset(source.stems_of(sentence))
        elif _has_together(wanted, sentence, source):
            return None
    if not is_theirs or _has_together(wanted, source.paper.title, source):
        return None
    return made_of["what"].strip()


def _subject(text: str, source: Evidence) -> str:
    """The name of the paper's own work with which a sentence begins, "" if it does not.

    Nor if it denies or contrasts: what others do may stand in it.
    """
    lists = word_lists()
    words = text.lower().split()
    if not lists.denies.isdisjoint(words) or not lists.contrasts.isdisjoint(words):
        return ""
    for name in names_of(text, proper=False)[:1]:
        if text.startswith(name) and stands_in(name, source.paper.title):
            return name
    return ""


def _tells_of(name: str, sentence: str) -> bool:
    """Whether a sentence of the abstract tells of the work itself."""
    return _OWN.search(sentence) is not None or stands_in(name, sentence)


def _tells_of_others(name: str, sentence: str) -> bool:
    return _OTHERS.match(sentence) is not None and not _tells_of(name, sentence)


def _has_together(wanted: frozenset[str], sentence: str, source: Evidence) -> bool:
    """Whether a sentence has words as one thing: "time domain", not "time … domain"."""
    words = readable(sentence).split()
    breadth = len(wanted) + _SPREAD
    for start in range(len(words)):
        window = " ".join(words[start : start + breadth])
        if wanted.issubset(source.stems_of(window)):
            return True
    return False


def other_basis(text: str, source: Evidence) -> str | None:
    """What a sentence says that a work is based on, if the paper knows it, but of the work itself
    names another basis."""
    name = _subject(text, source)
    if not name:
        return None
    of_work = [each for each in source.sentences if _tells_of(name, each)]
    by_name = [each for each in of_work if stands_in(name, each)]
    if not _bases(" ".join(by_name)):
        return None
    said_of_work = " ".join([source.paper.title, *of_work])
    claim = _IS_BASED.match(text, len(name))
    for basis in _bases(claim.group() if claim else ""):
        is_known = stands_in(basis, source.text, inflected=True)
        if is_known and not stands_in(basis, said_of_work, inflected=True):
            return basis
    return None


def _bases(text: str) -> list[str]:
    """ "Graph" of "graph-based" and of "based on a graph"."""
    return ["".join(match.groups("")) for match in _BASIS.finditer(text)]


def unrelated(text: str, sources: Sequence[Evidence]) -> tuple[str, str] | None:
    """Two works that a sentence relates, each of a cited paper that does not know the other."""
    if _SIDE_BY_SIDE.search(text):
        return None
    titles = " . ".join(source.paper.title for source in sources)
    works = [name for name in names_of(text, proper=False) if stands_in(name, titles)]
    for one, other in combinations(works, 2):
        if not any(_knows(source, one, other) for source in sources):
            return one, other
    return None


def _knows(source: Evidence, one: str, other: str) -> bool:
    return stands_in(one, source.text) and stands_in(other, source.text)
