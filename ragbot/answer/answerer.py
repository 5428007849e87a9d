"""One question, made stand-alone, into one answer: found, weighed, then quoted or written.

    retrieve ─► abstain? ─► quote, or have it written and checked ─► Answer

A language model that fails is replaced by quotes, and the answer says so.
"""

from __future__ import annotations

import dataclasses
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ragbot.answer.abstain import reason_to
from ragbot.answer.extractive import Draft, Source, compose, decline
from ragbot.answer.generate import DOUBTED, MARK, Writing, prepare
from ragbot.answer.markdown import as_text
from ragbot.answer.questions import kind_of
from ragbot.answer.subjects import mentions, rare_names, sides
from ragbot.config import AnswerSettings
from ragbot.errors import LlmError
from ragbot.llm.base import Llm
from ragbot.retrieval.evidence import best_texts
from ragbot.retrieval.retriever import Retriever
from ragbot.types import Answer, Filters, Hit, Message, Paper, Partial, Reason

__all__ = ["Answerer", "Asked", "Collection"]

# A chunk averages over sentences: this share of the cosine that a close sentence has is close.
_CLOSE_CHUNK = 0.9


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was put, made stand-alone, without its dates, and the turns before it."""

    question: str
    standalone: str
    topic: str
    filters: Filters
    history: Sequence[Message] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """What an answer says of the collection: papers within the dates, and undated ones left out."""

    papers: int
    undated: int
    fingerprint: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Found:
    sources: list[Source]
    confidence: float
    reason: Reason | None

    @property
    def hits(self) -> list[Hit]:
        return [s.hit for s in self.sources]


class Answerer:
    """Answers from one collection. ``llm`` loads the language model, or gives ``None``."""

    def __init__(
        self,
        retriever: Retriever,
        limits: AnswerSettings,
        llm: Callable[[], Llm | None],
        max_tokens: int,
    ) -> None:
        self._retriever = retriever
        self._limits = limits
        self._llm = llm
        self._max_tokens = max_tokens

    def stream(
        self, asked: Asked, collection: Collection, stop: threading.Event | None = None
    ) -> Iterator[Partial | Answer]:
        """The answer as it grows, then finished. ``stop`` ends a language model's writing."""
        started = time.perf_counter()
        found = self._find(asked)
        retrieved = time.perf_counter()
        note = _note(asked.filters, collection.undated)
        writing, failure = None, None
        try:
            llm = self._llm() if found.reason != "nothing_close" else None
            if llm is not None:
                task = prepare(asked.question, asked.history, found.sources, llm, self._max_tokens)
                writing = Writing(task)
                yield from writing.run(llm, stop)
                failure = writing.failure
        except LlmError as error:
            llm, failure = None, error
        reason: Reason | None
        if writing is not None and llm is not None and failure is None:
            mode, draft = "llm", writing.settle(self._retriever)
            reason = (
                None if draft.papers or any(s.states for s in draft.sentences) else "not_stated"
            )
            draft = _signed(draft, llm, collection.papers, note)
        else:
            mode, reason = "extractive", found.reason
            begun = (
                writing.settle(self._retriever) if writing is not None and writing.text else None
            )
            draft = self._quote(asked, found, collection.papers, note, begun)
            draft = _after_failure(draft, begun, failure) if failure else draft
            if writing is None:
                yield from _blocks(draft.text)
        done = time.perf_counter()
        cited = {c.paper.id for c in draft.papers}
        yield Answer(
            question=asked.question,
            standalone_question=asked.standalone,
            mode="llm" if mode == "llm" else "extractive",
            text=draft.text,
            abstained=reason is not None,
            reason=reason,
            sentences=draft.sentences,
            quotes=draft.quotes,
            papers=draft.papers,
            also_retrieved=tuple(h for h in found.hits if h.paper.id not in cited),
            invalid_citations_removed=writing.invalid if writing else 0,
            confidence=found.confidence,
            fingerprint=collection.fingerprint,
            reasoning=writing.reasoning if writing else "",
            filters=asked.filters,
            timings_ms={
                "retrieve": (retrieved - started) * 1e3,
                "answer": (done - retrieved) * 1e3,
                "total": (done - started) * 1e3,
            },
        )

    def _find(self, asked: Asked) -> _Found:
        retriever, limits = self._retriever, self._limits
        query = retriever.prepare(asked.topic)
        # A follow-up is found by what it refers to, and its sentences are chosen by what it asks.
        alone = asked.standalone == asked.question
        own = query if alone else retriever.prepare(asked.question)
        most = max(limits.list_papers, limits.context_papers)
        sources = [
            Source(dataclasses.replace(hit, evidence=best_texts(ranked, 3)), ranked)
            for hit in retriever.find(query, most, asked.filters)
            for ranked in [retriever.rank(hit.paper, own)]
        ]
        near = [s.hit.paper for s in sources[: limits.context_papers]]
        confidence = retriever.nearest_sentence(near, query)
        reason = reason_to(asked.question, query, near, retriever, confidence, limits.abstain_below)
        return _Found(sources, confidence, reason)

    def _quote(
        self, asked: Asked, found: _Found, papers: int, note: str, begun: Draft | None
    ) -> Draft:
        sources, limits = found.sources, self._limits
        if found.reason is not None:
            return decline(found.reason, found.hits[:3], papers, note)
        kind = kind_of(asked.question)
        if kind == "compare":
            sources = sides(sources, asked.standalone, self._retriever)
        return compose(
            kind,
            sources,
            quotes=limits.quotes,
            most_listed=limits.list_papers,
            named=self._named(asked.topic, [s.hit.paper for s in sources]),
            also_above=_CLOSE_CHUNK * limits.abstain_below,
            collection=papers,
            note=note,
            cited=begun.papers if begun else (),
        )

    def _named(self, topic: str, papers: Sequence[Paper]) -> set[str]:
        names = rare_names(topic, self._retriever)
        return {p.id for p in papers if any(mentions(p, n) for n in names)}


def _signed(draft: Draft, llm: Llm, papers: int, note: str) -> Draft:
    """A written answer with its closing line."""
    cited = len(draft.papers)
    line = f"*Written by {as_text(llm.name)} from {cited} of {papers} abstracts.{note}*"
    doubts = dict.fromkeys(s.reason for s in draft.sentences if s.support in DOUBTED and s.reason)
    if doubts:
        line = f"{MARK} *What the abstracts do not bear out:* {'; '.join(doubts)}.\n\n{line}"
    return dataclasses.replace(draft, text=f"{draft.text}\n\n{line}")


def _after_failure(quoted: Draft, begun: Draft | None, failure: LlmError) -> Draft:
    """Quotes behind what a model began, with what went wrong between them."""
    what = as_text(str(failure))
    if begun is None:
        return dataclasses.replace(
            quoted, text=f"*No language model answered: {what}*\n\n{quoted.text}"
        )
    text = f"{begun.text}\n\n*Here the answer breaks off: {what} Quoted instead:*\n\n{quoted.text}"
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
