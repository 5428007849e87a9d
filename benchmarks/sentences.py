"""How often the first sentences that Ragbot would quote are ones that answer; and their weights.

    python benchmarks/sentences.py QUESTIONS.jsonl … [--data-dir DIR] [--write]

Questions with ``evidence`` (as data/questions/dev.jsonl has them) and ask cases whose checks name
the sentences that answer (as data/questions/cases.jsonl does). The sentences of the papers that an
answer would be made of compete: of those the question names, else of the five closest; for
questions about several papers, of each of these.

The weights are fitted by listwise softmax regression: a vector for all kinds of questions and one
for each, held near what a reader would expect (`_EXPECTED`) by ridge penalties. Ten-fold
cross-validation leaves out whole papers. ``--write`` fits on everything and writes
ragbot/retrieval/sentence_weights.json.
"""

from __future__ import annotations

import argparse
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np

os.environ["HF_HUB_OFFLINE"] = "1"

import torch  # after the environment is set

from ragbot.config import load_settings
from ragbot.evaluation.scores.matching import same_sentence
from ragbot.evaluation.sets.cases import CaseSet, read_set
from ragbot.evaluation.sets.checks import sentences_of
from ragbot.pipeline import Ragbot
from ragbot.question import read
from ragbot.retrieval.rank import FEATURES
from ragbot.retrieval.retriever import Retriever
from ragbot.text.sentences import split_sentences
from ragbot.types import Filters, Hit, Kind, Paper

KINDS: tuple[Kind, ...] = get_args(Kind)
COLUMNS = (*FEATURES, "paper")
_EXPECTED_OF_ALL = {"cosine": 6.0, "overlap": 4.0, "length": 0.7, "paper": 8.0}
_EXPECTED: dict[Kind, dict[str, float]] = {
    "definition": {
        "copula": 1.5,
        "apposition": 1.2,
        "naming": 0.8,
        "spelling_out": 0.8,
        "opening_subject": 0.8,
        "expansion": 3.0,
        "defines": 0.5,
    },
    "method": {"means": 0.5, "specifically": 0.4, "proposes": 0.3},
    "result": {"quantity": 1.2, "measure": 0.6, "finds": 0.4, "counting": 2.0},
    "dataset": {
        "data": 0.8,
        "named_data": 1.2,
        "finds": 0.4,
        "made": 0.6,
        "counting": 2.0,
        "making": 1.0,
    },
    "availability": {"address": 3.0, "available": 2.0},
    "limitation": {
        "concedes": 0.7,
        "denies": 1.2,
        "own": 0.4,
        "others": -1.0,
        "lacks": 0.3,
    },
    "reason": {"lacks": 0.6, "explains": 0.8, "denies": 0.3, "others": 0.2},
    "comparison": {"proposes": 0.5, "means": 0.3},
    "superiority": {"compares": 1.0, "finds": 0.6, "others": -0.5},
    "polar": {"finds": 0.6, "own": 0.2, "denies": 0.3},
    "summary": {"proposes": 0.8, "own": 0.4},
    "superlative": {"quantity": 2.0, "compares": 0.5},
}
_RIDGE, _RIDGE_OF_KIND = 0.01, 0.01
_SHARE_OF_LISTS = 0.4  # of the weight of a question about one paper
_FOLDS = 10


@dataclass(frozen=True)
class Contest:
    """A question, the features of the sentences that compete, which answer, and of which paper each
    is; ``by_paper`` says that the paper was given."""

    kind: Kind
    features: torch.Tensor
    answers: torch.Tensor
    papers: Sequence[str]
    by_paper: bool
    source: str


def asked_in(
    path: Path, papers: Sequence[Paper]
) -> Iterator[tuple[str, Sequence[str], set[str]]]:
    """The questions of a set that stand alone, the sentences that answer, and the ids of the papers
    that are given, for questions about several."""
    read_in = read_set(path, papers)
    if isinstance(read_in, CaseSet):
        single = [case for case in read_in.cases if len(case.turns) == 1]
        yield from ((c.turns[0], sentences_of(c.checks), set()) for c in single)
        return
    for question in read_in.questions:
        several = question.type in ("list", "compare", "filter")
        if not question.history:
            given = set(question.relevant) if several else set()
            yield question.question, question.evidence, given


def contests(
    retriever: Retriever, path: Path, papers: Sequence[Paper]
) -> Iterator[Contest]:
    """Every question of a set of which a sentence that answers is known and can be found."""
    for question, evidence, given in asked_in(path, papers):
        if not evidence:
            continue
        asked = read(question, lexicon=retriever)
        query = retriever.prepare(asked.topic, asked.kind, asked.subject)
        hits = retriever.find(query, 60 if given else 10, Filters())
        called = retriever.called(asked.topic, hits)
        best = hits[0].score
        if called and not given:
            query = retriever.about(query, [hit.paper for hit in called])
        together = [called or hits[:5]]
        if given:
            together = [[h] for h in hits if h.paper.id in given]
        for competing in together:
            found = contest(retriever, query, competing, best, evidence)
            if found is not None:
                features, right, papers_of = found
                name = f"{path.parent.name}/{path.name}"
                yield Contest(asked.kind, features, right, papers_of, bool(given), name)


def contest(
    retriever: Retriever,
    query: Any,
    hits: Sequence[Hit],
    best: float,
    evidence: Sequence[str],
) -> tuple[torch.Tensor, torch.Tensor, list[str]] | None:
    rows, right, papers = [], [], []
    for hit in hits:
        (features,) = retriever.features([hit.paper], query)
        if features is None:
            continue
        closeness = np.full((len(features), 1), hit.score / best, np.float32)
        rows.append(np.hstack((features, closeness)))
        sentences = split_sentences(hit.paper.abstract)
        right += [same_sentence(sentence, evidence) for sentence in sentences]
        papers += [hit.paper.id] * len(sentences)
    if not any(right):
        return None
    return torch.tensor(np.vstack(rows).astype(np.float32)), torch.tensor(right), papers


def expected() -> tuple[torch.Tensor, torch.Tensor]:
    shared = torch.tensor([_EXPECTED_OF_ALL.get(name, 0.0) for name in COLUMNS])
    own = [[_EXPECTED.get(k, {}).get(name, 0.0) for name in COLUMNS] for k in KINDS]
    return shared, torch.tensor(own)


def fit(train: Sequence[Contest]) -> torch.Tensor:
    """The weights (kinds, columns)."""
    shared_before, own_before = expected()
    shared = shared_before.clone().requires_grad_()
    own = own_before.clone().requires_grad_()
    optimizer = torch.optim.LBFGS(
        [shared, own], max_iter=200, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        losses = [loss(c, shared + own[KINDS.index(c.kind)]) for c in train]
        penalty = _RIDGE * ((shared - shared_before) ** 2).sum()
        penalty = penalty + _RIDGE_OF_KIND * ((own - own_before) ** 2).sum()
        total = torch.stack(losses).mean() + penalty
        total.backward()
        return total

    optimizer.step(closure)
    return (shared + own).detach()


def loss(c: Contest, weights: torch.Tensor) -> torch.Tensor:
    scores = c.features @ weights
    right = torch.logsumexp(scores[c.answers], 0)
    share = _SHARE_OF_LISTS if c.by_paper else 1.0
    return share * (torch.logsumexp(scores, 0) - right)


def hits(c: Contest, weights: torch.Tensor) -> tuple[float, float]:
    """Whether the best sentence answers, and whether one of its paper's best three does."""
    order = torch.argsort(-(c.features @ weights[KINDS.index(c.kind)])).tolist()
    paper = c.papers[order[0]]
    own = [at for at in order if c.papers[at] == paper][:3]
    return float(c.answers[order[0]]), float(any(c.answers[at] for at in own))


def cross_validated(all_: Sequence[Contest]) -> list[tuple[float, float]]:
    fold = [zlib.crc32(min(c.papers).encode()) % _FOLDS for c in all_]
    result: list[tuple[float, float]] = [(0.0, 0.0)] * len(all_)
    for left_out in range(_FOLDS):
        weights = fit([c for c, f in zip(all_, fold, strict=True) if f != left_out])
        for at, c in enumerate(all_):
            if fold[at] == left_out:
                result[at] = hits(c, weights)
    return result


def table(all_: Sequence[Contest], found: Sequence[tuple[float, float]]) -> None:
    print("| set | questions | the first answers | one of three |")
    print("|---|---:|---:|---:|")
    for key in sorted({(c.source, c.by_paper) for c in all_}):
        own = [
            f for c, f in zip(all_, found, strict=True) if (c.source, c.by_paper) == key
        ]
        first, three = np.mean(own, axis=0)
        name = f"{key[0]}, paper given" if key[1] else key[0]
        print(f"| {name} | {len(own)} | {100 * first:.1f} % | {100 * three:.1f} % |")


def main() -> None:
    """Cross-validate and print a table; write the weights if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    torch.manual_seed(0)
    with Ragbot.open(load_settings(data_dir=args.data_dir)) as bot:
        retriever = bot.retriever()
        papers = bot.papers()
        all_ = [c for path in args.questions for c in contests(retriever, path, papers)]
    print("cross-validated, papers left out:\n")
    table(all_, cross_validated(all_))
    weights = fit(all_)
    print("\nfitted on all:\n")
    table(all_, [hits(c, weights) for c in all_])
    if args.write:
        write(weights)


def write(weights: torch.Tensor) -> None:
    path = Path(__file__).parent.parent / "ragbot/retrieval/sentence_weights.json"
    paper = round(float(weights[:, -1].mean()), 3)
    kinds = {
        kind: {n: round(float(w), 3) for n, w in zip(FEATURES, row, strict=False)}
        for kind, row in zip(KINDS, weights, strict=True)
    }
    document = json.dumps({"paper": paper, "kinds": kinds}, indent=1)
    path.write_text(document + "\n", encoding="utf-8")
    print(f"\n{path}: written")


if __name__ == "__main__":
    main()
