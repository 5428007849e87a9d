"""ragbot/retrieval/naming.py: which papers a question calls by name."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ragbot.reading import called
from ragbot.retrieval.naming import called_in
from ragbot.types import Hit, Paper

KOALA = Paper(
    "koala", "KOALA: Enhancing Speculative Decoding for LLM", "We propose it."
)
REVCOL = Paper(
    "revcol",
    "Reversible Column Networks",
    "We propose a new neural network design paradigm Reversible Column Network (RevCol).",
)
FIRST = Paper("first", "FiRST: Finetuning Router-Selective Transformers", "We tune.")
HYPER = Paper("hyper", "HyperNetworks", "This work explores hypernetworks.")
GRAPH = Paper(
    "graph",
    "Graph HyperNetworks for Neural Architecture Search",
    "We propose the Graph HyperNetwork (GHN) to amortize the search cost.",
)
CODES = Paper("codes", "CodeS: Natural Language to Code Repository", "We sketch.")
PLUS = Paper("plus", "NeRF++: Analyzing Neural Radiance Fields", "We analyse.")
SEMI = Paper(
    "semi",
    "Sample-efficient Integration of New Modalities",
    "We introduce sample-efficient modality integration (SEMI) for LLMs.",
)
MLP = Paper("mlp", "Scaling", "We present a multi-layer perceptron (MLP) for images.")
SURVEY = Paper("survey", "Security in Wireless Mesh Networks: A Survey", "We list.")
PAPERS = [SURVEY, KOALA, REVCOL, FIRST, HYPER, GRAPH, CODES, PLUS, SEMI, MLP]
COMMON = {"first": 90, "code": 60, "hypernetwork": 12, "nerf": 20}
COMMON |= {"semi": 40, "mlp": 120, "multi layer perceptron": 80, "scaling": 50}


def frequency(name: str) -> int:
    return COMMON.get(name.lower().removesuffix("s"), 1)


def called_of(papers: Sequence[Paper], question: str) -> list[str]:
    hits = [Hit(paper, 1.0, 0.5, 1.0) for paper in papers]
    found = called_in(question, hits, map(called, papers), frequency)
    return [hit.paper.id for hit in found]


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("How does KOALA work?", ["koala"]),
        ("how does koala work", ["koala"]),
        ("what is revcol", ["revcol"]),
        ("What are reversible column networks?", ["revcol"]),
        ("Which came first?", []),
        ("Router-Tuning versus FiRST", ["first"]),
        ("FiRST or KOALA?", ["first", "koala"]),
        ("Why are hypernetworks hard to train?", []),
        ("HyperNetworks", ["hyper"]),
        ("How fast are Graph HyperNetworks?", ["graph"]),
        ("Is there a survey?", []),
        ("Is there code?", []),
        ("What does CodeS write?", ["codes"]),
        ("nerf distillation", []),
        ("What is wrong with NeRF++?", ["plus"]),
        ("what does SEMI stand for?", ["semi"]),
        ("semi supervised learning", []),
        ("Is an MLP enough?", []),
        (f"Summarise “{KOALA.title}”", ["koala"]),
        ("KOALAは何ですか", ["koala"]),
        ("", []),
    ],
)
def test_papers_are_called_by_their_names(question: str, ids: list[str]) -> None:
    assert called_of(PAPERS, question) == ids


def test_a_whole_title_is_no_shorter_name_within_it() -> None:
    longer = Paper("longer", "MLP-Mixer as a Wide and Sparse MLP", "We view it.")
    mixer = Paper("mixer", "MLP-Mixer: An all-MLP Architecture", "We present it.")
    assert called_of([mixer, longer], longer.title) == ["longer"]
    assert called_of([mixer, longer], "MLP-Mixer") == ["mixer"]
