"""Answers written by a language model from numbered abstracts, checked sentence by sentence.

    sources ─► messages that fit the model's window ─► stream ─► citations ─► checked sentences

Knows the protocol of a language model and none of its kinds.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial, reduce
from itertools import compress, count, dropwhile, starmap
from operator import attrgetter

from ragbot.answer.doubts import BREAKS_OFF, MARK, doubted, is_doubted, states
from ragbot.answer.prompts import FRAME, PAPER, REPAIR, SHAPES, SYSTEM
from ragbot.citing.stream import CitationStream
from ragbot.errors import LlmError
from ragbot.llm.protocol import Llm
from ragbot.retrieval.retriever import Retriever
from ragbot.support.checker import Checked, Checker, evidence_of
from ragbot.support.refusals import declines
from ragbot.support.statements import Statement, sentences_of
from ragbot.text.latex import readable
from ragbot.text.words import match_form
from ragbot.types import (
    Citation,
    Draft,
    Kind,
    Message,
    Paper,
    Partial,
    Quote,
    Sentence,
    Source,
)

__all__ = [
    "Task",
    "Writing",
    "prepare",
]

# Tokens a server may add to each message for its template.
_PER_MESSAGE = 8
# Of the room there is, what earlier turns may take.
_HISTORY_SHARE = 0.25
# Letters and digits of a sentence that is no echo by chance: the shortest instruction has 30.
_LEAST_ECHO = 25
# Only behind one of these can a sentence have become whole.
_MAY_END = re.compile(r"[.!?\n]")
_ENDS = re.compile(r"[.!?:][\"”’)*_\]]*$")
# A citation of ours in Markdown, with the space before it.
_CITED = re.compile(r"([ \u00a0]?)(?<!\\)\[(\d+)\]")
# A line by itself, emphasised: who wrote an answer, or from how many abstracts.
_REMARK = re.compile(r"\*[^*\s].*\*\s*")
# What a quoting answer shows as text and a model, which may copy it, would mean as a citation.
_ESCAPED = re.compile(r"\\\[([\w ,;–-]{1,20})\\\]")
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
    standalone: str,
    history: Sequence[Message],
    sources: Sequence[Source],
    llm: Llm,
    max_tokens: int,
    *,
    kind: Kind = "other",
) -> Task:
    """The messages that ask a question of the best sources, as many as the model's window takes.

    ``standalone`` is asked instead where nothing of the history fits that it needs. ``kind`` is
    what it asks for, which decides on the shape of the answer.

    Raises:
        LlmError: not even one abstract fits.
    """
    max_tokens = min(max_tokens, llm.context_window // 2)
    room = llm.context_window - max_tokens - 3 * _PER_MESSAGE
    shape = f"{SHAPES.get(kind, '')}\n\n".lstrip()
    longer = _inert(standalone)  # of the two questions
    room -= sum(map(llm.count_tokens, (SYSTEM, FRAME, longer, shape)))
    turns = _recent(history, llm, int(_HISTORY_SHARE * room))
    room -= _taken(turns, llm)
    numbered = map(_numbered, count(1), map(attrgetter("hit.paper"), sources))
    papers = _fitting(numbered, 1, llm, room)
    if not papers:
        raise LlmError(
            f"the model's window of {llm.context_window} tokens is too small for one abstract",
            "raise llm.context_window, or lower llm.max_tokens",
            kind="context",
        )
    asked = _inert(question) if turns else longer
    told = FRAME.format(papers="\n\n".join(papers), question=asked, shape=shape)
    messages = (Message("system", SYSTEM), *turns, Message("user", told))
    return Task(messages, tuple(sources[: len(papers)]), max_tokens)


class Writing:
    """One answer in the making.

    ``text`` is its Markdown so far, with ``[n]`` in order of first use; ``reasoning`` is what the
    model said to itself; ``failure`` is why it ended early, if it did and was not ``stopped``.
    """

    def __init__(self, task: Task, retriever: Retriever) -> None:
        self._task = task
        self._retriever = retriever
        self._start()
        self.reasoning = ""
        self.failure: LlmError | None = None
        self.stopped = False

    def _start(self) -> None:
        self.text = ""
        self._citations = CitationStream(len(self._task.sources))
        self._checker = Checker(self._task.sources, self._retriever)
        self._looked_at = 0
        self._look_at = 0

    @property
    def invalid(self) -> int:
        """How many citations of papers that were not given have been removed."""
        return self._citations.invalid

    @property
    def whole(self) -> bool:
        """Whether it came to its end."""
        return not (self.stopped or self.failure)

    def run(self, llm: Llm, stop: threading.Event | None = None) -> Iterator[Partial]:
        """The answer as it grows; a failure ends it and is kept, not raised."""
        stream = llm.stream(
            self._task.messages, max_tokens=self._task.max_tokens, stop=stop
        )
        with closing(stream):
            try:
                for piece in stream:
                    if piece.retracts:
                        self.reasoning += self.text
                        self._start()
                    elif piece.reasoning:
                        self.reasoning += piece.text
                    elif shown := self._citations.feed(piece.text):
                        self.text += shown.replace(MARK, "")
                        if _MAY_END.search(shown):
                            self._look()
                    else:
                        continue
                    yield Partial(self.text, self.reasoning)
            except LlmError as failure:
                self.failure = failure
        self.text += self._citations.finish().replace(MARK, "")
        self.stopped = stop is not None and stop.is_set()
        self._without_echo()
        if self.whole and not self.text.strip():
            self.failure = LlmError(
                "the language model's answer had nothing in it but citations of papers that it was "
                "not given",
                "ask again, or try another model",
                kind="empty",
            )

    def settle(self) -> Draft:
        """The answer, every sentence checked against what it cites and marked where that fails."""
        text = self.text.strip()
        statements = _answering(sentences_of(text))
        checked = self._checker.finish(statements, self._places())
        sentences = list(map(_with_evidence, checked))
        if not (self.whole or _ENDS.search(text)):
            sentences = _breaking_off(sentences)
        text = _marked(text, statements, sentences)
        if not states(sentences):
            return _refusal(text, sentences)
        evidence = evidence_of(checked)
        quotes = tuple(Quote(n, quoted) for n in evidence for quoted in evidence[n])
        return Draft(text, tuple(sentences), quotes, self._cited(text, evidence))

    def _cited(
        self, text: str, evidence: Mapping[int, Sequence[str]]
    ) -> tuple[Citation, ...]:
        """The papers whose numbers stand in the text; an echo that was cut cited more."""
        shown = {int(n) for _, n in _CITED.findall(text)}
        places = self._places()
        cited = []
        for n in sorted(shown & places.keys()):
            hit = self._task.sources[places[n]].hit
            told = tuple(evidence.get(n, ())) or hit.evidence
            cited.append(Citation(n, hit.paper, hit.score, told))
        return tuple(cited)

    def _without_echo(self) -> None:
        """End the answer where it begins to repeat what the model was told, if it does."""
        for statement in sentences_of(self.text):
            if _is_echo(statement.text, self._task.messages):
                self.text = self.text[: statement.start].rstrip("#>*-_ \n")
                self.failure = self.failure or LlmError(
                    "the language model repeated its instructions",
                    "ask again, or try a larger model, or one made for chat",
                    kind="empty",
                )
                return

    def _look(self) -> None:
        """Have the sentences checked that have become whole: all but the last.

        One that does not end is looked at again only when it has grown by half, or a long one
        would take time by the square of its length.
        """
        if len(self.text) < self._look_at:
            return
        found = sentences_of(self.text[self._looked_at :])
        if len(found) > 1:
            self._checker.begin(found[:-1], self._places())
            self._looked_at += found[-1].start
        self._look_at = len(self.text) + (len(self.text) - self._looked_at) // 2

    def _places(self) -> dict[int, int]:
        """The source's place of each number shown."""
        return {shown: n - 1 for n, shown in self._citations.numbers.items()}

    def repair(self, draft: Draft, llm: Llm) -> Task | None:
        """What to ask a model that is to mend the doubted sentences of this answer, if it fits."""
        numbers = {str(shown): str(n) for n, shown in self._citations.numbers.items()}

        def own(text: str) -> str:
            """With the numbers that the model was given."""
            return _CITED.sub(lambda m: f"{m[1]}[{numbers.get(m[2], m[2])}]", text)

        doubts = map("- {0.text} ({0.reason})".format, doubted(draft.sentences))
        messages = (
            *self._task.messages,
            Message("assistant", own(draft.text.replace(f" {MARK}", ""))),
            Message("user", REPAIR.format(doubts=own("\n".join(doubts)))),
        )
        fits = _taken(messages, llm) + self._task.max_tokens <= llm.context_window
        return replace(self._task, messages=messages) if fits else None


def _is_echo(sentence: str, messages: Sequence[Message]) -> bool:
    """Whether a sentence is one of the instructions, or the question as it was put.

    An answer may well repeat a sentence of an abstract, so those do not count.
    """
    said = match_form(sentence)
    if len(said) < _LEAST_ECHO:
        return False
    asked = messages[-1].content.rpartition("\n\n")[2]
    return said in match_form(SYSTEM) or said == match_form(asked)


def _answering(statements: Sequence[Statement]) -> list[Statement]:
    """The sentences of an answer: with nothing else said, "Yes." is it and no mere opening."""
    declined = map(declines, map(attrgetter("text"), statements))
    if states(statements) or any(declined):
        return list(statements)
    return list(map(partial(replace, states=True), statements))


def _refusal(text: str, sentences: Sequence[Sentence]) -> Draft:
    """An answer that only says what the abstracts lack: that rests on no paper."""
    uncited = map(partial(replace, citations=()), sentences)
    return Draft(_uncited(text), tuple(uncited), (), ())


def _breaking_off(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The sentences of an answer that was cut within the last one."""
    if not sentences or sentences[-1].support != "uncited":
        return list(sentences)
    return [*sentences[:-1], replace(sentences[-1], reason=BREAKS_OFF)]


def _marked(
    text: str, statements: Sequence[Statement], sentences: Sequence[Sentence]
) -> str:
    """The text with a mark behind each sentence that is doubted."""
    ends = compress(map(attrgetter("end"), statements), map(is_doubted, sentences))
    return reduce(_mark, reversed(list(ends)), text)


def _mark(text: str, end: int) -> str:
    """A mark behind the sentence that ends there; in a table within its last cell."""
    said = text[:end].rstrip()
    bar = " |" * said.endswith("|")
    return f"{said.removesuffix('|').rstrip()} {MARK}{bar}{text[len(said) :]}"


def _fitting(texts: Iterable[str], apart: int, llm: Llm, room: int) -> list[str]:
    """The first of some texts, as many as there is room for with ``apart`` tokens to each."""
    kept: list[str] = []
    for text in texts:
        room -= llm.count_tokens(text) + apart
        if room < 0:
            break
        kept.append(text)
    return kept


def _taken(messages: Sequence[Message], llm: Llm) -> int:
    """How many tokens messages take."""
    tokens = map(llm.count_tokens, map(attrgetter("content"), messages))
    return sum(tokens) + _PER_MESSAGE * len(messages)


def _numbered(number: int, paper: Paper) -> str:
    return PAPER.format(
        number=number,
        title=_inert(paper.title),
        date=paper.date or "unknown",
        abstract=_inert(paper.abstract),
    )


def _recent(history: Sequence[Message], llm: Llm, room: int) -> tuple[Message, ...]:
    """The last turns that fit."""
    said = map(_repeated, reversed(history))
    kept = _fitting(said, _PER_MESSAGE, llm, room)
    turns = list(map(Message, map(attrgetter("role"), reversed(history)), kept))
    # Templates want a user's turn first.
    return tuple(dropwhile(lambda turn: turn.role != "user", reversed(turns)))


def _repeated(turn: Message) -> str:
    """An earlier turn as a model is told it, without what an answer says of itself."""
    if turn.role == "user":
        return _inert(turn.content)
    return _answer_alone(turn.content)


def _answer_alone(markdown: str) -> str:
    """An earlier answer without its marks and its closing lines, nor its citations: those numbers
    stood for other papers."""
    said = markdown.partition(f"\n\n{MARK} *")[0]
    first, *others = said.split("\n\n")
    kept = list(dropwhile(_REMARK.fullmatch, reversed(others)))
    said = _uncited("\n\n".join([first, *reversed(kept)])).replace(f" {MARK}", "")
    return _ESCAPED.sub(r"{\1}", said).strip()


def _uncited(markdown: str) -> str:
    return _CITED.sub("", markdown)


def _inert(text: str) -> str:
    """Foreign text for a prompt: it can neither close its fence nor hold a citation to copy."""
    text = _BRACKETED.sub(r"{\1}", " ".join(readable(text).split()))
    return text.replace("<", "‹").replace(">", "›")


def _with_evidence(checked: Checked) -> Sentence:
    evidence = tuple(starmap(Quote, checked.nearest.items()))
    return replace(checked.sentence, evidence=evidence)
