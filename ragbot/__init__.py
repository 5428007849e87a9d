"""Ragbot answers research questions from a collection of paper abstracts, and cites what it says.

    from ragbot import Ragbot, load_settings

    with Ragbot.open(load_settings()) as bot:
        print(bot.ask("Which papers prune channels?").text)

The names are imported when first asked for, so that `import ragbot` costs nothing.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ragbot import errors
    from ragbot.config import load_settings
    from ragbot.pipeline import Ragbot

    __version__: str

__all__ = ["Ragbot", "__version__", "errors", "load_settings"]


def __getattr__(name: str) -> object:
    if name not in _NAMED:
        raise AttributeError(f"module 'ragbot' has no attribute {name!r}")
    return _NAMED[name]()


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    with suppress(PackageNotFoundError):
        return version("ragbot")
    return "unknown"  # run from a clone that is not installed


_NAMED: Mapping[str, Callable[[], object]] = {
    "Ragbot": lambda: importlib.import_module("ragbot.pipeline").Ragbot,
    "load_settings": lambda: importlib.import_module("ragbot.config").load_settings,
    "errors": lambda: importlib.import_module("ragbot.errors"),
    "__version__": _version,
}
