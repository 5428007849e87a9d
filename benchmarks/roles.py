"""How often the role of a sentence is told right, on CSAbstruct; and the weights that tell it.

    python benchmarks/roles.py FOLDER [--write]

FOLDER has train.jsonl, dev.jsonl and test.jsonl of CSAbstruct (Apache-2.0, see
ragbot/reading/roles.py): ``{"sentences": […], "labels": […]}`` a line. The strength of the
penalty is chosen by cross-validation over abstracts of train; test is looked at once. ``--write``
keeps the strongest features and writes ragbot/reading/roles.json.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, cross_val_score

from ragbot.reading.roles import ROLES, Run, near_words, place_of, runs_of, words_of

_OWN_AT_LEAST, _NEAR_AT_LEAST = 3, 5  # sentences that a feature must occur in
_KEPT_OWN, _KEPT_NEAR = 9_000, 2_500
_NEAR_SHARE = 0.5  # how much a neighbour's word counts beside the sentence's own
_PENALTIES = (0.02, 0.05, 0.1)


def read(path: Path) -> list[tuple[list[str], list[str]]]:
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [(row["sentences"], row["labels"]) for row in rows]


class Features:
    """The columns of the design matrix, and the matrix of some abstracts."""

    def __init__(self, own: Iterable[Run], near: Iterable[Run]) -> None:
        self.own = {name: at for at, name in enumerate(own)}
        self.near = {name: at for at, name in enumerate(near)}

    def of(self, abstracts: Sequence[tuple[list[str], list[str]]]) -> csr_matrix:
        places = places_in(abstracts)
        own = self._matrix([set(runs_of(s[at])) for s, at in places], self.own)
        near = self._matrix([set(near_words(s, at)) for s, at in places], self.near)
        place = np.array([place_of(at, len(s)) for s, at in places])
        return hstack([own, near * _NEAR_SHARE, csr_matrix(place)]).tocsr()

    @staticmethod
    def _matrix(found: Sequence[set[Run]], columns: dict[Run, int]) -> csr_matrix:
        pairs = [
            (row, columns[name])
            for row, names in enumerate(found)
            for name in sorted(names & columns.keys())
        ]
        rows, at = zip(*pairs, strict=True)
        return csr_matrix((np.ones(len(at)), (rows, at)), (len(found), len(columns)))


def places_in(
    abstracts: Sequence[tuple[list[str], list[str]]],
) -> list[tuple[list[list[str]], int]]:
    """The words of each abstract's sentences, with the place of one of them."""
    read = [list(map(words_of, sentences)) for sentences, _ in abstracts]
    return [(words, at) for words in read for at in range(len(words))]


def frequent(found: Iterable[Iterable[Run]], least: int) -> list[Run]:
    counts = Counter(name for names in found for name in set(names))
    return sorted(name for name, n in counts.items() if n >= least)


def labels(abstracts: Sequence[tuple[list[str], list[str]]]) -> list[str]:
    return [label for _, own in abstracts for label in own]


def strongest(names: Sequence[Run], weights: np.ndarray, n: int) -> list[Run]:
    order = np.argsort(-np.abs(weights).max(axis=0))[:n]
    return [names[at] for at in order]


def main() -> None:
    """Choose, fit, prune, print the accuracy; write the weights if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    train, dev, test = (
        read(args.folder / f"{n}.jsonl") for n in ("train", "dev", "test")
    )
    sentences = places_in(train)
    own = frequent((runs_of(s[at]) for s, at in sentences), _OWN_AT_LEAST)
    near = frequent((near_words(s, at) for s, at in sentences), _NEAR_AT_LEAST)
    features = Features(own, near)
    design, target = features.of(train), labels(train)
    groups = [at for at, (s, _) in enumerate(train) for _ in s]
    scores = {
        penalty: cross_val_score(
            LogisticRegression(C=penalty, max_iter=300),
            design,
            target,
            groups=groups,
            cv=GroupKFold(5),
        ).mean()
        for penalty in _PENALTIES
    }
    print({penalty: round(float(score), 4) for penalty, score in scores.items()})
    best = max(scores, key=lambda penalty: scores[penalty])
    model = LogisticRegression(C=best, max_iter=300).fit(design, target)
    weights = model.coef_
    features = Features(
        strongest(own, weights[:, : len(own)], _KEPT_OWN),
        strongest(near, weights[:, len(own) : len(own) + len(near)], _KEPT_NEAR),
    )
    model = LogisticRegression(C=best, max_iter=500).fit(features.of(train), target)
    assert tuple(model.classes_) == ROLES
    for name, part in (("dev", dev), ("test", test)):
        told = model.predict(features.of(part))
        accuracy = np.mean(told == np.array(labels(part)))
        each = f1_score(labels(part), told, average=None, labels=ROLES)
        by_role = ", ".join(f"{r} {f:.2f}" for r, f in zip(ROLES, each, strict=True))
        print(f"{name}: accuracy {accuracy:.4f}; F1 {by_role}")
    if args.write:
        write(model, features)


def write(model: LogisticRegression, features: Features) -> None:
    weights = np.round(model.coef_.T, 3)
    own, near = map(" ".join, features.own), map("".join, features.near)
    first_near = len(features.own)
    first_place = first_near + len(features.near)
    rows = weights[:first_near], weights[first_near:first_place] * _NEAR_SHARE
    document = {
        "own": dict(zip(own, rows[0].tolist(), strict=True)),
        "near": dict(zip(near, np.round(rows[1], 3).tolist(), strict=True)),
        "place": weights[first_place:].tolist(),
        "intercept": np.round(model.intercept_, 3).tolist(),
    }
    path = Path(__file__).parent.parent / "ragbot/reading/roles.json"
    path.write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size / 1e3:.0f} kB written")


if __name__ == "__main__":
    main()
