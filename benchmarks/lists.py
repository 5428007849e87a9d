"""How well lists of papers end where relevance does; and the weights that decide it.

    python benchmarks/lists.py QUESTIONS.jsonl … [--data-dir DIR] [--write]

List questions with ``relevant`` papers (as data/questions/dev.jsonl has them) and ask cases whose
checks name the relevant papers (as data/questions/cases.jsonl does). Precision and recall are means
over questions, by ten-fold cross-validation over questions; beside them stands a cut at a share of
the best score. ``--write`` fits on everything and writes ragbot/answer/relevance_weights.json.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

os.environ["HF_HUB_OFFLINE"] = "1"

from sklearn.linear_model import LogisticRegression  # after the environment is set

from ragbot.answer.relevance import FEATURES, features_of
from ragbot.config import load_settings
from ragbot.evaluation.scores.matching import title_form, title_forms
from ragbot.evaluation.sets.cases import CaseSet, read_set
from ragbot.pipeline import Ragbot
from ragbot.question import read
from ragbot.retrieval.retriever import Retriever
from ragbot.types import Filters, Paper

_LOOKED_THROUGH = 30
_THRESHOLD = 0.55
_SHARE, _LEAST = 0.68, 3  # the cut that is compared
_FOLDS = 10


@dataclass(frozen=True)
class Found:
    """The papers found for a question (papers, features), which of them may be in its list, which
    must, and how many must."""

    features: np.ndarray
    relevant: np.ndarray
    needed: np.ndarray
    count: int


def titles_in(
    path: Path, papers: Sequence[Paper]
) -> Iterator[tuple[str, set[str], set[str]]]:
    """The questions of a set that ask for a list, which titles may be in it, and which must."""
    read_in = read_set(path, papers)
    if isinstance(read_in, CaseSet):
        for case in read_in.cases:
            if case.kind in ("list", "keyword") and "cited_precision" in case.checks:
                may, must = (
                    title_forms(case.checks[name].relevant)
                    for name in ("cited_precision", "cited_recall")
                )
                yield case.turns[-1], may | must, must
        return
    forms = {paper.id: title_form(paper.title) for paper in papers}
    for question in read_in.questions:
        if question.type == "list":
            graded = question.relevant.items()
            must = {forms[id_] for id_, grade in graded if grade == 2}
            yield question.question, {forms[id_] for id_, _ in graded}, must


def questions(
    retriever: Retriever, path: Path, papers: Sequence[Paper]
) -> Iterator[Found]:
    for question, may, must in titles_in(path, papers):
        if not must:
            continue
        asked = read(question, lexicon=retriever)
        topic = retriever.prepare(asked.on, asked.kind)
        hits = retriever.find(topic, _LOOKED_THROUGH, Filters())
        found = [title_form(hit.paper.title) for hit in hits]
        yield Found(
            features_of(hits, topic, retriever),
            np.array([title in may for title in found]),
            np.array([title in must for title in found]),
            len(must),
        )


def fit(train: Sequence[Found]) -> LogisticRegression:
    features = np.vstack([found.features for found in train])
    relevant = np.concatenate([found.relevant for found in train])
    return LogisticRegression(C=1.0, max_iter=2000).fit(features, relevant)


def learned(model: LogisticRegression, found: Found) -> np.ndarray:
    probability = model.predict_proba(found.features)[:, 1]
    return probability >= min(_THRESHOLD, probability.max())


def by_share(found: Found) -> np.ndarray:
    kept = found.features[:, FEATURES.index("score")] >= _SHARE
    kept[:_LEAST] = True
    return kept


def table(
    all_: Sequence[Found], ways: dict[str, Callable[[int, Found], np.ndarray]]
) -> None:
    print("| a list ends | precision | recall | papers |")
    print("|---|---:|---:|---:|")
    for name, way in ways.items():
        kept = [way(at, found) for at, found in enumerate(all_)]
        pairs = list(zip(kept, all_, strict=True))
        precision = np.mean([f.relevant[k].mean() for k, f in pairs])
        recall = np.mean([f.needed[k].sum() / f.count for k, f in pairs])
        size = np.mean([k.sum() for k in kept])
        print(f"| {name} | {precision:.3f} | {recall:.3f} | {size:.1f} |")


def main() -> None:
    """Cross-validate and print a table; write the weights if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    with Ragbot.open(load_settings(data_dir=args.data_dir)) as bot:
        retriever, papers = bot.retriever(), bot.papers()
        all_ = [
            f for path in args.questions for f in questions(retriever, path, papers)
        ]
    models = [
        fit([f for at, f in enumerate(all_) if at % _FOLDS != left_out])
        for left_out in range(_FOLDS)
    ]
    print(f"{len(all_)} questions\n")
    ways: dict[str, Callable[[int, Found], np.ndarray]] = {
        f"at {_SHARE} of the best score": lambda _, found: by_share(found),
        "where relevance does": lambda at, found: learned(models[at % _FOLDS], found),
    }
    table(all_, ways)
    if args.write:
        write(fit(all_))


def write(model: LogisticRegression) -> None:
    path = Path(__file__).parent.parent / "ragbot/answer/relevance_weights.json"
    weights = [round(float(weight), 4) for weight in model.coef_[0]]
    document = {
        "threshold": _THRESHOLD,
        "intercept": round(float(model.intercept_[0]), 4),
        "weights": dict(zip(FEATURES, weights, strict=True)),
    }
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"\n{path}: written")


if __name__ == "__main__":
    main()
