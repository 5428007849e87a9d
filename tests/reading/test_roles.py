"""ragbot/reading/roles.py: what sentences are there for.

fixtures/csabstruct.jsonl has a third of the test split of CSAbstruct (Cohan et al., EMNLP 2019;
Apache-2.0), on which the weights were not fitted.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ragbot.reading.roles import ROLES, role_scores
from ragbot.testing import tiny_papers
from ragbot.text.sentences import split_sentences

FIXTURE = Path(__file__).parent.parent / "fixtures/csabstruct.jsonl"


def test_roles_are_told_on_abstracts_not_seen() -> None:
    rows = [json.loads(line) for line in FIXTURE.read_text("utf-8").splitlines()]
    right = [
        ROLES[told] == label
        for row in rows
        for told, label in zip(
            role_scores(row["sentences"]).argmax(axis=1), row["labels"], strict=True
        )
    ]
    assert len(right) > 400
    assert np.mean(right) >= 0.74


def test_each_sentence_has_shares_of_all_roles() -> None:
    for paper in tiny_papers():
        sentences = split_sentences(paper.abstract)
        scores = role_scores(sentences)
        assert scores.shape == (len(sentences), len(ROLES))
        assert np.allclose(scores.sum(axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize("sentences", [[], [""], ["Hm."], ["…"] * 40, ["x" * 10_000]])
def test_anything_has_roles(sentences: list[str]) -> None:
    assert np.isfinite(role_scores(sentences)).all()
    assert len(role_scores(sentences)) == len(sentences)


def test_code_is_no_result() -> None:
    sentences = [
        "Neural networks are widely used, but they are slow.",
        "We propose a method that prunes their channels.",
        "Experimental results show that it outperforms the state of the art by 3%.",
        "Code is available at https://github.com/thuml/TimesNet.",
    ]
    told = [ROLES[at] for at in role_scores(sentences).argmax(axis=1)]
    assert told[0] == "background"
    assert told[2:] == ["result", "other"]
