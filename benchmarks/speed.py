"""How fast Ragbot is with the bundled papers, and whether every title finds its own paper.

    python benchmarks/speed.py [--json FILE]

Starts from nothing, in a throw-away data folder: the first `ragbot ingest --bundled` as a process
(the model's conversion included) and a second one over the unchanged files; a cold `ragbot ask`
from process start to printed answer, median of five; then, warm and in one process, the median and
the 95th percentile of `search` and `ask` over the bundled question set; at last the share of the
titles that, given to `search`, find their own paper first. Takes about three minutes.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from figures import add_json_option, tell

from ragbot.config import load_settings
from ragbot.evaluation.scores.statistics import percentile
from ragbot.evaluation.sets.questions import Question, read_questions
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_questions

QUESTION = "How does MatryoshkaKV compress the KV cache?"
COLD_RUNS = 5


def measure(data: Path) -> dict[str, float | None]:
    """Figures by name, in the order they are measured."""
    figures: dict[str, float | None] = {
        "first ingest, model conversion included (s)": command(
            "ingest", "--bundled", data=data
        ),
        "second ingest, nothing changed (s)": command("ingest", "--bundled", data=data),
        "cold ask, median of five (s)": statistics.median(
            command("ask", QUESTION, data=data) for _ in range(COLD_RUNS)
        ),
    }
    with Ragbot.open(load_settings(data_dir=data, environ={})) as bot:
        papers = bot.papers()
        questions = read_questions(bundled_questions() / "dev.jsonl", papers).questions
        bot.ask(QUESTION)  # loads the model
        for name, ask in (
            ("search", lambda q: bot.search(q.question)),
            ("ask", lambda q: bot.ask(q.question, q.history)),
        ):
            times = timed(ask, questions)
            figures[f"warm {name}, median (ms)"] = percentile(times, 50)
            figures[f"warm {name}, 95th percentile (ms)"] = percentile(times, 95)
        own = sum(bot.search(p.title, 1).hits[0].paper.id == p.id for p in papers)
        figures[f"titles of {len(papers)} that find their own paper first (%)"] = (
            100 * own / len(papers)
        )
    return figures


def command(*args: str, data: Path) -> float:
    """Seconds that ``ragbot`` takes as a process."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "ragbot", *args, "--data-dir", str(data)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def timed(
    ask: Callable[[Question], object], questions: Iterable[Question]
) -> list[float]:
    """Milliseconds of each question."""
    times = []
    for question in questions:
        start = time.perf_counter()
        ask(question)
        times.append((time.perf_counter() - start) * 1e3)
    return times


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_json_option(parser)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder) / "data")
    tell(figures, args.json, digits=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
