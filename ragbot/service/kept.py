"""Kept conversations for front ends: opened without the collection, by days, written out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby

from ragbot.config import Settings
from ragbot.conversation_types import ConversationHeading
from ragbot.conversations import FILE, KEPT_DAYS, Conversations
from ragbot.conversations.written import CONVERSATION_FORMATS, write_conversation
from ragbot.text.english import MONTH_NAMES

__all__ = [
    "CONVERSATION_FORMATS",
    "KEPT_DAYS",
    "Conversations",
    "by_day",
    "open_conversations",
    "write_conversation",
]


def open_conversations(settings: Settings, owner: str | None = None) -> Conversations:
    """The conversations of a data folder, whatever state its collection is in; to be closed.

    Raises:
        CatalogError: the file cannot be opened, or is damaged.
    """
    return Conversations.open(settings.data_dir / FILE, owner)


def by_day(
    headings: Iterable[ConversationHeading], now: datetime
) -> list[tuple[str, list[ConversationHeading]]]:
    """Headings, the last changed first, under the names of their days where ``now`` is said.

    "Today", "Yesterday", then "26 November 2026".
    """
    names = {
        now.date(): "Today",
        now.date() - timedelta(days=1): "Yesterday",
    }

    def day(heading: ConversationHeading) -> str:
        date = heading.changed.astimezone(now.tzinfo).date()
        return names.get(date, f"{date.day} {MONTH_NAMES[date.month - 1]} {date.year}")

    return [(name, list(of_day)) for name, of_day in groupby(headings, day)]
