"""What a question is answered with: papers from the collection, or why there are none.

retrieve ─► close enough? ─► papers with their sentences, set out as the kind asks ─► Found
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, compress, filterfalse, islice, zip_longest
from operator import attrgetter

from ragbot.answer.abstain import reason_to
from ragbot.answer.arrange import Arranger, by_id
from ragbot.answer.closeness import closeness
from ragbot.answer.excluded import not_asserting
from ragbot.answer.extremes import extremes, measured
from ragbot.answer.hints import ask_in_english
from ragbot.answer.quote import Section
from ragbot.answer.relevance import relevant
from ragbot.answer.subject import subject_of
from ragbot.config import AnswerSettings
from ragbot.retrieval.hits import parted
from ragbot.retrieval.rank import best_texts
from ragbot.retrieval.retriever import Query, Retriever
from ragbot.text.english import agreeing
from ragbot.text.latex import readable
from ragbot.text.markdown import as_text
from ragbot.text.words import match_form
from ragbot.types import (
    Asked,
    Filters,
    FollowUp,
    Hit,
    Kind,
    Paper,
    Reason,
    Source,
    TopicRequest,
)

__all__ = ["Finder", "Found"]

# What a question may say that asks for papers of certain dates and for nothing else.
_OF_PAPERS = (
    "paper abstract work study research article publication preprint list show all new newest "
    "latest recent publish released appear came come out date written collection"
)
_IS_THERE = re.compile(r"\W*(?:is|are)\s+there\b", re.IGNORECASE)
_NO_OTHERS = "No other paper comes close to this: those named before are all there are."
# Sentences that are kept of a source as evidence.
_EVIDENCE = 3
# A paper is among so many of the nearest to its own title.
_SAME_TITLE = 5
# Papers like one are listed down to this share of the closest one's score.
_LIKE = 0.8
# Where the newest or oldest on a topic are asked for, this share of relevance is enough.
_LENIENT = {"newest": 0.6, "oldest": 0.6}
# Among so many papers those are sought that are on a topic.
_LOOKED_THROUGH = 50
# Why there is no answer, from none to all of it.
_BEST_FIRST: tuple[Reason | None, ...] = (None, "not_stated", "nothing_close")


@dataclass(frozen=True, slots=True)
class Found:
    """Sources for an answer, or why there is none, and how a quoting answer sets them out."""

    sources: Sequence[Source]
    confidence: float
    reason: Reason | None
    sections: tuple[Section, ...]

    @property
    def hits(self) -> list[Hit]:
        return list(map(attrgetter("hit"), self.sources))


class Finder:
    """Finds in one collection what answers a question."""

    def __init__(self, retriever: Retriever, limits: AnswerSettings) -> None:
        self._retriever = retriever
        self._limits = limits
        self._arranger = Arranger(retriever, limits)
        self._ways: Mapping[Kind, Callable[[Asked], Found]] = {
            "list": self._on_topic,
            "count": self._on_topic,
            "superlative": self._extremes,
            "similar": self._like,
        }

    def find(self, asked: Asked) -> Found:
        """What to answer with; of a question in parts what each of them is answered with."""
        if not asked.parts:
            return self._whole(asked)
        return _together(asked.parts, list(map(self._whole, asked.parts)))

    def papers(self, asked: Asked) -> list[Paper]:
        """All papers on what is asked for, best first; none where nothing comes close.

        Of a comparison those that it sets side by side.
        """
        if asked.kind == "comparison":
            entries = map(attrgetter("entries"), self.find(asked).sections)
            return list(map(attrgetter("hit.paper"), chain.from_iterable(entries)))
        hits, _, reason = self._relevant(asked, self._query(asked, asked.on))
        return [] if reason else list(map(attrgetter("paper"), hits))

    def _whole(self, asked: Asked) -> Found:
        pointed = self._pointed_at(asked)
        if pointed:
            return self._of_pointed(asked, pointed)
        if asked.follow_up.without:
            return self._others(asked)
        newest = self._dated(asked)
        if newest:
            return self._newest(asked, newest)
        return self._ways.get(asked.kind, self._of_one)(asked)

    @property
    def _most(self) -> int:
        return max(self._limits.list_papers, self._limits.context_papers)

    # -- ways of finding ---------------------------------------------------------------------

    def _of_one(self, asked: Asked) -> Found:
        """What the papers say that the question names, or those that come closest."""
        query = self._sought(asked)
        hits = self._retriever.find(query, self._most, asked.filters)
        confidence, reason = self._judged(asked, query, hits)
        called = self._retriever.called(asked.topic, hits)
        sources = self._ranked(hits, self._own(asked, query), called)
        if reason:
            return _declined(asked, sources, confidence, reason)
        named = set(map(attrgetter("paper.id"), called))
        section = self._arranger.arranged(asked, sources, named)
        sources = _in_order_of(section, sources)
        if asked.language != "en" and not named:
            # The model of English may have found it by chance.
            section = dataclasses.replace(section, hint=ask_in_english(asked.language))
        return Found(sources, confidence, None, (section,))

    def _like(self, asked: Asked) -> Found:
        """The papers that come closest to the one called, or those on a topic."""
        sought = self._sought(asked)
        hits = self._retriever.find(sought, self._most, asked.filters)
        called = self._retriever.called(asked.topic, hits)
        if not called:
            return self._on_topic(asked)
        confidence, _ = self._judged(asked, sought, hits)
        paper = called[0].paper
        query = self._query(asked, f"{paper.title}. {paper.abstract}")
        near = self._retriever.find(query, self._most + 1, asked.filters)
        _, others = parted(near, {paper.id})
        least = _LIKE * max(map(attrgetter("score"), others), default=0.0)
        close = filter(lambda hit: hit.score >= least, others)
        sources = self._ranked(list(close), query)
        lead = f"The papers most like “{as_text(paper.title)}”, the closest first:"
        section = self._arranger.listed(sources, lead)
        return Found(sources, confidence, None, (section,))

    def _on_topic(self, asked: Asked) -> Found:
        """All papers on what the question is on."""
        topic = self._query(asked, asked.on)
        hits, confidence, reason = self._relevant(asked, topic)
        sources = self._ranked(hits[: self._most], self._own(asked, topic))
        if reason:
            return _declined(asked, sources, confidence, reason)
        # A few words with a work's name among them mean that work before others.
        works = (
            self._retriever.called(asked.topic, hits) if asked.on == asked.topic else []
        )
        named = set(map(attrgetter("paper.id"), works))
        section = self._arranger.on_topic(asked, sources, len(hits), named)
        return Found(sources, confidence, None, (section,))

    def _extremes(self, asked: Asked) -> Found:
        """Papers by the numbers that they report for what is asked; as usual if none does."""
        query = self._query(asked, measured(asked.topic))
        hits = self._retriever.find(query, _LOOKED_THROUGH, asked.filters)
        confidence, reason = self._judged(asked, query, hits)
        called = self._retriever.called(asked.topic, hits)
        sources = self._ranked(called or hits, query, called)
        reported = extremes(asked.standalone, sources)
        if reason or not reported:
            return self._of_one(asked)
        section = self._arranger.by_number(reported)
        return Found(sources[: self._most], confidence, None, (section,))

    def _newest(self, asked: Asked, hits: Sequence[Hit]) -> Found:
        sources = self._ranked(hits, self._query(asked, asked.topic))
        dated = self._retriever.view.catalog.count(asked.filters)
        return Found(sources, 1.0, None, (self._arranger.by_date(sources, dated),))

    def _of_pointed(self, asked: Asked, hits: Sequence[Hit]) -> Found:
        """What the papers say that a follow-up points at, without what was quoted before."""
        query = self._query(asked, asked.topic)
        confidence, reason = self._judged(asked, query, hits)
        sources = self._ranked(hits, self._own(asked, query), hits)
        if reason:
            return _declined(asked, sources, confidence, reason)
        unsaid = _unsaid(sources, asked.follow_up.said)
        if not unsaid:
            lead = _all_quoted(len(sources))
            return _declined(asked, sources, confidence, "not_stated", lead)
        compared = asked.kind == "comparison"
        section = self._arranger.pointed(asked, sources if compared else unsaid)
        return Found(sources, confidence, None, (section,))

    def _others(self, asked: Asked) -> Found:
        """Papers on the topic that no answer has named, as far as a sentence of theirs is close."""
        query = self._query(asked, asked.topic)
        shown = set(map(match_form, asked.follow_up.without))
        hits = self._retriever.find(query, self._most + len(shown), asked.filters)
        new = filterfalse(lambda hit: _form(hit.paper.title) in shown, hits)
        hits = list(islice(new, self._most))
        near = [self._retriever.nearest_sentence([hit.paper], query) for hit in hits]
        least = self._limits.abstain_below
        close = list(compress(hits, (cosine >= least for cosine in near)))
        sources = self._ranked(close or hits, self._own(asked, query))
        confidence = max(near, default=0.0)
        if not close:
            return _declined(asked, sources, confidence, "nothing_close", _NO_OTHERS)
        section = self._arranger.listed(sources, _more_lead(len(close)))
        return Found(sources, confidence, None, (section,))

    # -- parts of them -----------------------------------------------------------------------

    def _relevant(
        self, asked: Asked, topic: Query
    ) -> tuple[list[Hit], float, Reason | None]:
        """The papers on a topic; where none is close the nearest, and why they do not count."""
        hits = self._retriever.find(topic, _LOOKED_THROUGH, asked.filters)
        confidence, reason = self._judged(asked, topic, hits)
        if reason:
            return hits, confidence, reason
        hits = not_asserting(hits, asked.excluded, self._retriever) or hits
        share = _LENIENT.get(asked.request.asks, 1.0)
        hits = relevant(hits, topic, self._retriever, share=share)
        return _by_date(hits, asked.request), confidence, None

    def _sought(self, asked: Asked) -> Query:
        # "Is there a survey on Mamba?" seeks the survey, not what is there.
        text = asked.on if _IS_THERE.match(asked.topic) else asked.topic
        return self._query(asked, text)

    def _query(self, asked: Asked, text: str) -> Query:
        # What closeness and a follow-up are measured by, in the same pass of the model.
        along = [subject_of(text)]
        if _leans(asked.follow_up):
            along.append(asked.follow_up.focus)
        return self._retriever.prepare(text, asked.kind, asked.subject, along)

    def _own(self, asked: Asked, query: Query) -> Query:
        """By what sentences are chosen: a follow-up is found by what it refers to, and answered by
        what it asks itself."""
        if not _leans(asked.follow_up):
            return query
        own = self._query(asked, asked.follow_up.focus)
        return self._retriever.mixed(own, query)

    def _judged(
        self, asked: Asked, query: Query, hits: Sequence[Hit]
    ) -> tuple[float, Reason | None]:
        """How close the papers come, and why not to answer from them, if so."""
        near = hits[: self._limits.context_papers]
        papers = list(map(attrgetter("paper"), near))
        english = asked.language == "en"
        confidence = closeness(
            query, papers, self._retriever, asked.filters, english=english
        )
        threshold = self._limits.abstain_below
        return confidence, reason_to(
            asked, query, papers, self._retriever, confidence, threshold
        )

    def _ranked(
        self, hits: Sequence[Hit], query: Query, called: Sequence[Hit] = ()
    ) -> list[Source]:
        """The hits with their sentences, those best that answer the query."""
        papers = list(map(attrgetter("paper"), called))
        query = self._retriever.about(query, papers)
        sources = []
        found = self._retriever.rank_all(list(map(attrgetter("paper"), hits)), query)
        for hit, ranked in zip(hits, found, strict=True):
            evidence = best_texts(ranked, _EVIDENCE)
            sources.append(Source(dataclasses.replace(hit, evidence=evidence), ranked))
        return sources

    def _pointed_at(self, asked: Asked) -> list[Hit]:
        """The papers that a follow-up points at, by their titles, in its order."""
        about = asked.follow_up.about
        if asked.kind == "comparison" and len(about) < 2:
            return []  # the other side is to be found
        found = map(partial(self._entitled, filters=asked.filters), about)
        return list(chain.from_iterable(found))

    def _entitled(self, title: str, filters: Filters) -> list[Hit]:
        """The paper of a title as an answer shows it, if it is there."""
        query = self._retriever.prepare(title)
        near = self._retriever.find(query, _SAME_TITLE, filters)
        form = match_form(title)
        return list(filter(lambda hit: _form(hit.paper.title) == form, near))[:1]

    def _dated(self, asked: Asked) -> list[Hit]:
        """The newest papers within the dates asked for, where nothing else is asked of them."""
        said = self._retriever.terms(asked.topic)
        if not asked.filters or not self._of_papers.issuperset(said):
            return []
        return self._retriever.newest(self._most, asked.filters)

    @cached_property
    def _of_papers(self) -> set[str]:
        return set(self._retriever.terms(_OF_PAPERS))


def _leans(follow_up: FollowUp) -> bool:
    """Whether a question asks something else itself than it is searched by."""
    return follow_up.focus != follow_up.standalone


def _declined(
    asked: Asked,
    sources: Sequence[Source],
    confidence: float,
    reason: Reason,
    lead: str = "",
) -> Found:
    near = list(map(attrgetter("hit"), sources))
    if asked.language != "en":
        lead, near = ask_in_english(asked.language), []
    section = Section(asked.kind, near=near, reason=reason, lead=lead)
    return Found(sources, confidence, reason, (section,))


def _in_order_of(section: Section, sources: Sequence[Source]) -> list[Source]:
    """The sources in the order in which an answer names them: a language model reads them so."""
    entries = [*section.entries, *section.also]
    places = {entry.hit.paper.id: at for at, entry in enumerate(entries)}
    return sorted(sources, key=lambda s: places.get(s.hit.paper.id, len(entries)))


def _by_date(hits: Sequence[Hit], request: TopicRequest) -> list[Hit]:
    """The hits as they are or, where their dates are asked about, by these, the undated last."""
    if request.asks not in _LENIENT:
        return list(hits)
    date = attrgetter("paper.date")
    by_date = sorted(filter(date, hits), key=date, reverse=request.asks == "newest")
    return [*by_date, *filterfalse(date, hits)][: request.first]


def _together(parts: Sequence[Asked], found: Sequence[Found]) -> Found:
    """What several questions are answered with, each under its own words; half an answer is one."""
    close = list(filter(lambda one: one.reason != "nothing_close", found))
    in_turn = zip_longest(*map(attrgetter("sources"), close or found))
    sources = by_id(filter(None, chain.from_iterable(in_turn)))
    return Found(
        list(sources.values()),
        max(map(attrgetter("confidence"), found)),
        min(map(attrgetter("reason"), found), key=_BEST_FIRST.index),
        tuple(chain.from_iterable(map(_headed, parts, found))),
    )


def _headed(part: Asked, found: Found) -> list[Section]:
    with_heading = partial(dataclasses.replace, heading=part.question)
    return list(map(with_heading, found.sections))


def _form(text: str) -> str:
    """What a title or a sentence, and the same shown in an answer, have in common."""
    return match_form(readable(text))


def _more_lead(papers: int) -> str:
    several = f"{papers} more papers on this, the closest first:"
    return agreeing(papers, "One more paper on this:", several)


def _all_quoted(papers: int) -> str:
    whose = agreeing(papers, "the abstract says", "the abstracts say")
    return f"Everything that {whose} has been quoted."


def _unsaid(sources: Sequence[Source], said: Collection[str]) -> list[Source]:
    """Those that have sentences which were not quoted before, with these alone."""
    forms = set(map(match_form, said))
    left = []
    for source in sources:
        ranked = list(filterfalse(lambda s: _form(s.text) in forms, source.ranked))
        left.append(dataclasses.replace(source, ranked=ranked))
    return list(filter(attrgetter("ranked"), left))
