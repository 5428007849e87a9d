"""ragbot/readers/arxiv_text.py: pages, mails and other labelled texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragbot.readers import SUFFIXES, Document, documents, read
from ragbot.types import Paper, Skipped

SOURCES = Path(__file__).parents[1] / "fixtures" / "sources"


def records(path: Path, format_: str) -> list[Paper | Skipped]:
    (document,) = documents([path], SUFFIXES)
    assert isinstance(document, Document)
    name, found = read(document)
    assert name == format_
    return list(found)


def papers(path: Path, format_: str) -> list[Paper]:
    return [one for one in records(path, format_) if isinstance(one, Paper)]


def listed(folder: Path, change: dict[str, str]) -> list[Paper | Skipped]:
    text = (SOURCES / "arxiv_new.txt").read_text()
    for old, new in change.items():
        assert old in text
        text = text.replace(old, new)
    path = folder / "new.txt"
    path.write_text(text)
    return records(path, "arxiv-list")


def test_the_list_of_new_papers() -> None:
    first, second, third = papers(SOURCES / "arxiv_new.txt", "arxiv-list")
    assert first.title.startswith("Convex Markov Games and Beyond: New Proof of")
    assert first.abstract.endswith("which gives a short proof that they exist.")
    assert len(first.authors) == 3
    assert first.date == second.date == third.date == "2026-10-05"
    assert first.keywords == ("cs.GT", "cs.LG")
    assert second.abstract.endswith("NDCG@10 of 0.204 and beats factorisation.")
    assert third.url == "https://arxiv.org/abs/2309.06180"


@pytest.mark.parametrize(
    "change",
    [
        {"\n": "\n\n"},
        {"\n\n": "\n"},
        {"\nTitle: ": "\n      Title:\n"},
        {" arXiv:": "\n  arXiv:"},
        {"arXiv:2602.12181": "[arXiv:2602.12181](https://arxiv.org/abs/2602.12181)"},
        {"\nAnas": "\nAuthors: Anas"},
        {"Monday, 5 October 2026": "Mon, 5 Oct 26"},
        {
            "throughput rises two to four times.\n": "throughput rises two to four times.\nAbout\n"
        },
    ],
)
def test_copies_of_it_differ(tmp_path: Path, change: dict[str, str]) -> None:
    assert (
        listed(tmp_path, change)[0]
        == papers(SOURCES / "arxiv_new.txt", "arxiv-list")[0]
    )
    abstracts = [
        one.abstract for one in listed(tmp_path, change) if isinstance(one, Paper)
    ]
    assert len(abstracts) == 3
    assert not any(text.endswith(("entries)", "About")) for text in abstracts)


def test_recent_papers_have_no_abstracts(tmp_path: Path) -> None:
    text = (
        "Mon, 5 Oct 2026 (showing 1 of 1 entries )\n[1] arXiv:2602.12181 [pdf, other]\n"
        "Title: Convex Markov Games\nAnas Barakat\nSubjects: Machine Learning (cs.LG)\n"
    )
    path = tmp_path / "recent.txt"
    path.write_text(text)
    told = Skipped("line 2", "no abstract: “Convex Markov Games”")
    assert records(path, "arxiv-list") == [told]


def test_the_page_of_one_paper() -> None:
    (paper,) = papers(SOURCES / "arxiv_abstract.txt", "arxiv-list")
    assert paper.title.startswith("Efficient Memory Management for Large Language")
    assert paper.abstract.startswith("High throughput serving of")
    assert paper.abstract.endswith("requires batching.")
    assert (paper.date, paper.authors[0]) == ("2023-09-12", "Woosuk Kwon")
    assert paper.keywords == ("cs.LG", "cs.DC")


def test_mail() -> None:
    first, second, replaced = records(SOURCES / "arxiv_mail.txt", "arxiv-mail")
    assert isinstance(first, Paper)
    assert isinstance(second, Paper)
    assert first.title.endswith("Language Model Serving with PagedAttention")
    assert first.abstract.startswith("High throughput serving of large language")
    assert first.abstract.endswith("because the key-value cache memory is huge.")
    assert first.authors[2:] == ("Siyuan Zhuang", "Ion Stoica", "Joseph E. Gonzalez")
    assert (first.date, first.arxiv_id) == ("2023-09-12", "2309.06180")
    assert first.doi == "10.1145/3600006.3613165"
    assert first.keywords == ("cs.LG", "cs.DC")
    assert second.abstract == "A graph of 127,302 Bangla books."
    assert replaced == Skipped("line 40", "no abstract: “A Replaced Paper”")


def test_text_with_labels(tmp_path: Path) -> None:
    first, *others = papers(SOURCES / "labelled.txt", "labelled")
    assert first.arxiv_id == "2608.12440"
    assert first.title.startswith("Specification-first convergence with an AI")
    assert len(others) == 2
    path = tmp_path / "notes.md"
    path.write_text(
        "1.\n**Title:** Paged memory\n**Authors:** A. Roe and B. Doe\n**Date:** 12 Sep 2023\n"
        "**Abstract:** It helps.\nMuch.\n\n2.\n**Title:** Other\n**Abstract:** It helps, too.\n"
    )
    paged, other = papers(path, "labelled")
    assert (paged.abstract, other.abstract) == ("It helps. Much.", "It helps, too.")
    assert (paged.date, paged.authors) == ("2023-09-12", ("A. Roe", "B. Doe"))
