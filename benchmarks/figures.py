"""How the benchmarks that print one column of figures are told to keep them, and print them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

__all__ = ["add_json_option", "keep", "tell"]


def add_json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the figures there too"
    )


def tell(
    figures: Mapping[str, float | None], path: Path | None, *, digits: int
) -> None:
    """Print the figures as a table, and write them to a file, if there is one."""
    print("| | |\n|---|---:|")
    for name, value in figures.items():
        print(f"| {name} | {value:.{digits}f} |")
    keep(figures, path)


def keep(figures: object, path: Path | None) -> None:
    """Write figures to a file as JSON, if there is one."""
    if path:
        path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
