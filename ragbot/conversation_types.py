"""A conversation as it is kept: its turns, each with what came of it, and what a list shows.

Texts are as they were typed and written: whoever shows them escapes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from ragbot.types import Answer, Filters

__all__ = ["ConversationHeading", "HeadingPage", "SavedConversation", "SavedTurn"]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SavedTurn:
    """A question and what came of it: an answer, or a ``problem`` in one line, or neither yet.

    ``filters`` are the dates given beside the question; without ``dates_in_words`` those of its own
    words were not to count. ``shown`` is the Markdown that had come of an answer and ``reasoning``
    what a model said to itself; one that was ``stopped`` may have both and no ``answer``. ``asked``
    is when, with its time zone.
    """

    question: str
    asked: datetime = field(default_factory=_now)
    filters: Filters = field(default_factory=Filters)
    dates_in_words: bool = True
    answer: Answer | None = None
    shown: str = ""
    reasoning: str = ""
    problem: str = ""
    stopped: bool = False

    @property
    def said(self) -> str:
        """The answer as it was finished, or as far as it came."""
        return self.answer.text if self.answer else self.shown

    @property
    def is_open(self) -> bool:
        """Whether nothing has come of it yet: it is being answered, or whoever did so died."""
        return not (self.answer or self.problem or self.stopped)


@dataclass(frozen=True, slots=True)
class ConversationHeading:
    """A conversation in a list: ``turns`` is their number, times have their time zone.

    ``title`` is one line without control characters.
    """

    id: str
    title: str
    created: datetime
    changed: datetime
    turns: int


@dataclass(frozen=True, slots=True)
class HeadingPage:
    """Some headings, the last changed first; ``after`` asks for those behind, if there are any."""

    headings: tuple[ConversationHeading, ...]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class SavedConversation:
    """A conversation with all its turns; ``branch_of`` is the id of the one it was taken from."""

    heading: ConversationHeading
    turns: tuple[SavedTurn, ...]
    branch_of: str | None = None
