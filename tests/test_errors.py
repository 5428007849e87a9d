"""Errors: each says what to do about it, wherever it is raised."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import ragbot
from ragbot import errors
from ragbot.errors import EmptyCollection, InputError, Locked, RagbotError, ReadError

PACKAGE = Path(ragbot.__file__).parent
OURS = {
    name
    for name, kind in vars(errors).items()
    if inspect.isclass(kind) and issubclass(kind, RagbotError)
}
# They know their remedy themselves, or are given message and remedy as a pair.
KNOW_IT = {"EmptyCollection", "Locked", "UnknownConversation"}


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_whoever_raises_an_error_says_what_to_do(path: Path) -> None:
    bare = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
            continue
        raised = node.exc
        given = len(raised.args) > 1 or any(
            isinstance(argument, ast.Starred) for argument in raised.args
        )
        named = any(keyword.arg == "remedy" for keyword in raised.keywords)
        if ast.unparse(raised.func) in OURS - KNOW_IT and not (given or named):
            bare.append(f"line {raised.lineno}: {ast.unparse(raised)}")
    assert not bare


@pytest.mark.parametrize("kind", [EmptyCollection, Locked])
def test_some_know_their_remedy(kind: type[RagbotError], tmp_path: Path) -> None:
    assert kind(tmp_path).remedy  # type: ignore[arg-type]


def test_an_error_is_one_line_of_both() -> None:
    assert str(InputError("a.txt: is empty", "write something")) == (
        "a.txt: is empty: write something"
    )
    assert str(ReadError("a.txt", "is empty")).startswith("a.txt")
