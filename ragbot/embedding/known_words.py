"""English words as the bundled model knows them: its vocabulary has the commonest 20,000 whole."""

from __future__ import annotations

import json
from functools import cache

from ragbot.embedding.spec import DEFAULT_MODEL, model_folder

__all__ = ["is_word"]


def is_word(word: str) -> bool:
    """Whether a word in small letters is a common English one, correctly spelled."""
    return word in _vocabulary()


@cache
def _vocabulary() -> frozenset[str]:
    folder = model_folder(DEFAULT_MODEL)
    assert folder is not None  # the package has one
    path = folder / "tokenizer.json"
    vocabulary = json.loads(path.read_text(encoding="utf-8"))["model"]["vocab"]
    return frozenset(vocabulary)
