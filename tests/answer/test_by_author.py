"""Papers by author, arXiv id and DOI: asked for and searched, from a .bib of real papers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ragbot.config import load_settings
from ragbot.papers.person import family_of, goes_by
from ragbot.pipeline import Ragbot
from ragbot.testing import HashEmbedder

BIB = r"""
@article{a, title={Deep Residual Learning for Image Recognition}, year=2015,
  author={He, Kaiming and Zhang, Xiangyu and Ren, Shaoqing and Sun, Jian},
  eprint={1512.03385}, archiveprefix={arXiv},
  abstract={Deeper networks are harder to train. We improve COCO object detection by 28%.}}
@article{b, title={Mask R-CNN}, year=2017,
  author={He, Kaiming and Gkioxari, Georgia and Doll\'ar, Piotr and Girshick, Ross},
  eprint={1703.06870}, archiveprefix={arXiv},
  abstract={We present a framework for instance segmentation. It detects objects in an image.}}
@article{c, title={Momentum Contrast for Unsupervised Visual Representation Learning}, year=2019,
  author={He, Kaiming and Fan, Haoqi and Wu, Yuxin and Xie, Saining and Girshick, Ross},
  abstract={We present MoCo for unsupervised learning with a long dictionary.}}
@article{d, title={Neural Machine Translation by Jointly Learning to Align and Translate},
  author={Bahdanau, Dzmitry and Cho, Kyunghyun and Bengio, Yoshua}, year=2014,
  abstract={A fixed-length vector is a bottleneck of the encoder-decoder.}}
@article{e, title={Understanding deep learning requires rethinking generalization}, year=2016,
  author={Zhang, Chiyuan and Bengio, Samy and Hardt, Moritz and Recht, Benjamin},
  abstract={Networks can exhibit a small difference between training and test performance.}}
@article{f, title={On causal and anticausal learning}, year=2012,
  author={Sch{\"o}lkopf, Bernhard and Janzing, Dominik and Peters, Jonas},
  abstract={We consider function estimation where an underlying causal model can be inferred.}}
@article{g, title={Fully Convolutional Networks for Semantic Segmentation}, year=2014,
  author={Long, Jonathan and Shelhamer, Evan and Darrell, Trevor}, doi={10.1109/CVPR.2015.7298965},
  abstract={Convolutional networks are powerful visual models that yield hierarchies of features.}}
"""


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ragbot]:
    folder = tmp_path_factory.mktemp("authors")
    refs = folder / "refs.bib"
    refs.write_text(BIB, encoding="utf-8")
    settings = load_settings(data_dir=folder / "data", environ={})
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        bot.ingest([refs])
        yield bot


def asked(bot: Ragbot, question: str) -> list[str] | None:
    """The first words of the titles that the catalog lists; ``None`` if it was not asked."""
    answer = bot.ask(question)
    if answer.mode != "catalog":
        return None
    return [citation.paper.title.split()[0] for citation in answer.papers]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("papers by Yoshua Bengio", ["Neural"]),
        ("Papers by Y. Bengio?", ["Neural"]),
        ("papers by Bengio, Yoshua", ["Neural"]),
        ("papers by Bengio", ["Understanding", "Neural"]),
        ("What did Scholkopf write?", ["On"]),
        ("which papers were written by Piotr Dollar", ["Mask"]),
        ("Kaiming He's papers", ["Momentum", "Mask", "Deep"]),
        ("Kaiming He's papers on detection", ["Mask", "Deep"]),
        ("papers by Kaiming He on object detection", ["Mask", "Deep"]),
        ("papers on segmentation by K. He", ["Mask"]),
        ("Did Kaiming He write about segmentation?", ["Mask"]),
        ("What did Kaiming He publish since 2017?", ["Momentum", "Mask"]),
        ("How many papers has Girshick written on contrast?", ["Momentum"]),
        ("papers by Ross Girshick and Kaiming He", ["Momentum", "Mask"]),
        ("papers by Xiangyu Zhang", ["Deep"]),
        ("papers by He", ["Momentum", "Mask", "Deep"]),
        ("who wrote 1512.03385v1?", ["Deep"]),
        ("https://arxiv.org/abs/1703.06870v3", ["Mask"]),
        ("https://doi.org/10.1109/CVPR.2015.7298965", ["Fully"]),
    ],
)
def test_the_catalog_lists_an_authors_papers(
    bot: Ragbot, question: str, expected: list[str]
) -> None:
    assert asked(bot, question) == expected


def test_where_none_is_on_the_topic_that_is_said(bot: Ragbot) -> None:
    answer = bot.ask("papers by Bengio on robots")
    assert "2 papers are by Bengio." in answer.text
    assert "None of them has “robots” in its title or abstract." in answer.text
    assert len(answer.papers) == 2
    assert answer.text.endswith("*From the catalog.*"), "all papers name their authors"


@pytest.mark.parametrize(
    "question",
    ["what did he write?", "Papers on long dictionaries", "What did Yes write?"],
)
def test_words_are_no_authors_by_accident(bot: Ragbot, question: str) -> None:
    assert asked(bot, question) is None


def test_nobody_is_called_he_in_small_letters(bot: Ragbot) -> None:
    assert not asked(bot, "papers by he")


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Yoshua Bengio", ["Neural"]),
        ("bengio", ["Neural", "Understanding"]),
        ("Schölkopf", ["On"]),
        ("scholkopf", ["On"]),
        ("Kaiming He visual learning", ["Deep", "Mask", "Momentum"]),
        ("papers by R. Girshick", ["Mask", "Momentum"]),
        ("arXiv:1512.03385v2", ["Deep"]),
        ("https://arxiv.org/pdf/1703.06870v3.pdf", ["Mask"]),
        ("10.1109/CVPR.2015.7298965", ["Fully"]),
    ],
)
def test_search_has_an_authors_papers_first(
    bot: Ragbot, question: str, first: list[str]
) -> None:
    hits = bot.search(question, len(first)).hits
    assert sorted(hit.paper.title.split()[0] for hit in hits) == first


def test_an_ordinary_word_that_is_a_name_is_searched_as_a_word(bot: Ragbot) -> None:
    assert bot.search("long", 1).hits[0].paper.title.startswith("Momentum")
    assert bot.search("Jonathan Long", 1).hits[0].paper.title.startswith("Fully")


@pytest.mark.parametrize(
    ("name", "author", "is_one"),
    [
        ("Y. Bengio", "Yoshua Bengio", True),
        ("Yoshua Bengio", "Y. Bengio", True),
        ("S. Bengio", "Yoshua Bengio", False),
        ("King", "Martin Luther King, Jr.", True),
        ("M. King", "Martin Luther King, Jr.", True),
        ("King, Martin", "Martin Luther King, Jr.", True),
        ("L. Martin King", "Martin Luther King, Jr.", False),
        ("T.-Y. Lin", "Tsung-Yi Lin", True),
        ("van der Plas", "Lonneke van der Plas", True),
        ("Yo Bengio", "Yoshua Bengio", False),
        ("Yoshua", "Yoshua Bengio", False),
        ("", "Yoshua Bengio", False),
    ],
)
def test_by_what_names_an_author_goes(name: str, author: str, is_one: bool) -> None:
    assert goes_by(name, author) is is_one


def test_the_family_of_a_name() -> None:
    assert family_of("Martin Luther King, Jr.") == family_of("King, Martin") == "king"
    assert family_of("?") == ""
