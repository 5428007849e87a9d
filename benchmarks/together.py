"""What many questions at once cost beside the same ones one after another.

    python benchmarks/together.py [--data-dir DIR] [--at-once N] [--json FILE]

Asks the bundled questions of the bundled papers, or of a copy of the collection in DIR: of a round
of N (32), all are asked one after another, and all at once, by as many threads, of two openings of
one collection, so that neither finds what the other has embedded. Which goes first changes from
round to round. Told are both rates, their ratio (the median of the rounds), the 95th percentile of
the seconds that an answer took of those asked at once, what an answer took of CPU, and how many
answers differ from those asked alone. Takes about a minute.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from shutil import copytree
from threading import Barrier
from typing import NamedTuple

from figures import add_json_option, tell

from ragbot.config import load_settings
from ragbot.evaluation.scores.statistics import percentile
from ragbot.evaluation.sets.questions import Question, read_questions
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_listings, bundled_questions

AT_ONCE = 32
WARM_UP = 10


class Asked(NamedTuple):
    """The answers to a round of questions, the seconds of each and of all, and those of CPU."""

    answers: list[str]
    each: list[float]
    seconds: float
    spent: float


def one_after_another(bot: Ragbot, questions: Sequence[Question]) -> Asked:
    return timed(lambda: [asked(bot, question) for question in questions])


def all_at_once(bot: Ragbot, questions: Sequence[Question]) -> Asked:
    start = Barrier(len(questions) + 1)

    def ask(question: Question) -> tuple[str, float]:
        start.wait()
        return asked(bot, question)

    with ThreadPoolExecutor(len(questions)) as threads:
        waiting = [threads.submit(ask, question) for question in questions]
        start.wait()
        return timed(lambda: [one.result() for one in waiting])


def asked(bot: Ragbot, question: Question) -> tuple[str, float]:
    start = time.perf_counter()
    answer = bot.ask(question.question, question.history)
    return answer.text, time.perf_counter() - start


def timed(ask: Callable[[], list[tuple[str, float]]]) -> Asked:
    start, spent = time.perf_counter(), time.process_time()
    done = ask()
    seconds = time.perf_counter() - start
    spent = time.process_time() - spent
    answers, each = zip(*done, strict=True)
    return Asked(list(answers), list(each), seconds, spent)


def measure(
    alone: Ragbot, shared: Ragbot, rounds: Sequence[Sequence[Question]]
) -> dict[str, float | None]:
    """Figures by name."""
    in_turn, together = list[Asked](), list[Asked]()
    for number, questions in enumerate(rounds):
        legs = [
            lambda: in_turn.append(one_after_another(alone, questions)),  # noqa: B023
            lambda: together.append(all_at_once(shared, questions)),  # noqa: B023
        ]
        for leg in legs[:: (1, -1)[number % 2]]:
            leg()
    count = len(rounds[0])
    ratios = [a.seconds / b.seconds for a, b in zip(in_turn, together, strict=True)]
    pairs = [
        (a, b)
        for one, other in zip(in_turn, together, strict=True)
        for a, b in zip(one.answers, other.answers, strict=True)
    ]
    each = [seconds for one in together for seconds in one.each]
    return {
        "one after another (answers/s)": count
        / statistics.median(one.seconds for one in in_turn),
        f"{count} at once (answers/s)": count
        / statistics.median(one.seconds for one in together),
        "at once, as often as fast (median of rounds)": statistics.median(ratios),
        "one after another, an answer (ms of CPU)": 1e3
        * statistics.median(one.spent for one in in_turn)
        / count,
        "at once, an answer (ms of CPU)": 1e3
        * statistics.median(one.spent for one in together)
        / count,
        "at once, 95th percentile of an answer (s)": percentile(each, 95),
        f"of {len(pairs)} answers, other than alone": sum(a != b for a, b in pairs),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data-dir", type=Path, metavar="DIR", help="of a collection that is there"
    )
    parser.add_argument("--at-once", type=int, default=AT_ONCE, metavar="N")
    add_json_option(parser)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        if args.data_dir:
            copytree(args.data_dir, data)
        opened = partial(Ragbot.open, load_settings(data_dir=data, environ={}))
        with opened() as alone:
            if not args.data_dir:
                alone.ingest([bundled_listings()])
            papers = alone.papers()
            known = read_questions(bundled_questions() / "dev.jsonl", papers).questions
            starts = range(0, len(known) - args.at_once + 1, args.at_once)
            rounds = [known[at : at + args.at_once] for at in starts]
            with opened() as shared:
                for bot in (alone, shared):
                    for paper in papers[:WARM_UP]:
                        bot.ask(paper.title)
                figures = measure(alone, shared, rounds)
    tell(figures, args.json, digits=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
