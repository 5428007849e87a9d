"""How often Ragbot declines what it cannot answer, and what it could.

    python benchmarks/abstention.py BENCH [--corpus CORPUS.jsonl.gz] [--data-dir DIR] [--fit]

BENCH holds BEIR folders named cacm, pubmedqa and scitldr. The questions are made without a person
(see `made_questions.py`) and asked of collections of 40, 451 and, with a CORPUS of arXiv metadata,
1,500, 3,000 and as many papers as it has, which hold the bundled papers among others; and of the
BEIR folders themselves. ``--fit`` fits the weights in ``ragbot/answer/closeness.json`` and
``stated.json`` on some of them (`FITTED`), cross-validated by paper; the others are only measured.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

os.environ["HF_HUB_OFFLINE"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent))

import made_questions as made
from abstention_fit import fit_closeness, fit_stated
from made_questions import Made

from ragbot.answer import closeness, stated
from ragbot.answer.abstain import OF_PAPERS, reason_to
from ragbot.answer.named import is_named
from ragbot.answer.works import BESIDE, works_of
from ragbot.config import load_settings
from ragbot.index.chunks import paper_of
from ragbot.pipeline import Ragbot
from ragbot.question import read
from ragbot.question.kind import MANY
from ragbot.resources import bundled_listings, bundled_questions
from ragbot.retrieval.retriever import Query, Retriever
from ragbot.types import Filters, Hit, Paper

FITTED = ("40", "451", "1500", "60000", "scitldr")
SHIPPED = Path(__file__).resolve().parents[1] / "ragbot" / "answer"
SEED = 20
FAR, TITLES, OWN, FACTS = 250, 100, 400, 1000
"""Questions of another field, papers whose titles are asked for, questions of a BEIR folder and
about named works, of each collection; of the smallest ones a tenth."""
THRESHOLDS = (0.30, 0.34, 0.38, 0.40, closeness.ENOUGH, 0.44, 0.46, 0.50)


class Without(Retriever):
    """A retriever to which some papers are out of reach."""

    def __init__(self, whole: Retriever, out: frozenset[str]) -> None:
        self.__dict__.update(whole.__dict__)
        self._out = out
        papers = self.view.catalog.get(list(out)).values()
        self._terms_out = [
            frozenset(self.terms(f"{p.title} {p.abstract}")) for p in papers
        ]

    def find(self, query: Query, k: int, filters: Filters) -> list[Hit]:
        hits = super().find(query, k + len(self._out), filters)
        return [hit for hit in hits if hit.paper.id not in self._out][:k]

    def _chunks(
        self, query: Query, n: int, filters: Filters
    ) -> list[tuple[str, float]]:
        found = super()._chunks(query, n + 5 * len(self._out), filters)
        return [chunk for chunk in found if paper_of(chunk[0]) not in self._out][:n]

    def frequency(self, name: str) -> int:
        stems = self.terms(name)
        lost = sum(stems[-1] in terms for terms in self._terms_out) if stems else 0
        return super().frequency(name) - lost

    def idf(self, term: str) -> float:
        odds = np.expm1(super().idf(term))
        size = self.size()
        bearing = round((size + 0.5 - 0.5 * odds) / (1 + odds))
        bearing -= sum(term in terms for terms in self._terms_out)
        return float(np.log1p((size - bearing + 0.5) / (bearing + 0.5)))


@dataclass(frozen=True)
class Row:
    """A question asked of a collection, and what its answer goes by."""

    collection: str
    size: int
    made: Made
    close: float
    signals: dict[str, float]
    facts: dict[str, float] | None
    named: bool
    """Whether it points at a paper or calls one, so that no signal counts."""
    english: bool
    reasons: tuple[str | None, ...]
    """Why it is declined at each of `THRESHOLDS`."""


def ask(one: Made, collection: str, whole: Retriever) -> Row:
    """Read a question, find papers for it as an answer would, and decide."""
    retriever = Without(whole, one.out) if one.out else whole
    asked = read(one.question, one.history, lexicon=retriever)
    about = asked.on if asked.kind in MANY else asked.topic
    query = retriever.prepare(about, asked.kind, asked.subject)
    hits = retriever.find(query, 10, asked.filters)
    papers = [hit.paper for hit in hits[:5]]
    works = works_of(asked, papers, retriever)
    close = closeness.closeness(
        query, papers, retriever, asked.filters, english=asked.language == "en"
    )
    facts = None
    if works.papers and works.own and asked.kind not in OF_PAPERS | BESIDE:
        facts = stated.signals(asked.follow_up.focus, works, retriever)
    return Row(
        collection,
        retriever.size(),
        one,
        close,
        closeness.signals(query, papers, retriever, asked.filters),
        facts,
        bool(asked.follow_up.about) or is_named(query.text, papers, retriever),
        asked.language == "en",
        tuple(
            reason_to(asked, query, papers, retriever, close, threshold)
            for threshold in THRESHOLDS
        ),
    )


# -- collections ----------------------------------------------------------------------------------


def corpus_papers(corpus: Path) -> list[Paper]:
    """The papers of arXiv metadata, in an order of chance."""
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    papers = [
        Paper(f"arxiv-{r['id']}", r["title"], r["abstract"], date=r["update_date"])
        for r in rows
    ]
    random.Random(1).shuffle(papers)
    return papers


@dataclass(frozen=True)
class Bench:
    """The folders that the collections and the questions are made of."""

    beir: Path
    corpus: Path | None
    data: Path

    def collections(self) -> Iterator[tuple[str, Path, Callable[[], list[Paper]]]]:
        """A name, a folder and its papers, one collection after the other."""
        papers = self.bundled()
        mixed = papers.copy()
        random.Random(2).shuffle(mixed)
        for at in range(11):
            part = mixed[at * 41 : (at + 1) * 41]
            yield "40", self.data / f"b40_{at}", lambda part=part: part
        yield "451", self.data / "b451", lambda: papers
        for name in ("scitldr", "cacm", "pubmedqa"):
            folder = self.beir / name
            yield name, self.data / f"b_{name}", lambda f=folder: made.beir_papers(f)
        if self.corpus is None:
            return
        corpus = self.corpus
        parts = {
            "1500": slice(4000, 5049),
            "3000": slice(0, 2549),
            "60000": slice(None),
        }
        for name, part in parts.items():
            yield (
                name,
                self.data / f"b{name}",
                lambda part=part: papers + corpus_papers(corpus)[part],
            )

    def bundled(self) -> list[Paper]:
        with Ragbot.open(load_settings(data_dir=self.data / "b451", environ={})) as bot:
            if not bot.stores.catalog.count():
                bot.ingest([bundled_listings()])
            return bot.papers()

    def questions(self, name: str, papers: dict[str, Paper], bot: Ragbot) -> list[Made]:
        """What is asked of a collection."""
        rng = random.Random(SEED)
        retriever = bot.retriever()
        asked = made.bundled(bundled_questions() / "dev.jsonl", self.bundled())
        medicine = made.beir(self.beir / "pubmedqa")
        computing = made.beir(self.beir / "cacm")
        learning = made.beir(self.beir / "scitldr")
        in_reach = sorted(papers.values(), key=lambda paper: paper.id)
        if name in ("scitldr", "cacm", "pubmedqa"):
            own = {"scitldr": learning, "cacm": computing, "pubmedqa": medicine}[name]
            own = [one for one in own if one.papers & papers.keys()]
            own = rng.sample(own, min(OWN, len(own)))
            far = {
                "scitldr": [medicine],
                "cacm": [medicine, asked, learning],
                "pubmedqa": [computing, asked, learning],
            }[name]
        else:
            own = [one for one in asked if answerable(one, papers)]
            far = [medicine, computing] if name in ("40", "451") else [medicine]
        share = 10 if name == "40" else 1
        questions = own + [one.left_out() for one in own]
        for others in far:
            few = rng.sample(others, min(FAR, len(others)) // share)
            questions += [one.far() for one in few]
        some = rng.sample(in_reach, min(TITLES // share, len(in_reach)))
        questions += made.of_titles(some, retriever)
        few = rng.sample(in_reach, min(3000, len(in_reach)))
        facts = made.of_facts(few, retriever, SEED)
        questions += rng.sample(facts, min(FACTS // share, len(facts)))
        questions += made.names_exchanged(own, in_reach, retriever, SEED)
        return [within(one, papers) for one in questions]


def answerable(one: Made, papers: dict[str, Paper]) -> bool:
    """Whether the papers answer a question: one of a list, else all that it takes."""
    if one.source in ("bundled list", "bundled filter"):
        return not one.papers.isdisjoint(papers)
    return one.papers <= papers.keys()


def within(one: Made, papers: dict[str, Paper]) -> Made:
    """The question with those of its papers that the collection has."""
    return Made(
        one.question,
        one.label,
        one.source,
        one.papers & papers.keys(),
        one.history,
        one.out & papers.keys(),
    )


def rows_of(bench: Bench, only: Sequence[str]) -> list[Row]:
    """Every question asked of its collection."""
    rows = []
    for name, folder, papers in bench.collections():
        if only and name not in only:
            continue
        settings = load_settings(data_dir=folder, environ={})
        with Ragbot.open(settings) as bot:
            if not bot.stores.catalog.count():
                bot.add(papers(), source=name)
            known = {paper.id: paper for paper in bot.papers()}
            questions = bench.questions(name, known, bot)
            retriever = bot.retriever()
            told = tqdm(questions, desc=folder.name, disable=None)
            rows += [ask(one, name, retriever) for one in told]
    return rows


# -- what is printed ------------------------------------------------------------------------------


def share(rows: Iterable[Row], threshold: int) -> str:
    """How many of the questions are declined."""
    declined = [row.reasons[threshold] is not None for row in rows]
    return f"{np.mean(declined):.2f} ({len(declined)})" if declined else ""


LABELS = ("answerable", "left out", "far", "stated", "exchanged")


def table(rows: Sequence[Row], threshold: int) -> str:
    """Shares of declined questions, by collection, label and source."""
    lines = ["| papers | questions | declined |", "|---|---|---:|"]
    for name in dict.fromkeys(row.collection for row in rows):
        for label in LABELS:
            told = [r for r in rows if r.collection == name and r.made.label == label]
            for source in dict.fromkeys(row.made.source for row in told):
                own = share((r for r in told if r.made.source == source), threshold)
                lines.append(f"| {name} | {label}, {source} | {own} |")
            if told:
                lines.append(
                    f"| **{name}** | **{label}** | **{share(told, threshold)}** |"
                )
    return "\n".join(lines)


def curve(rows: Sequence[Row]) -> str:
    """Shares of declined questions over the threshold, by collection and label."""
    head = "| papers | questions | " + " | ".join(f"{t:.3f}" for t in THRESHOLDS)
    lines = [f"{head} |", "|---|---|" + "---:|" * len(THRESHOLDS)]
    for name in dict.fromkeys(row.collection for row in rows):
        for label in LABELS:
            told = [r for r in rows if r.collection == name and r.made.label == label]
            shares = [
                share(told, at).partition(" ")[0] for at in range(len(THRESHOLDS))
            ]
            if told:
                lines.append(f"| {name} | {label} | " + " | ".join(shares) + " |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bench", type=Path)
    parser.add_argument(
        "--corpus", type=Path, help="arXiv metadata, gzipped JSON Lines"
    )
    parser.add_argument(
        "--data-dir", type=Path, required=True, help="collections, kept"
    )
    parser.add_argument("--only", nargs="*", default=(), help="names of collections")
    parser.add_argument("--fit", action="store_true", help="fit the weights anew")
    args = parser.parse_args()
    bench = Bench(args.bench, args.corpus, args.data_dir)
    if args.fit:
        rows = rows_of(bench, FITTED)
        fit_closeness(rows, SHIPPED / "closeness.json")
        fit_stated(rows, SHIPPED / "stated.json")
        return 0
    rows = rows_of(bench, args.only)
    print(table(rows, THRESHOLDS.index(closeness.ENOUGH)), "\n")
    print(curve(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
