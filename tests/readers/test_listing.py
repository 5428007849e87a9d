"""ragbot/readers/listing: golden files, the bundled listings, and files cut off anywhere."""

import dataclasses
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from ragbot.readers import FORMATS, Document, read_file
from ragbot.resources import bundled_listings
from ragbot.types import Paper, Skipped

FIXTURES = Path(__file__).parent.parent / "fixtures" / "listings"
ABSTRACT = (
    "Imposing orthogonality on the layers of neural networks is known to facilitate the learning "
    "by limiting the exploding and vanishing of the gradient. "
)


def read(text: str) -> list[Paper | Skipped]:
    fmt = next(f for f in FORMATS if f.recognises(text))
    return list(fmt.read(Document("page.txt", lambda: io.BytesIO(text.encode()))))


def spaced(*records: str) -> str:
    """A page of the spaced layout: heading, the page's date, records."""
    return "\n\n".join(["Daily Papers", "Oct 10", *records]) + "\n"


def only(records: Sequence[Paper | Skipped]) -> Paper:
    (paper,) = records
    assert isinstance(paper, Paper)
    return paper


@pytest.fixture(scope="module")
def bundled() -> dict[str, list[Paper]]:
    """Papers by file; a skipped record fails."""
    found: dict[str, list[Paper]] = {}
    for path in sorted(bundled_listings().glob("*.txt")):
        for record in read_file(path)[1]:
            assert isinstance(record, Paper), record
            found.setdefault(path.name, []).append(record)
    return found


# -- golden -----------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["spaced", "compact"])
def test_golden(layout: str) -> None:
    told, records = read_file(FIXTURES / f"{layout}.txt")
    golden = json.loads((FIXTURES / f"{layout}.json").read_text(encoding="utf-8"))
    shown = [json.loads(json.dumps(dataclasses.asdict(r))) for r in records]
    assert {"format": told, "records": shown} == golden


def test_the_bundled_listings_have_their_true_counts(
    bundled: dict[str, list[Paper]],
) -> None:
    assert [len(papers) for papers in bundled.values()] == [41, 307, 60, 40, 35]
    assert len({p.id for papers in bundled.values() for p in papers}) == 451


def test_every_bundled_record_is_whole(bundled: dict[str, list[Paper]]) -> None:
    for paper in (p for papers in bundled.values() for p in papers):
        assert 10 <= len(paper.title) <= 160, paper.title
        assert 370 <= len(paper.abstract) <= 3000, paper.title
        assert "Subscribe" not in paper.title
        assert "\n" not in paper.title + paper.abstract


def test_bundled_dates(bundled: dict[str, list[Paper]]) -> None:
    compact, *dated = sorted(bundled.values(), key=lambda papers: -len(papers))
    assert all(p.date is None for p in compact)
    assert [sum(p.date is not None for p in papers) for papers in dated] == [
        59,
        41,
        40,
        35,
    ]
    inferred = [p for papers in dated for p in papers if p.date_inferred]
    assert {p.date[:4] for p in inferred if p.date} == {"2025"}
    stated = {
        p.date[:4] for papers in dated for p in papers if p.date and not p.date_inferred
    }
    # OLinear's "May 12, 2025" settles its "May 12" elsewhere
    assert max(stated) == "2025"
    assert len(inferred) == 26


def test_bundled_facts(bundled: dict[str, list[Paper]]) -> None:
    papers = {
        p.title: p
        for papers in bundled.values()
        for p in papers
        if p.author_count is None
    }
    configurable = papers[
        "Configurable Foundation Models: Building LLMs from a Modular Perspective"
    ]
    assert (configurable.organisation, configurable.comments) == ("OpenBMB", 2)
    assert configurable.date == "2024-09-04"
    autoneural = papers[
        "AutoNeural: Co-Designing Vision-Language Models for NPU Inference"
    ]
    assert (autoneural.organisation, autoneural.date) == (
        "Nexa AI",
        "2025-12-02",
    )
    # Neither authors nor date
    without = papers["Rethinking the shape convention of an MLP"]
    assert (without.organisation, without.date, without.comments) == (None, None, None)


# -- single lines -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ("  • 4 authors\n·\nJul 28, 2021", (4, None, "2021-07-28", False, None)),
        ("  • 1 author\n·\nJul 8, 2021 12", (1, None, "2021-07-08", False, 12)),
        ("  • 4 authors\n·\nSept 4, 2021", (4, None, "2021-09-04", False, None)),
        ("  • 4 authors\n·\nMay 12", (4, None, "2025-05-12", True, None)),
        ("  • 4 authors\n·\nMay 12 3", (4, None, "2025-05-12", True, 3)),
        (
            "deepseek-ai DeepSeek\n·\nMay 12",
            (None, "DeepSeek", "2025-05-12", True, None),
        ),
        ("  • 4 authors\n·\nFeb 30, 2021", (4, None, None, False, None)),
        ("  • 4 authors\n·\nsome day", (4, None, None, False, None)),
        ("  • 4 authors", (4, None, None, False, None)),
    ],
)
def test_author_and_date_lines(meta: str, expected: tuple[object, ...]) -> None:
    last = f"Equiangular Basis Vectors\n\n{ABSTRACT}\n\n  • 3 authors\n·\nMar 21, 2024"
    paper, _ = read(spaced(f"OLinear: A Linear Model\n\n{ABSTRACT}\n\n{meta}", last))
    assert isinstance(paper, Paper)
    facts = (
        paper.author_count,
        paper.organisation,
        paper.date,
        paper.date_inferred,
        paper.comments,
    )
    assert facts == expected


def test_a_year_is_not_inferred_where_none_is_stated() -> None:
    paper = only(
        read(
            spaced(f"OLinear: A Linear Model\n\n{ABSTRACT}\n\n  • 8 authors\n·\nMay 12")
        )
    )
    assert (paper.date, paper.date_inferred) == (None, False)


def test_an_abstract_in_paragraphs_is_one_abstract() -> None:
    text = spaced(
        f"OLinear\n\n{ABSTRACT}\n\n{ABSTRACT}\n\n  • 8 authors\n·\nMay 12, 2025"
    )
    assert only(read(text)).abstract == f"{ABSTRACT}{ABSTRACT}".strip()


def test_a_paper_without_its_lines_keeps_its_neighbours_apart() -> None:
    first, second = read(
        spaced(
            f"Recognizing Image Style\n\n{ABSTRACT}",
            f"OLinear\n\n{ABSTRACT}\n\n  • 8 authors\n·\nMay 12, 2025",
        )
    )
    assert isinstance(first, Paper)
    assert isinstance(second, Paper)
    assert (first.title, first.date, first.author_count) == (
        "Recognizing Image Style",
        None,
        None,
    )
    assert (second.title, second.date, second.author_count) == (
        "OLinear",
        "2025-05-12",
        8,
    )


@pytest.mark.parametrize(
    ("record", "line", "reason"),
    [
        ("  • 3 authors\n·\nMar 21, 2024", 5, "without a title and an abstract"),
        (
            "A lonely title\n\n  • 3 authors\n·\nMar 21, 2024",
            5,
            "a title without an abstract",
        ),
        (
            f"{ABSTRACT * 3}\n\n  • 3 authors\n·\nMar 21, 2024",
            5,
            "an abstract without a title",
        ),
        (
            f"--- 1 ---\n\n{ABSTRACT}\n\n  • 3 authors\n·\nMar 21, 2024",
            7,
            "an abstract without a title",
        ),
    ],
)
def test_a_bad_record_is_skipped_with_its_line(
    record: str, line: int, reason: str
) -> None:
    good = f"OLinear\n\n{ABSTRACT}\n\n  • 8 authors\n·\nMay 12, 2025"
    skipped, paper = read(spaced(record, good))
    assert isinstance(skipped, Skipped)
    assert skipped.where == f"line {line}"
    assert reason in skipped.reason
    assert isinstance(paper, Paper)
    assert paper.title == "OLinear"


# -- files cut off ----------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["spaced", "compact"])
def test_a_file_cut_off_anywhere_gives_whole_papers_and_says_where(layout: str) -> None:
    text = (FIXTURES / f"{layout}.txt").read_text(encoding="utf-8").strip()
    whole = [p for p in read(text) if isinstance(p, Paper)]
    recognised_from = next(
        n for n in range(len(text)) if any(f.recognises(text[:n]) for f in FORMATS)
    )
    for length in range(recognised_from, len(text)):
        cut = text[:length]
        records = read(cut)
        papers = [r for r in records if isinstance(r, Paper)]
        skipped = [r for r in records if isinstance(r, Skipped)]
        assert papers[:-1] == whole[: len(papers[:-1])], cut[-40:]
        for paper, expected in zip(papers[-1:], whole[len(papers) - 1 :], strict=False):
            # The last may have lost whole sentences and lines below them, never half a sentence.
            assert paper.title == expected.title, cut[-40:]
            assert expected.abstract.startswith(paper.abstract), cut[-40:]
            assert paper.abstract.endswith("."), cut[-40:]
        assert len(skipped) <= 1
        for one in skipped:
            line = int(one.where.removeprefix("line "))
            assert 1 <= line <= cut.count("\n") + 1
            assert "the file ends in the middle of this record" in one.reason


TITLE = "(GG) MoE vs. MLP on Tabular Data: A Study"


@pytest.mark.parametrize("length", range(2, len(TITLE) + 1))
@pytest.mark.parametrize(
    "head", ["Subscribe", "Daily Papers\n\nOct 10\n\n"], ids=["compact", "spaced"]
)
def test_a_title_cut_off_is_no_part_of_the_abstract_before_it(
    head: str, length: int
) -> None:
    """Not even where what is left of it ends like a sentence: "(GG) MoE vs."."""
    gap = "\n" if head == "Subscribe" else "\n\n"
    text = gap.join([f"{head}Recognizing Image Style", ABSTRACT, TITLE[:length]])
    if head == "Subscribe":
        text = f"Daily Papers\n{text}"
    paper, skipped = read(text)
    assert isinstance(paper, Paper)
    assert (paper.title, paper.abstract) == (
        "Recognizing Image Style",
        ABSTRACT.strip(),
    )
    assert isinstance(skipped, Skipped)
    assert skipped.where == f"line {text.count(chr(10)) + 1}"
    assert "the file ends in the middle of this record" in skipped.reason


@pytest.mark.parametrize("tail", ["S", "Sep", "Sep 4,", "Sep 4, 20", ""])
def test_a_record_whose_date_is_cut_off_is_skipped(tail: str) -> None:
    good = f"OLinear\n\n{ABSTRACT}\n\n  • 8 authors\n·\nMay 12, 2025"
    cut = f"Equiangular Basis Vectors\n\n{ABSTRACT}\n\n  • 3 authors\n·\n{tail}"
    paper, skipped = read(spaced(good, cut))
    assert isinstance(paper, Paper)
    assert skipped == Skipped(
        "line 13", "the file ends in the middle of this record: save the page again"
    )
