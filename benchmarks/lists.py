"""How well lists of papers end where relevance does; and the weights that decide it.

    python benchmarks/lists.py QUESTIONS.jsonl … [--data-dir DIR] [--write]

List questions with ``relevant`` papers (as data/questions/dev.jsonl has them) and ask cases whose
checks name the relevant papers. Precision and recall are means over questions, by ten-fold
cross-validation over questions; beside them stands a cut at a share of the best score. ``--write``
fits on everything and writes ragbot/answer/relevance_weights.json.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

os.environ["HF_HUB_OFFLINE"] = "1"

from sklearn.linear_model import LogisticRegression  # after the environment is set

from ragbot.answer.relevance import FEATURES, features_of
from ragbot.config import load_settings
from ragbot.pipeline import Ragbot
from ragbot.question import read
from ragbot.retrieval.retriever import Retriever
from ragbot.text.latex import readable
from ragbot.text.words import match_form
from ragbot.types import Filters

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


def form(title: str) -> str:
    return match_form(readable(title))


def titles_of(row: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Which titles may be in the list of a question, and which must."""
    if row.get("type") == "list":
        grades = row["relevant"]
        return set(map(form, grades)), {form(t) for t, g in grades.items() if g == 2}
    checks = row.get("checks", {})
    if row.get("kind") in ("list", "keyword") and "cited_precision" in checks:
        names = [checks[n]["relevant"] for n in ("cited_precision", "cited_recall")]
        may, must = (set(map(form, titles)) for titles in names)
        return may | must, must
    return set(), set()


def questions(retriever: Retriever, path: Path) -> Iterator[Found]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        may, must = titles_of(row)
        if not must:
            continue
        asked = read(row.get("question") or row["turns"][-1], lexicon=retriever)
        topic = retriever.prepare(asked.on, asked.kind)
        hits = retriever.find(topic, _LOOKED_THROUGH, Filters())
        found = [form(hit.paper.title) for hit in hits]
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
        all_ = [f for path in args.questions for f in questions(bot.retriever(), path)]
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
