"""A conversation as the chat window keeps it, and as Markdown for the Chatbot. Knows no layout.

Everything people or papers wrote is escaped; the only tags that reach the Chatbot are written here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ragbot.answer.markdown import as_text
from ragbot.errors import RagbotError
from ragbot.types import Answer, Filters, Message

__all__ = ["Answers", "Turn", "chatbot_messages", "follow", "history_of", "linked"]

# Escaped characters stay as they are; of the rest, a tag, an image and a citation are looked at.
_TOKEN = re.compile(r"\\.|<|!(?=\[)| ?\[(\d+)\]", re.DOTALL)


class Answers(Protocol):
    """What a conversation needs of a bot."""

    def stream(
        self, question: str, history: Sequence[Message], filters: Filters | None
    ) -> Iterator[str | Answer]:
        """Pieces of Markdown, then the finished answer."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it: Markdown so far, then an answer, or a problem in one line."""

    question: str
    shown: str = ""
    answer: Answer | None = None
    problem: str | None = None
    stopped: bool = False


def history_of(turns: Sequence[Turn]) -> list[Message]:
    """The turns as a bot reads them."""
    messages = []
    for turn in turns:
        messages.append(Message("user", turn.question))
        messages.append(Message("assistant", turn.answer.text if turn.answer else turn.shown))
    return messages


def follow(
    bot: Answers, question: str, turns: Sequence[Turn], filters: Filters
) -> Iterator[list[Turn]]:
    """The conversation as it grows by one question; an expected failure becomes its answer."""
    turn = Turn(question)
    yield [*turns, turn]
    try:
        for piece in bot.stream(question, history_of(turns), filters):
            if isinstance(piece, Answer):
                turn = replace(turn, shown=piece.text, answer=piece)
            else:
                turn = replace(turn, shown=turn.shown + piece)
            yield [*turns, turn]
    except RagbotError as error:
        yield [*turns, replace(turn, problem=str(error))]


def chatbot_messages(turns: Sequence[Turn]) -> list[dict[str, str]]:
    """The turns as the Chatbot takes them: ``[{"role", "content": Markdown}, …]``."""
    messages = []
    for number, turn in enumerate(turns, 1):
        asked = "\n".join(as_text(line) for line in turn.question.splitlines())
        messages.append({"role": "user", "content": asked})
        parts = [linked(turn.shown, number)] if turn.shown else []
        if turn.problem:
            problem = html.escape(" ".join(turn.problem.split()))
            parts.append(f'<div class="problem" role="alert">{problem}</div>')
        if turn.stopped:
            parts.append('<div class="stopped">Stopped.</div>')
        if parts:
            messages.append({"role": "assistant", "content": "\n\n".join(parts)})
    return messages


def linked(markdown: str, answer: int) -> str:
    """An answer's Markdown with each ``[n]`` leading to ``#a<answer>-p<n>`` and no tag alive."""

    def token(match: re.Match[str]) -> str:
        if n := match.group(1):
            # A number never stands alone at the start of a line.
            space = "\u00a0" if match.group().startswith(" ") else ""
            return f"{space}[\\[{n}\\]](#a{answer}-p{n})"
        return {"<": "&lt;", "!": "\\!"}.get(match.group(), match.group())

    return _TOKEN.sub(token, markdown)
