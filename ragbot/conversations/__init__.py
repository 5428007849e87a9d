"""Conversations that are kept: all that can be done with them, over one SQLite file.

Knows neither the collection nor who asks; an answer is kept as it was given, with its papers as
they were, whatever becomes of the collection. What is deleted can be had back for `KEPT_DAYS`.
"""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from itertools import starmap
from operator import attrgetter
from pathlib import Path
from typing import Self

from ragbot.conversation_types import (
    ConversationHeading,
    HeadingPage,
    SavedConversation,
    SavedTurn,
)
from ragbot.conversations.conversation_file import SHARE, ConversationFile
from ragbot.conversations.kept_turns import KeptTurns
from ragbot.conversations.wording import search_words, shown_title, title_of
from ragbot.errors import InputError, UnknownConversation

__all__ = ["FILE", "KEPT_DAYS", "Conversations"]

FILE = "conversations.sqlite"
"""Its name in the data folder."""
KEPT_DAYS = 30
"""After these what was deleted is gone for good, at the next opening."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_AFTER = re.compile(r"(\d{1,18})-(\d{1,18})")
# Behind nothing: all that there are were changed before.
_FIRST = f"{10**18 - 1}-0"
_MOST_WORDS = 20

_ABOUT = "id, title, created, changed, turns"
_WITH = f"SELECT number / {SHARE} FROM said WHERE said MATCH ?".replace(
    "number", "rowid"
)


class Conversations:
    """The conversations of one owner; ``None`` is whoever uses a Ragbot without users.

    Safe to share between threads; several processes may use one file. Every method raises
    `CatalogError` if the file cannot be read or written, and those that take an id
    `UnknownConversation` if there is none of it.
    """

    def __init__(self, file: ConversationFile, owner: str | None = None) -> None:
        self._file = file
        self._kept = KeptTurns(file)
        self._owner = owner

    @classmethod
    def open(cls, path: Path, owner: str | None = None) -> Self:
        """Open the file, made if need be; what was deleted long ago is cleared away.

        Raises:
            CatalogError: it cannot be opened, is damaged, or of a newer version.
        """
        file = ConversationFile(path)
        try:
            _clear(file)
        except BaseException:
            file.close()
            raise
        return cls(file, owner)

    def of(self, owner: str | None) -> Self:
        """Those of another owner in the same file, which stays open as long as this one is."""
        return type(self)(self._file, owner)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def check(self) -> int:
        """Look for damage on every page of the file; how many conversations it has for this owner.

        Raises:
            CatalogError: it is damaged.
        """
        self._file.check()
        sql = "SELECT count(*) FROM conversations WHERE owner IS ? AND deleted IS NULL"
        ((count,),) = self._file.rows(sql, [self._owner])
        return int(count)

    def generation(self) -> int:
        """A number that grows with every change, whoever makes it."""
        sql = "SELECT value FROM meta WHERE key = 'generation'"
        return int(next(iter(self._file.rows(sql)), (0,))[0])

    # -- turns ------------------------------------------------------------------------------

    def begin(self, turn: SavedTurn) -> str:
        """A new conversation with its first turn, called after its question; its id."""
        with self._file.change():
            number, id_ = self._new(title_of(turn.question))
            self._put(number, 0, turn)
        return id_

    def append(self, id_: str, turn: SavedTurn) -> int:
        """Put a turn behind the others, from whichever window it comes; its place, from 0.

        A conversation that was deleted meanwhile is there again.
        """
        with self._file.change():
            number, turns = self._find(id_, deleted=True)
            self._put(number, turns, turn)
        return turns

    def replace(self, id_: str, place: int, turn: SavedTurn) -> None:
        """Put a turn in the place of the last one, or of one that nothing has come of yet.

        Raises:
            InputError: there is no such turn, or another window has gone on behind it.
        """
        with self._file.change():
            number, turns = self._find(id_, deleted=True)
            if place not in range(turns):
                raise _no_turn(place)
            before = self._kept.read(number, place, place + 1)
            is_open = any(map(attrgetter("is_open"), before))
            if place != turns - 1 and not is_open:
                raise InputError(
                    "the conversation has gone on in another window",
                    "open it anew, or branch it at that question",
                )
            self._put(number, place, turn)

    def branch(self, id_: str, place: int, turn: SavedTurn | None = None) -> str:
        """A new conversation of the turns before a place, and another turn there; its id.

        Raises:
            InputError: there is no such place, or there would be no turn.
        """
        with self._file.change():
            number, turns = self._find(id_)
            if not 0 <= place <= turns or (place == 0 and turn is None):
                raise _no_turn(place)
            title = self._title(number) if place else title_of(turn.question)  # type: ignore[union-attr]
            new, new_id = self._new(title, id_, place)
            self._kept.copy(number, new, place)
            if turn is not None:
                self._put(new, place, turn)
        return new_id

    # -- conversations ----------------------------------------------------------------------

    def get(self, id_: str) -> SavedConversation:
        """A conversation with all its turns; one of them that is damaged says so."""
        with self._file.moment():
            number, turns = self._find(id_)
            sql = f"SELECT {_ABOUT}, branch_of FROM conversations WHERE number = ?"
            ((*about, branch_of),) = self._file.rows(sql, [number])
            found = self._kept.read(number, 0, turns)
        return SavedConversation(_heading(*about), tuple(found), branch_of)

    def turns(
        self, id_: str, first: int = 0, end: int = SHARE
    ) -> tuple[SavedTurn, ...]:
        """The turns of a conversation from a place on, up to before another."""
        with self._file.moment():
            number, turns = self._find(id_)
            begin, until = (min(max(place, 0), turns) for place in (first, end))
            return tuple(self._kept.read(number, begin, until))

    def page(
        self, words: str = "", most: int = 50, after: str | None = None
    ) -> HeadingPage:
        """Headings, the last changed first: those with every word in title, questions or answers.

        Words may be begun only ("quanti"); case and accents do not count. ``after`` is that of the
        page before.

        Raises:
            InputError: ``after`` is none that a page has given.
        """
        wanted = list(map('"{}"*'.format, search_words(words)[:_MOST_WORDS]))
        if words.strip() and not wanted:
            return HeadingPage(())
        found = " INTERSECT ".join([_WITH] * len(wanted))
        among = f"AND number IN ({found})" if wanted else ""
        sql = (
            f"SELECT number, {_ABOUT} FROM conversations WHERE owner IS ? "
            f"AND deleted IS NULL AND (changed, number) < (?, ?) {among} "
            "ORDER BY changed DESC, number DESC LIMIT ?"
        )
        rows = self._file.rows(
            sql, [self._owner, *_place(after or _FIRST), *wanted, most + 1]
        )
        headings = tuple(starmap(_heading, (row[1:] for row in rows[:most])))
        if len(rows) <= most or not headings:
            return HeadingPage(headings)
        return HeadingPage(headings, f"{rows[most - 1][4]}-{rows[most - 1][0]}")

    def rename(self, id_: str, title: str) -> None:
        """Call a conversation otherwise.

        Raises:
            InputError: the title is empty.
        """
        if not title.strip():
            raise InputError("the title is empty", "give it some letters")
        with self._file.change():
            number, _ = self._find(id_)
            self._entitle(number, title)

    def delete(self, *ids: str) -> tuple[str, ...]:
        """Take conversations out of all lists, all of them or none; `restore` brings them back."""
        return self._mark(ids, _microseconds(datetime.now(UTC)))

    def restore(self, *ids: str) -> tuple[str, ...]:
        """Bring deleted conversations back, as they were."""
        return self._mark(ids, None)

    def _mark(self, ids: tuple[str, ...], deleted: int | None) -> tuple[str, ...]:
        sql = "UPDATE conversations SET deleted = ? WHERE number = ?"
        with self._file.change():
            for id_ in ids:
                number, _ = self._find(id_, deleted=True)
                self._file.rows(sql, [deleted, number])
        return ids

    # -- rows -------------------------------------------------------------------------------

    def _find(self, id_: str, *, deleted: bool = False) -> tuple[int, int]:
        """The number of a conversation and of its turns."""
        rows = self._file.rows(
            "SELECT number, turns FROM conversations WHERE id = ? AND owner IS ? "
            "AND (deleted IS NULL OR ?)",
            [id_.encode("utf-8", "replace").decode(), self._owner, deleted],
        )
        if not rows:
            raise UnknownConversation(id_)
        number, turns = rows[0]
        return number, turns

    def _new(
        self, title: str, branch_of: str | None = None, turns: int = 0
    ) -> tuple[int, str]:
        id_ = secrets.token_hex(16)
        now = _microseconds(datetime.now(UTC))
        ((number,),) = self._file.rows(
            "INSERT INTO conversations (id, owner, title, created, changed, turns, branch_of) "
            "VALUES (?, ?, '', ?, ?, ?, ?) RETURNING number",
            [id_, self._owner, now, now, turns, branch_of],
        )
        self._entitle(number, title)
        return number, id_

    def _title(self, number: int) -> str:
        sql = "SELECT title FROM conversations WHERE number = ?"
        ((title,),) = self._file.rows(sql, [number])
        return str(title)

    def _entitle(self, number: int, title: str) -> None:
        encodable = title.encode("utf-8", "replace").decode()
        sql = "UPDATE conversations SET title = ? WHERE number = ?"
        self._file.rows(sql, [encodable, number])
        self._kept.say(number * SHARE, title)

    def _put(self, number: int, place: int, turn: SavedTurn) -> None:
        self._kept.put(number, place, turn)
        self._file.rows(
            "UPDATE conversations SET turns = max(turns, ?), changed = ?, deleted = NULL "
            "WHERE number = ?",
            [place + 1, _microseconds(datetime.now(UTC)), number],
        )


def _clear(file: ConversationFile) -> None:
    """Take away for good what was deleted long ago, and papers that no turn has."""
    until = _microseconds(datetime.now(UTC) - timedelta(days=KEPT_DAYS))
    old = "SELECT number FROM conversations WHERE deleted < ?"
    if not file.rows(old, [until]):
        return
    with file.change():
        kept = KeptTurns(file)
        for (number,) in file.rows(old, [until]):
            kept.clear(number)
        file.rows("DELETE FROM conversations WHERE deleted < ?", [until])
        kept.clear_papers()


def _heading(
    id_: str, title: str, created: int, changed: int, turns: int
) -> ConversationHeading:
    return ConversationHeading(
        id_, shown_title(title), _time(created), _time(changed), turns
    )


def _microseconds(time: datetime) -> int:
    return (time - _EPOCH) // _MICROSECOND


def _time(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND


def _place(after: str) -> tuple[int, int]:
    found = _AFTER.fullmatch(after)
    if found is None:
        raise InputError(
            f"{shown_title(after)!r} is no place in the list",
            "take what the page before says",
        )
    return int(found[1]), int(found[2])


def _no_turn(place: int) -> InputError:
    return InputError(f"the conversation has no turn at place {place}", "open it anew")
