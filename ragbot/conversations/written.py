"""A conversation as a text to keep: Markdown for notes, JSON for programs. Pure.

In Markdown one list of papers serves all answers: their numbers become those of this list.
Questions, titles and sentences are foreign text, escaped; answers are safe Markdown already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count, filterfalse
from operator import attrgetter

from ragbot.conversation_types import SavedConversation, SavedTurn
from ragbot.conversations.wording import clean
from ragbot.errors import InputError
from ragbot.papers.describe import dated, names_of, web_address, who
from ragbot.papers.export.fields import linked, marked
from ragbot.serialise import conversation_json, json_text
from ragbot.text.english import counted, framed
from ragbot.text.markdown import as_text
from ragbot.types import Answer, Paper

__all__ = ["CONVERSATION_FORMATS", "ConversationFormat", "write_conversation"]

# A citation, none that is escaped; or code, in which there are none.
_CITED = re.compile(
    r"(?P<fence>`{3,}|~{3,}).*?(?:(?P=fence)|\Z)"
    r"|(?<!`)(?P<ticks>`{1,2})(?!`)(?:(?!\n\n).){1,1000}?(?<!`)(?P=ticks)(?!`)"
    r"|(?<!\\)(?P<number>\[\d{1,6}\])",
    re.DOTALL,
)
# It keeps addresses in foreign text from becoming links.
_APART = "\u200b"
_NO_ANSWER = "*No answer: it was not finished.*"

Papers = dict[str, Paper]
"""Those of all answers by their ids, in the order of their first citation."""


def _renumbered(answer: Answer, papers: Papers) -> str:
    """The answer's Markdown, and what it rests on, numbered as ``papers``, which gain its own."""
    own = dict(map(attrgetter("n", "paper"), answer.papers))
    for paper in own.values():
        papers.setdefault(paper.id, paper)
    places = dict(zip(papers, count(1), strict=False))
    numbers = {f"[{n}]": f"[{places[paper.id]}]" for n, paper in own.items()}
    told = "\n\n".join([answer.text, *_quotes(answer)])
    return _CITED.sub(lambda cited: numbers.get(cited[0], cited[0]), told)


def _uncited(markdown: str) -> str:
    """What had come of an answer, whose papers nobody knows."""
    return _CITED.sub(lambda found: "" if found["number"] else found[0], markdown)


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
    heading = conversation.heading
    papers: Papers = {}
    turns = list(map(partial(_turn, papers), conversation.turns))
    entries = map("{}. {}".format, count(1), map(_entry, papers.values()))
    when = f"{heading.created:%Y-%m-%d %H:%M} UTC"
    blocks = [
        f"# {marked(heading.title)}",
        f"*{when}, {counted(heading.turns, 'question')}*",
        *turns,
        framed("## Papers\n\n{}", "\n".join(entries)),
    ]
    return _clean("\n\n".join(filter(None, blocks))) + "\n"


def _turn(papers: Papers, turn: SavedTurn) -> str:
    said = _renumbered(turn.answer, papers) if turn.answer else _uncited(turn.shown)
    dates = turn.filters.words if turn.filters else ""
    blocks = [
        f"## {marked(turn.question) or '…'}",
        framed("*Papers from {}*", marked(dates)),
        said,
        framed("*No answer: {}*", marked(turn.problem)),
        "*Stopped.*" * turn.stopped,
        _NO_ANSWER * turn.is_open,
    ]
    return "\n\n".join(filter(None, blocks))


def _clean(markdown: str) -> str:
    """Without what turns text around or a terminal obeys, but what keeps addresses text."""
    return _APART.join(map(clean, markdown.split(_APART)))


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
