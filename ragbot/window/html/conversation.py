"""A conversation as the chat window keeps it, and as Markdown for the Chatbot. Knows no layout.

Everything people or papers wrote is escaped; the only tags that reach the Chatbot are written here.
"""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ragbot.answer.write import MARK, doubted
from ragbot.errors import RagbotError
from ragbot.text.markdown import as_text
from ragbot.types import Answer, Filters, Message, Partial

__all__ = ["Answers", "Turn", "chatbot_messages", "follow", "history_of", "linked", "marked"]

# Escaped characters stay as they are; of the rest, code, a tag, an image and a citation are looked
# at. Code that has not ended runs to the end: it is still being written.
_TOKEN = re.compile(
    r"\\."
    r"|^(?P<indent>[ \t>]*)(?P<fence>`{3,}|~{3,})[^\n]*\n?"
    r"(?P<block>[\s\S]*?)(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?P<ticks>`+)(?P<code>[^\n]+?)(?<!`)(?P=ticks)(?!`)"
    r"|<|!(?=\[)| ?\[(?P<number>\d+)\]",
    re.MULTILINE,
)


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


def history_of(turns: Sequence[Turn]) -> list[Message]:
    """The turns as a bot reads them."""
    messages = []
    for turn in turns:
        messages.append(Message("user", turn.question))
        messages.append(Message("assistant", turn.answer.text if turn.answer else turn.shown))
    return messages


def follow(
    bot: Answers,
    question: str,
    turns: Sequence[Turn],
    filters: Filters,
    *,
    dates_in_words: bool = True,
    stop: threading.Event | None = None,
) -> Iterator[list[Turn]]:
    """The conversation as it grows by one question; an expected failure becomes its answer."""
    turn = Turn(question)
    yield [*turns, turn]
    try:
        for state in bot.stream(
            question, history_of(turns), filters, dates_in_words=dates_in_words, stop=stop
        ):
            turn = replace(turn, shown=state.text, reasoning=state.reasoning)
            if isinstance(state, Answer):
                turn = replace(turn, answer=state)
            yield [*turns, turn]
    except RagbotError as error:
        yield [*turns, replace(turn, problem=str(error))]


def chatbot_messages(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """The turns as the Chatbot takes them: ``[{"role", "content": Markdown}, …]``.

    A model's reasoning is a message of its own, which the Chatbot shows collapsed.
    """
    messages: list[dict[str, Any]] = []
    for number, turn in enumerate(turns, 1):
        asked = "\n".join(as_text(line) for line in turn.question.splitlines())
        messages.append({"role": "user", "content": asked})
        if turn.reasoning:
            thoughts = "\n\n".join(as_text(line) for line in turn.reasoning.splitlines() if line)
            status = "done" if turn.shown or turn.stopped or turn.problem else "pending"
            about = {"title": "Reasoning", "status": status}
            messages.append({"role": "assistant", "content": thoughts, "metadata": about})
        doubts = _doubts(turn.answer) if turn.answer else []
        parts = [marked(linked(turn.shown, number), doubts)] if turn.shown else []
        if turn.problem:
            problem = html.escape(" ".join(turn.problem.split()))
            parts.append(f'<div class="problem" role="alert">{problem}</div>')
        if turn.stopped:
            parts.append('<div class="stopped">Stopped.</div>')
        if not (parts or turn.reasoning):
            parts.append('<div class="waiting" role="status">Reading the abstracts …</div>')
        if parts:
            messages.append({"role": "assistant", "content": "\n\n".join(parts)})
    return messages


def _doubts(answer: Answer) -> list[str]:
    return [" ".join((s.reason or "").split()) for s in doubted(answer.sentences)]


def marked(markdown: str, doubts: Sequence[str]) -> str:
    """Each mark behind a sentence with the reason for it, shown on hover, focus and tap."""
    head, *rest = markdown.split(MARK)
    # The Chatbot drops titles and labels, so the reason is text of its own.
    told = [
        f'<span class="doubt" tabindex="0" role="note">{MARK}'
        f'<span class="why" role="tooltip">{as_text(doubt)}</span></span>'
        for doubt in doubts
    ]
    told += [MARK] * (len(rest) - len(told))
    return head + "".join(mark + text for mark, text in zip(told, rest, strict=False))


def linked(markdown: str, answer: int) -> str:
    """An answer's Markdown with each ``[n]`` leading to ``#a<answer>-p<n>`` and no tag alive.

    Code is shown as it is, by tags of our own: Markdown would show the ``&lt;`` in it.
    """

    def token(match: re.Match[str]) -> str:
        if n := match["number"]:
            # A number never stands alone at the start of a line.
            space = "\u00a0" if match.group().startswith(" ") else ""
            return f"{space}[\\[{n}\\]](#a{answer}-p{n})"
        if match["code"]:
            return f"<code>{_verbatim(match['code'].strip())}</code>"
        if match["fence"]:
            indent = match["indent"]
            lines = [_outdented(line, indent) for line in match["block"].rstrip("\n").split("\n")]
            code = _verbatim("\n".join(lines))
            return f"{indent}<pre><code>{code}</code></pre>"
        return {"<": "&lt;", "!": "\\!"}.get(match.group(), match.group())

    return _TOKEN.sub(token, markdown)


def _outdented(line: str, indent: str) -> str:
    """A line of code without what may stand before each line of its block."""
    shared = len(line) - len(line.lstrip(" \t>"))
    return line[min(shared, len(indent)) :]


def _verbatim(text: str) -> str:
    """Text that neither HTML nor Markdown sees anything in."""
    return "".join(c if c.isalnum() or c == " " else f"&#{ord(c)};" for c in text)
