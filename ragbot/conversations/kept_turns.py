"""Turns in the file of conversations, with the papers of their answers; found by their words."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import repeat
from operator import itemgetter

from ragbot.conversation_types import SavedTurn
from ragbot.conversations.conversation_file import SHARE, ConversationFile
from ragbot.conversations.wording import search_words
from ragbot.errors import InputError
from ragbot.serialise import paper_json, papers_of, read_paper, read_turn, turn_json
from ragbot.types import Paper

__all__ = ["KeptTurns"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAMAGED = "This turn is damaged and cannot be read."

# The tables that have a row a turn, each with its columns, the turn's number first.
_OF_TURNS = {
    "turns": ("number", "turn"),
    "said": ("rowid", "words"),
    "turn_papers": ("turn", "hash"),
}


class KeptTurns:
    """The turns of all conversations, which are known here by their numbers."""

    def __init__(self, file: ConversationFile) -> None:
        self._file = file

    def put(self, number: int, place: int, turn: SavedTurn) -> None:
        """Put a turn at a place of the conversation of a number."""
        row = number * SHARE + place + 1
        sql = "INSERT OR REPLACE INTO turns VALUES (?, ?)"
        self._file.rows(sql, [row, json.dumps(turn_json(turn))])
        self.say(row, f"{turn.question} {turn.said} {turn.problem}")
        self._file.rows("DELETE FROM turn_papers WHERE turn = ?", [row])
        papers = dict(map(_hashed, papers_of(turn.answer) if turn.answer else ()))
        self._file.each("INSERT OR IGNORE INTO papers VALUES (?, ?)", [*papers.items()])
        used = list(zip(repeat(row), papers, strict=False))
        self._file.each("INSERT INTO turn_papers VALUES (?, ?)", used)

    def say(self, row: int, text: str) -> None:
        """Have a row be found by the words of a text."""
        self._file.rows("DELETE FROM said WHERE rowid = ?", [row])
        sql = "INSERT INTO said (rowid, words) VALUES (?, ?)"
        self._file.rows(sql, [row, " ".join(search_words(text))])

    def copy(self, number: int, new: int, turns: int) -> None:
        """Put the first turns of a conversation into a new one."""
        base, further = number * SHARE, (new - number) * SHARE
        for table, columns in _OF_TURNS.items():
            key, *others = columns
            names = ", ".join(columns)
            taken = ", ".join([f"{key} + ?", *others])
            self._file.rows(
                f"INSERT INTO {table} ({names}) SELECT {taken} FROM {table} "
                f"WHERE {key} BETWEEN ? AND ?",
                [further, base + 1, base + turns],
            )

    def read(self, number: int, first: int, end: int) -> list[SavedTurn]:
        """The turns at places from ``first`` to before ``end``."""
        rows = [number * SHARE + first + 1, number * SHARE + end]
        papers = self._papers(rows)
        sql = "SELECT number, turn FROM turns WHERE number BETWEEN ? AND ? ORDER BY number"
        return [
            _read(text, papers.get(n, {})) for n, text in self._file.rows(sql, rows)
        ]

    def _papers(self, rows: Sequence[int]) -> dict[int, dict[str, Paper]]:
        """The papers of each turn of a range, by their ids."""
        told = self._file.rows(
            "SELECT turn, hash, paper FROM turn_papers JOIN papers USING (hash) "
            "WHERE turn BETWEEN ? AND ?",
            rows,
        )
        texts = dict(map(itemgetter(1, 2), told))
        known = {
            hash_: paper for hash_, text in texts.items() for paper in _papers(text)
        }
        found: dict[int, dict[str, Paper]] = defaultdict(dict)
        for turn, hash_, _ in told:
            if hash_ in known:
                found[turn][known[hash_].id] = known[hash_]
        return found

    def clear(self, number: int) -> None:
        """Take all turns of a conversation away, and its title from what is found."""
        rows = [number * SHARE, number * SHARE + SHARE - 1]
        for table, (key, _) in _OF_TURNS.items():
            self._file.rows(f"DELETE FROM {table} WHERE {key} BETWEEN ? AND ?", rows)

    def clear_papers(self) -> None:
        """Take away the papers that no turn has."""
        unused = "hash NOT IN (SELECT hash FROM turn_papers)"
        self._file.rows(f"DELETE FROM papers WHERE {unused}")


def _hashed(paper: Paper) -> tuple[str, str]:
    """What a paper is kept under, and as."""
    text = json.dumps(paper_json(paper))
    return hashlib.sha256(text.encode()).hexdigest()[:32], text


def _papers(text: str) -> list[Paper]:
    """The paper of a row; nothing where it is damaged, since answers name their papers."""
    with suppress(ValueError, RecursionError, InputError):
        return [read_paper(json.loads(text))]
    return []


def _read(text: str, papers: dict[str, Paper]) -> SavedTurn:
    try:
        return read_turn(json.loads(text), papers)
    except (ValueError, RecursionError, InputError):
        return SavedTurn("", _EPOCH, problem=_DAMAGED)
