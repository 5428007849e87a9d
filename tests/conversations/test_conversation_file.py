"""ragbot/conversations/conversation_file.py: several at once, sudden ends, damage, old files."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from ragbot.conversation_types import SavedTurn
from ragbot.conversations import Conversations
from ragbot.errors import CatalogError

Answered = Callable[..., SavedTurn]

# Appends turns to a conversation as fast as it can, and says each that is kept.
WRITE = """
import sys
from pathlib import Path
from ragbot.conversation_types import SavedTurn
from ragbot.conversations import Conversations
path, id_, name, most = sys.argv[1:]
conversations = Conversations.open(Path(path))
for n in range(int(most)):
    question = f"{name} {n}"
    conversations.append(id_, SavedTurn(question, shown="Depth helps. " * 500, stopped=True))
    print(question, flush=True)
"""
# The first schema, byte for byte as it was released, with a conversation of one turn.
FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE conversations (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner TEXT,
    title TEXT NOT NULL, created INTEGER NOT NULL, changed INTEGER NOT NULL,
    turns INTEGER NOT NULL, deleted INTEGER, branch_of TEXT
);
CREATE INDEX conversations_by_change ON conversations (owner, changed, number)
    WHERE deleted IS NULL;
CREATE INDEX conversations_deleted ON conversations (deleted) WHERE deleted IS NOT NULL;
CREATE TABLE turns (number INTEGER PRIMARY KEY, turn TEXT NOT NULL);
CREATE TABLE papers (hash TEXT PRIMARY KEY, paper TEXT NOT NULL);
CREATE TABLE turn_papers (
    turn INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (turn, hash)
) WITHOUT ROWID;
CREATE INDEX turn_papers_by_hash ON turn_papers (hash);
CREATE VIRTUAL TABLE said USING fts5(words, detail = none, prefix = '1 2 3',
    tokenize = 'unicode61 remove_diacritics 0');
INSERT INTO meta VALUES ('schema_version', '1');
INSERT INTO conversations VALUES (1, 'abc', NULL, 'Why depth?', 1, 2, 1, NULL, NULL);
INSERT INTO turns VALUES (1048577, '{"question": "Why depth?", "asked":
    "2026-11-30T12:00:00+00:00", "filters": {}, "shown": "It helps.", "stopped": true}');
INSERT INTO said (rowid, words) VALUES (1048576, 'why depth'), (1048577, 'why depth it helps');
"""


def writer(
    path: Path, id_: str, name: str, most: int = 1_000_000
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITE, path, id_, name, str(most)],
        stdout=subprocess.PIPE,
        text=True,
    )


def questions(path: Path, id_: str) -> list[str]:
    with closing(Conversations.open(path)) as conversations:
        return [turn.question for turn in conversations.get(id_).turns]


def test_two_processes_write_at_once(
    path: Path, conversations: Conversations, answer: Answered
) -> None:
    id_ = conversations.begin(answer("Why depth?"))
    both = [writer(path, id_, name, 30) for name in "ab"]
    assert [process.wait() for process in both] == [0, 0]
    kept = questions(path, id_)[1:]
    for name in "ab":
        own = [question for question in kept if question.startswith(name)]
        assert own == [f"{name} {n}" for n in range(30)]
    assert len(kept) == 60


def test_what_was_kept_outlives_a_sudden_end(
    path: Path, conversations: Conversations, answer: Answered
) -> None:
    id_ = conversations.begin(answer("Why depth?"))
    process = writer(path, id_, "a")
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _ in range(10)]
    process.kill()
    said += process.stdout.read().splitlines()
    process.wait()
    kept = questions(path, id_)[1:]
    whole = [line for line in said if line in kept]
    # All that was told, in order; at most one that no longer could be told
    assert kept[: len(whole)] == whole
    assert len(said) - 1 <= len(whole) <= len(kept) <= len(said) + 1
    assert conversations.append(id_, answer("And on?")) == len(kept) + 1


def test_threads_share_it(
    path: Path, conversations: Conversations, answer: Answered
) -> None:
    id_ = conversations.begin(answer("Why depth?"))

    def work(n: int) -> None:
        conversations.append(id_, answer(f"Question {n}"))
        assert conversations.get(id_).turns
        assert conversations.page("depth").headings

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(24)))
    asked = questions(path, id_)[1:]
    assert sorted(asked) == sorted(f"Question {n}" for n in range(24))


def test_a_change_that_fails_leaves_nothing(
    conversations: Conversations, answer: Answered
) -> None:
    id_ = conversations.begin(answer("Why depth?"))
    before = conversations.generation()
    conversations._file.rows("ALTER TABLE turn_papers RENAME TO elsewhere")
    with pytest.raises(CatalogError):
        conversations.append(id_, answer("And width?"))
    conversations._file.rows("ALTER TABLE elsewhere RENAME TO turn_papers")
    assert len(conversations.get(id_).turns) == 1
    assert conversations.page("width").headings == ()
    assert conversations.generation() == before


def test_a_full_disk_is_told_and_leaves_nothing_half(
    conversations: Conversations, answer: Answered
) -> None:
    id_ = conversations.begin(answer("Why depth?"))
    ((pages,),) = conversations._file.rows("PRAGMA page_count")
    conversations._file.rows(f"PRAGMA max_page_count = {pages + 2}")
    long = answer("And width?", "Long. " * 10_000)
    with pytest.raises(CatalogError, match="the disk is full"):
        conversations.append(id_, long)
    assert len(conversations.get(id_).turns) == 1
    assert conversations.page("width").headings == ()
    conversations._file.rows("PRAGMA max_page_count = 1000000")
    assert conversations.append(id_, long) == 1
    assert conversations.check() == 1


def test_a_file_of_the_first_version_opens(path: Path, answer: Answered) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        db.executescript(FIRST)
    with closing(Conversations.open(path)) as conversations:
        assert conversations.get("abc").turns[0].said == "It helps."
        assert conversations.append("abc", answer("And width?")) == 1
        assert len(conversations.page("helps width").headings) == 1


def test_the_first_version_is_what_is_made_now(
    path: Path, conversations: Conversations
) -> None:
    """Once released, a step is changed no more: the schema above stands for older files."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(FIRST)
        old = db.execute("SELECT name, sql FROM sqlite_master").fetchall()
    new = conversations._file.rows("SELECT name, sql FROM sqlite_master")

    def plain(schema: list[tuple[str, str | None]]) -> dict[str, str]:
        return {name: "".join((sql or "").split()) for name, sql in schema}

    assert plain(old) | {"meta": ""} == plain(new) | {"meta": ""}


def test_a_file_of_a_newer_version_is_left_alone(
    path: Path, conversations: Conversations
) -> None:
    conversations._file.rows("UPDATE meta SET value = '99'")
    conversations.close()
    before = path.read_bytes()
    with pytest.raises(CatalogError, match="newer Ragbot") as caught:
        Conversations.open(path)
    assert caught.value.remedy
    assert path.read_bytes() == before


def spoil(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 * 2 : 4096 * 4] = b"\xff" * (4096 * 2)
    path.write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"no database at all" * 1000),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        spoil,
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["other", "short", "pages", "folder"],
)
def test_damage_is_told_with_what_to_do(
    path: Path,
    conversations: Conversations,
    answer: Answered,
    damage: Callable[[Path], object],
) -> None:
    id_ = conversations.begin(answer("Why depth?"))
    for n in range(10):
        conversations.append(id_, answer(f"And {n}?"))
    conversations.close()
    damage(path)
    with pytest.raises(CatalogError, match=r"conversations\.sqlite") as caught:
        Conversations.open(path)
    assert "move that file away" in caught.value.remedy


def test_an_opening_that_came_to_nothing_is_done_again(
    path: Path, answer: Answered
) -> None:
    path.parent.mkdir()
    path.touch()
    with closing(Conversations.open(path)) as conversations:
        assert conversations.get(conversations.begin(answer("Why depth?"))).turns


def test_a_damaged_turn_hides_no_other(
    conversations: Conversations, answer: Answered
) -> None:
    id_ = conversations.begin(answer("Why depth?"))
    for n in range(3):
        conversations.append(id_, answer(f"And {n}?"))
    for number, text in enumerate(('{"question": 7}', "{", "[" * 100_000)):
        sql = "UPDATE turns SET turn = ? WHERE number = (SELECT min(number) + ? FROM turns)"
        conversations._file.rows(sql, [text, number])
    *damaged, whole = conversations.get(id_).turns
    assert whole.question == "And 2?"
    assert [turn.problem != "" for turn in damaged] == [True] * 3


def test_a_damaged_paper_leaves_what_the_answer_says_of_it(
    conversations: Conversations, answer: Answered
) -> None:
    id_ = conversations.begin(answer("Why depth?"))
    conversations._file.rows("UPDATE papers SET paper = '{'")
    (turn,) = conversations.get(id_).turns
    assert turn.answer is not None
    assert turn.answer.papers[0].paper.title.startswith("Deep Residual")
