"""Text that may be HTML or JATS, or is none: formulas have the same signs."""

from __future__ import annotations

import re

from ragbot.readers.record import unmarked

__all__ = ["without_markup"]

# "a<b and c>d" is no markup: something must be closed, or an entity stand there.
_MARKUP = re.compile(r"</[A-Za-z:]{1,20}>|<br ?/?>|&(?:#\w{1,6}|[a-z]{2,6});", re.I)
_HEADING = re.compile(
    r"<(?P<tag>(?:jats:)?title)>\s*(?:abstract|summary)\W*</(?P=tag)>", re.I
)
# Crossref loses the spaces around what is emphasised: "targeting<jats:italic>X</jats:italic>for".
_GLUED = re.compile(
    r"(?<=[a-z]{2})(?=<jats:(?:italic|bold)>)|(?<=</jats:italic>)(?=[a-z]{2})|"
    r"(?<=</jats:bold>)(?=[a-z]{2})"
)


def without_markup(text: str) -> str:
    """Text without the markup that it may have, and without a heading "Abstract"."""
    if not _MARKUP.search(text):
        return text
    return unmarked(_GLUED.sub(" ", _HEADING.sub("", text)))
