"""The line at the head of the window: what the collection covers, and who answers. Pure."""

from __future__ import annotations

import re
from pathlib import Path

from ragbot.config import LlmSettings
from ragbot.service.standing import Standing
from ragbot.text.english import framed, plural
from ragbot.window.html.escaped import escaped

__all__ = ["covers_html", "mode_html", "writer"]

EMPTY = "The collection is empty: drop files with papers on this window to fill it."
# Light → what is said beside it, with the writer's name in it.
_SAID = {
    "unheard": "Answers are to be written by {name}; it has not answered yet.",
    "answers": "Answers written by {name}; every sentence is checked.",
    "fails": "{name} does not answer; answers are quotes.",
}


def writer(llm: LlmSettings) -> str:
    """The language model that writes the answers, and where it runs; empty if there is none."""
    if llm.provider == "none":
        return ""
    if llm.provider == "local":
        return f"{Path(llm.model).name} on this machine"
    # Without what may stand before an "@".
    host = re.match(r"https?://(?:[^/?#]*@)?([^/?#@]+)", llm.base_url)
    return f"{llm.model} at {host[1]}" if host else f"{llm.model} by {llm.provider}"


def mode_html(standing: Standing) -> str:
    """How answers are made, with a light that is green for what has answered."""
    if standing.light == "quotes":
        said = "Answers by quoting; no language model is used."
        why = "The Model tab tells how to have answers written."
    else:
        said = _SAID[standing.light].format(name=writer(standing.llm))
        why = standing.failure
    title = framed(' title="{}"', escaped(why))
    return f'<p class="mode {standing.light}" role="status"{title}>{escaped(said)}</p>'


def covers_html(
    papers: int, span: tuple[str | None, str | None, int], index: str
) -> str:
    """How many papers, of which dates (first, last, how many undated), and how their index is."""
    if not papers:
        return EMPTY
    first, last, undated = span
    parts = [f"<b>{papers:,}</b> {plural(papers, 'paper')}"]
    if first and last:
        parts.append(f"{escaped(first)} to {escaped(last)}")
    if undated:
        parts.append(f"{undated:,} undated")
    return " · ".join([*parts, index])
