"""How what was found is set out: which papers in which order, and what is quoted of each.

By the kind of answer that the question asks for. The text itself is `ragbot.answer.quote`'s.
"""

from __future__ import annotations

from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from functools import partial
from itertools import chain, filterfalse, islice, starmap
from operator import attrgetter

from ragbot.answer.extremes import Reported
from ragbot.answer.outline import facets, outline
from ragbot.answer.quote import Section
from ragbot.answer.sheet import Entry, Said, TableRow
from ragbot.config import AnswerSettings
from ragbot.question.lexicon import Lexicon
from ragbot.question.subjects import mentions, rare_names
from ragbot.retrieval.retriever import Query, Retriever
from ragbot.text.english import agreeing, counted
from ragbot.text.names import stands_in
from ragbot.text.quotable import is_quotable, opens_with_reference
from ragbot.text.sentences import sentence_spans
from ragbot.types import Asked, Facet, Kind, Paper, RankedSentence, Source

__all__ = ["Arranger", "by_id", "sides"]

# These are answered by whichever of the close papers has the sentence; others by the closest.
_BY_SENTENCE: frozenset[Kind] = frozenset(
    {
        "definition",
        "reason",
        "limitation",
        "superiority",
        "result",
        "dataset",
        "availability",
    }
)
# How much a paper's closeness counts beside its best sentence's score; fitted with the weights of
# sentences.
_PAPER_WEIGHT = 8.0
# Another paper is named where its best sentence comes as near to the best one's score.
_ALSO_WITHIN = 1.0
_NUMBERS = "Numbers that the abstracts give for this, the best first; settings differ:"
# By the kind of a question, and by which of the papers it wants.
_LEADS: Mapping[str, str] = {
    "all": "",
    "count": "{} on this:",
    "newest": "{} on this, the newest first:",
    "oldest": "{} on this, the oldest first:",
}
_MOST_ALSO = 2
_SIDE_QUOTES = 2
# More columns cannot be read beside one another.
_MOST_COLUMNS = 3
# What stands side by side, by `ragbot.answer.outline`.
_ROWS: tuple[Facet, ...] = ("problem", "method", "result", "numbers")
# What is asked about them is told first, where there is more to a comparison than their names.
_ASKED = "On this"
_COMPARING = (
    "compare comparison differ difference different distinguish versus vs add similar contrast "
    "between relate main key paper model method approach work"
)


class Arranger:
    """Sets out what was found in one collection."""

    def __init__(self, retriever: Retriever, limits: AnswerSettings) -> None:
        self._retriever = retriever
        self._limits = limits
        self._ways: Mapping[Kind, Callable[[Asked, Sequence[Source]], Section]] = {
            "comparison": self._compared,
            "summary": self._summarised,
        }

    def arranged(
        self, asked: Asked, sources: Sequence[Source], named: Collection[str]
    ) -> Section:
        """An answer about one thing, or about a few side by side.

        ``sources`` come best first; ``named`` are the ids of those that the question names.
        """
        works = list(filter(lambda source: source.hit.paper.id in named, sources))
        if asked.kind == "comparison":
            beside = sides(sources, asked.standalone, self._retriever)
            return self._compared(asked, works if len(works) > 1 else beside)
        if works:
            return self._ways.get(asked.kind, self._of_works)(asked, works)
        if asked.kind in _BY_SENTENCE:
            sources = sorted(
                sources[: self._limits.context_papers], key=_total(sources)
            )
        return self._of_closest(asked, sources)

    def pointed(self, asked: Asked, sources: Sequence[Source]) -> Section:
        """What the papers say that a follow-up points at."""
        if len(sources) > 1:
            return self._compared(asked, sources)
        return self._ways.get(asked.kind, self._of_works)(asked, sources)

    def on_topic(
        self,
        asked: Asked,
        sources: Sequence[Source],
        found: int,
        named: Collection[str],
    ) -> Section:
        """The papers on what is asked for; ``found`` is how many there are.

        More is quoted of those whose ids are ``named``.
        """
        if len(sources) == found == 1 and asked.kind == "list":
            return self._of_works(asked, sources)
        lead = _LEADS.get(asked.kind, _LEADS[asked.request.asks])
        return self.listed(sources, lead.format(counted(found, "paper")), named)

    def listed(
        self, sources: Sequence[Source], lead: str = "", named: Collection[str] = ()
    ) -> Section:
        """Papers, each with the sentence that decides; ``named`` ones with more."""
        quotes = dict.fromkeys(named, self._limits.quotes)
        entries = [self._entry(s, quotes.get(s.hit.paper.id, 1)) for s in sources]
        return Section("list", entries, lead=lead)

    def by_date(self, sources: Sequence[Source], dated: int) -> Section:
        """The newest papers, of ``dated`` within the range asked for."""
        sources = sources[: self._limits.list_papers]
        return self.listed(sources, _dated_lead(len(sources), dated))

    def by_number(self, reported: Sequence[Reported]) -> Section:
        """What papers report, the best number first."""
        entries = [
            Entry(r.source.hit, (Said(r.sentence.text),))
            for r in reported[: self._limits.list_papers]
        ]
        return Section("superlative", entries, lead=_NUMBERS)

    # -- shapes ------------------------------------------------------------------------------

    def _of_works(self, asked: Asked, works: Sequence[Source]) -> Section:
        """What the named works say; the first is asked about."""
        first, *others = works
        entries = [self._entry(first, self._limits.quotes)]
        also = list(map(self._entry, others[:_MOST_ALSO]))
        return Section(asked.kind, entries, also)

    def _of_closest(self, asked: Asked, sources: Sequence[Source]) -> Section:
        """What the closest paper says, and others whose best sentence is as good."""
        best, *others = sources
        total = _total(sources)
        least = total(best) + _ALSO_WITHIN
        also = filter(lambda source: total(source) <= least, others)
        return self._of_works(asked, [best, *also])

    def _compared(self, asked: Asked, sources: Sequence[Source]) -> Section:
        if asked.kind == "comparison" and 1 < len(sources) <= _MOST_COLUMNS:
            entries = map(Entry, map(attrgetter("hit"), sources))
            rows = self._rows(asked, sources)
            return Section("comparison", list(entries), rows=rows)
        shown = sources[: self._limits.list_papers]
        entries = map(partial(self._entry, quotes=_SIDE_QUOTES), shown)
        return Section("comparison", list(entries))

    def _rows(self, asked: Asked, sources: Sequence[Source]) -> list[TableRow]:
        """What each paper says on what is asked, then what it tells, label by label."""
        told = list(map(facets, map(attrgetter("hit.paper"), sources)))
        rows = {_ASKED: self._on_what_is_asked(asked, sources)}
        for name in _ROWS:
            rows[name.capitalize()] = [facts.get(name, "") for facts in told]
        if rows["Numbers"] == rows["Result"]:
            del rows["Numbers"]
        return list(starmap(TableRow, rows.items()))

    def _on_what_is_asked(self, asked: Asked, sources: Sequence[Source]) -> list[str]:
        """What each paper says on what is asked beside the names, if anything is."""
        beside = self._asked_beside(asked, sources)
        if not beside:
            return [""] * len(sources)
        closest = partial(self._closest, query=self._retriever.prepare(beside))
        return list(map(closest, map(attrgetter("hit.paper"), sources)))

    def _closest(self, paper: Paper, query: Query) -> str:
        """The sentence of a paper that is closest to a question."""
        return "".join(_quoted(paper, self._retriever.rank(paper, query), 1))

    def _asked_beside(self, asked: Asked, sources: Sequence[Source]) -> str:
        """What a comparison asks for beside the names of the papers, in its words."""
        terms = self._retriever.terms
        titles = " ".join(map(attrgetter("hit.paper.title"), sources))
        named = set(terms(f"{titles} {_COMPARING}"))
        words = asked.on.split()
        return " ".join(filterfalse(lambda w: named.issuperset(terms(w)), words))

    def _summarised(self, asked: Asked, works: Sequence[Source]) -> Section:
        hit = works[0].hit
        told = outline(hit.paper)
        said = map(Said, told.values(), map(str.capitalize, told))
        return Section("summary", [Entry(hit, tuple(said))])

    def _entry(self, source: Source, quotes: int = 1) -> Entry:
        paper = source.hit.paper
        return Entry(
            source.hit, tuple(map(Said, _quoted(paper, source.ranked, quotes)))
        )


def _total(sources: Sequence[Source]) -> Callable[[Source], float]:
    """How well a paper's best sentence answers, for sorting: the least is best."""
    best = max(map(attrgetter("hit.score"), sources)) or 1.0

    def total(source: Source) -> float:
        sentence = max(map(attrgetter("score"), source.ranked), default=0.0)
        return -(sentence + _PAPER_WEIGHT * source.hit.score / best)

    return total


def _quoted(paper: Paper, ranked: Iterable[RankedSentence], most: int) -> list[str]:
    """The best sentences that can be read alone or behind the one before, each once."""
    return list(islice(_readable(paper, ranked), most))


def _readable(paper: Paper, ranked: Iterable[RankedSentence]) -> Iterator[str]:
    quoted: list[str] = []
    for sentence in filter(lambda s: is_quotable(s.text), ranked):
        text = _with_what_it_refers_to(paper, sentence, quoted)
        if text not in "\n".join(quoted):
            quoted.append(text)
            yield text


def _with_what_it_refers_to(
    paper: Paper, sentence: RankedSentence, quoted: Sequence[str]
) -> str:
    """A sentence, and the one before it where it opens with "This", "These", "It"."""
    at = sentence.position
    if at == 0 or not opens_with_reference(sentence.text):
        return sentence.text
    (start, before_end), (_, end) = sentence_spans(paper.abstract)[at - 1 : at + 1]
    if paper.abstract[start:before_end] in quoted:
        return sentence.text
    return paper.abstract[start:end]


def _dated_lead(listed: int, dated: int) -> str:
    which = "the newest first" if listed == dated else f"the newest {listed}"
    several = f"{dated} papers are dated within this range, {which}:"
    return agreeing(dated, "One paper is dated within this range:", several)


def sides(sources: Sequence[Source], question: str, lexicon: Lexicon) -> list[Source]:
    """The papers a comparison sets side by side: for each rare name the best paper that bears it,
    in the order of the question; the two best papers if fewer than two are found."""
    bearers = map(partial(_bearer, sources), rare_names(question, lexicon))
    named = by_id(chain.from_iterable(bearers))
    either = named | by_id(sources)
    return list(either.values())[: max(2, len(named))]


def by_id(sources: Iterable[Source]) -> dict[str, Source]:
    """The sources by the ids of their papers, each once."""
    return {source.hit.paper.id: source for source in sources}


def _bearer(sources: Sequence[Source], name: str) -> list[Source]:
    """The best paper with a name in its title, else in its abstract, if there is one."""
    bearers = filter(lambda s: mentions(s.hit.paper, name), sources)
    return sorted(bearers, key=lambda s: not stands_in(name, s.hit.paper.title))[:1]
