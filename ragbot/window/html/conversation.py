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
from ragbot.llm import LanguageModel
from ragbot.text.latex import readable
from ragbot.text.markdown import as_text
from ragbot.types import Answer, Filters, Message, Partial
from ragbot.window.html.escaped import escaped, undirected

__all__ = [
    "Answers",
    "Lead",
    "Turn",
    "chatbot_messages",
    "cut_short",
    "follow",
    "history_of",
    "leads_of",
    "linked",
    "marked",
]

# A citation, and none that is escaped.
_CITED = re.compile(r"(?<!\\)\[(\d+)\]")

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
        model: LanguageModel | None = None,
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
    model: LanguageModel | None = None,
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
            model=model,
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
    shown = {int(n) for n in _CITED.findall(turn.shown)}
    papers = tuple(c for c in answer.papers if c.n in shown)
    if not papers:
        return stopped
    kept = replace(
        answer,
        text=turn.shown,
        papers=papers,
        quotes=tuple(q for q in answer.quotes if q.n in shown and q.text in turn.shown),
        sentences=tuple(s for s in answer.sentences if shown.issuperset(s.citations)),
    )
    return replace(stopped, answer=kept)


def chatbot_messages(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """The turns as the Chatbot takes them: ``[{"role", "content": Markdown}, …]``.

    A model's reasoning is a message of its own, which the Chatbot shows collapsed.
    """
    messages: list[dict[str, Any]] = []
    for number, turn in enumerate(turns, 1):
        asked = "\n".join(as_text(line) for line in undirected(turn.question).splitlines())
        messages.append({"role": "user", "content": asked})
        if turn.reasoning:
            messages.append(_thoughts(turn))
        if content := _answer(turn, number):
            messages.append({"role": "assistant", "content": content})
    return messages


def _thoughts(turn: Turn) -> dict[str, Any]:
    lines = [as_text(line) for line in undirected(turn.reasoning).splitlines() if line]
    ended = turn.shown or turn.stopped or turn.problem
    about = {"title": "Reasoning", "status": "done" if ended else "pending"}
    return {"role": "assistant", "content": "\n\n".join(lines), "metadata": about}


def _answer(turn: Turn, number: int) -> str:
    """What has come of a turn; nothing while a model is still thinking aloud."""
    parts = []
    if turn.shown:
        doubts = _doubts(turn.answer) if turn.answer else []
        leads = leads_of(turn.answer) if turn.answer else []
        parts.append(marked(linked(undirected(turn.shown), number, leads), doubts))
    if turn.problem:
        problem = escaped(" ".join(turn.problem.split()))
        parts.append(f'<div class="problem" role="alert">{problem}</div>')
    # What a model wrote says so itself, at its end.
    if turn.stopped and not (turn.answer and turn.answer.mode == "llm"):
        parts.append('<div class="stopped">Stopped.</div>')
    if not parts and not turn.reasoning:
        return '<div class="waiting" role="status">Reading the abstracts …</div>'
    return "\n\n".join(parts)


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


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a citation leads: what is said before it, of which paper, and its sentence's place.

    ``place`` counts the evidence of that paper in the answer's list.
    """

    said: str
    n: int
    place: int


def leads_of(answer: Answer) -> list[Lead]:
    """The citations of an answer whose own sentence is known."""
    leads = []
    for quote in answer.quotes:
        for citation in answer.papers:
            if citation.n == quote.n and quote.text in citation.evidence:
                place = citation.evidence.index(quote.text)
                leads.append(Lead(_letters(readable(quote.text)), quote.n, place))
    return leads


def linked(markdown: str, answer: int, leads: Sequence[Lead] = ()) -> str:
    """An answer's Markdown with each ``[n]`` leading to ``#a<answer>-p<n>`` and no tag alive.

    Where its own sentence is known it leads on to that: ``#a<answer>-p<n>-e<place>``. Code is shown
    as it is, by tags of our own: Markdown would show the ``&lt;`` in it.
    """
    before = 0

    def token(match: re.Match[str]) -> str:
        nonlocal before
        if n := match["number"]:
            said, before = _letters(markdown[before : match.start()]), match.end()
            # A number never stands alone at the start of a line.
            space = "\u00a0" if match.group().startswith(" ") else ""
            return f"{space}[\\[{n}\\]](#a{answer}-p{n}{_sentence(leads, int(n), said)})"
        if match["code"]:
            return f"<code>{_verbatim(match['code'].strip())}</code>"
        if match["fence"]:
            indent = match["indent"]
            lines = [_outdented(line, indent) for line in match["block"].rstrip("\n").split("\n")]
            code = _verbatim("\n".join(lines))
            return f"{indent}<pre><code>{code}</code></pre>"
        return {"<": "&lt;", "!": "\\!"}.get(match.group(), match.group())

    return _TOKEN.sub(token, markdown)


def _sentence(leads: Sequence[Lead], n: int, said: str) -> str:
    for lead in leads:
        if lead.n == n and said.endswith(lead.said):
            return f"-e{lead.place}"
    return ""


def _letters(text: str) -> str:
    """What is left of a text whatever Markdown has done to it."""
    return "".join(filter(str.isalnum, html.unescape(text)))


def _outdented(line: str, indent: str) -> str:
    """A line of code without what may stand before each line of its block."""
    shared = len(line) - len(line.lstrip(" \t>"))
    return line[min(shared, len(indent)) :]


def _verbatim(text: str) -> str:
    """Text that neither HTML nor Markdown sees anything in."""
    return "".join(c if c.isalnum() or c == " " else f"&#{ord(c)};" for c in text)
