"""What a question is answered with: sources from the collection, or why there are none.

retrieve ─► close enough? ─► sources, set out in sections ─► Found
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, zip_longest

from ragbot.answer.abstain import reason_to
from ragbot.answer.quote import Section, sides
from ragbot.config import AnswerSettings
from ragbot.question.subjects import mentions, rare_names
from ragbot.retrieval.rank import best_texts
from ragbot.retrieval.retriever import Query, Retriever
from ragbot.text.latex import readable
from ragbot.text.words import match_form
from ragbot.types import Asked, Hit, Kind, Paper, Reason, Source

__all__ = ["Finder", "Found"]

# What a question may say that asks for papers of certain dates and for nothing else.
_OF_PAPERS = (
    "paper abstract work study research article publication preprint list show all new newest "
    "latest recent publish released appear come came out date written collection"
)
_NO_OTHERS = "No other paper comes close to this: those named before are all there are."
# Sentences that are kept of a source as evidence.
_EVIDENCE = 3
# A paper is among so many of the nearest to its own title.
_SAME_TITLE = 5


@dataclass(frozen=True, slots=True)
class Found:
    """Sources for an answer, or why there is none, and how a quoting answer sets them out."""

    sources: Sequence[Source]
    confidence: float
    reason: Reason | None
    sections: tuple[Section, ...]

    @property
    def hits(self) -> list[Hit]:
        return [s.hit for s in self.sources]


class Finder:
    """Finds in one collection what answers a question."""

    def __init__(self, retriever: Retriever, limits: AnswerSettings) -> None:
        self._retriever = retriever
        self._limits = limits

    def find(self, asked: Asked) -> Found:
        """What to answer with; of a question in parts what each of them is answered with."""
        if not asked.parts:
            return self._whole(asked)
        parts = [self._whole(part) for part in asked.parts]
        sections = []
        for part, found in zip(asked.parts, parts, strict=True):
            (section,) = found.sections
            sections.append(dataclasses.replace(section, heading=part.question))
        answered = [found for found in parts if found.reason != "nothing_close"]
        in_turn = zip_longest(*(found.sources for found in answered or parts))
        sources = {
            s.hit.paper.id: s for s in filter(None, chain.from_iterable(in_turn))
        }
        reason = parts[0].reason
        if len({found.reason for found in parts}) > 1:
            # Half an answer is one; where no part has any, some papers may be on the topic.
            reason = (
                None if any(found.reason is None for found in parts) else "not_stated"
            )
        return Found(
            list(sources.values()),
            max(found.confidence for found in parts),
            reason,
            tuple(sections),
        )

    def _whole(self, asked: Asked) -> Found:
        retriever, limits = self._retriever, self._limits
        follow_up = asked.follow_up
        query = retriever.prepare(asked.topic)
        # A follow-up is found by what it refers to, and its sentences are chosen by what it asks.
        own = query
        if follow_up.focus != follow_up.standalone:
            own = retriever.prepare(follow_up.focus)
        pointed = self._pointed_at(asked)
        if pointed:
            return self._of_pointed(asked, query, self._ranked(pointed, own))
        most = max(limits.list_papers, limits.context_papers)
        if follow_up.without:
            return self._others(asked, query, own, most)
        if asked.filters and self._of_papers.issuperset(retriever.terms(asked.topic)):
            newest = self._ranked(retriever.newest(most, asked.filters), own)
            if newest:
                section = Section("list", newest, by_date=True)
                return Found(newest, 1.0, None, (section,))
        sources = self._ranked(retriever.find(query, most, asked.filters), own)
        near = [s.hit.paper for s in sources[: limits.context_papers]]
        confidence, reason = self._judged(asked, query, near)
        set_out = sources
        if asked.kind == "compare" and not reason:
            set_out = sides(sources, asked.standalone, retriever)
        named = self._named(asked.topic, [s.hit.paper for s in sources])
        section = Section(asked.kind, set_out, named, reason=reason)
        return Found(sources, confidence, reason, (section,))

    def _judged(
        self, asked: Asked, query: Query, papers: Sequence[Paper]
    ) -> tuple[float, Reason | None]:
        """How close the papers come, and why not to answer from them, if so."""
        confidence = self._retriever.nearest_sentence(papers, query)
        threshold = self._limits.abstain_below
        return confidence, reason_to(
            asked, query, papers, self._retriever, confidence, threshold
        )

    def _of_pointed(
        self, asked: Asked, query: Query, sources: Sequence[Source]
    ) -> Found:
        """What the papers say that a follow-up points at, without what was quoted before."""
        papers = [source.hit.paper for source in sources]
        confidence, reason = self._judged(asked, query, papers)
        unsaid = [_unsaid(source, asked.follow_up.said) for source in sources]
        unsaid = [source for source in unsaid if source.ranked]
        lead = ""
        if asked.follow_up.said and not (reason or unsaid):
            reason = "not_stated"
            whose = "the abstract says" if len(sources) == 1 else "the abstracts say"
            lead = f"Everything that {whose} has been quoted."
        kind: Kind = "compare" if len(sources) > 1 else "single"
        section = Section(kind, unsaid or sources, reason=reason, lead=lead)
        return Found(sources, confidence, reason, (section,))

    def _others(self, asked: Asked, query: Query, own: Query, most: int) -> Found:
        """Papers on the topic that no answer has named, as far as a sentence of theirs is close."""
        shown = {match_form(title) for title in asked.follow_up.without}
        hits = self._retriever.find(query, most + len(shown), asked.filters)
        hits = [hit for hit in hits if _form(hit.paper) not in shown][:most]
        close, confidence = [], 0.0
        for hit in hits:
            cosine = self._retriever.nearest_sentence([hit.paper], query)
            confidence = max(confidence, cosine)
            if cosine >= self._limits.abstain_below:
                close.append(hit)
        sources = self._ranked(close or hits, own)
        if close:
            section = Section("list", sources, lead=_more_lead(len(close)))
            return Found(sources, confidence, None, (section,))
        reason: Reason = "nothing_close"
        section = Section("list", sources, reason=reason, lead=_NO_OTHERS)
        return Found(sources, confidence, reason, (section,))

    def _ranked(self, hits: Sequence[Hit], query: Query) -> list[Source]:
        """The hits with their sentences, those best that answer the query."""
        sources = []
        for hit in hits:
            ranked = self._retriever.rank(hit.paper, query)
            evidence = best_texts(ranked, _EVIDENCE)
            sources.append(Source(dataclasses.replace(hit, evidence=evidence), ranked))
        return sources

    def _pointed_at(self, asked: Asked) -> list[Hit]:
        """The papers that a follow-up points at, by their titles, in its order."""
        about = asked.follow_up.about
        if asked.kind == "compare" and len(about) < 2:
            return []  # the other side is to be found
        found = []
        for title in about:
            query = self._retriever.prepare(title)
            near = self._retriever.find(query, _SAME_TITLE, asked.filters)
            form = match_form(title)
            found += [hit for hit in near if _form(hit.paper) == form][:1]
        return found

    @cached_property
    def _of_papers(self) -> set[str]:
        return set(self._retriever.terms(_OF_PAPERS))

    def _named(self, topic: str, papers: Sequence[Paper]) -> set[str]:
        """The ids of the papers that bear a rare name of the topic."""
        named: set[str] = set()
        for name in rare_names(topic, self._retriever):
            named.update(paper.id for paper in papers if mentions(paper, name))
        return named


def _form(paper: Paper) -> str:
    """What a paper's title, and the same shown in an answer, have in common."""
    return match_form(readable(paper.title))


def _more_lead(papers: int) -> str:
    if papers == 1:
        return "One more paper on this:"
    return f"{papers} more papers on this, the closest first:"


def _unsaid(source: Source, said: Collection[str]) -> Source:
    """The source without the sentences that were quoted before."""
    forms = {match_form(text) for text in said}
    left = [s for s in source.ranked if match_form(readable(s.text)) not in forms]
    return dataclasses.replace(source, ranked=left)
