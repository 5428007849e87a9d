"""One line about what happened. Pure."""

from __future__ import annotations

from ragbot.errors import RagbotError
from ragbot.window.html.escaped import escaped

__all__ = ["problem_html", "said_html"]


def problem_html(problem: RagbotError | str) -> str:
    """What went wrong and what to do about it."""
    line = " ".join(str(problem).split())
    return f'<p class="problem" role="alert">{escaped(line)}</p>'


def said_html(text: str, *, good: bool = False) -> str:
    """What came of pressing a button."""
    kind = "told good" if good else "told"
    return f'<p class="{kind}" role="status">{escaped(text)}</p>'
