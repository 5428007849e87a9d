"""What `ragbot doctor --fix` mends: what can be made again from what is whole.

No paper is merged, changed or deleted: the records of the sources are the truth, and whatever is
derived from them may be made anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

from ragbot.config import Settings
from ragbot.doctor import Check
from ragbot.errors import CatalogError, FingerprintMismatch, RagbotError
from ragbot.index.stores import Stores
from ragbot.pipeline import LoadEmbedder, Ragbot
from ragbot.text.english import counted
from ragbot.types import OnProgress

__all__ = ["mend"]


def mend(
    settings: Settings,
    progress: OnProgress | None = None,
    *,
    load: LoadEmbedder | None = None,
) -> list[Check]:
    """What was mended, a check each; one that failed says what stands in the way.

    ``load`` is as for `ragbot.pipeline.Ragbot.open`.
    """
    told: list[str] = []
    try:
        told.extend(_catalog(settings))
        told.extend(_index(settings, progress, load))
    except RagbotError as error:
        return [*_checks(told), Check("fix", False, error.message, error.remedy)]
    return _checks(told or ["there is nothing to mend"])


def _checks(told: Sequence[str]) -> list[Check]:
    return [Check("fix", True, text) for text in told]


def _catalog(settings: Settings) -> Iterator[str]:
    """Clear away what nobody uses, finish what was begun, derive anew what the records say
    otherwise."""
    from ragbot.index.writer import Writer

    with (
        closing(
            Stores(settings.data_dir, settings.chunking, settings.vectors)
        ) as stores,
        Writer.locked(stores, settings),
    ):
        cleared = stores.clear()
        waited = stores.catalog.unfinished()
        derived = len(stores.catalog.derive())
    if cleared:
        yield f"cleared away what dead processes left: {', '.join(cleared)}"
    if derived:
        yield f"{counted(derived, 'paper')} derived anew from the records of the sources"
    if waited:
        yield f"{counted(waited, 'paper')} of an interrupted ingest taken up again"


def _index(
    settings: Settings, progress: OnProgress | None, load: LoadEmbedder | None
) -> Iterator[str]:
    """Index what waits, and make the index anew where it is damaged."""
    with Ragbot.open(settings, load=load, progress=progress) as bot:
        catalog = bot.stores.catalog
        if not (catalog.count() or catalog.unfinished()):
            return
        try:
            bot.check()
            bot.stores.check()
        except FingerprintMismatch:
            return  # which settings are meant is for a person to say
        except CatalogError as error:
            papers = counted(bot.rebuild(progress), "paper")
            yield f"{papers} indexed anew, since there was this: {error.message}"
