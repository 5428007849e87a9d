"""How fast Ragbot is beside retrieval stacks in use: rounds in turn, in one run, and their ratios.

    python benchmarks/beside.py [--peers-python PYTHON] [--rounds 3] [--precision P …] [--json FILE]

The peers are those of `peers.py`, set up as their own documentation does it, with the same model
in the same folder, and run by PYTHON if it is not this one that has them. Each turn is a process
with one contestant, with as many threads as it takes by itself; a round is a turn of each:

- indexing: the bundled papers, from texts in memory to an index that can be searched. Libraries and
  model are loaded before that, and a few papers indexed elsewhere. Ragbot and txtai write theirs to
  files, Ragbot's with a vector of every sentence; llama-index keeps its own in memory.
- search: the best ten papers for each topical question of the bundled set without earlier turns.
  None was asked before, and one that is not of the set goes ahead of them.
- ask: the same questions, a whole answer by quotes of each, in another process.
- cold: from the start of a process to the end of it, with one answer (`ragbot ask`), or with
  txtai's first search over its own index, that follows `import txtai`.

Medians over questions and rounds, in brackets of processor time; ratios are taken in each round,
between neighbours in time, and their median counts. ``--precision`` names settings of
`embedding.precision` that take turns; Ragbot's conversion of the model is made before the first.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from figures import add_json_option, keep
from peers import PEERS, ragbot

from ragbot.config import load_settings
from ragbot.evaluation.sets.questions import TOPICAL, read_questions
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_listings, bundled_questions
from ragbot.testing import HashEmbedder
from ragbot.types import Paper

LLAMA_INDEX = "llama-index vector"
FUSION = "llama-index QueryFusionRetriever"
TXTAI = "txtai hybrid"
FIRST = "How does MatryoshkaKV compress the KV cache?"
WARM_UP = 16  # papers
TXTAI_COLD = """\
import txtai
embeddings = txtai.Embeddings()
embeddings.load({folder!r})
print(embeddings.search({question!r}, 10))
"""
UNITS = {"indexing": "papers/s", "search": "ms", "ask": "ms", "cold": "s"}
RATIOS = {
    "indexing": (LLAMA_INDEX,),
    "search": (FUSION, TXTAI),
    "ask": (FUSION, TXTAI),
    "cold": (TXTAI,),
}
"""What each figure of Ragbot is set against: the faster of these."""
AGAINST = {"ask": "search"}

# Wall-clock and processor time
Time = tuple[float, float]
Figures = dict[str, Time]


@dataclass(frozen=True)
class Turn:
    """What one process is to measure; ``precision`` is Ragbot's alone."""

    peer: str
    precision: str
    folder: Path
    papers: Sequence[Paper]
    questions: Sequence[str]

    @property
    def name(self) -> str:
        """Of the contestant."""
        return f"{self.peer} in {self.precision}" if self.environ else self.peer

    @property
    def environ(self) -> dict[str, str]:
        """Ragbot's settings."""
        set_ = {"RAGBOT_EMBEDDING__PRECISION": self.precision}
        return {} if self.precision == "auto" else set_


def timed(work: Callable[[], object]) -> Time:
    """Seconds that something takes: of the clock, and of the processors."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def each(ask: Callable[[str], object], questions: Sequence[str]) -> Time:
    """The median milliseconds of a question."""
    ask(FIRST)
    wall, cpu = medians(timed(partial(ask, question)) for question in questions)
    return 1e3 * wall, 1e3 * cpu


def found(turn: Turn) -> Figures:
    """Index the papers, then search."""
    own = {"Ragbot": partial(ragbot, environ=turn.environ)}
    index = {**PEERS, **own}[turn.peer](turn.folder / "models")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as elsewhere:
        index(turn.papers[:WARM_UP], Path(elsewhere))
    searches = []
    seconds = timed(lambda: searches.append(index(turn.papers, turn.folder)))
    wall, cpu = (len(turn.papers) / taken for taken in seconds)
    return {"indexing": (wall, cpu), "search": each(searches[0], turn.questions)}


def answered(turn: Turn) -> Figures:
    """Answer from what Ragbot has indexed."""
    settings = load_settings(data_dir=turn.folder, environ=turn.environ)
    with Ragbot.open(settings) as bot:
        return {"ask": each(bot.ask, turn.questions)}


def process(turn: Turn, python: str, *arguments: str) -> tuple[Time, str]:
    """Seconds that a process takes, and what it prints."""
    root = str(Path(__file__).resolve().parent.parent)
    usual = {k: v for k, v in os.environ.items() if not k.startswith("RAGBOT_")}
    environ = {**usual, **turn.environ, "PYTHONPATH": root, "TQDM_DISABLE": "1"}
    before, start = os.times(), time.perf_counter()
    done = subprocess.run(
        [python, *arguments],
        env=environ,
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    wall, after = time.perf_counter() - start, os.times()
    user = after.children_user - before.children_user
    system = after.children_system - before.children_system
    return (wall, user + system), done.stdout


def apart(turn: Turn, python: str, measure: str) -> Figures:
    """What a process of its own measures."""
    with tempfile.NamedTemporaryFile(suffix=".pickle") as file:
        file.write(pickle.dumps(turn))
        file.flush()
        _, said = process(turn, python, __file__, "--turn", file.name, measure)
    return {name: tuple(pair) for name, pair in json.loads(said.splitlines()[-1])}


def taken(turn: Turn, peers_python: str) -> Figures:
    """A contestant's turn."""
    if turn.peer == "Ragbot":
        figures = apart(turn, sys.executable, "found")
        figures |= apart(turn, sys.executable, "answered")
        command = ("-m", "ragbot", "ask", FIRST, "--data-dir", str(turn.folder))
        return {**figures, "cold": process(turn, sys.executable, *command)[0]}
    figures = apart(turn, peers_python, "found")
    if turn.peer == TXTAI:
        script = TXTAI_COLD.format(folder=str(turn.folder), question=FIRST)
        figures["cold"] = process(turn, peers_python, "-c", script)[0]
    return figures


def bundled() -> tuple[Sequence[Paper], list[str]]:
    """The papers that come with Ragbot, and questions about them, each of them once."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder), environ={})
        with Ragbot.open(settings, load=partial(HashEmbedder, 64)) as bot:
            bot.ingest([bundled_listings()])
            papers = bot.papers()
    rows = read_questions(bundled_questions() / "dev.jsonl", papers).questions
    plain = [q.question for q in rows if q.type in TOPICAL and not q.history]
    return papers, list(dict.fromkeys(plain))


def rounds(
    turns: Sequence[Turn], number: int, peers_python: str, kept: Path | None
) -> dict[str, list[Figures]]:
    """The figures of each contestant, a round each; told and kept as they come."""
    results: dict[str, list[Figures]] = defaultdict(list)
    for at in range(number):
        for turn in turns:
            clear(turn.folder)
            results[turn.name].append(taken(turn, peers_python))
            told = {k: f"{v[0]:.4g}" for k, v in results[turn.name][-1].items()}
            print(f"round {at + 1}, {turn.name}: {told}", file=sys.stderr, flush=True)
            keep(results, kept)
    return results


def clear(folder: Path) -> None:
    """An empty folder, with what was made of the model once for all."""
    models = folder.with_name("models")
    models.mkdir(exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "models").symlink_to(models)


def medians(pairs: Iterable[Time]) -> Time:
    """Of the clock's and of the processors' times."""
    wall, cpu = zip(*pairs, strict=True)
    return statistics.median(wall), statistics.median(cpu)


def cell(own: Sequence[Figures], figure: str) -> str:
    """The medians of rounds."""
    if figure not in own[0]:
        return ""
    wall, cpu = medians(row[figure] for row in own)
    return f"{wall:.3g} ({cpu:.3g})"


def ratio(results: Mapping[str, Sequence[Figures]], name: str, figure: str) -> Time:
    """Ragbot's figure over that of the faster of its peers, by the clock and the processor."""
    named = AGAINST.get(figure, figure)
    best = max if figure == "indexing" else min
    ratios = []
    for at, own in enumerate(results[name]):
        others = [results[peer][at][named] for peer in RATIOS[figure]]
        wall, cpu = map(best, zip(*others, strict=True))
        ratios.append((own[figure][0] / wall, own[figure][1] / cpu))
    return medians(ratios)


def table(results: Mapping[str, Sequence[Figures]]) -> str:
    """Markdown: the figures of each, then Ragbot's ratios."""
    lines = [
        "| | " + " | ".join(f"{name} ({unit})" for name, unit in UNITS.items()) + " |",
        "|---" + "|---:" * len(UNITS) + "|",
    ]
    for name, own in results.items():
        cells = [cell(own, figure) for figure in UNITS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    for name in results:
        if name.startswith("Ragbot"):
            pairs = [ratio(results, name, figure) for figure in UNITS]
            cells = [f"{wall:.2f}× ({cpu:.2f}×)" for wall, cpu in pairs]
            lines.append(f"| {name}, ratio | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers-python", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", nargs="+", default=["auto"], metavar="P")
    parser.add_argument("--turn", nargs=2, help=argparse.SUPPRESS)
    add_json_option(parser)
    args = parser.parse_args()
    if args.turn:
        path, measure = args.turn
        turn = pickle.loads(Path(path).read_bytes())
        figures = {"found": found, "answered": answered}[measure](turn)
        print("\n" + json.dumps([*figures.items()]))
        return 0
    papers, questions = bundled()
    with tempfile.TemporaryDirectory() as name:
        entries = [("Ragbot", precision) for precision in args.precision]
        entries += [(peer, "auto") for peer in (LLAMA_INDEX, FUSION, TXTAI)]
        turns = [
            Turn(peer, precision, Path(name) / str(at), papers, questions)
            for at, (peer, precision) in enumerate(entries)
        ]
        results = rounds(turns, args.rounds, args.peers_python, args.json)
    print(f"{len(papers)} papers, {len(questions)} questions, {args.rounds} rounds\n")
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
