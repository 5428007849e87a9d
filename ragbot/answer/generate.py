"""Answers written by a language model from numbered abstracts, checked sentence by sentence.

    sources ─► messages that fit the model's window ─► stream ─► citations ─► checked sentences

Knows the protocol of a language model and none of its kinds.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from ragbot.answer.citations import CitationStream
from ragbot.answer.extractive import Draft, Source
from ragbot.answer.prompts import FRAME, PAPER, SYSTEM
from ragbot.answer.statements import sentences_of
from ragbot.answer.verify import Evidence, check_all
from ragbot.embedding.base import Vectors
from ragbot.errors import LlmError
from ragbot.llm.base import Llm
from ragbot.retrieval.retriever import Retriever
from ragbot.sentences import split_sentences
from ragbot.text import readable
from ragbot.types import Citation, Message, Partial, Quote, Sentence

__all__ = ["DOUBTED", "MARK", "Task", "Writing", "prepare"]

# Stands behind a sentence that the cited abstracts do not bear out, or that cites none.
MARK = "⚠"
DOUBTED = ("unsupported", "uncited")
# Tokens a server may add to each message for its template.
_PER_MESSAGE = 8
# Of the room there is, what earlier turns may take.
_HISTORY_SHARE = 0.25
_MOST_EVIDENCE = 3
# A citation of ours in Markdown, with the space before it.
_CITED = re.compile(r"[ \u00a0]?(?<!\\)\[\d+\]")
# "[7]" in an abstract or a question, which a model may copy, would be taken for a citation.
_BRACKETED = re.compile(r"[\[【［〔⟦]\s*([\w ,;–-]{1,20})\s*[\]】］〕⟧]")


@dataclass(frozen=True, slots=True)
class Task:
    """What a model is asked: the messages, and the papers in the order of their numbers."""

    messages: tuple[Message, ...]
    sources: tuple[Source, ...]
    max_tokens: int


def prepare(
    question: str,
    history: Sequence[Message],
    sources: Sequence[Source],
    llm: Llm,
    max_tokens: int,
) -> Task:
    """The messages that ask a question of the best sources, as many as the model's window takes.

    Raises:
        LlmError: not even one abstract fits.
    """
    max_tokens = min(max_tokens, llm.context_window // 2)
    asked = _inert(question)
    room = llm.context_window - max_tokens - 3 * _PER_MESSAGE
    room -= llm.count_tokens(SYSTEM) + llm.count_tokens(FRAME.format(papers="", question=asked))
    turns = _recent(history, llm, int(_HISTORY_SHARE * room))
    room -= sum(llm.count_tokens(t.content) + _PER_MESSAGE for t in turns)
    papers: list[str] = []
    for number, source in enumerate(sources, 1):
        paper = source.hit.paper
        text = PAPER.format(
            number=number,
            title=_inert(paper.title),
            date=paper.date or "unknown",
            abstract=_inert(paper.abstract),
        )
        room -= llm.count_tokens(text) + 1
        if room < 0:
            break
        papers.append(text)
    if not papers:
        raise LlmError(
            f"the model's window of {llm.context_window} tokens is too small for one abstract: "
            "raise llm.context_window, or lower llm.max_tokens",
            kind="context",
        )
    told = FRAME.format(papers="\n\n".join(papers), question=asked)
    messages = (Message("system", SYSTEM), *turns, Message("user", told))
    return Task(messages, tuple(sources[: len(papers)]), max_tokens)


class Writing:
    """One answer in the making.

    ``text`` is its Markdown so far, with ``[n]`` in order of first use; ``reasoning`` is what the
    model said to itself; ``failure`` is why it ended early, if it did.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._citations = CitationStream(len(task.sources))
        self._shown: list[str] = []
        self._thoughts: list[str] = []
        self.failure: LlmError | None = None

    @property
    def text(self) -> str:
        return "".join(self._shown)

    @property
    def reasoning(self) -> str:
        return "".join(self._thoughts)

    @property
    def invalid(self) -> int:
        """How many citations of papers that were not given have been removed."""
        return self._citations.invalid

    def run(self, llm: Llm, stop: threading.Event | None = None) -> Iterator[Partial]:
        """The answer as it grows; a failure ends it and is kept, not raised."""
        stream = llm.stream(self._task.messages, max_tokens=self._task.max_tokens, stop=stop)
        with closing(stream):
            try:
                for piece in stream:
                    if piece.retracts:
                        self._thoughts.append(self.text)
                        self._shown.clear()
                        self._citations = CitationStream(len(self._task.sources))
                    elif piece.reasoning:
                        self._thoughts.append(piece.text)
                    elif shown := self._citations.feed(piece.text):
                        self._shown.append(shown.replace(MARK, ""))
                    else:
                        continue
                    yield Partial(self.text, self.reasoning)
            except LlmError as failure:
                self.failure = failure
        self._shown.append(self._citations.finish().replace(MARK, ""))

    def settle(self, retriever: Retriever) -> Draft:
        """The answer, every sentence checked against what it cites and marked where that fails."""
        text = self.text.strip()
        cited = {shown: self._task.sources[n - 1] for n, shown in self._citations.numbers.items()}
        statements = sentences_of(text)
        vectors = retriever.embed([s.text for s in statements])
        checked = check_all(statements, vectors, self._evidence(cited, retriever))
        for statement, sentence in reversed(list(zip(statements, checked, strict=True))):
            if sentence.support in DOUBTED:
                text = f"{text[: statement.end].rstrip()} {MARK}{text[statement.end :]}"
        if not any(s.states for s in checked):
            # It only says what the abstracts lack: that rests on no paper.
            unnumbered = tuple(replace(s, citations=()) for s in checked)
            return Draft(_CITED.sub("", text), unnumbered, (), ())
        borne_out = _borne_out(checked, vectors, cited, retriever)
        return Draft(
            text,
            tuple(checked),
            tuple(Quote(n, sentence) for n, said in borne_out.items() for sentence in said),
            tuple(
                Citation(n, s.hit.paper, s.hit.score, tuple(borne_out[n]) or s.hit.evidence)
                for n, s in sorted(cited.items())
            ),
        )

    def _evidence(self, cited: Mapping[int, Source], retriever: Retriever) -> dict[int, Evidence]:
        """Every paper the model was given: cited ones by number, the others below 1."""
        numbers = {source.hit.paper.id: n for n, source in cited.items()}
        papers = [s.hit.paper for s in self._task.sources]
        vectors = retriever.sentence_vectors([p.id for p in papers])
        return {
            numbers.get(paper.id, -at): Evidence(
                paper, vectors.get(paper.id), retriever.terms, retriever.idf
            )
            for at, paper in enumerate(papers)
        }


def _borne_out(
    sentences: Sequence[Sentence],
    vectors: Vectors,
    cited: Mapping[int, Source],
    retriever: Retriever,
) -> dict[int, list[str]]:
    """For each cited paper the sentences of its abstract nearest to what the answer says of it."""
    stored = retriever.sentence_vectors([s.hit.paper.id for s in cited.values()])
    found: dict[int, list[str]] = {n: [] for n in sorted(cited)}
    for sentence, vector in zip(sentences, vectors, strict=True):
        for n in sentence.citations:
            paper = cited[n].hit.paper
            own, said = stored.get(paper.id), split_sentences(paper.abstract)
            if sentence.states and own is not None and len(own) == len(said) > 0:
                nearest = said[int((own @ vector).argmax())]
                if nearest not in found[n] and len(found[n]) < _MOST_EVIDENCE:
                    found[n].append(nearest)
    return found


def _recent(history: Sequence[Message], llm: Llm, room: int) -> tuple[Message, ...]:
    """The last turns that fit, without citations: those numbers were another answer's."""
    kept: list[Message] = []
    for turn in reversed(history):
        turn = Message(turn.role, _CITED.sub("", turn.content).replace(MARK, ""))
        room -= llm.count_tokens(turn.content) + _PER_MESSAGE
        if room < 0:
            break
        kept.append(turn)
    while kept and kept[-1].role != "user":  # templates want a user's turn first
        kept.pop()
    return tuple(reversed(kept))


def _inert(text: str) -> str:
    """Foreign text for a prompt: it can neither close its fence nor hold a citation to copy."""
    text = _BRACKETED.sub(r"{\1}", " ".join(readable(text).split()))
    return text.replace("<", "‹").replace(">", "›")
