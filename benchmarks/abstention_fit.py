"""Fits the two scores of closeness and the one of stated facts; see `abstention.py`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from ragbot.embedding.embedder import Vectors

if TYPE_CHECKING:
    from abstention import Row

FOLDS = 10
PROMISED = 0.05
"""Of the answerable questions at most so many are declined."""
STATED = 0.02
"""Of the facts that are stated at most so many are taken for unstated."""
LARGEST = float(np.log(100_000))
"""The logarithm of so many papers that thresholds grow no further."""
IN_DOUBT = 0.65
"""The highest cosine of a sentence that leaves a doubt: only such questions are fitted."""
SCORES = {
    "far": (("sentence", "passage"), "far"),
    "near": (("sentence", "passage", "beside", "overlap", "unknown"), "left out"),
}
"""The signals of each score, and the label that it tells from answerable questions."""


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
    rows = [r for r in rows if importance(r)]
    features = matrix([r.signals for r in rows], list(rows[0].signals))
    names = list(rows[0].signals)
    folds = np.array([fold_of(r) for r in rows])
    labels = np.array([r.made.label for r in rows])
    sizes = np.array([r.collection for r in rows])
    named = np.array([r.named for r in rows])
    bundled = np.array([r.made.source.startswith("bundled") for r in rows])
    answerable = labels == "answerable"
    doubtful = features[:, names.index("sentence")] < IN_DOUBT
    fitted, scores = {}, {}
    for score, (own_names, label) in SCORES.items():
        own = features[:, [names.index(n) for n in own_names]]
        use = (answerable | (labels == label)) & doubtful & ~named
        weights = np.array([importance(r) for r in rows]) * use
        strength = 0.1 if score == "near" else 1.0
        scores[score] = out_of_fold(own, answerable, weights, folds, strength)
        coefficients, intercept = weighted(
            own[weights > 0], answerable[weights > 0], weights[weights > 0], strength
        )
        fitted[score] = dict(
            zip(own_names, coefficients.round(3).tolist(), strict=True)
        )
        scores[score] -= intercept
    logs, least = [], {score: [] for score in SCORES}
    for size in ("40", "451", "1500"):
        at = (sizes == size) & answerable & bundled
        logs.append(np.log({"40": 41, "451": 451, "1500": 1500}[size]))
        for score, value in promised(
            {s: v[at] for s, v in scores.items()}, named[at]
        ).items():
            least[score].append(value)
    written = {}
    for score, values in least.items():
        print(score, "least by size", np.round(values, 2))
        scale = fitted[score]["sentence"] + fitted[score]["passage"]
        written[score] = {
            "weights": fitted[score],
            "least": by_size(logs, values),
            "scale": round(scale, 3),
        }
    path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    print_declined(rows, scores, written, named)


def by_size(logs: Sequence[float], values: Sequence[float]) -> list[list[float]]:
    """Thresholds by the logarithm of the papers; beyond the largest fitted collection they grow as
    they did before it."""
    slope = max(0.0, (values[-1] - values[-2]) / (logs[-1] - logs[-2]))
    beyond = values[-1] + slope * (LARGEST - logs[-1])
    points = zip([*logs, LARGEST], [*values, beyond], strict=True)
    return [[round(float(log), 2), round(float(value), 3)] for log, value in points]


def promised(scores: dict[str, Vectors], named: Vectors) -> dict[str, float]:
    """For each score the highest threshold, at one quantile of all, that keeps the promise."""
    best: dict[str, float] = {}
    for quantile in np.arange(0.0, 2 * PROMISED, 0.002):
        least = {
            s: float(np.quantile(v, quantile, method="lower"))
            for s, v in scores.items()
        }
        below = [scores[s] < least[s] for s in scores]
        if np.mean(np.any(below, axis=0) & ~named) <= PROMISED:
            best = least
    return best


def print_declined(
    rows: Sequence[Row],
    scores: dict[str, Vectors],
    written: dict[str, dict[str, Any]],
    named: Vectors,
) -> None:
    """The cross-validated shares, by collection, label and source."""
    over = []
    for score, told in written.items():
        logs, values = zip(*told["least"], strict=True)
        sizes = np.log([r.size for r in rows])
        over.append(scores[score] - np.interp(sizes, logs, values))
    declined = (np.min(over, axis=0) < 0) & ~named
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
