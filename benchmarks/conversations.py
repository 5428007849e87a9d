"""How long the list of many kept conversations takes, a search in them, and opening one.

    python benchmarks/conversations.py [--count 10000] [--turns 4] [--json FILE]

In a throw-away folder, of answers made of the bundled papers' words, as long as Ragbot's are; they
are put in without waiting for the disk. Milliseconds of processor time, the median of 20; the same
words are looked for with `LIKE`, too, for comparison.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from figures import add_json_option, tell

from ragbot.conversation_types import SavedTurn
from ragbot.conversations import FILE, Conversations
from ragbot.readers import read_file
from ragbot.resources import bundled_listings
from ragbot.types import Answer, Citation, Hit, Paper, Quote

# From one letter to several words, some rare and some in every answer.
TYPED = (
    "m",
    "mo",
    "models",
    "quanti",
    "kv cache",
    "xyzzy",
    "diffusion transformer vid",
)
LIKE = "SELECT DISTINCT rowid / 1048576 FROM said WHERE words LIKE '%quanti%'"
PAPERS, CITED, TIMES = 15, 5, 20


def main() -> None:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=4)
    add_json_option(parser)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        kept = Conversations.open(path)
        id_ = fill(kept, args.count, args.turns)
        figures: dict[str, float | None] = {"MB": path.stat().st_size / 1e6}
        figures["list"] = milliseconds(kept.page)
        for words in TYPED:
            figures[words] = milliseconds(lambda words=words: kept.page(words))
        figures["quanti with LIKE"] = milliseconds(lambda: kept._file.rows(LIKE))
        figures["open one"] = milliseconds(lambda: kept.get(id_))
        kept.close()
    tell(figures, args.json, digits=2)


def fill(kept: Conversations, count: int, turns: int) -> str:
    """Put in conversations; the id of the last."""
    kept._file.rows("PRAGMA synchronous = OFF")
    papers = [
        record
        for file in sorted(bundled_listings().glob("*.txt"))
        for record in read_file(file)[1]
        if isinstance(record, Paper)
    ]
    chosen = random.Random(1)
    id_ = ""
    for _ in range(count):
        id_ = kept.begin(turn(papers, chosen))
        for _ in range(turns - 1):
            kept.append(id_, turn(papers, chosen))
    return id_


def turn(papers: list[Paper], chosen: random.Random) -> SavedTurn:
    """A question with an answer that quotes some papers and has found others."""
    found = chosen.sample(papers, PAPERS)
    quotes = tuple(Quote(n, p.abstract[:200]) for n, p in enumerate(found[:CITED], 1))
    cited = tuple(
        Citation(n, p, 0.5, (p.abstract[:200],)) for n, p in enumerate(found[:CITED], 1)
    )
    question = f"What does {found[0].title} say?"
    answer = Answer(
        question=question,
        standalone_question=question,
        mode="extractive",
        text="\n".join(f"> {p.abstract[:400]} [1]" for p in found[:CITED]),
        abstained=False,
        reason=None,
        sentences=(),
        quotes=quotes,
        papers=cited,
        also_retrieved=tuple(
            Hit(p, 0.5, 0.4, 3.0, (p.abstract[:200],)) for p in found[CITED:]
        ),
        invalid_citations_removed=0,
        confidence=0.5,
        fingerprint={"collection": "0123456789ab"},
    )
    return SavedTurn(question, answer=answer)


def milliseconds(work: Callable[[], object]) -> float:
    """The median of processor time."""
    taken = []
    for _ in range(TIMES):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken) * 1000


if __name__ == "__main__":
    main()
