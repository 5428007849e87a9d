"""A conversation as the chat window keeps it, and as Markdown for the Chatbot. Knows no layout.

Everything people or papers wrote is escaped; the only tags that reach the Chatbot are written here.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ragbot.answer.doubts import MARK, doubted
from ragbot.errors import RagbotError
from ragbot.text.markdown import as_text
from ragbot.types import Answer, Filters, Message, Mode, Partial
from ragbot.window.html.escaped import escaped, undirected
from ragbot.window.html.links import claims_of, linked

__all__ = [
    "Answers",
    "Turn",
    "chatbot_messages",
    "cut_short",
    "follow",
    "history_of",
    "marked",
]

# A citation, and none that is escaped.
_CITED = re.compile(r"(?<!\\)\[(\d+)\]")


class Answers(Protocol):
    """What a conversation needs of a bot."""

    def stream(
        self,
        question: str,
        history: Sequence[Message],
        filters: Filters | None,
        *,
        dates_in_words: bool = True,
        stop: threading.Event | None = None,
    ) -> Iterator[Partial | Answer]:
        """The answer as it grows, then finished."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it: Markdown so far, then an answer, or a problem in one line."""

    question: str
    shown: str = ""
    reasoning: str = ""
    answer: Answer | None = None
    problem: str | None = None
    stopped: bool = False

    @property
    def said(self) -> str:
        """The answer as it was finished, or as far as it came."""
        return self.answer.text if self.answer else self.shown

    @property
    def mode(self) -> Mode | None:
        """What the answer was made of, once it is finished."""
        return self.answer.mode if self.answer else None


def history_of(turns: Sequence[Turn]) -> list[Message]:
    """The turns as a bot reads them."""
    messages = []
    for turn in turns:
        messages.append(Message("user", turn.question))
        messages.append(Message("assistant", turn.said))
    return messages


def follow(
    bot: Answers,
    question: str,
    turns: Sequence[Turn],
    filters: Filters,
    *,
    dates_in_words: bool = True,
    stop: threading.Event | None = None,
) -> Iterator[Turn]:
    """A question after the ``turns`` as its answer grows; an expected failure is its answer."""
    turn = Turn(question)
    yield turn
    try:
        for state in bot.stream(
            question,
            history_of(turns),
            filters,
            dates_in_words=dates_in_words,
            stop=stop,
        ):
            turn = replace(turn, shown=state.text, reasoning=state.reasoning)
            if isinstance(state, Answer):
                turn = replace(turn, answer=state)
            yield turn
    except RagbotError as error:
        yield replace(turn, problem=str(error))


def cut_short(turn: Turn, answer: Answer) -> Turn:
    """A turn that was stopped, with what its answer came to.

    What a language model wrote is there as far as it came, checked. Of quotes, which come from
    nowhere but the collection, what was shown remains, with the papers that it cites.
    """
    stopped = replace(turn, stopped=True)
    if answer.mode == "llm":
        return replace(stopped, shown=answer.text, answer=answer)
    shown = set(map(int, _CITED.findall(turn.shown)))
    kept = replace(
        answer,
        text=turn.shown,
        papers=tuple(c for c in answer.papers if c.n in shown),
        quotes=tuple(q for q in answer.quotes if q.n in shown and q.text in turn.shown),
        sentences=tuple(s for s in answer.sentences if shown.issuperset(s.citations)),
    )
    if not kept.papers:
        return stopped
    return replace(stopped, answer=kept)


def chatbot_messages(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """The turns as the Chatbot takes them: ``[{"role", "content": Markdown}, …]``.

    A model's reasoning is a message of its own, which the Chatbot shows collapsed.
    """
    messages: list[dict[str, Any]] = []
    for number, turn in enumerate(turns, 1):
        asked = "\n".join(map(as_text, _lines(turn.question)))
        messages.append({"role": "user", "content": asked})
        if turn.reasoning:
            messages.append(_thoughts(turn))
        if content := _answer(turn, number):
            messages.append({"role": "assistant", "content": content})
    return messages


def _thoughts(turn: Turn) -> dict[str, Any]:
    thoughts = "\n\n".join(map(as_text, filter(None, _lines(turn.reasoning))))
    ended = turn.shown or turn.stopped or turn.problem
    about = {"title": "Reasoning", "status": "done" if ended else "pending"}
    return {"role": "assistant", "content": thoughts, "metadata": about}


def _lines(text: str) -> list[str]:
    return undirected(text).splitlines()


def _answer(turn: Turn, number: int) -> str:
    """What has come of a turn; nothing while a model is still thinking aloud."""
    parts = []
    if turn.shown:
        parts.append(_shown(turn, number))
    if turn.problem:
        problem = escaped(" ".join(turn.problem.split()))
        parts.append(f'<div class="problem" role="alert">{problem}</div>')
    # What a model wrote says so itself, at its end.
    if turn.stopped and turn.mode != "llm":
        parts.append('<div class="stopped">Stopped.</div>')
    if not parts and not turn.reasoning:
        return '<div class="waiting" role="status">Reading the abstracts …</div>'
    return "\n\n".join(parts)


def _shown(turn: Turn, number: int) -> str:
    """What is shown of an answer; once it is finished, with where its sentences stand."""
    text = undirected(turn.shown)
    if turn.answer is None:
        return linked(text, number)
    doubts = [sentence.reason or "" for sentence in doubted(turn.answer.sentences)]
    return marked(linked(text, number, claims_of(turn.answer)), doubts)


def marked(markdown: str, doubts: Sequence[str]) -> str:
    """Each mark behind a sentence with the reason for it, shown on hover, focus and tap."""
    head, *rest = markdown.split(MARK)
    # The Chatbot drops titles and labels, so the reason is text of its own.
    marks = [
        f'<span class="doubt" tabindex="0" role="note">{MARK}'
        f'<span class="why" role="tooltip">{as_text(doubt)}</span></span>'
        for doubt in doubts
    ]
    marks += [MARK] * (len(rest) - len(marks))
    return head + "".join(mark + text for mark, text in zip(marks, rest, strict=False))
