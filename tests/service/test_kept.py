"""ragbot/service/kept.py: conversations beside a collection, and without one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ragbot.conversation_types import ConversationHeading, SavedTurn
from ragbot.errors import CatalogError
from ragbot.question.history import history_of
from ragbot.service import Service
from ragbot.service.kept import by_day, open_conversations
from ragbot.testing import tiny_collection

QUESTIONS = (
    "Which papers are there on time series or images?",
    "What does the first one report?",
)


def test_a_conversation_goes_on_where_it_was_left(tmp_path: Path) -> None:
    with Service(tiny_collection(tmp_path)) as service:
        settings = service.settings
        first = service.ask(QUESTIONS[0])
        live = SavedTurn(QUESTIONS[0], answer=first)
        expected = service.ask(QUESTIONS[1], history_of([live]))
        id_ = service.conversations.begin(live)
        # What one of them begins to do, another process sees
        beside = open_conversations(settings)
        beside.append(id_, SavedTurn("And?", stopped=True))
        assert service.conversations.get(id_).heading.turns == 2
        service.conversations.replace(id_, 1, SavedTurn(QUESTIONS[1], answer=expected))
        beside.close()
    with Service(tiny_collection(tmp_path)) as service:
        saved = service.conversations.get(id_)
        assert [turn.answer for turn in saved.turns] == [first, expected]
        again = service.ask(QUESTIONS[1], history_of(saved.turns[:1]))
        assert (again.text, again.papers) == (expected.text, expected.papers)
        assert again.standalone_question != QUESTIONS[1]


def test_damaged_conversations_stop_no_answer(tmp_path: Path) -> None:
    with Service(tiny_collection(tmp_path)) as service:
        path = service.settings.data_dir / "conversations.sqlite"
        path.write_bytes(b"no database" * 1000)
        with pytest.raises(CatalogError, match="move that file away"):
            _ = service.conversations
        assert service.ask(QUESTIONS[0]).papers
        path.rename(path.with_suffix(".old"))
        assert service.conversations.page().headings == ()


def heading(changed: datetime) -> ConversationHeading:
    return ConversationHeading("abc", "Title", changed, changed, 1)


def test_days_are_those_of_where_one_is() -> None:
    east = timezone(timedelta(hours=9))
    now = datetime(2026, 11, 30, 1, tzinfo=east)
    before = (timedelta(hours=n) for n in (0, 2, 3, 30, 24 * 40))
    headings = [heading((now - ago).astimezone(UTC)) for ago in before]
    assert by_day(headings, now) == [
        ("Today", headings[:1]),
        ("Yesterday", headings[1:3]),
        ("28 November 2026", headings[3:4]),
        ("21 October 2026", headings[4:]),
    ]
    assert by_day([], now) == []
