"""What the head of every open window shows now. Each asks for it again every few seconds.

Not through Gradio: an event of its queue costs a hundred times as much as this.
"""

from __future__ import annotations

from ragbot.errors import FingerprintMismatch
from ragbot.pipeline import Ragbot
from ragbot.window.html.escaped import escaped
from ragbot.window.html.head import covers_html, mode_html
from ragbot.window.standing import Writer

__all__ = ["Masthead"]


class Masthead:
    """The two lines for one collection and its writer, counted anew when papers have changed."""

    def __init__(self, bot: Ragbot, writer: Writer) -> None:
        self._bot = bot
        self._writer = writer
        self._counted: tuple[tuple[int, int], str] = ((-1, -1), "")

    def html(self) -> str:
        """Both lines; asks the language model for a word if it is not known how that stands."""
        self._writer.look()
        return (
            f'<p class="covers">{self._covers()}</p>{mode_html(self._writer.standing)}'
        )

    def _covers(self) -> str:
        catalog = self._bot.stores.catalog
        state = (catalog.generation(), catalog.unfinished())
        if state != self._counted[0]:
            shown = covers_html(
                catalog.count(), catalog.date_span(), self._index(state[1])
            )
            self._counted = (state, shown)
        return self._counted[1]

    def _index(self, waiting: int) -> str:
        if waiting:
            return f"indexing {waiting:,} more"
        try:
            self._bot.check()
        except FingerprintMismatch as error:
            why = escaped(str(error))
            return f'<span title="{why}">index of other settings: run <b>ragbot rebuild</b></span>'
        return "index ready"
