"""What is in a collection, counted anew when it has changed."""

from __future__ import annotations

from dataclasses import dataclass

from ragbot.errors import FingerprintMismatch
from ragbot.pipeline import Ragbot

__all__ = ["CollectionState", "Inventory"]


@dataclass(frozen=True, slots=True)
class CollectionState:
    """What is in the collection, and whether its index can be asked.

    ``waiting`` papers are read and not yet indexed; ``mismatch`` says that the index was built with
    other settings.
    """

    papers: int
    first_date: str | None
    last_date: str | None
    undated: int
    waiting: int
    mismatch: FingerprintMismatch | None


class Inventory:
    """Keeps the last count of one collection."""

    def __init__(self, bot: Ragbot) -> None:
        self._bot = bot
        self._known: tuple[tuple[int, int], CollectionState] | None = None

    def state(self) -> CollectionState:
        """What is in the collection now."""
        catalog = self._bot.stores.catalog
        version = (catalog.generation(), catalog.unfinished())
        known = self._known
        if known is None or known[0] != version:
            known = (version, self._counted(waiting=version[1]))
            self._known = known
        return known[1]

    def _counted(self, *, waiting: int) -> CollectionState:
        catalog = self._bot.stores.catalog
        mismatch = None
        try:
            self._bot.check()
        except FingerprintMismatch as error:
            mismatch = error
        return CollectionState(catalog.count(), *catalog.date_span(), waiting, mismatch)
