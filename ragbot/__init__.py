"""Ragbot answers research questions from a collection of paper abstracts, and cites what it says.

    from ragbot import Ragbot, load_settings

    with Ragbot.open(load_settings()) as bot:
        print(bot.ask("Which papers prune channels?").text)

The names are imported when first asked for, so that `import ragbot` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ragbot import errors
    from ragbot.config import load_settings
    from ragbot.pipeline import Ragbot

    __version__: str

__all__ = ["Ragbot", "__version__", "errors", "load_settings"]


def __getattr__(name: str) -> object:
    if name == "Ragbot":
        return importlib.import_module("ragbot.pipeline").Ragbot
    if name == "load_settings":
        return importlib.import_module("ragbot.config").load_settings
    if name == "errors":
        return importlib.import_module("ragbot.errors")
    if name == "__version__":
        return _version()
    raise AttributeError(f"module 'ragbot' has no attribute {name!r}")


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("ragbot")
    except PackageNotFoundError:
        return "unknown"  # run from a clone that is not installed
