"""Earlier turns of a conversation: what was asked, and which papers the answers showed.

Papers are known by the titles in the answers' own Markdown: whoever replays a conversation, a
program or a saved file, has its text and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from ragbot.text.english import framed
from ragbot.text.markdown import as_text
from ragbot.types import Message

__all__ = ["ALSO", "Turn", "titles_of", "turns_of", "with_titles"]

ALSO = "Also on this: "
"""What stands before the papers that an answer names beside the one it is about."""

# A paper in an answer of ours: its title in bold, and its number.
_NAMED = re.compile(
    r"\*\*(?P<title>(?:\\.|[^\n\\]){1,400}?)\*\*[^\n\[]{0,20}\[(?P<n>\d{1,3})\]"
)
# What it quotes of one: on a line of its own, or in a cell of a table.
_QUOTED = re.compile(
    r"^ *> (?P<line>[^\n]+?) \[\d{1,3}\]$"
    r"|(?<= \| )(?!\*\*)(?P<cell>(?:[^\n|\\]|\\.)+?) \[\d{1,3}\](?= \|)",
    re.MULTILINE,
)
_LISTED = re.compile(r"^\d{1,3}\. \*\*", re.MULTILINE)
# Each part of a question stands above its answer.
_HEADING = re.compile(r"^\*\*[^\n]+\*\*$", re.MULTILINE)
_ESCAPED = re.compile(r"\\([^\w\s]|_)|\u200b")


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what was shown in answer to it; titles by their numbers.

    ``main`` are the titles it is about, without those under `ALSO`; ``is_list`` says that they
    stood in a numbered list; ``quoted`` are its quotations.
    """

    question: str
    titles: Mapping[int, str] = field(default_factory=dict)
    main: tuple[str, ...] = ()
    is_list: bool = False
    quoted: tuple[str, ...] = ()


def turns_of(history: Sequence[Message]) -> list[Turn]:
    """The turns of a history; of several answers to one question the last counts."""
    turns: list[Turn] = []
    for message in history:
        if message.role == "user":
            turns.append(Turn(message.content.strip()))
            continue
        question = ""
        if turns:
            question = turns.pop().question
        turns.append(_answered(question, message.content))
    return turns


def with_titles(answer: str, titles: Mapping[int, str]) -> str:
    """The Markdown of an answer, and behind it the titles that it cites by their numbers alone.

    A language model names papers so; "the second" of the next question means one by its title. They
    stand as a remark, which no model is told of an earlier answer.
    """
    named = {int(found["n"]) for found in _NAMED.finditer(answer)}
    missing = [
        f"**{as_text(title)}** [{n}]" for n, title in titles.items() if n not in named
    ]
    remark = framed("*Papers: {}*", " · ".join(missing))
    return "\n\n".join(filter(None, [answer, remark]))


def titles_of(turns: Iterable[Turn]) -> tuple[str, ...]:
    """The titles that answers showed, in order, each once."""
    shown = chain.from_iterable(turn.titles.values() for turn in turns)
    return tuple(dict.fromkeys(shown))


def _answered(question: str, answer: str) -> Turn:
    titles: dict[int, str] = {}
    for found in _NAMED.finditer(answer):
        titles.setdefault(int(found["n"]), _plain(found["title"]))
    main: dict[str, None] = {}
    for section in _HEADING.split(answer):
        about = _NAMED.finditer(section.partition(ALSO)[0])
        main.update((_plain(found["title"]), None) for found in about)
    return Turn(
        question,
        titles,
        main=tuple(main),
        is_list=_LISTED.search(answer) is not None,
        quoted=tuple(
            _plain("".join(found.groups(""))) for found in _QUOTED.finditer(answer)
        ),
    )


def _plain(markdown: str) -> str:
    """The text that was escaped, as `ragbot.text.markdown.as_text` does, to be shown."""
    return _ESCAPED.sub(r"\1", markdown).strip()
