"""What `scale.py` measured, drawn on to sizes that were not: no measurement, and marked as none.

    python benchmarks/extrapolate.py FILE.json … [--to N …] [--embedded N]

FILE holds figures of `scale.py --json`; the two largest sizes count, and their line is drawn on:

    disk, a row for each store     what a paper takes at the largest size, for each paper
    memory                         the line through both: y2 + (n - n2) (y2 - y1) / (n2 - n1)
    searches                       the same over the logarithm of n, as graphs of neighbours grow
    indexing                       at N papers a second of one core's time, the model's included
    putting in                     as the last papers were put in, embedded by hashed words
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable
from pathlib import Path

from scale import Figures, kept_figures

HOURS = 3600.0
STORES = ("catalog", "chunk vectors", "words", "sentence vectors")


def line(
    name: str, found: dict[int, Figures], over: Callable[[float], float] = float
) -> Callable[[float], float]:
    """The line through what was measured at the two largest sizes."""
    small, large = sorted(found)[-2:]
    low, high = found[small][name] or 0.0, found[large][name] or 0.0
    slope = (high - low) / (over(large) - over(small))
    return lambda papers: high + slope * (over(papers) - over(large))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+")
    sizes = (1_000_000, 3_000_000, 200_000_000)
    parser.add_argument("--to", type=int, nargs="+", default=sizes, metavar="N")
    parser.add_argument(
        "--embedded", type=float, default=32, metavar="N", help="papers a second"
    )
    args = parser.parse_args()
    found = kept_figures(args.files)
    largest = max(found)
    last = found[largest]
    pace = last["papers a second [of CPU]"] or math.nan

    def disk(store: str) -> Callable[[float], float]:
        each = last[f"on disk, {store} (kB a paper)"] or 0.0
        return lambda papers: papers * each / 1e6

    rows: dict[str, Callable[[float], float]] = {
        **{f"disk, {store} (GB)": disk(store) for store in STORES},
        "memory of a process that asks (GB)": lambda n: (
            line("peak memory, asking (MB)", found)(n) / 1e3
        ),
        "search (ms of CPU)": line("search, no dates [ms of CPU]", found, math.log),
        "indexing, the model included (hours of one core)": lambda n: (
            n / args.embedded / HOURS
        ),
        "putting in alone (hours of one core)": lambda n: n / pace / HOURS,
    }
    told = [f"{size:,}" for size in (largest, *args.to)]
    print(f"| papers | {' | '.join(told)} |\n|---|{'---:|' * len(told)}")
    for name, of in rows.items():
        values = [f"{of(size):,.1f}" for size in (largest, *args.to)]
        print(f"| {name} | {' | '.join(values)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
