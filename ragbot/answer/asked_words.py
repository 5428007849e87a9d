"""Words of asking, from ``asked_words.toml``: those around a subject, and what is asked of it."""

from __future__ import annotations

import tomllib
from pathlib import Path

from ragbot.text.words import STOPWORDS

__all__ = ["ASKING", "FRAME", "SAME"]

_READ = tomllib.loads(
    Path(__file__).with_name("asked_words.toml").read_text(encoding="utf-8")
)
FRAME = STOPWORDS | frozenset(_READ["frame"].split())
"""Words that stand around the subject of a question and are no part of it."""
ASKING: str = _READ["asking"]
"""Words that ask something of a work, which its abstract need not repeat."""
SAME: tuple[str, ...] = tuple(_READ["same"])
"""Each has words that speak of one thing."""
