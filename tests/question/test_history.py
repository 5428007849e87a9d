"""Earlier turns of other programs, from a file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ragbot.conversation_types import ConversationHeading, SavedConversation, SavedTurn
from ragbot.errors import InputError
from ragbot.question.followup import follow_up
from ragbot.question.history import history_of, read_history
from ragbot.question.turns import turns_of
from ragbot.serialise import conversation_json
from ragbot.types import Answer, Citation, Message, Paper

HISTORY = [
    Message("user", "How does MatryoshkaKV compress the KV cache?"),
    Message("assistant", "With projections [1]."),
]


def answer_of(text: str) -> Answer:
    """What a language model wrote of two papers."""
    titles = ("MatryoshkaKV", "Scissorhands [a_b]")
    papers = [Citation(n, Paper(t, t, ""), 1.0) for n, t in enumerate(titles, 1)]
    return Answer(
        question="How is the KV cache compressed?",
        standalone_question="How is the KV cache compressed?",
        mode="llm",
        text=text,
        abstained=False,
        reason=None,
        sentences=(),
        quotes=(),
        papers=tuple(papers),
        also_retrieved=(),
        invalid_citations_removed=0,
        confidence=1.0,
        fingerprint={},
    )


def test_a_history_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    text = json.dumps([{"role": m.role, "content": m.content} for m in HISTORY])
    for encoding in ("utf-8", "utf-8-sig"):  # some editors write a byte order mark
        path.write_text(text, encoding=encoding)
        assert read_history(path) == HISTORY


def conversation(answer: Answer) -> SavedConversation:
    turn = SavedTurn("How is the KV cache compressed?", answer=answer)
    heading = ConversationHeading("abc", "KV cache", turn.asked, turn.asked, 1)
    return SavedConversation(heading, (turn,))


def written(tmp_path: Path, document: object) -> Path:
    path = tmp_path / "history.json"
    path.write_text(json.dumps(document))
    return path


def test_a_saved_conversation_is_read_as_a_history(tmp_path: Path) -> None:
    saved = conversation(answer_of("With projections [2] and eviction [1]."))
    history = read_history(written(tmp_path, conversation_json(saved)))
    assert history == history_of(saved.turns)
    assert [turn.role for turn in history] == ["user", "assistant"]


def test_a_model_s_answer_hands_on_its_papers_by_their_titles() -> None:
    """It names them by number alone, and "the second" means a title."""
    saved = conversation(answer_of("With projections [2] and eviction [1]."))
    asked = follow_up("How does the second work?", turns_of(history_of(saved.turns)))
    assert asked.about == ("Scissorhands [a_b]",)


def test_a_title_may_end_in_an_asterisk() -> None:
    answer = answer_of("With projections [1].")
    (cited, *_) = answer.papers
    named = replace(cited, paper=replace(cited.paper, title="Neural A*"))
    history = history_of(conversation(replace(answer, papers=(named,))).turns)
    assert turns_of(history)[-1].titles == {1: "Neural A*"}


def test_a_question_without_an_answer_is_the_question_alone() -> None:
    failed = SavedTurn("Why depth?", problem="no language model answered")
    assert history_of([failed]) == [Message("user", "Why depth?")]


def test_titles_that_an_answer_shows_are_not_told_twice() -> None:
    said = "**MatryoshkaKV** [1]\n\n> It compresses. [1]"
    saved = conversation(answer_of(f"{said}\n\n**Scissorhands \\[a\\_b\\]** [2]"))
    _, answer = history_of(saved.turns)
    assert answer.content == saved.turns[0].said


@pytest.mark.parametrize(
    ("spoilt", "says"),
    [
        ({"question": None}, r"turns\[0\].question: missing"),
        ({"asked": "soon"}, r"'soon' is no time"),
        ({"answer": {"question": "x"}}, r"turns\[0\].answer.standalone_question"),
    ],
)
def test_a_conversation_that_is_none_names_the_field(
    tmp_path: Path, spoilt: dict[str, object], says: str
) -> None:
    document = conversation_json(conversation(answer_of("Yes [1].")))
    document["turns"][0] |= spoilt
    with pytest.raises(InputError, match=says):
        read_history(written(tmp_path, document))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "not a JSON file"),
        ("[" * 100_000, "not a JSON file"),
        ("{}", "must be a list"),
        ("[1]", "turn 1 has no text under 'content'"),
        ('[{"role": "user", "content": "x"}, {"role": "user"}]', "turn 2 has no text"),
        (
            '[{"role": "system", "content": "x"}]',
            "turn 1: 'role' must be user or assistant",
        ),
    ],
)
def test_a_bad_history_file_is_one_line(
    tmp_path: Path, content: str, says: str
) -> None:
    path = tmp_path / "history.json"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_history(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_history_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such history file"):
        read_history(tmp_path / "none.json")
