"""ragbot/conversations: what is kept, found, changed and brought back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ragbot.conversation_types import SavedTurn
from ragbot.conversations import KEPT_DAYS, Conversations
from ragbot.conversations.conversation_file import SHARE
from ragbot.errors import InputError, UnknownConversation
from ragbot.types import Filters

Answered = Callable[..., SavedTurn]
HOSTILE = [
    "<script>alert(1)</script>",
    '"; DROP TABLE turns; --',
    'a" OR "b*',
    "NEAR(a b) AND NOT c:",
    "\x00\x1b[31m\x07",
    "\u202egnp.exe\u2066\u200f\u061c\ufeff",
    "\ud800 half",
    "%_%",
    "x" * 100_000,
    "'\n\r\t\u2028",
    "🏳️‍🌈 e\u0301 \u0628",
]


def titles(conversations: Conversations, words: str = "") -> list[str]:
    return [heading.title for heading in conversations.page(words).headings]


def test_turns_come_back_as_they_were(
    path: Path, conversations: Conversations, answer: Answered
) -> None:
    turns = [
        replace(answer("Why depth?"), filters=Filters("2024"), dates_in_words=False),
        SavedTurn("And then?", shown="It was", reasoning="Let me see", stopped=True),
        SavedTurn("And now?", problem="no language model answered"),
    ]
    id_ = conversations.begin(turns[0])
    assert [conversations.append(id_, turn) for turn in turns[1:]] == [1, 2]
    conversations.close()
    saved = Conversations.open(path).get(id_)
    assert list(saved.turns) == turns
    assert (saved.heading.id, saved.heading.turns) == (id_, 3)
    assert saved.heading.created <= saved.heading.changed


def test_turns_are_read_from_a_place_on(
    conversations: Conversations, answer: Answered
) -> None:
    id_ = conversations.begin(answer("0"))
    for n in range(1, 5):
        conversations.append(id_, answer(f"{n}"))

    def asked(*places: int) -> str:
        turns = conversations.turns(id_, *places)
        return "".join(turn.question for turn in turns)

    assert [asked(), asked(3), asked(1, 3)] == ["01234", "34", "12"]
    assert asked(-2, 2) == "01"
    assert asked(5) == asked(10**30) == asked(2, -1) == ""
    assert asked(0, 9) == asked(-(10**30), 10**30) == "01234"


def test_ids_cannot_be_guessed_and_stand_in_addresses(
    conversations: Conversations, answer: Answered
) -> None:
    ids = {conversations.begin(answer("Why?")) for _ in range(20)}
    assert len(ids) == 20
    assert all(re.fullmatch(r"[0-9a-f]{32}", id_) for id_ in ids)


def test_a_paper_is_kept_once_and_as_each_answer_had_it(
    conversations: Conversations, answer: Answered
) -> None:
    first = answer("Why depth?")
    assert first.answer is not None
    cited = first.answer.papers[0]
    richer = replace(cited, paper=replace(cited.paper, venue="CVPR"))
    later = replace(first, answer=replace(first.answer, papers=(richer,)))
    id_ = conversations.begin(first)
    for turn in (first, later, first):
        conversations.append(id_, turn)
    assert list(conversations.get(id_).turns) == [first, first, later, first]
    ((papers,),) = conversations._file.rows("SELECT count(*) FROM papers")
    assert papers == 3


def test_the_last_turn_is_tried_again(
    conversations: Conversations, answer: Answered
) -> None:
    id_ = conversations.begin(answer("Why depth?"))
    place = conversations.append(id_, SavedTurn("And width?"))
    again = answer("And width?", "Width helps, too [1].")
    conversations.replace(id_, place, again)
    assert conversations.get(id_).turns[place] == again
    assert titles(conversations, "width too") == ["Why depth?"]


def test_another_window_that_went_on_is_not_overwritten(
    conversations: Conversations, answer: Answered
) -> None:
    id_ = conversations.begin(answer("Why depth?"))
    open_ = conversations.append(id_, SavedTurn("And width?"))
    other = answer("From another window?")
    conversations.append(id_, other)
    # What was being answered comes to its end, wherever it stands
    conversations.replace(id_, open_, answer("And width?"))
    with pytest.raises(InputError, match="gone on in another window"):
        conversations.replace(id_, open_, answer("And width, again?"))
    for place in (-1, 3, 1 << 40, 10**30):
        with pytest.raises(InputError, match="no turn"):
            conversations.replace(id_, place, other)
    assert [turn.question for turn in conversations.get(id_).turns] == [
        "Why depth?",
        "And width?",
        "From another window?",
    ]


def test_an_edited_question_begins_a_branch(
    conversations: Conversations, answer: Answered
) -> None:
    questions = ["Why depth?", "And width?", "And both?"]
    id_ = conversations.begin(answer(questions[0]))
    for question in questions[1:]:
        conversations.append(id_, answer(question))
    before = conversations.get(id_)
    edited = answer("And resolution?")
    branch = conversations.get(conversations.branch(id_, 1, edited))
    assert branch.turns == (before.turns[0], edited)
    assert branch.heading.title == "Why depth?"
    assert branch.branch_of == id_
    assert conversations.get(id_) == before
    assert titles(conversations, "resolution") == ["Why depth?"]
    # Without a question it is a copy; of the first one, another conversation
    copy = conversations.get(conversations.branch(id_, 3))
    assert copy.turns == before.turns
    anew = conversations.get(conversations.branch(id_, 0, edited))
    assert (anew.heading.title, anew.turns) == ("And resolution?", (edited,))
    for place in (-1, 4):
        with pytest.raises(InputError, match="no turn at place"):
            conversations.branch(id_, place, edited)
    with pytest.raises(InputError, match="no turn at place 0"):
        conversations.branch(id_, 0)


def test_the_last_changed_comes_first_a_page_at_a_time(
    conversations: Conversations, answer: Answered
) -> None:
    ids = [conversations.begin(answer(f"Question {n}?")) for n in range(7)]
    conversations.append(ids[2], answer("More?"))
    conversations.rename(ids[0], "Renamed: stays where it was")
    expected = [ids[n] for n in (2, 6, 5, 4, 3, 1, 0)]
    seen, after = [], None
    for _ in range(3):
        page = conversations.page(most=3, after=after)
        seen += [heading.id for heading in page.headings]
        after = page.after
        # What comes meanwhile moves no page
        conversations.begin(answer("Meanwhile?"))
    assert (seen, after) == (expected, None)
    for wrong in ("x", "1", "1-2-3", "-1-2", "9" * 40 + "-1"):
        with pytest.raises(InputError, match="no place in the list"):
            conversations.page(after=wrong)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("depth", True),
        ("DEP", True),
        ("helps residual", True),  # of different turns
        ("naive", True),
        ("naïve", True),
        ("量", True),
        ("化", True),
        ("kv-cache", True),
        ("thesis", True),  # of the title
        ("epth", False),
        ("depth absent", False),
        ("—", False),
        ("deeper", False),  # stands in the paper alone
    ],
)
def test_words_are_found_as_they_are_typed(
    conversations: Conversations, answer: Answered, words: str, found: bool
) -> None:
    id_ = conversations.begin(answer("Why depth?"))
    conversations.append(id_, answer("Naïve KV cache?", "Residual 量化 [1]."))
    conversations.rename(id_, "For my thesis")
    conversations.begin(answer("Something else?", "Nothing."))
    assert titles(conversations, words) == ["For my thesis"] * found


def test_nothing_typed_lists_all(
    conversations: Conversations, answer: Answered
) -> None:
    conversations.begin(answer("Why depth?"))
    assert titles(conversations, " \n") == ["Why depth?"]


def test_what_is_deleted_can_be_had_back(
    conversations: Conversations, answer: Answered
) -> None:
    id_ = conversations.begin(answer("Why depth?"))
    before = conversations.get(id_)
    conversations.delete(id_)
    assert titles(conversations) == titles(conversations, "depth") == []
    with pytest.raises(UnknownConversation):
        conversations.get(id_)
    conversations.restore(id_)
    assert conversations.get(id_) == before
    # Whoever goes on in another window has it back, too
    conversations.delete(id_)
    conversations.append(id_, answer("And width?"))
    assert titles(conversations, "depth") == ["Why depth?"]


def test_it_is_gone_for_good_after_some_days(
    path: Path, conversations: Conversations, answer: Answered
) -> None:
    old, young, kept = (conversations.begin(answer(q)) for q in ("a?", "b?", "c?"))
    conversations.delete(old)
    conversations.delete(young)
    days = timedelta(days=KEPT_DAYS, minutes=1) // timedelta(microseconds=1)
    sql = "UPDATE conversations SET deleted = deleted - ? WHERE id = ?"
    conversations._file.rows(sql, [days, old])
    again = Conversations.open(path)
    again.restore(young)
    with pytest.raises(UnknownConversation):
        again.restore(old)
    assert again.get(kept).turns[0].answer == answer("c?").answer
    counts = [
        again._file.rows(f"SELECT count(*) FROM {table}")[0][0]
        for table in ("conversations", "turns", "papers")
    ]
    assert counts == [2, 2, 2]
    again.close()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_kept_as_it_is_and_shown_clean(
    conversations: Conversations, answer: Answered, text: str
) -> None:
    turn = answer(text, text)
    id_ = conversations.begin(turn)
    assert conversations.get(id_).turns == (turn,)
    conversations.rename(id_, text + "!")
    for title in (titles(conversations)[0], conversations.get(id_).heading.title):
        assert title.isprintable() or "\u200d" in title
        assert len(title) <= 200
        title.encode()
    conversations.page(text)
    with pytest.raises(UnknownConversation):
        conversations.get(text)


def test_the_title_is_the_first_question_cut_at_a_word(
    conversations: Conversations, answer: Answered
) -> None:
    long = (
        "Which papers compress the key-value cache of long contexts without training?"
    )
    for question in (long, "x" * 100, "\u202e \n", "Why\ndepth?"):
        conversations.begin(answer(question))
    assert titles(conversations)[::-1] == [
        "Which papers compress the key-value cache of long contexts …",
        "x" * 59 + "…",
        "Untitled",
        "Why depth?",
    ]
    with pytest.raises(InputError, match="title is empty"):
        conversations.rename(conversations.page().headings[0].id, " ")


def test_each_owner_has_conversations_of_their_own(
    conversations: Conversations, answer: Answered
) -> None:
    mine = conversations.of("mine")
    id_ = mine.begin(answer("Why depth?"))
    assert titles(mine, "depth") == ["Why depth?"]
    assert titles(conversations) == titles(conversations, "depth") == []
    for deed in (conversations.get, conversations.delete, conversations.restore):
        with pytest.raises(UnknownConversation):
            deed(id_)
    with pytest.raises(UnknownConversation):
        conversations.append(id_, answer("And width?"))


def test_every_change_shows_in_one_number(
    path: Path, conversations: Conversations, answer: Answered
) -> None:
    seen = [conversations.generation()]
    other = Conversations.open(path)
    id_ = other.begin(answer("Why depth?"))
    deeds: list[Callable[[], object]] = [
        lambda: other.append(id_, answer("And width?")),
        lambda: other.rename(id_, "Depth"),
        lambda: other.delete(id_),
        lambda: other.restore(id_),
    ]
    for deed in deeds:
        seen.append(conversations.generation())
        deed()
    seen.append(conversations.generation())
    assert seen == sorted(set(seen))
    other.close()


def many(conversations: Conversations, answer: Answered, count: int) -> None:
    """As many copies of a conversation, each with a title of its own."""
    id_ = conversations.begin(answer("Why depth?"))
    file = conversations._file
    ((first,),) = file.rows("SELECT number FROM conversations WHERE id = ?", [id_])
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?) "
    with file.change():
        file.rows(
            f"INSERT INTO conversations (number, id, title, created, changed, turns) {numbers}"
            "SELECT ? + i, 'id' || i, 'Title ' || i, i, i, 1 FROM n",
            [count, first],
        )
        file.rows(
            f"INSERT INTO said (rowid, words) {numbers}"
            "SELECT (? + i) * ?, 'title ' || i || ' depth' FROM n",
            [count, first, SHARE],
        )


def steps(conversations: Conversations, words: str) -> int:
    """Hundreds of steps that SQLite takes for a page: the same on any machine."""
    taken = 0

    def count() -> None:
        nonlocal taken
        taken += 1

    db = conversations._file._db
    db.set_progress_handler(count, 100)
    conversations.page(words)
    db.set_progress_handler(None, 0)
    return taken


def plan_of(conversations: Conversations, words: str) -> list[tuple[object, ...]]:
    """How SQLite goes about the query of a page."""
    asked: list[str] = []
    db = conversations._file._db
    db.set_trace_callback(asked.append)
    conversations.page(words)
    db.set_trace_callback(None)
    (query,) = (sql for sql in asked if sql.startswith("SELECT number, id"))
    return db.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()


def test_ten_thousand_are_listed_and_searched_like_ten(
    tmp_path: Path, answer: Answered
) -> None:
    few = Conversations.open(tmp_path / "few")
    lots = Conversations.open(tmp_path / "lots")
    many(few, answer, 100)
    many(lots, answer, 10_000)
    assert steps(lots, "") <= steps(few, "") + 1
    # A word costs some steps a conversation, of indexes alone: some milliseconds in all.
    for words in ("absent", "depth", "title 77"):
        assert steps(lots, words) <= 30 * 10_000 / 100
    plan = "".join(str(row[3]) for row in plan_of(lots, "depth 77"))
    assert "SCAN conversations" not in plan
    assert "ORDER BY" not in plan
    assert len(lots.page("7777").headings) == 1
    few.close()
    lots.close()
