"""Which works a question is about: those that it points at, or calls by a name that is theirs."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, filterfalse, product
from operator import attrgetter

from ragbot.question.subjects import mentions, rare_names
from ragbot.retrieval.retriever import Retriever
from ragbot.text.names import names_in, phrases_in, stands_in
from ragbot.types import Asked, Hit, Kind, Paper

__all__ = ["BESIDE", "Works", "is_own", "names_borne", "papers_called", "works_of"]

BESIDE: frozenset[Kind] = frozenset({"comparison", "superiority"})
"""Kinds that set works beside each other."""

# The shortest name that is known in small letters, too.
_SHORTEST_SMALL = 4
# What stands before the colon of a title.
_HEAD = re.compile(r"\A([^:]*):")
_INTRODUCES = r"(?:propos|introduc|present|develop|describ|call|nam|dub|term|creat|design|buil)\w+"


@dataclass(frozen=True, slots=True)
class Works:
    """The works that a question names: what it calls them, and the papers that bear the names.

    ``own``: whether it is their own work that they call so, not one that they mention.
    """

    names: Sequence[str]
    papers: Sequence[Paper]
    own: bool = True

    @property
    def texts(self) -> list[str]:
        """What each of the papers says."""
        return list(map("{0.title} {0.abstract}".format, self.papers))


def works_of(asked: Asked, papers: Sequence[Paper], retriever: Retriever) -> Works:
    """The works that a question is about.

    A name is of the papers that it titles; if there are none, of those that introduce their work
    by it or go by it in another spelling, else of all that bear it. Works that are set beside each
    other may be of either kind.
    """
    if asked.follow_up.about:
        return Works(asked.follow_up.about, papers)
    known = filter(attrgetter("papers"), _by_name(asked, papers, retriever))
    return next(known, Works((), (), own=False))


def _by_name(
    asked: Asked, papers: Sequence[Paper], retriever: Retriever
) -> Iterator[Works]:
    """The works that a question may call by name, the surest first; some are of no paper."""
    question = asked.follow_up.focus
    names = names_borne(question, papers, retriever)
    if asked.kind not in BESIDE:
        yield _bearers(_titles, names, papers)
    yield _bearers(is_own, names, papers)
    called = papers_called(question, papers, retriever)
    yield Works(list(map(attrgetter("title"), called)), called)
    yield replace(_bearers(_mentioned_in, names, papers), own=False)


def _bearers(
    is_its: Callable[[str, Paper], bool], names: Iterable[str], papers: Sequence[Paper]
) -> Works:
    """The papers that some of the names are of, and these names."""
    found: dict[str, Paper] = {}
    borne: dict[str, None] = {}
    for paper, name in product(papers, names):
        if is_its(name, paper):
            found[paper.id] = paper
            borne[name] = None
    return Works(list(borne), list(found.values()))


def _titles(name: str, paper: Paper) -> bool:
    return stands_in(name, paper.title)


def _mentioned_in(name: str, paper: Paper) -> bool:
    return mentions(paper, name)


def is_own(name: str, paper: Paper) -> bool:
    """Whether a paper calls its own work so."""
    if stands_in(name, paper.title):
        return True
    introduced = (
        rf"\({re.escape(name)}\)|{_INTRODUCES}[^.]{{0,80}}\b{re.escape(name)}\b"
    )
    return name in paper.abstract and bool(re.search(introduced, paper.abstract))


def papers_called(
    question: str, papers: Sequence[Paper], retriever: Retriever
) -> list[Paper]:
    """Those of the papers whose own work the question calls by name."""
    hits = [Hit(paper, 0.0, 0.0, 0.0) for paper in papers]
    return list(map(attrgetter("paper"), retriever.called(question, hits)))


def names_borne(
    question: str, papers: Sequence[Paper], retriever: Retriever
) -> list[str]:
    """The rare names and the parts of titles in a question that one of the papers bears."""
    # "CodeS: Natural Language to …" is called CodeS, common as the word "codes" is.
    titles = map(attrgetter("title"), papers)
    heads = list(chain.from_iterable(map(_HEAD.findall, titles)))
    rare = _bearers(_mentioned_in, rare_names(question, retriever), papers).names
    common = filter(heads.__contains__, names_in(question))
    long = filter(lambda head: len(head) >= _SHORTEST_SMALL, heads)
    small = filter(partial(stands_in, text=question), filter(names_in, long))
    phrases = _bearers(_titles, phrases_in(question), papers).names
    return _whole(dict.fromkeys([*rare, *common, *small, *phrases]), question)


def _whole(names: Collection[str], question: str) -> list[str]:
    """The names without those that a question has only within another: it is the
    "Kolmogorov-Arnold Transformer" that is asked for, not all that is "Kolmogorov-Arnold"."""
    parts = {
        name
        for name, other in product(names, names)
        if _is_only_within(other, name, question)
    }
    return list(filterfalse(parts.__contains__, names))


def _is_only_within(other: str, name: str, question: str) -> bool:
    if len(other) <= len(name) or not stands_in(name, other):
        return False
    # There may be more of it elsewhere: "KAN" in "KAN 2.0 or KAN".
    elsewhere = question.replace(other, " ")
    return not stands_in(name, elsewhere)
