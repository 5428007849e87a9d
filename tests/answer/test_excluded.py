"""Which papers do or use what a question leaves out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ragbot.answer.excluded import not_asserting
from ragbot.pipeline import Ragbot
from ragbot.testing import tiny_collection
from ragbot.types import Hit, Paper


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path_factory.mktemp("tiny")) as bot:
        yield bot


@pytest.mark.parametrize(
    ("title", "abstract", "asserts"),
    [
        ("Image Synthesis", "We propose it without requiring paired images.", True),
        ("Images and Text", "It is about both.", True),
        ("Do You Need Images?", "We do without images.", False),
        ("Learning without Images", "Text alone does it.", False),
        ("Rethinking Images", "We replace images by text.", False),
        ("Learning from Text", "We do not use images.", False),
        ("Learning from Text", "Others propose images. Text does it.", True),
        ("Learning from Text", "Text alone does it.", False),
    ],
)
def test_what_a_title_says_is_asserted(
    tiny: Ragbot, title: str, abstract: str, asserts: bool
) -> None:
    hit = Hit(Paper("id", title, abstract), 1.0, 1.0, 1.0)
    left = not_asserting([hit], ["images"], tiny.retriever())
    assert left == ([] if asserts else [hit])
