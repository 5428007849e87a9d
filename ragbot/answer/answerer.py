"""One question, made stand-alone, into one answer: found, weighed, then quoted or written.

    retrieve ─► abstain? ─► quote, or have it written, checked and mended ─► Answer

A language model that fails is replaced by quotes, and the answer says so.
"""

from __future__ import annotations

import dataclasses
import re
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from operator import attrgetter
from textwrap import shorten
from typing import TYPE_CHECKING, Literal

from ragbot.answer.doubts import BREAKS_OFF, MARK, cites_nothing, doubted, states
from ragbot.answer.find import Finder, Found
from ragbot.answer.quote import compose, remark
from ragbot.config import AnswerSettings
from ragbot.errors import LlmError
from ragbot.llm import LanguageModel, Llm
from ragbot.retrieval.hits import parted
from ragbot.retrieval.retriever import Retriever
from ragbot.text.markdown import as_text
from ragbot.types import (
    Answer,
    Asked,
    Coverage,
    Draft,
    Filters,
    Kind,
    Mode,
    Partial,
    Reason,
)

if TYPE_CHECKING:
    from ragbot.answer.write import Task

__all__ = ["Answerer", "from_catalog"]

# A language model that keeps to none of its instructions.
_NOTHING_CITED = LlmError(
    "the language model's answer cites none of the papers it was given",
    "ask again, or try a larger model, or one made for chat",
    kind="empty",
)
_NOTHING = Draft("", (), (), ())
# Of a doubted sentence, as many characters tell which it is.
_RECOGNISED = 80


@dataclass(frozen=True, slots=True)
class _Written:
    """What a language model made of a question: ``draft`` is what came, checked, empty if nothing
    did.

    ``whole`` is whether it came to its end, ``failure`` why not, unless it was ``stopped``.
    """

    draft: Draft = _NOTHING
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
        self._finder = Finder(retriever, limits)
        self._writing = model.settings
        self._load = model.load

    def stream(
        self, asked: Asked, collection: Coverage, stop: threading.Event | None = None
    ) -> Generator[Partial | Answer, None, None]:
        """The answer as it grows, then finished. ``stop`` ends a language model's writing."""
        if asked.follow_up.missing:
            said = remark(asked.follow_up.missing)
            yield from _without_search(
                asked, said, collection.fingerprint, "extractive", asked.kind
            )
            return
        started = time.perf_counter()
        found = self._finder.find(asked)
        retrieved = time.perf_counter()
        note = _note(asked.filters, collection.undated)
        written = yield from self._write(asked, found, stop)
        mode: Mode
        if written.draft.text and not written.failure:
            mode, draft = (
                "llm",
                _signed(written, written.draft, collection.papers, note),
            )
            reason: Reason | None = None if states(draft.sentences) else "not_stated"
        else:
            mode, reason = "extractive", found.reason
            draft = compose(
                found.sections,
                collection=collection.papers,
                note=note,
                cited=written.draft.papers,
                follows=bool(written.draft.text),
            )
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
        _, others = parted(found.hits, set(map(attrgetter("paper.id"), draft.papers)))
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
            also_retrieved=tuple(others),
            invalid_citations_removed=written.invalid,
            confidence=found.confidence,
            fingerprint=collection.fingerprint,
            reasoning=written.reasoning,
            failure=str(written.failure) if written.failure else None,
            filters=asked.filters,
            kind=asked.kind,
            timings_ms={
                "retrieve": (retrieved - started) * 1e3,
                "answer": (done - retrieved) * 1e3,
                "total": (done - started) * 1e3,
            },
        )

    def _write(
        self, asked: Asked, found: Found, stop: threading.Event | None
    ) -> Generator[Partial, None, _Written]:
        """The answer of the language model as it grows; nothing where none is to be asked."""
        if found.reason == "nothing_close":
            return _Written()
        try:
            llm = self._load()
            if llm is None:
                return _Written()
            # With it comes what reads and checks an answer: quotes need nothing of that.
            from ragbot.answer.write import Writing, prepare

            task = prepare(
                asked.question,
                asked.standalone,
                asked.history,
                found.sources,
                llm,
                self._writing.max_tokens,
                kind=asked.kind,
            )
        except LlmError as failure:
            return _Written(failure=failure)
        writing = Writing(task, self._retriever)
        yield from writing.run(llm, stop)
        settled = writing.settle()
        written = _Written(
            draft=settled,
            failure=writing.failure,
            whole=writing.whole,
            stopped=writing.stopped,
            author=llm.name,
            invalid=writing.invalid,
            reasoning=writing.reasoning,
        )
        if not written.whole:
            return written
        if cites_nothing(settled):
            return dataclasses.replace(
                written, draft=_NOTHING, failure=_NOTHING_CITED, whole=False
            )
        if self._writing.repair and doubted(settled.sentences):
            yield Partial(settled.text, written.reasoning)
            if mending := writing.repair(settled, llm):
                return self._mended(written, settled, mending, llm, stop)
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
        from ragbot.answer.write import Writing

        writing = Writing(task, self._retriever)
        for _ in writing.run(llm, stop):
            pass  # what is on the screen stays until it is known which answer is the better one
        again = writing.settle()
        written = dataclasses.replace(
            written,
            invalid=written.invalid + writing.invalid,
            reasoning=f"{written.reasoning}\n\n{writing.reasoning}".strip(),
        )
        fewer = len(doubted(again.sentences)) < len(doubted(draft.sentences))
        if writing.whole and again.papers and fewer:
            return dataclasses.replace(written, draft=again)
        return written


def from_catalog(
    asked: Asked, fact: Draft, fingerprint: dict[str, str]
) -> Iterator[Partial | Answer]:
    """An answer that the catalog has given, block by block, then whole."""
    yield from _without_search(asked, fact, fingerprint, "catalog", "catalog")


def _without_search(
    asked: Asked,
    draft: Draft,
    fingerprint: dict[str, str],
    mode: Mode,
    kind: Kind | Literal["catalog"],
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
        kind=kind,
    )


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
    # That it breaks off is what the next line says.
    for sentence in filter(lambda s: s.reason != BREAKS_OFF, doubted(draft.sentences)):
        which = as_text(shorten(sentence.text, _RECOGNISED, placeholder=" …"))
        lines.append(f"- “{which}”: {as_text(str(sentence.reason))}")
    if not lines:
        return []
    told = "\n".join(lines)
    return [f"{MARK} *Not borne out by the abstracts:*\n\n{told}"]


def _after_failure(quoted: Draft, begun: Draft, failure: LlmError) -> Draft:
    """Quotes behind what a model began, with what went wrong between them."""
    what = as_text(f"{failure}.")
    if not begun.text:
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
    left_out = f"; {undated} undated papers left out" if undated else ""
    return f" Dates {filters.words}{left_out}."
