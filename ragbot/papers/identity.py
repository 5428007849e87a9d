"""What makes two records one paper: the normal form of a title, and the id made from it."""

from __future__ import annotations

import hashlib

from ragbot.text.words import match_form

__all__ = ["paper_id", "title_key"]


def title_key(title: str) -> str:
    """What two spellings of one title have in common; a title without letters is its own key."""
    return match_form(title) or title.strip()


def paper_id(title: str) -> str:
    """12 hexadecimal digits of the SHA-256 of `title_key`: the same on every machine."""
    return hashlib.sha256(title_key(title).encode()).hexdigest()[:12]
