"""When two records are of one paper."""

from __future__ import annotations

import pytest

from ragbot.papers.identity import Alias, aliases, conflict, paper_id, title_key
from ragbot.types import Paper

MAMBA = "Mamba: Linear-Time Sequence Modeling with Selective State Spaces"


def known(
    url: str | None = None, date: str | None = None, title: str = MAMBA
) -> list[Alias]:
    return aliases(Paper(paper_id(title), title, "", date=date, url=url))


@pytest.mark.parametrize(
    ("url", "kind", "value"),
    [
        ("https://arxiv.org/abs/2312.00752", "arxiv", "2312.00752"),
        ("https://arxiv.org/abs/2312.00752v2", "arxiv", "2312.00752"),
        ("https://arxiv.org/pdf/2312.00752v1.pdf", "arxiv", "2312.00752"),
        ("https://ar5iv.labs.arxiv.org/html/2312.00752", "arxiv", "2312.00752"),
        ("https://huggingface.co/papers/2312.00752", "arxiv", "2312.00752"),
        ("arXiv:2312.00752", "arxiv", "2312.00752"),
        ("https://arxiv.org/abs/math/0309136", "arxiv", "math/0309136"),
        ("https://arxiv.org/abs/cs.CL/0108005v1", "arxiv", "cs.cl/0108005"),
        ("https://doi.org/10.48550/arXiv.2312.00752", "arxiv", "2312.00752"),
        ("https://doi.org/10.1109/CVPR.2016.90", "doi", "10.1109/cvpr.2016.90"),
        ("doi:10.1145/3292500.3330701", "doi", "10.1145/3292500.3330701"),
    ],
)
def test_an_address_identifies(url: str, kind: str, value: str) -> None:
    assert [a for a in known(url) if a.identifies] == [Alias(kind, value)]


@pytest.mark.parametrize(
    "url",
    [
        "https://openreview.net/forum?id=tEYskw1VY2",
        "https://arxiv.org/list/cs.CL/2312",
        "https://arxiv.org/abs/2312.0075212",
        "https://example.org/10.12/versions",
        "",
    ],
)
def test_an_address_that_identifies_nothing(url: str) -> None:
    assert not [a for a in known(url) if a.identifies]


def test_the_surest_comes_first() -> None:
    kinds = [a.kind for a in known("https://arxiv.org/abs/2312.00752", "2023-12-01")]
    assert kinds == ["arxiv", "title-year", "title"]


def test_identifiers_settle_whether_namesakes_are_one() -> None:
    first = known("https://arxiv.org/abs/2312.00752")
    again = known("https://arxiv.org/abs/2312.00752v2")
    other = known("https://arxiv.org/abs/2405.21060")
    journal = known("https://doi.org/10.1109/CVPR.2016.90")
    assert not conflict(again, first)
    assert conflict(other, first)
    assert not conflict(known(), first)
    assert not conflict(journal, first)  # a preprint and its journal's version


def test_ids_are_those_of_every_earlier_version() -> None:
    assert paper_id("Equiangular Basis Vectors") == "fb22d51ab0c6"
    assert paper_id("Equiangular Basis Vectors", beside="2021") != "fb22d51ab0c6"


def test_a_title_without_letters_is_its_own_key() -> None:
    assert title_key(" ∇ ") == "∇"
