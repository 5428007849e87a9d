"""ragbot/index/lexical.py: what counts as a word, and how much."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragbot.index.lexical import LexicalIndex
from ragbot.types import Paper


def paper(id_: str, title: str, abstract: str) -> Paper:
    return Paper(id_, title, abstract)


PAPERS = [
    paper("unet", "A U-Net for scans", "The UNet segments images."),
    paper("wave", "Wave-U-Net", "It separates audio sources from a mixture."),
    paper("kan", "KAN and MLP", "A KAN replaces the weights of an MLP."),
    paper(
        "near",
        "Basis",
        "Equiangular basis vectors for a class of images, and channels of it.",
    ),
    paper(
        "apart",
        "Basis",
        "Vectors for a class of images, equiangular channels and basis of it.",
    ),
    paper("matrix", "On x", "The rank r of a matrix X is k; R and Q are not."),
    paper(
        "math",
        r"Up to $100\times$ faster",
        r"\textbf{Sparse} Möbius nets for café data.",
    ),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    index = LexicalIndex(tmp_path_factory.mktemp("lexical"))
    index.replace(PAPERS)
    return index


def found(index: LexicalIndex, text: str) -> list[str]:
    return [id_ for id_, _ in index.search(text, 10)]


# -- what is a word -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling", ["U-Net", "UNet", "u-net", "U‑Net", "U–Net", "UNets"]
)
def test_a_compound_is_found_in_any_spelling(
    index: LexicalIndex, spelling: str
) -> None:
    assert found(index, spelling)[0] == "unet"
    assert index.frequency(spelling) == 1


def test_a_compound_is_found_by_its_parts_too(index: LexicalIndex) -> None:
    assert set(found(index, "wave")) == {"wave"}
    assert index.frequency("Wave-U-Net") == index.frequency("WaveUNet") == 1
    assert index.frequency("net") == 3  # "nets" among them


@pytest.mark.parametrize("letter", ["x", "R", "k", "q"])
def test_a_letter_is_no_word(index: LexicalIndex, letter: str) -> None:
    assert index.terms(letter) == []
    assert found(index, letter) == []
    assert index.frequency(letter) == 0


def test_a_digit_more_makes_a_word(index: LexicalIndex) -> None:
    assert index.terms("R2 and x") == ["r2"]


@pytest.mark.parametrize("word", ["the", "which", "show", "using"])
def test_a_stop_word_is_nowhere(index: LexicalIndex, word: str) -> None:
    assert index.frequency(word) == 0
    assert found(index, word) == []


@pytest.mark.parametrize(
    ("word", "id_"),
    [
        ("100×", "math"),
        ("sparse", "math"),
        ("Mobius", "math"),
        ("cafe", "math"),
        ("CAFÉ", "math"),
    ],
)
def test_latex_and_accents_do_not_matter(
    index: LexicalIndex, word: str, id_: str
) -> None:
    assert found(index, word) == [id_]


def test_a_formula_is_found_that_an_older_version_stored_in_pieces(
    tmp_path: Path,
) -> None:
    """Reading formulas better takes no rebuild: the other words lead to the paper as before."""
    older = paper("bt", "BT 2: Backward-compatible Training", "An ell infty guarantee.")
    index = LexicalIndex(tmp_path)
    index.replace([older, *PAPERS])
    assert found(index, "Which guarantee has the BT^2 training?")[0] == "bt"
    index.replace([paper("bt", "BT^2: Training", "An ell_infty guarantee.")])
    assert found(index, "BT^2") == found(index, "BT2") == ["bt"]


def test_terms_are_different_and_in_order(index: LexicalIndex) -> None:
    assert index.terms("Pruning channels, channel pruning, the U-Net") == [
        *("prune", "channel", "net", "unet")
    ]


def test_a_very_long_word_is_dropped(index: LexicalIndex) -> None:
    assert index.terms("x" * 100) == []


# -- how much it counts -------------------------------------------------------------------------


def test_neighbours_that_stay_neighbours_count_more(index: LexicalIndex) -> None:
    near, apart = index.search("equiangular basis vectors", 2)
    assert (near[0], apart[0]) == ("near", "apart")
    assert near[1] > apart[1]
    alike = dict(index.search("vectors equiangular", 2))  # neighbours in neither
    assert alike["near"] == pytest.approx(alike["apart"], rel=0.02)


def test_a_title_counts_more_than_an_abstract(index: LexicalIndex) -> None:
    assert found(index, "scans images")[0] == "unet"


def test_a_word_said_twice_counts_twice(index: LexicalIndex) -> None:
    once, twice = dict(index.search("audio", 1)), dict(index.search("audio audio", 1))
    assert twice["wave"] == pytest.approx(2 * once["wave"], rel=1e-3)


@pytest.mark.parametrize(
    "question",
    [
        "equiangular basis vectors",
        "KAN",
        "U-Net",
        "images",
        "the rank of a matrix",
        "MLP MLP MLP",
    ],
)
def test_no_score_passes_the_ceiling(index: LexicalIndex, question: str) -> None:
    """But for neighbours, which add up to a fifth each."""
    best = index.search(question, 1)[0][1]
    assert 0 < best <= 1.2 * index.ceiling(question)


def test_words_that_no_paper_has_raise_the_ceiling(index: LexicalIndex) -> None:
    known = index.ceiling("equiangular vectors")
    assert index.ceiling("equiangular vectors zebra") > known
    assert index.ceiling("") == index.ceiling("the of") == 0


def test_a_ceiling_is_that_of_the_rarest_words(index: LexicalIndex) -> None:
    few = "alpha beta gamma delta epsilon"
    assert index.ceiling(f"{few} images vectors") == pytest.approx(index.ceiling(few))


def test_an_unknown_word_is_the_rarest(index: LexicalIndex) -> None:
    idf = [index.idf(t) for t in ("imag", "audio", "zebra")]
    assert idf == sorted(idf)
    assert idf[0] < idf[1] < idf[2]


def test_a_pasted_page_is_searched_by_its_beginning(index: LexicalIndex) -> None:
    page = " ".join(f"word{i}" for i in range(200))
    assert found(index, f"audio {page}") == ["wave"]
    assert found(index, f"{page} audio") == []
