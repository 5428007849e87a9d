"""Questions made by the thousand, without a person, to measure when answers are declined.

- *answerable*: questions of a set with papers that answer them, and the words of titles
- *left out*: the same with these papers taken out of reach: near misses
- *far*: the questions of another field's set
- *stated*, *exchanged*: about a named work, asking for something that its abstract mentions, or for
  what only another paper's does
"""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ragbot.answer.subject import subject_of
from ragbot.retrieval.retriever import Retriever
from ragbot.text.names import names_in, stands_in
from ragbot.text.words import STOPWORDS, match_form
from ragbot.types import Message, Paper

_FACTS = tomllib.loads(
    Path(__file__).with_name("made_questions.toml").read_text(encoding="utf-8")
)
_TITLED = re.compile(r"([A-Za-z][\w.+-]*(?: [A-Z\d][\w.+-]*)?):")
_COMPOUND = re.compile(r"[A-Z][a-z]+(?:-[A-Za-z]?[a-z]+)+")
_DATA = re.compile(
    r"(?:\bon|\bthe|\band|,) ([A-Z][\w.+-]*[A-Z\d][\w.+-]*(?:[ -](?:\d+\w?|[A-Z]\w*))?)"
    r"(?= (?:data ?set|benchmark|test|corpus)|[,.]| and\b)"
)
_PAIR = re.compile(r"\b([a-z]{4,}(?:-[a-z]+)?) ([a-z]{4,}(?:-[a-z]+)?)\b")
_EVERYBODYS = re.compile(
    r"(?:LLM|MLP|CNN|GNN|DNN|RNN|GPU|GAN|ViT|SNN|PDE)s?|AI|NLP|[23]D|SOTA|GitHub|MoE|RL|LoRA|"
    r"MRI|CPU|FPGA|IoT|FLOPs|API|ML|NAS|ResNet.*"
)
_WORD = re.compile(r"[A-Za-z][\w-]+")


@dataclass(frozen=True)
class Made:
    """A question, what is known of it, and the papers that answer it or that it is about."""

    question: str
    label: str
    source: str
    papers: frozenset[str] = frozenset()
    history: Sequence[Message] = ()
    out: frozenset[str] = field(default=frozenset())

    def left_out(self) -> Made:
        """The same question with its papers out of reach."""
        return Made(
            self.question,
            "left out",
            self.source,
            self.papers,
            self.history,
            self.papers,
        )

    def far(self) -> Made:
        """The same question asked of another field."""
        return Made(self.question, "far", self.source, history=self.history)


def bundled(path: Path, papers: Iterable[Paper]) -> list[Made]:
    """The answerable questions of a set in Ragbot's own format."""
    by_title = {match_form(paper.title): paper.id for paper in papers}
    made = []
    for row in _read_lines(path):
        titles = [match_form(title) for title in row.get("relevant") or {}]
        ids = frozenset(by_title[title] for title in titles if title in by_title)
        if ids and row["type"] != "unanswerable":
            turns = [Message(m["role"], m["content"]) for m in row.get("history") or ()]
            made.append(
                Made(
                    row["question"], "answerable", f"bundled {row['type']}", ids, turns
                )
            )
    return made


def beir_papers(folder: Path) -> list[Paper]:
    """The papers of a BEIR folder, with the folder's name before their ids."""
    rows = _read_lines(folder / "corpus.jsonl")
    return [
        Paper(f"{folder.name}-{row['_id']}", row["title"], row["text"]) for row in rows
    ]


def _read_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def beir(folder: Path) -> list[Made]:
    """The questions of a BEIR folder with the papers that answer them."""
    papers: dict[str, set[str]] = {}
    for qrels in sorted(folder.glob("qrels/*.tsv")):
        for line in qrels.read_text(encoding="utf-8").splitlines():
            question, paper, grade = line.split("\t")[:3]
            if grade.isdigit() and int(grade):
                papers.setdefault(question, set()).add(f"{folder.name}-{paper}")
    rows = {str(r["_id"]): r["text"] for r in _read_lines(folder / "queries.jsonl")}
    return [
        Made(rows[i], "answerable", folder.name, frozenset(ids))
        for i, ids in papers.items()
        if i in rows
    ]


def of_titles(papers: Iterable[Paper], retriever: Retriever) -> Iterator[Made]:
    """Titles, their rarest words, and the rarest of these in two frames."""
    for paper in papers:
        words = [
            w for w in _WORD.findall(paper.title) if subject_of(w) not in STOPWORDS
        ]
        rarity = {
            w: max(map(retriever.idf, retriever.terms(w)), default=0) for w in words
        }
        rarest = sorted(rarity, key=lambda word: -rarity[word])[:3]
        if not rarest:
            continue
        word = rarest[0].lower()
        asked = {
            "title": paper.title,
            "title words": " ".join(w.lower() for w in words if w in rarest),
            "word": word,
            "papers on word": f"papers on {word}",
            "which study word": f"Which papers study {word}?",
        }
        for source, question in asked.items():
            yield Made(question, "answerable", source, frozenset({paper.id}))


# -- facts of named works -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Work:
    """A paper with a name, and what may be asked of it."""

    paper: Paper
    name: str
    text: str
    systems: Sequence[str]
    data: Sequence[str]
    phrases: Sequence[str]


def _name_of(paper: Paper, retriever: Retriever) -> str | None:
    titled = _TITLED.match(paper.title)
    if titled and (names_in(titled[1]) or retriever.frequency(titled[1]) <= 3):
        return titled[1]
    marked = [n for n in names_in(paper.title) if not _COMPOUND.fullmatch(n)]
    return next((n for n in marked if retriever.frequency(n) <= 2), None)


def _work(paper: Paper, retriever: Retriever) -> _Work | None:
    name = _name_of(paper, retriever)
    if name is None:
        return None
    own = match_form(name)

    def others(found: Iterable[str]) -> list[str]:
        return [
            n
            for n in dict.fromkeys(found)
            if not _EVERYBODYS.fullmatch(n)
            and match_form(n) not in own
            and own not in match_form(n)
        ]

    pairs = [m.group() for m in _PAIR.finditer(paper.abstract)]
    return _Work(
        paper,
        name,
        f"{paper.title} {paper.abstract}",
        others(names_in(paper.abstract)),
        others(_DATA.findall(paper.abstract)),
        [pair for pair in pairs if STOPWORDS.isdisjoint(pair.split())],
    )


def of_facts(papers: Iterable[Paper], retriever: Retriever, seed: int) -> list[Made]:
    """Questions about each paper with a name: some that its abstract can answer, as many whose
    fact was exchanged for one of another paper."""
    rng = random.Random(seed)
    works = [work for paper in papers if (work := _work(paper, retriever))]
    pools = {
        "system": [n for work in works for n in work.systems],
        "data": [n for work in works for n in work.data],
        "phrase": [n for work in works for n in work.phrases],
    }
    return [made for work in works for made in _of_work(work, works, pools, rng)]


def _of_work(
    work: _Work, works: Sequence[_Work], pools: dict[str, list[str]], rng: random.Random
) -> Iterator[Made]:
    def made(frames: Sequence[str], label: str, source: str, fact: str = "") -> Made:
        question = rng.choice(frames).replace("{Y}", fact).replace("{X}", work.name)
        return Made(question, label, source, frozenset({work.paper.id}))

    aspects = list(_FACTS["aspects"].values())
    sure = [a for a in aspects if re.search(a.get("surely", "$^"), work.text, re.I)]
    unstated = [a for a in aspects if not re.search(a["says"], work.text, re.I)]
    for aspect in rng.sample(sure, k=min(3, len(sure))):
        yield made(aspect["asks"], "stated", "measure")
    for aspect in rng.sample(unstated, k=min(3, len(unstated))):
        yield made(aspect["asks"], "exchanged", "measure")
    for _ in range(3):
        yield made(_FACTS["general"], "stated", "general")
    own = {"system": work.systems, "data": work.data, "phrase": work.phrases}
    for kind, facts in own.items():
        if facts:
            yield made(_FACTS[kind], "stated", kind, rng.choice(facts))
        foreign = _foreign(work, pools[kind], rng)
        if foreign:
            yield made(_FACTS[kind], "exchanged", kind, foreign)
    other = rng.choice(works)
    if other is not work:
        yield made(_FACTS["beside"], "stated", "two works", other.name)


def _foreign(work: _Work, pool: Sequence[str], rng: random.Random) -> str | None:
    """A fact of another paper's that nothing in the work's own is like."""
    own = match_form(work.text)
    for fact in rng.sample(pool, k=min(50, len(pool))):
        stems = [match_form(word)[:5] for word in fact.split()]
        if not any(stem in own for stem in stems) and not stands_in(fact, work.text):
            return fact
    return None


def names_exchanged(
    made: Iterable[Made], papers: Sequence[Paper], retriever: Retriever, seed: int
) -> list[Made]:
    """Questions that name a work, asked of another work instead."""
    rng = random.Random(seed)
    works = [work for paper in papers if (work := _work(paper, retriever))]
    by_id = {work.paper.id: work for work in works}
    exchanged = []
    for one in made:
        own = [by_id[i] for i in one.papers if i in by_id]
        named = [work for work in own if work.name in one.question]
        if len(named) == 1:
            other = rng.choice(works)
            question = one.question.replace(named[0].name, other.name)
            exchanged.append(
                Made(question, "exchanged", "name", frozenset({other.paper.id}))
            )
    return exchanged
