"""Fits the two scores of closeness and the one of stated facts; see `abstention.py`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from ragbot.answer.closeness import grown_by
from ragbot.embedding.embedder import Vectors

if TYPE_CHECKING:
    from abstention import Row

FOLDS = 10
PROMISED = 0.04
"""Of the answerable questions at most so many are declined: one in twenty, less some chance."""
STRENGTH = 0.3
"""Of the regression: the less, the more the weights are held small."""
STATED = 0.02
"""Of the facts that are stated at most so many are taken for unstated."""
WANTED = 0.91
"""So many questions of another field are to be declined before near misses count."""
SCORES = {
    "far": (("sentence", "passage", "borne"), "far"),
    "near": (
        ("sentence", "passage", "beside", "overlap", "unknown", "borne"),
        "left out",
    ),
}
"""The signals of each score, and the label that it tells from answerable questions."""
GROWING = ("usual", "unmet")
"""Signals that count in larger collections alone: a small one has few papers of a field."""


def fold_of(row: Row) -> int:
    """Questions on one paper are in one fold."""
    key = min(row.made.papers, default=row.made.question)
    return hashlib.sha256(key.encode()).digest()[-1] % FOLDS


def matrix(rows: Sequence[dict[str, float]], names: Sequence[str]) -> Vectors:
    return np.array([[row[name] for name in names] for row in rows], np.float64)


def weighted(
    features: Vectors, wanted: Vectors, weights: Vectors, strength: float
) -> tuple[Vectors, float]:
    """The weights and the intercept of a logistic regression, for features as they are."""
    scaler = StandardScaler().fit(features)
    model = LogisticRegression(C=strength, max_iter=2000)
    model.fit(scaler.transform(features), wanted, sample_weight=weights)
    own = model.coef_[0] / scaler.scale_
    return own, float(model.intercept_[0] - own @ scaler.mean_)


def out_of_fold(
    features: Vectors,
    wanted: Vectors,
    weights: Vectors,
    folds: Vectors,
    strength: float,
) -> Vectors:
    """Scores (rows,) by weights that were fitted without a row's fold."""
    scores = np.zeros(len(features))
    for fold in range(FOLDS):
        seen = (folds != fold) & (weights > 0)
        own, intercept = weighted(features[seen], wanted[seen], weights[seen], strength)
        at = folds == fold
        scores[at] = features[at] @ own + intercept
    return scores


def importance(row: Row) -> float:
    """Of all sources the bundled questions are most like those that people ask."""
    if row.made.source.startswith("bundled"):
        return 1.0
    return {"scitldr": 0.25, "pubmedqa": 0.5, "cacm": 0.5}.get(row.made.source, 0.0)


def fit_closeness(rows: Sequence[Row], path: Path) -> None:
    """Fit both scores, and thresholds with which they keep the promise together."""
    rows = [r for r in rows if r.made.label in ("answerable", "left out", "far")]
    rows = [r for r in rows if r.english and importance(r)]
    labels = np.array([r.made.label for r in rows])
    folds = np.array([fold_of(r) for r in rows])
    sizes = np.log([r.size for r in rows])
    named = np.array([r.named for r in rows])
    signals = [r.signals for r in rows]
    written, scores = {}, {}
    for score, (names, label) in SCORES.items():
        grown = matrix(signals, (*names, *GROWING)) * grown_by(sizes)[:, None]
        own = np.hstack([matrix(signals, names), grown])
        answerable = labels == "answerable"
        use = (answerable | (labels == label)) & ~named
        weights = np.array([importance(r) for r in rows]) * use
        scores[score] = out_of_fold(own, answerable, weights, folds, STRENGTH)
        fitted, intercept = weighted(own[use], answerable[use], weights[use], STRENGTH)
        scores[score] -= intercept
        scores[score][named] = np.inf
        by_name = list(zip((*names, *names, *GROWING), fitted.round(3), strict=True))
        written[score] = {
            "weights": dict(by_name[: len(names)]),
            "growth": dict(by_name[len(names) :]),
        }
    thresholds = by_size(rows, scores)
    for score, told in written.items():
        told["least"] = [[log, least[score]] for log, least in thresholds]
        # What a cosine counts: of a sentence and a passage together.
        told["scale"] = told["weights"]["sentence"] + told["weights"]["passage"]
    path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    print_declined(rows, scores, thresholds)


def by_size(
    rows: Sequence[Row], scores: dict[str, Vectors]
) -> list[tuple[float, dict[str, float]]]:
    """Thresholds of each score by the logarithm of the papers."""
    labels = np.array([r.made.label for r in rows])
    names = np.array([r.collection for r in rows])
    bundled = np.array([r.made.source.startswith("bundled") for r in rows])
    sizes = np.log([r.size for r in rows])
    thresholds = []
    for collection in dict.fromkeys(names[bundled].tolist()):
        at = names == collection
        own = {s: v[at] for s, v in scores.items()}
        real = (bundled & (labels == "answerable"))[at]
        least = promised(own, labels[at], real)
        thresholds.append((round(float(sizes[at].mean()), 4), least))
    return sorted(thresholds, key=lambda one: one[0])


def promised(
    scores: dict[str, Vectors], labels: Vectors, answerable: Vectors
) -> dict[str, float]:
    """Thresholds that keep the promise and decline most: of other fields, then of near misses."""
    best: tuple[tuple[float, float], dict[str, float]] = ((-1.0, -1.0), {})
    for shares in product(np.arange(0.0, 2 * PROMISED, 0.0025), repeat=len(scores)):
        least = {
            score: float(np.quantile(values[answerable], share, method="lower"))
            for (score, values), share in zip(scores.items(), shares, strict=True)
        }
        below = np.any([scores[s] < least[s] for s in scores], axis=0)
        if below[answerable].mean() > PROMISED:
            continue
        far, near = (below[labels == label].mean() for label in ("far", "left out"))
        best = max(best, ((min(far, WANTED), near), least), key=lambda one: one[0])
    # Rounded down: a question at the threshold is answered.
    return {score: np.floor(value * 1000) / 1000 for score, value in best[1].items()}


def print_declined(
    rows: Sequence[Row],
    scores: dict[str, Vectors],
    thresholds: Sequence[tuple[float, dict[str, float]]],
) -> None:
    """The cross-validated shares, by collection, label and source."""
    logs = [log for log, _ in thresholds]
    sizes = np.log([r.size for r in rows])
    over = [
        values - np.interp(sizes, logs, [least[score] for _, least in thresholds])
        for score, values in scores.items()
    ]
    declined = np.min(over, axis=0) < 0
    groups: dict[tuple[str, str, str], list[bool]] = {}
    for row, no in zip(rows, declined, strict=True):
        source = row.made.source.partition(" ")[0]
        groups.setdefault((row.collection, row.made.label, source), []).append(bool(no))
    for key, values in sorted(groups.items()):
        print(*key, f"{np.mean(values):.2f} ({len(values)})")


def fit_stated(rows: Sequence[Row], path: Path) -> None:
    """Fit whether what is asked of a named work is stated."""
    rows = [r for r in rows if r.facts is not None]
    rows = [
        r
        for r in rows
        if r.made.label in ("stated", "exchanged")
        or (r.made.label == "answerable" and r.made.source.startswith("bundled"))
    ]
    names = list(rows[0].facts)
    features = matrix([r.facts for r in rows], names)
    folds = np.array([fold_of(r) for r in rows])
    wanted = np.array([r.made.label != "exchanged" for r in rows])
    real = np.array([r.made.label == "answerable" for r in rows])
    weights = np.where(real, 5.0, 1.0)
    scores = out_of_fold(features, wanted, weights, folds, 1.0)
    coefficients, intercept = weighted(features, wanted, weights, 1.0)
    scores -= intercept
    order = np.argsort(scores[wanted])
    shares = np.cumsum(weights[wanted][order]) / weights[wanted].sum()
    least = float(scores[wanted][order][np.searchsorted(shares, STATED)])
    written = {
        "weights": dict(zip(names, coefficients.round(3).tolist(), strict=True)),
        "least": round(least, 3),
    }
    path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    print(written)
    groups: dict[tuple[str, str], list[bool]] = {}
    for row, score in zip(rows, scores, strict=True):
        groups.setdefault((row.made.label, row.made.source), []).append(score < least)
    for key, values in sorted(groups.items()):
        print(*key, f"{np.mean(values):.2f} ({len(values)})")
