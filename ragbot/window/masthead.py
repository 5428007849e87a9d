"""What the head of every open window shows now. Each asks for it again every few seconds.

Not through Gradio: an event of its queue costs a hundred times as much as this.
"""

from __future__ import annotations

from ragbot.service import CollectionState, Service
from ragbot.window.html.escaped import escaped
from ragbot.window.html.head import covers_html, mode_html

__all__ = ["Masthead"]


class Masthead:
    """The two lines for one collection and the language model that writes its answers."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def html(self) -> str:
        """Both lines; asks the language model for a word if it is not known how that stands."""
        self._service.watch.look()
        state = self._service.state()
        covers = covers_html(
            state.papers,
            (state.first_date, state.last_date, state.undated),
            _index(state),
        )
        return (
            f'<p class="covers">{covers}</p>{mode_html(self._service.watch.standing)}'
        )


def _index(state: CollectionState) -> str:
    if state.waiting:
        return f"{state.waiting:,} more to be indexed"
    if state.mismatch:
        why = escaped(str(state.mismatch))
        return f'<span title="{why}">index of other settings: run <b>ragbot rebuild</b></span>'
    return "index ready"
