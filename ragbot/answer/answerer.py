"""One question, made stand-alone, into one answer: found, weighed, then quoted or written.

    retrieve ─► abstain? ─► quote, or have it written, checked and mended ─► Answer

A language model that fails is replaced by quotes, and the answer says so.
"""

from __future__ import annotations

import dataclasses
import re
import threading
import time
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, zip_longest
from textwrap import shorten

from ragbot.answer.abstain import reason_to
from ragbot.answer.quote import Lengths, Section, compose, remark, sides
from ragbot.answer.write import (
    BREAKS_OFF,
    MARK,
    Task,
    Writing,
    cites_nothing,
    doubted,
    prepare,
)
from ragbot.config import AnswerSettings
from ragbot.errors import LlmError
from ragbot.llm import LanguageModel, Llm
from ragbot.question.subjects import mentions, rare_names
from ragbot.retrieval.rank import best_texts
from ragbot.retrieval.retriever import Query, Retriever
from ragbot.text.latex import readable
from ragbot.text.markdown import as_text
from ragbot.text.words import match_form
from ragbot.types import (
    Answer,
    Asked,
    Coverage,
    Draft,
    Filters,
    Hit,
    Kind,
    Mode,
    Paper,
    Partial,
    Reason,
    Source,
)

__all__ = ["Answerer", "from_catalog"]

# A chunk averages over sentences: this share of the cosine that a close sentence has is close.
_CLOSE_CHUNK = 0.9
# What a question may say that asks for papers of certain dates and for nothing else.
_OF_PAPERS = (
    "paper abstract work study research article publication preprint list show all new newest "
    "latest recent publish released appear come came out date written collection"
)
# A language model that keeps to none of its instructions.
_NOTHING_CITED = LlmError(
    "the language model's answer cites none of the papers it was given",
    "ask again, or try a larger model, or one made for chat",
    kind="empty",
)
_NO_OTHERS = "No other paper comes close to this: those named before are all there are."
# Sentences that are kept of a source as evidence.
_EVIDENCE = 3
# A paper is among so many of the nearest to its own title.
_SAME_TITLE = 5
# Of a doubted sentence, as many characters tell which it is.
_RECOGNISED = 80


@dataclass(frozen=True, slots=True)
class _Found:
    """Sources for an answer, or why there is none, and how a quoting answer sets them out."""

    sources: Sequence[Source]
    confidence: float
    reason: Reason | None
    sections: tuple[Section, ...]

    @property
    def hits(self) -> list[Hit]:
        return [s.hit for s in self.sources]


@dataclass(frozen=True, slots=True)
class _Written:
    """What a language model made of a question: ``draft`` is what came, checked, if anything did.

    ``whole`` is whether it came to its end, ``failure`` why not, unless it was ``stopped``.
    """

    draft: Draft | None = None
    failure: LlmError | None = None
    whole: bool = False
    stopped: bool = False
    author: str = ""
    invalid: int = 0
    reasoning: str = ""


class Answerer:
    """Answers from one collection; ``model`` writes, if it has a language model."""

    def __init__(
        self, retriever: Retriever, limits: AnswerSettings, model: LanguageModel
    ) -> None:
        self._retriever = retriever
        self._limits = limits
        self._writing = model.settings
        self._load = model.load

    def stream(
        self, asked: Asked, collection: Coverage, stop: threading.Event | None = None
    ) -> Generator[Partial | Answer, None, None]:
        """The answer as it grows, then finished. ``stop`` ends a language model's writing."""
        if asked.follow_up.missing:
            said = remark(asked.follow_up.missing)
            yield from _without_search(
                asked, said, collection.fingerprint, "extractive"
            )
            return
        started = time.perf_counter()
        found = self._find(asked)
        retrieved = time.perf_counter()
        note = _note(asked.filters, collection.undated)
        written = yield from self._write(asked, found, stop)
        mode: Mode
        if written.draft and not written.failure:
            mode, draft = (
                "llm",
                _signed(written, written.draft, collection.papers, note),
            )
            stated = any(s.states for s in draft.sentences)
            reason: Reason | None = None if stated else "not_stated"
        else:
            mode, reason = "extractive", found.reason
            draft = self._quote(found, collection.papers, note, written.draft)
            if written.failure:
                draft = _after_failure(draft, written.draft, written.failure)
            elif written.stopped:
                text = (
                    f"*Stopped before the language model wrote a word.*\n\n{draft.text}"
                )
                draft = dataclasses.replace(draft, text=text)
            else:
                yield from _blocks(draft.text)
        done = time.perf_counter()
        cited = {c.paper.id for c in draft.papers}
        yield Answer(
            question=asked.question,
            standalone_question=asked.standalone,
            mode=mode,
            text=draft.text,
            abstained=reason is not None,
            reason=reason,
            sentences=draft.sentences,
            quotes=draft.quotes,
            papers=draft.papers,
            also_retrieved=tuple(h for h in found.hits if h.paper.id not in cited),
            invalid_citations_removed=written.invalid,
            confidence=found.confidence,
            fingerprint=collection.fingerprint,
            reasoning=written.reasoning,
            failure=str(written.failure) if written.failure else None,
            filters=asked.filters,
            timings_ms={
                "retrieve": (retrieved - started) * 1e3,
                "answer": (done - retrieved) * 1e3,
                "total": (done - started) * 1e3,
            },
        )

    def _write(
        self, asked: Asked, found: _Found, stop: threading.Event | None
    ) -> Generator[Partial, None, _Written]:
        """The answer of the language model as it grows; nothing where none is to be asked."""
        if found.reason == "nothing_close":
            return _Written()
        try:
            llm = self._load()
            if llm is None:
                return _Written()
            task = prepare(
                asked.question,
                asked.standalone,
                asked.history,
                found.sources,
                llm,
                self._writing.max_tokens,
            )
        except LlmError as failure:
            return _Written(failure=failure)
        writing = Writing(task, self._retriever)
        yield from writing.run(llm, stop)
        stopped = stop is not None and stop.is_set()
        settled = writing.settle() if writing.text.strip() else None
        written = _Written(
            draft=settled,
            failure=writing.failure,
            whole=not (stopped or writing.failure),
            stopped=stopped,
            author=llm.name,
            invalid=writing.invalid,
            reasoning=writing.reasoning,
        )
        if written.whole and settled and cites_nothing(settled):
            return dataclasses.replace(
                written, draft=None, failure=_NOTHING_CITED, whole=False
            )
        draft = written.draft
        if (
            self._writing.repair
            and written.whole
            and draft
            and doubted(draft.sentences)
        ):
            yield Partial(draft.text, written.reasoning)
            if mending := writing.repair(draft, llm):
                return self._mended(written, draft, mending, llm, stop)
        return written

    def _mended(
        self,
        written: _Written,
        draft: Draft,
        task: Task,
        llm: Llm,
        stop: threading.Event | None,
    ) -> _Written:
        """The answer mended by its author, if that left fewer doubts; else as it was."""
        writing = Writing(task, self._retriever)
        for _ in writing.run(llm, stop):
            pass  # what is on the screen stays until it is known which answer is the better one
        again = writing.settle()
        written = dataclasses.replace(
            written,
            invalid=written.invalid + writing.invalid,
            reasoning=f"{written.reasoning}\n\n{writing.reasoning}".strip(),
        )
        unmended = (
            writing.failure or (stop is not None and stop.is_set()) or not again.papers
        )
        if unmended or len(doubted(again.sentences)) >= len(doubted(draft.sentences)):
            return written
        return dataclasses.replace(written, draft=again)

    def _find(self, asked: Asked) -> _Found:
        """What to answer with; of a question in parts what each of them is answered with."""
        if not asked.parts:
            return self._find_one(asked)
        parts = [self._find_one(part) for part in asked.parts]
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
        return _Found(
            list(sources.values()),
            max(found.confidence for found in parts),
            reason,
            tuple(sections),
        )

    def _find_one(self, asked: Asked) -> _Found:
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
                return _Found(newest, 1.0, None, (section,))
        sources = self._ranked(retriever.find(query, most, asked.filters), own)
        near = [s.hit.paper for s in sources[: limits.context_papers]]
        confidence, reason = self._judged(asked, query, near)
        set_out = sources
        if asked.kind == "compare" and not reason:
            set_out = sides(sources, asked.standalone, retriever)
        named = self._named(asked.topic, [s.hit.paper for s in sources])
        section = Section(asked.kind, set_out, named, reason=reason)
        return _Found(sources, confidence, reason, (section,))

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
    ) -> _Found:
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
        return _Found(sources, confidence, reason, (section,))

    def _others(self, asked: Asked, query: Query, own: Query, most: int) -> _Found:
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
            return _Found(sources, confidence, None, (section,))
        reason: Reason = "nothing_close"
        section = Section("list", sources, reason=reason, lead=_NO_OTHERS)
        return _Found(sources, confidence, reason, (section,))

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

    def _quote(
        self, found: _Found, papers: int, note: str, begun: Draft | None
    ) -> Draft:
        limits = self._limits
        lengths = Lengths(
            limits.quotes, limits.list_papers, _CLOSE_CHUNK * limits.abstain_below
        )
        return compose(
            found.sections,
            lengths,
            collection=papers,
            note=note,
            cited=begun.papers if begun else (),
            follows=begun is not None,
        )

    @cached_property
    def _of_papers(self) -> set[str]:
        return set(self._retriever.terms(_OF_PAPERS))

    def _named(self, topic: str, papers: Sequence[Paper]) -> set[str]:
        """The ids of the papers that bear a rare name of the topic."""
        named: set[str] = set()
        for name in rare_names(topic, self._retriever):
            named.update(paper.id for paper in papers if mentions(paper, name))
        return named


def from_catalog(
    asked: Asked, fact: Draft, fingerprint: dict[str, str]
) -> Iterator[Partial | Answer]:
    """An answer that the catalog has given, block by block, then whole."""
    yield from _without_search(asked, fact, fingerprint, "catalog")


def _without_search(
    asked: Asked, draft: Draft, fingerprint: dict[str, str], mode: Mode
) -> Iterator[Partial | Answer]:
    yield from _blocks(draft.text)
    reason: Reason | None = "not_stated" if asked.follow_up.missing else None
    yield Answer(
        question=asked.question,
        standalone_question=asked.standalone,
        mode=mode,
        text=draft.text,
        abstained=reason is not None,
        reason=reason,
        sentences=draft.sentences,
        quotes=(),
        papers=draft.papers,
        also_retrieved=(),
        invalid_citations_removed=0,
        confidence=1.0,
        fingerprint=fingerprint,
        filters=asked.filters,
    )


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


def _signed(written: _Written, draft: Draft, papers: int, note: str) -> Draft:
    """A written answer with what is doubted in it and its closing line."""
    blocks = [draft.text, *_doubts(draft)]
    cited = (
        f"from {len(draft.papers)} of {papers}"
        if draft.papers
        else f"citing none of {papers}"
    )
    end = "" if written.whole else " It was stopped before its end."
    blocks.append(
        f"*Written by {as_text(written.author)}, {cited} abstracts.{end}{note}*"
    )
    return dataclasses.replace(draft, text="\n\n".join(blocks))


def _doubts(draft: Draft) -> list[str]:
    """What is doubted in a written answer, and why, as a block of its own."""
    lines = []
    for sentence in doubted(draft.sentences):
        if sentence.reason == BREAKS_OFF:  # which the next line says
            continue
        which = as_text(shorten(sentence.text, _RECOGNISED, placeholder=" …"))
        lines.append(f"- “{which}”: {as_text(sentence.reason or '')}")
    if not lines:
        return []
    told = "\n".join(lines)
    return [f"{MARK} *Not borne out by the abstracts:*\n\n{told}"]


def _after_failure(quoted: Draft, begun: Draft | None, failure: LlmError) -> Draft:
    """Quotes behind what a model began, with what went wrong between them."""
    what = as_text(f"{failure}.")
    if begun is None:
        text = f"*No language model answered: {what}*\n\n{quoted.text}"
        return dataclasses.replace(quoted, text=text)
    broken = f"*Here the answer breaks off: {what} Quoted instead:*"
    text = "\n\n".join([begun.text, *_doubts(begun), broken, quoted.text])
    return Draft(text, begun.sentences + quoted.sentences, quoted.quotes, quoted.papers)


def _blocks(text: str) -> Iterator[Partial]:
    """A finished text block by block, as it is read."""
    for end in re.finditer(r"\n\n|\Z", text):
        yield Partial(text[: end.start()])


def _note(filters: Filters, undated: int) -> str:
    if not filters:
        return ""
    span = f"{filters.date_from or 'the first'} to {filters.date_to or 'the last'}"
    left_out = f"; {undated} undated papers left out" if undated else ""
    return f" Dates {span}{left_out}."
