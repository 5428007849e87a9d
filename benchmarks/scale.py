"""What Ragbot costs as a collection grows: searches, opening, listing, adding, deleting, memory.

    python benchmarks/scale.py CORPUS [--sizes N …] [--data-dir DIR …] [--hashed] [--json FILE]
    python benchmarks/scale.py --plot FILE … docs/growth.svg

CORPUS is JSON Lines, gzipped or not, with ``title``, the abstract under ``abstract`` or ``text``
and, if there is one, its date under ``date`` or ``update_date``: arXiv metadata, or a BEIR folder's
corpus.jsonl. A throw-away collection grows from one size to the next; with ``--data-dir`` copies of
the collections there, of papers of CORPUS, are measured instead. ``--hashed`` embeds by
hashed words instead of a model, for quick turns: vectors of no worth, but as many of them.
``--plot`` draws what ``--json`` kept in one or more files.

Each measurement is made in a process of its own, whose peak memory is then known. The questions are
titles from all over the corpus, other ones for each range (a year, a month, a day around the
paper's own date), asked in turn, so that what is kept of one range and what else the machine does
serve all alike. Times of searches are medians, those in square brackets of CPU.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import hashlib
import json
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from figures import add_json_option, keep
from growth_plot import draw

from ragbot.config import load_settings
from ragbot.evaluation.scores.statistics import percentile
from ragbot.pipeline import Ragbot
from ragbot.question.filters import parse_filters
from ragbot.testing import HashEmbedder
from ragbot.types import Filters, Paper

SIZES = (451, 5_000, 15_000, 60_000)
QUESTIONS = 50  # of each range
PAGE = 50
ADDED, DELETED = 100, 1_000
RANGES = {"no dates": 0, "a year": 4, "a month": 7, "a day": 10}
"""Characters of an ISO date that name the range."""

Figures = dict[str, float | None]


class Corpus(NamedTuple):
    """The papers of a file, and how they are embedded."""

    path: Path
    hashed: bool

    def papers(self, start: int, end: int) -> list[Paper]:
        return list(islice(papers_of(self.path), start, end))

    def open(self, data: Path) -> Ragbot:
        load = partial(HashEmbedder, 384) if self.hashed else None
        return Ragbot.open(load_settings(data_dir=data, environ={}), load=load)


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


def grow(corpus: Corpus, data: Path, start: int, end: int) -> Figures:
    """Papers a second from one size to the next, and what is on disk then."""
    papers = corpus.papers(start, end)
    with corpus.open(data) as bot:
        bot.add(papers[:1], source="scale")  # converts and loads the model
        begun = time.process_time()
        seconds = timed(lambda: bot.add(papers[1:], source="scale"))
        spent = time.process_time() - begun
    figures: Figures = {
        "papers a second": (len(papers) - 1) / seconds,
        "papers a second [of CPU]": (len(papers) - 1) / spent,
    }
    return figures | on_disk(data, end) | {"peak memory, growing (MB)": peak_memory()}


def on_disk(data: Path, size: int) -> Figures:
    """What the stores take, in kB a paper."""
    stores = {"catalog": "catalog.sqlite*", "chunk vectors": "**/chroma/**/*"}
    stores |= {"words": "**/lexical/**/*", "sentence vectors": "**/sentences.sqlite*"}
    return {
        f"on disk, {name} (kB a paper)": sum(
            path.stat().st_size for path in data.glob(pattern) if path.is_file()
        )
        / 1e3
        / size
        for name, pattern in stores.items()
    }


def ask(corpus: Corpus, data: Path, size: int) -> Figures:
    """Times of opening, of the first page and of searches."""
    with corpus.open(data) as bot:
        bot.search("warm up")  # modules and the model

    def opened() -> None:
        with corpus.open(data) as bot:
            bot.retriever()

    figures = both("open", opened)
    with corpus.open(data) as bot:
        pages = [1e3 * timed(lambda: bot.papers(None, PAGE)) for _ in range(9)]
        figures["first page (ms)"] = percentile(pages, 50)
        figures |= searches(bot, corpus.papers(0, size))
    return figures | {"peak memory, asking (MB)": peak_memory()}


def searches(bot: Ragbot, papers: list[Paper]) -> Figures:
    """Medians within each range, in milliseconds."""
    dated = [paper for paper in papers if paper.title and paper.date]
    step = max(1, len(dated) // (QUESTIONS * len(RANGES)))
    asked = dated[::step][: QUESTIONS * len(RANGES)]
    times = defaultdict[str, list[float]](list)
    spent = defaultdict[str, list[float]](list)
    for number, paper in enumerate(asked):
        name = list(RANGES)[number % len(RANGES)]
        filters = around(paper, RANGES[name])
        start = time.process_time()
        took = timed(
            lambda: bot.search(paper.title, 10, filters, dates_in_words=False)  # noqa: B023
        )
        spent[name].append(1e3 * (time.process_time() - start))
        times[name].append(1e3 * took)
    figures: Figures = {}
    for name in times:
        figures[f"search, {name} (ms)"] = percentile(times[name], 50)
        figures[f"search, {name} [ms of CPU]"] = percentile(spent[name], 50)
    return figures


def around(paper: Paper, characters: int) -> Filters | None:
    assert paper.date is not None
    span = paper.date[:characters]
    return parse_filters(span, span) if span else None


def change(corpus: Corpus, data: Path, size: int) -> Figures:
    """Times of adding and deleting some papers; the collection is another one then."""
    new = [
        dataclasses.replace(paper, id=f"n{paper.id}", title=f"{paper.title} again")
        for paper in corpus.papers(0, ADDED)
    ]
    with corpus.open(data) as bot:
        bot.search("warm up")
        old = [paper.id for paper in bot.papers(None, min(DELETED, size))]
        figures = both(f"add {ADDED}", lambda: bot.add(new, source="more"))
        figures |= both(f"delete {DELETED}", lambda: bot.remove(old))
        return figures | {"peak memory, changing (MB)": peak_memory()}


def both(name: str, do: Callable[[], object]) -> Figures:
    """Seconds that it takes, and those of CPU."""
    begun = time.process_time()
    seconds = timed(do)
    spent = time.process_time() - begun
    return {f"{name} (s)": seconds, f"{name} [s of CPU]": spent}


def timed(do: Callable[[], object]) -> float:
    """Seconds that it takes."""
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def peak_memory() -> float:
    """The most that this process has had resident, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage tells counts the parent process's in
        lines = status.read_text(encoding="utf-8").splitlines()
        (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
        return int(peak) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def apart(work: Callable[..., Figures], *args: object) -> Figures:
    """What a function gives in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(work, *args).result()


def measure(corpus: Corpus, data: Path, size: int) -> Figures:
    """All figures of a collection, but for what its growth took."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(data, Path(folder) / "data")
        return apart(ask, corpus, copy, size) | apart(change, corpus, copy, size)


def of_collection(corpus: Corpus, data: Path) -> dict[int, Figures]:
    """Figures of a collection that is there, by its size."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(data, Path(folder) / "data")
        with corpus.open(copy) as bot:
            size = bot.stores.catalog.count()
        return {size: on_disk(copy, size) | measure(corpus, copy, size)}


def of_growth(corpus: Corpus, sizes: list[int]) -> dict[int, Figures]:
    """Figures of a collection at each size."""
    with tempfile.TemporaryDirectory() as folder:
        data, found, before = Path(folder) / "data", dict[int, Figures](), 0
        for size in sizes:
            grown = apart(grow, corpus, data, before, size)
            found[size] = grown | measure(corpus, data, size)
            print(f"{size}: {found[size]}", file=sys.stderr)
            before = size
        return found


def kept_figures(files: list[Path]) -> dict[int, Figures]:
    """What `figures.keep` has written, by size; what a later file says of one goes before."""
    found = defaultdict[int, Figures](dict)
    for file in files:
        for size, told in json.loads(file.read_text(encoding="utf-8")).items():
            found[int(size)].update(told)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, nargs="?")
    parser.add_argument(
        "--plot", type=Path, nargs="+", metavar="FILE", help="figures, last the SVG"
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument(
        "--data-dir", type=Path, nargs="+", metavar="DIR", help="of collections"
    )
    parser.add_argument(
        "--hashed", action="store_true", help="hashed words in place of a model"
    )
    add_json_option(parser)
    args = parser.parse_args()
    if args.plot:
        *files, drawing = args.plot
        drawing.write_text(draw(kept_figures(files)), encoding="utf-8")
        return 0
    corpus = Corpus(args.corpus.resolve(), args.hashed)
    found: dict[int, Figures] = {}
    if args.data_dir:
        for data in args.data_dir:
            found |= of_collection(corpus, data)
    else:
        found = of_growth(corpus, sorted(args.sizes))
    print(f"| papers | {' | '.join(f'{size:,}' for size in found)} |")
    print(f"|---|{'---:|' * len(found)}")
    for name in dict.fromkeys(name for figures in found.values() for name in figures):
        values = (figures.get(name) for figures in found.values())
        told = ("" if value is None else f"{value:,.2f}" for value in values)
        print(f"| {name} | {' | '.join(told)} |")
    keep(found, args.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
