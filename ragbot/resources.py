"""Where the files that ship with Ragbot are: in a clone beside the package, in a wheel inside."""

from __future__ import annotations

from pathlib import Path

from ragbot.errors import RagbotError

__all__ = ["bundled_listings", "bundled_questions", "clone_root", "default_config"]

_PACKAGE = Path(__file__).resolve().parent


def clone_root() -> Path | None:
    """The clone this package is imported from, or ``None`` in an installed wheel."""
    root = _PACKAGE.parent
    if (root / "config" / "default.toml").is_file():
        return root
    return None


def _find(in_clone: str, in_wheel: str) -> Path:
    root = clone_root()
    path = _PACKAGE / "_bundled" / in_wheel
    if root:
        path = root / in_clone
    if not path.exists():
        raise RagbotError(f"{path} is missing", "install Ragbot again")
    return path


def default_config() -> Path:
    """``default.toml``, the one place where defaults are written."""
    return _find("config/default.toml", "config/default.toml")


def bundled_listings() -> Path:
    """The folder of the five bundled listings."""
    return _find("data/listings", "listings")


def bundled_questions() -> Path:
    """The folder of the bundled question sets."""
    return _find("data/questions", "questions")
