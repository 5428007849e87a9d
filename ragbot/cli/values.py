"""What the values of arguments may be; what is none is refused with what to write instead."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

__all__ = ["gate", "given", "path", "text", "whole"]


def text(argument: str) -> str:
    """What was typed, bytes that are no UTF-8 as question marks: no model reads half characters."""
    return argument.encode("utf-8", "replace").decode("utf-8")


def given(argument: str) -> str:
    """Not empty: a variable that a script forgot to set must not mean "everything" or "here"."""
    if not argument.strip():
        raise argparse.ArgumentTypeError("is empty: give it a value or leave it out")
    return argument


def path(argument: str) -> Path:
    """A path, which is not empty."""
    return Path(given(argument))


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number between two, both included."""

    def number(argument: str) -> int:
        if not argument.isdecimal() or not low <= int(argument) <= high:
            raise argparse.ArgumentTypeError(
                f"'{argument}' is no whole number from {low} to {high}"
            )
        return int(argument)

    return number


def gate(argument: str) -> tuple[str, float]:
    """A metric and the value that it must reach, told before a long run begins."""
    from ragbot.evaluation.scores.metrics import METRICS

    name, _, value = argument.partition("=")
    if name not in METRICS:
        raise argparse.ArgumentTypeError(
            f"'{name}' is no metric; known: {', '.join(METRICS)}"
        )
    number = math.nan
    with suppress(ValueError):
        number = float(value)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(
            f"'{argument}': write METRIC=VALUE, a value from 0 to 1"
        )
    return name, number
