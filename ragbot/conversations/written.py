"""A conversation as a text to keep: Markdown for notes, JSON for programs. Pure.

In Markdown one list of papers serves all answers: their numbers become those of this list.
Questions, titles and sentences are foreign text, escaped; answers are safe Markdown already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import filterfalse, starmap

from ragbot.conversation_types import SavedConversation, SavedTurn
from ragbot.errors import InputError
from ragbot.papers.describe import dated, names_of, web_address, who
from ragbot.papers.export.fields import linked, marked
from ragbot.serialise import conversation_json, json_text
from ragbot.text.english import counted, framed
from ragbot.text.markdown import as_text
from ragbot.text.words import printable, whole
from ragbot.types import Answer, Paper

__all__ = ["CONVERSATION_FORMATS", "ConversationFormat", "write_conversation"]

# A citation, and none that is escaped.
_CITED = re.compile(r"(?<!\\)\[(\d{1,6})\]")
# It keeps addresses in foreign text from becoming links.
_APART = "\u200b"
_NO_ANSWER = "*No answer: it was not finished.*"


@dataclass(slots=True)
class _Bibliography:
    """The papers of all answers in the order of their first citation."""

    papers: dict[str, Paper] = field(default_factory=dict)

    def renumbered(self, answer: Answer) -> str:
        """The answer's Markdown, and what it rests on, with the numbers of this list."""
        own = {cited.n: cited.paper for cited in answer.papers}
        for n in map(int, _CITED.findall(answer.text)):
            if n in own:
                self.papers.setdefault(own[n].id, own[n])
        for paper in own.values():
            self.papers.setdefault(paper.id, paper)
        places = {id_: place for place, id_ in enumerate(self.papers, 1)}
        numbers = {str(n): places[paper.id] for n, paper in own.items()}

        def number(cited: re.Match[str]) -> str:
            return f"[{numbers.get(cited[1], cited[1])}]"

        return _CITED.sub(number, "\n\n".join([answer.text, *_quotes(answer)]))

    def entries(self) -> str:
        """A numbered line a paper."""
        lines = starmap(
            "{}. {}".format, enumerate(map(_entry, self.papers.values()), 1)
        )
        return "\n".join(lines)


def _quotes(answer: Answer) -> Iterator[str]:
    """Sentences that an answer rests on and does not show."""
    told = (f"{as_text(quote.text)} [{quote.n}]" for quote in answer.quotes)
    hidden = list(filterfalse(answer.text.__contains__, dict.fromkeys(told)))
    if hidden:
        yield "From the abstracts:"
        yield "\n>\n".join(map("> {}".format, hidden))


def _entry(paper: Paper) -> str:
    told = [marked(who(paper)), dated(paper), *map(marked, names_of(paper))]
    facts = ". ".join(filter(None, [f"**{marked(paper.title)}**", *told]))
    return " ".join(filter(None, [f"{facts}.", linked(web_address(paper) or "")]))


def _markdown(conversation: SavedConversation) -> str:
    heading, papers = conversation.heading, _Bibliography()
    when = f"{heading.created:%Y-%m-%d %H:%M} UTC"
    blocks = [
        f"# {marked(heading.title)}",
        f"*{when}, {counted(heading.turns, 'question')}*",
    ]
    for turn in conversation.turns:
        blocks += _turn(turn, papers)
    if papers.papers:
        blocks += ["## Papers", papers.entries()]
    return _clean("\n\n".join(blocks)) + "\n"


def _turn(turn: SavedTurn, papers: _Bibliography) -> Iterator[str]:
    yield f"## {marked(turn.question) or '…'}"
    if turn.filters:
        yield f"*Papers from {marked(turn.filters.words)}*"
    if turn.answer:
        yield papers.renumbered(turn.answer)
    elif turn.shown:
        yield turn.shown
    yield from filter(None, [framed("*No answer: {}*", marked(turn.problem))])
    yield from ["*Stopped.*"] * turn.stopped
    yield from [_NO_ANSWER] * turn.is_open


def _clean(markdown: str) -> str:
    """Without what turns text around or a terminal obeys, but what keeps addresses text."""
    return whole(_APART.join(map(printable, markdown.split(_APART))))


def _json(conversation: SavedConversation) -> str:
    return json_text(conversation_json(conversation), indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class ConversationFormat:
    """What a format is called, and the suffix of its files."""

    title: str
    suffix: str
    write: Callable[[SavedConversation], str]


CONVERSATION_FORMATS: Mapping[str, ConversationFormat] = {
    "md": ConversationFormat("Markdown", ".md", _markdown),
    "json": ConversationFormat("JSON", ".json", _json),
}
"""By the names that `write_conversation` takes."""


def write_conversation(conversation: SavedConversation, format_: str) -> str:
    """A conversation as text of one of the `CONVERSATION_FORMATS`.

    Raises:
        InputError: there is no such format.
    """
    if format_ not in CONVERSATION_FORMATS:
        raise InputError(
            f"no format of a conversation is called {format_!r}",
            f"choose from {', '.join(CONVERSATION_FORMATS)}",
        )
    return CONVERSATION_FORMATS[format_].write(conversation)
