"""How Ragbot does with many papers: papers a second, size on disk, and time of a search.

    python benchmarks/scale.py CORPUS [--limit N] [--json FILE]

CORPUS is JSON Lines, gzipped or not, with ``title``, the abstract under ``abstract`` or ``text``
and, if there is one, its date under ``date`` or ``update_date``: arXiv metadata, or a BEIR folder's
corpus.jsonl. They go into a throw-away collection. The questions are titles from all over the
corpus: without dates, and within ranges of a year, of a month and of a day around the paper's own
date. Ten papers are asked for, in one process, after a warm-up.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from ragbot.config import load_settings
from ragbot.evaluation.scores.statistics import percentile
from ragbot.pipeline import Ragbot
from ragbot.question.filters import parse_filters
from ragbot.types import Filters, Paper, Progress

QUESTIONS = 200
RANGES = {"a year": 4, "a month": 7, "a day": 10}
"""Characters of an ISO date that name the range."""


def papers_of(corpus: Path) -> Iterator[Paper]:
    opened = gzip.open if corpus.suffix == ".gz" else open
    with opened(corpus, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            date = row.get("date") or row.get("update_date")
            yield Paper(
                id=hashlib.sha256(str(number).encode()).hexdigest()[:16],
                title=row.get("title") or "",
                abstract=row.get("abstract") or row.get("text") or "",
                date=date,
            )


def measure(papers: Sequence[Paper], data: Path) -> dict[str, float | None]:
    """Figures by name, in the order they are measured."""
    with Ragbot.open(load_settings(data_dir=data, environ={})) as bot:
        bot.add(papers[:1], source="scale")  # converts and loads the model
        start = time.perf_counter()
        with tqdm(total=len(papers), unit=" papers", disable=None) as bar:

            def progress(step: Progress) -> None:
                bar.update(step.done - bar.n)

            bot.add(papers[1:], source="scale", progress=progress)
        seconds = time.perf_counter() - start
        stored = sum(
            path.stat().st_size
            for path in data.rglob("*")
            if path.is_file() and path.relative_to(data).parts[0] != "models"
        )
        figures: dict[str, float | None] = {
            "papers": len(papers),
            "indexing (s)": seconds,
            "papers a second": (len(papers) - 1) / seconds,
            "on disk (MB)": stored / 1e6,
            "on disk (kB a paper)": stored / 1e3 / len(papers),
        }
        asked = [p for p in papers if p.title][:: max(1, len(papers) // QUESTIONS)][
            :QUESTIONS
        ]
        dated = [p for p in asked if p.date]
        figures |= searches(bot, "no dates", [(p.title, None) for p in asked])
        for name, length in RANGES.items():
            spans = [(p.title, p.date[:length]) for p in dated if p.date]
            figures |= searches(
                bot, name, [(title, parse_filters(span, span)) for title, span in spans]
            )
    return figures


def searches(
    bot: Ragbot, name: str, asked: Sequence[tuple[str, Filters | None]]
) -> dict[str, float | None]:
    """Median and 95th percentile of searches, after one to warm up; nothing if there are none."""
    times = []
    for question, filters in [*asked[:1], *asked]:
        start = time.perf_counter()
        bot.search(question, 10, filters, dates_in_words=False)
        times.append((time.perf_counter() - start) * 1e3)
    if not asked:
        return {}
    return {
        f"search, {name}: median (ms)": percentile(times[1:], 50),
        f"search, {name}: 95th percentile (ms)": percentile(times[1:], 95),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument(
        "--limit", type=int, metavar="N", help="only the first N papers"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the figures there too"
    )
    args = parser.parse_args()
    papers = list(islice(papers_of(args.corpus), args.limit))
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(papers, Path(folder) / "data")
    print("| | |\n|---|---:|")
    for name, value in figures.items():
        print(f"| {name} | {value:,.1f} |")
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
