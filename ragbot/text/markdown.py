"""Foreign text into Markdown that shows it as it is: no markup, no link, no citation."""

from __future__ import annotations

import re

from ragbot.text.latex import readable

__all__ = ["as_text", "without_tags"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$!])")
_LEADING = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s)")
_ENTITY = re.compile(r"&#?\w+;")
# A tag of HTML, or a script as a whole; "a<b and c>d" is none.
_TAG = re.compile(
    r"<(script|style)\b[^<>]{0,200}>.{0,2000}?</\1\s*>|</?[a-z][^<>]{0,200}>",
    re.IGNORECASE | re.DOTALL,
)
# An address would become a link; a zero-width space after its scheme keeps it text.
_ADDRESS = re.compile(r"(?i)\b(https?|ftp|mailto|www)(?=[:.])")


def as_text(text: str) -> str:
    """LaTeX made readable, then every character escaped that means something to Markdown or HTML.

    ``[7]`` becomes ``\\[7\\]``: it shows as it stands and no reader takes it for a citation.
    """
    escaped = _SPECIAL.sub(r"\\\1", " ".join(readable(text).split()))
    if _ENTITY.search(escaped):
        escaped = escaped.replace("&", "&amp;")
    escaped = _LEADING.sub(r"\1\\\2", escaped)
    return _ADDRESS.sub("\\1\u200b", escaped)


def without_tags(text: str) -> str:
    """The text without tags of HTML and scripts; one of nothing else comes back as it is."""
    plain = _TAG.sub(" ", text).strip()
    return plain or text
