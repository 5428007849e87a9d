"""Earlier turns of other programs, from a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ragbot.errors import InputError
from ragbot.question.history import read_history
from ragbot.types import Message

HISTORY = [
    Message("user", "How does MatryoshkaKV compress the KV cache?"),
    Message("assistant", "With projections [1]."),
]


def test_a_history_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    text = json.dumps([{"role": m.role, "content": m.content} for m in HISTORY])
    for encoding in ("utf-8", "utf-8-sig"):  # some editors write a byte order mark
        path.write_text(text, encoding=encoding)
        assert read_history(path) == HISTORY


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
