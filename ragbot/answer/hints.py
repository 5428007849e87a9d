"""What is said to those who ask in another language than English, in theirs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

__all__ = ["ask_in_english"]


def ask_in_english(language: str) -> str:
    """That questions are best asked in English, in the language of that code, if it is known."""
    hints = _hints()
    return hints.get(language, hints["en"])


@cache
def _hints() -> Mapping[str, str]:
    path = Path(__file__).parent / "hints.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
