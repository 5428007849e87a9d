"""How every event of the window is wired, and the values its handlers give back."""

from __future__ import annotations

from typing import Any

__all__ = ["QUIET", "Updates"]

# No entry in an API page, no overlay over what is being read.
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

# Component → its new value.
Updates = dict[Any, Any]
