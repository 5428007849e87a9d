"""What the Chatbot is given: our links, and foreign text as text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragbot.answer.doubts import MARK
from ragbot.errors import Locked
from ragbot.testing import tiny_collection
from ragbot.types import Answer, Filters, Partial
from ragbot.window.html.conversation import (
    Turn,
    chatbot_messages,
    cut_short,
    follow,
    history_of,
    marked,
)


@pytest.mark.parametrize("mark", ["\u202e", "\u2066"])
def test_nothing_turns_the_direction_of_what_follows(mark: str) -> None:
    turn = Turn(f"a{mark}b", f"c{mark}d", reasoning=f"e{mark}f")
    assert mark not in str([message["content"] for message in chatbot_messages([turn])])


def test_a_stopped_answer_of_quotes_cites_what_was_shown(tmp_path: Path) -> None:
    with tiny_collection(tmp_path) as bot:
        answer = bot.ask("Which papers are on OLinear or on MatryoshkaKV?")
    assert len(answer.papers) > 1
    shown = answer.text[: answer.text.index("[2]")]
    turn = cut_short(Turn("Why?", shown), answer)
    assert turn.stopped
    assert turn.answer is not None
    assert [c.n for c in turn.answer.papers] == [1]
    assert {q.n for q in turn.answer.quotes} == {1}
    assert turn.answer.text == turn.shown == shown
    assert cut_short(Turn("Why?"), answer).answer is None, "nothing was shown"


def test_what_a_model_wrote_until_it_was_stopped_is_shown_checked(
    tmp_path: Path,
) -> None:
    with tiny_collection(tmp_path) as bot:
        answer = dataclasses.replace(
            bot.ask("Why?"), mode="llm", text="Half. *It was stopped.*"
        )
    turn = cut_short(Turn("Why?", "Half."), answer)
    assert turn.shown == answer.text
    assert "Stopped." not in chatbot_messages([turn])[1]["content"]


def test_a_question_is_shown_as_text() -> None:
    message, _ = chatbot_messages([Turn("# <img src=x>\n- **two** lines")])
    assert message == {
        "role": "user",
        "content": "\\# \\<img src=x\\>\n\\- \\*\\*two\\*\\* lines",
    }


@pytest.mark.parametrize(
    ("turn", "status"),
    [
        (Turn("Why?", reasoning="Hm."), "pending"),
        (Turn("Why?", "Because.", reasoning="Hm."), "done"),
        (Turn("Why?", reasoning="Hm.", stopped=True), "done"),
        (Turn("Why?", reasoning="Hm.", problem="It broke."), "done"),
    ],
)
def test_reasoning_is_a_message_of_its_own_done_when_it_ends(
    turn: Turn, status: str
) -> None:
    _, thoughts, *_ = chatbot_messages([turn])
    assert thoughts["content"] == "Hm."
    assert thoughts["metadata"] == {"title": "Reasoning", "status": status}


def test_until_something_comes_it_is_said_that_it_will() -> None:
    _, message = chatbot_messages([Turn("Why?")])
    assert (
        message["content"]
        == '<div class="waiting" role="status">Reading the abstracts …</div>'
    )


def test_a_mark_brings_its_reason_along_as_text() -> None:
    reasons = ["<b> does not occur in [2]", '“a"b” says this']
    told = marked(f"It halves it. {MARK} So. {MARK}\n\n{MARK} *Not borne out*", reasons)
    assert told == (
        f'It halves it. <span class="doubt" tabindex="0" role="note">{MARK}<span class="why" '
        f'role="tooltip">\\<b\\> does not occur in \\[2\\]</span></span> So. '
        f'<span class="doubt" tabindex="0" role="note">{MARK}<span class="why" role="tooltip">'
        f'“a"b” says this</span></span>\n\n{MARK} *Not borne out*'
    )


def test_a_problem_is_one_escaped_line() -> None:
    _, message = chatbot_messages([Turn("Why?", problem="no\n<file>")])
    assert (
        message["content"] == '<div class="problem" role="alert">no &lt;file&gt;</div>'
    )


def test_what_was_stopped_keeps_what_had_come() -> None:
    _, message = chatbot_messages([Turn("Why?", shown="Half of", stopped=True)])
    assert message["content"] == 'Half of\n\n<div class="stopped">Stopped.</div>'


def test_a_conversation_grows_until_the_finished_answer(tmp_path: Path) -> None:
    with tiny_collection(tmp_path) as bot:
        earlier = [Turn("Which papers prune channels?", "Channel Pruning …")]
        states = list(follow(bot, "What does OLinear forecast?", earlier, Filters()))
    shown = [turn.shown for turn in states]
    assert shown[0] == ""
    assert shown == sorted(shown, key=len)
    last = states[-1].answer
    assert last is not None
    assert last.text == shown[-1]
    turns = [*earlier, states[-1]]
    assert [m.role for m in history_of(turns)] == ["user", "assistant"] * 2
    assert history_of(turns)[-1].content == last.text


def test_an_expected_failure_becomes_the_answer() -> None:
    class Busy:
        def stream(self, *_: object, **__: object) -> Iterator[Partial | Answer]:
            yield Partial("Half of")
            raise Locked(Path("data"))

    *_, last = follow(Busy(), "Why?", [], Filters())
    assert last.problem is not None
    assert last.problem.startswith("another Ragbot process is writing")
    assert last.shown == "Half of"
