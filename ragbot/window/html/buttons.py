"""Buttons that save papers as a file, as HTML."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["buttons"]


def buttons(formats: Mapping[str, tuple[str, str, str]]) -> str:
    """A button a format; ``formats`` are name → (label, suffix of the file, media type)."""
    return "".join(
        f'<button type="button" data-format="{name}" data-suffix="{suffix}" data-type="{media}" '
        f'aria-label="Download as {label}">{label}</button>'
        for name, (label, suffix, media) in formats.items()
    )
