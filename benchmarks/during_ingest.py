"""How long one person's answers take while another's papers are taken in, in one process.

Over the bundled papers the same questions are asked in turn: alone, then beside an ingest of the
first records of a file, which is put in as the window does it. With ``--rounds N`` the records are
parted and both are measured N times in turn, so that what others do on the machine meanwhile falls
on both alike. The answers' times beside the ingest are told by what it was at: reading or indexing.

    python benchmarks/during_ingest.py FILE [--records 5000] [--rounds 1]
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from ragbot.config import load_settings
from ragbot.evaluation.scores.statistics import percentile
from ragbot.evaluation.sets.questions import Question, read_questions
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_listings, bundled_questions
from ragbot.service import Service
from ragbot.service.intake import Intake

QUESTIONS = 40


def slices(path: Path, records: int, rounds: int, folder: Path) -> Iterator[Path]:
    """The first lines of a file of a record a line, parted into files of their own."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for number in range(rounds):
            part = folder / f"part-{number}.jsonl"
            own = itertools.islice(lines, records // rounds)
            part.write_text("".join(own), encoding="utf-8")
            yield part


def timed(service: Service, question: Question) -> float:
    """Milliseconds of an answer."""
    start = time.perf_counter()
    service.ask(question.question)
    return 1000 * (time.perf_counter() - start)


def beside(
    service: Service, bot: Ragbot, part: Path, questions: Sequence[Question]
) -> dict[str, list[float]]:
    """The times of answers during an ingest, by what it was at when the question came."""
    times: dict[str, list[float]] = defaultdict(list)
    job = service.jobs.begin(Intake(bot, [part]))
    for question in itertools.cycle(questions):
        if job.over.is_set():
            break
        at = "indexing" if job.progress and job.progress.done else "reading"
        times[at].append(timed(service, question))
    job.wait()
    return times


def told(name: str, times: Sequence[float], usual: Sequence[float]) -> str:
    p50, p95 = percentile(times, 50), percentile(times, 95)
    assert p50 is not None
    assert p95 is not None
    more = p50 / statistics.median(usual), p95 / (percentile(usual, 95) or 1)
    return (
        f"{name:9} {len(times):5} answers, p50 {p50:6.0f} ms, p95 {p95:6.0f} ms, "
        f"longest {max(times):6.0f} ms; times the usual: {more[0]:.2f}, {more[1]:.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--records", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = load_settings(data_dir=folder / "data", environ={})
        bot = Ragbot.open(settings)
        with Service(bot) as service:
            bot.ingest([bundled_listings()])
            rows = read_questions(bundled_questions() / "dev.jsonl", bot.papers())
            plain = [q for q in rows.questions if not q.history]
            questions = plain[:: len(plain) // QUESTIONS + 1]
            for question in questions:
                timed(service, question)  # what is loaded once
            alone: list[float] = []
            times: dict[str, list[float]] = defaultdict(list)
            for part in slices(args.file, args.records, args.rounds, folder):
                alone += [timed(service, question) for question in questions * 2]
                start = time.monotonic()
                for at, own in beside(service, bot, part, questions).items():
                    times[at] += own
                print(f"{part.name}: taken in {time.monotonic() - start:.0f} s; so far")
                both = list(itertools.chain(*times.values()))
                for at, own in {"alone": alone, **times, "beside": both}.items():
                    print(told(at, own, alone), flush=True)


if __name__ == "__main__":
    main()
