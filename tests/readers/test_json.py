"""ragbot/readers/json_papers.py: what services answer and dump, and any list with abstracts."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from ragbot.errors import ReadError, UnknownFormat
from ragbot.readers import SUFFIXES, Document, documents, read
from ragbot.readers.people import split_names
from ragbot.types import Paper, Skipped

SOURCES = Path(__file__).parents[1] / "fixtures" / "sources"
ABSTRACT = (
    "Serving many requests wastes memory because each reserves room for its answer."
)


def document(path: Path) -> Document:
    (found,) = documents([path], SUFFIXES)
    assert isinstance(found, Document)
    return found


def records(path: Path, format_: str = "json") -> list[Paper | Skipped]:
    name, found = read(document(path))
    assert name == format_
    return list(found)


def saved(folder: Path, value: Any, name: str = "dump.json") -> Path:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def one(folder: Path, **entry: Any) -> Paper:
    (paper,) = records(saved(folder, [{"title": "Paged memory", **entry}]))
    assert isinstance(paper, Paper), paper
    return paper


def test_hugging_face_nests_the_paper() -> None:
    paper, skipped = records(SOURCES / "daily_papers.json")
    assert isinstance(paper, Paper)
    assert paper.title.endswith("Language Model Serving with PagedAttention")
    assert paper.abstract.startswith("Serving many requests wastes memory because")
    assert (paper.date, paper.comments) == ("2023-09-12", 4)
    assert paper.authors == ("Woosuk Kwon", "Zhuohan Li")
    assert paper.url == "https://huggingface.co/papers/2309.06180"
    assert paper.arxiv_id == "2309.06180"
    told = Skipped("item 2", "no abstract: “Qwen3-VL Technical Report”")
    assert skipped == told


def test_semantic_scholar_answers() -> None:
    paper, skipped = records(SOURCES / "semantic_scholar_search.json")
    assert isinstance(paper, Paper)
    assert isinstance(skipped, Skipped)
    assert (paper.url, paper.date) == ("https://arxiv.org/abs/2309.06180", "2023-09-12")
    null, first, *_ = records(SOURCES / "semantic_scholar_batch.json")
    assert null == Skipped("item 1", "no object with a title and an abstract")
    assert isinstance(first, Paper)
    assert first.authors == ("Marianne Bertrand", "E. Duflo", "S. Mullainathan")
    assert first.doi == "10.2139/ssrn.288970"
    assert first.venue == "Experimental & Empirical Studies eJournal"
    assert first.keywords == ("Psychology", "Economics", "Mathematics")


def test_crossref_has_lists_and_markup() -> None:
    (paper,) = records(SOURCES / "crossref_work.json")
    assert isinstance(paper, Paper)
    assert paper.title.startswith("High-throughput screening of human genetic")
    assert paper.abstract.startswith("Understanding the effects of rare genetic")
    assert "targeting SMARCB1 for editing" in paper.abstract
    assert "<" not in paper.abstract
    assert paper.authors[:2] == ("Michael Herger", "Christina M. Kajba")
    assert paper.date == "2024-04-01"
    assert paper.url == "https://doi.org/10.1101/2024.04.01.587366"


def test_openalex_abstracts_are_put_together(tmp_path: Path) -> None:
    work = {
        "id": "https://openalex.org/W1",
        "doi": "https://doi.org/10.1000/xyz",
        "display_name": "Paged memory",
        "publication_date": "2023-09-12",
        "authorships": [{"author": {"display_name": "Woosuk Kwon"}}],
        "abstract_inverted_index": {"memory": [1, 3], "Paged": [0], "is": [2]},
        "primary_location": {"source": {"display_name": "SOSP"}},
        "locations": [{"landing_page_url": "https://arxiv.org/abs/2309.06180"}],
        "keywords": [{"display_name": "Paging", "score": 0.9}],
    }
    without = {**work, "abstract_inverted_index": None}
    path = saved(tmp_path, {"meta": {"count": 2}, "results": [work, without]})
    paper, skipped = records(path)
    assert isinstance(paper, Paper)
    assert paper.abstract == "Paged memory is memory"
    assert (paper.doi, paper.arxiv_id) == ("10.1000/xyz", "2309.06180")
    assert (paper.venue, paper.keywords) == ("SOSP", ("Paging",))
    assert skipped == Skipped("line 1 item 2", "no abstract: “Paged memory”")


def test_the_snapshot_of_arxiv(tmp_path: Path) -> None:
    lines = SOURCES / "arxiv_metadata.jsonl"
    first, second, _ = records(lines)
    assert isinstance(first, Paper)
    assert isinstance(second, Paper)
    assert first.authors == (
        "C. Balázs",
        "E. L. Berger",
        "P. M. Nadolsky",
        "C.-P. Yuan",
    )
    assert first.date == "2007-04-02"
    assert first.venue == "Phys.Rev.D76:013009,2007"
    assert second.keywords == ("math.CO", "cs.CG")
    packed = tmp_path / "snapshot.json.gz"
    packed.write_bytes(gzip.compress(lines.read_bytes()))
    assert records(packed) == records(lines)


def test_without_versions_the_id_tells_the_month() -> None:
    older, *others = records(SOURCES / "arxiv_metadata_array.json")
    assert isinstance(older, Paper)
    assert older.date == "2007-04"
    assert len(others) == 3


def test_any_list_with_titles_and_abstracts(tmp_path: Path) -> None:
    paper = one(
        tmp_path,
        summary=f"<p>{ABSTRACT}</p>",
        authors="Kwon, Woosuk and Li, Zhuohan",
        published_date="12 Sep 2023",
        pdf_url="https://arxiv.org/pdf/2309.06180v2",
        tags=["paging; serving"],
    )
    assert paper.abstract == ABSTRACT
    assert paper.authors == ("Woosuk Kwon", "Zhuohan Li")
    assert paper.date == "2023-09-12"
    assert paper.url == "https://arxiv.org/abs/2309.06180"
    assert paper.keywords == ("paging", "serving")
    assert one(tmp_path, abstract=ABSTRACT, year=2023).date == "2023"
    keyed = {"2309.06180": {"title": "Paged memory", "abstract": ABSTRACT}}
    assert len(records(saved(tmp_path, keyed))) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A. Roe, B. Doe and C. Poe", ("A. Roe", "B. Doe", "C. Poe")),
        ("A. Roe (MIT (US)), B. Doe (2)", ("A. Roe", "B. Doe")),
        ("Roe, Anna; Doe, B.", ("Anna Roe", "B. Doe")),
        ("Roe, Anna", ("Anna Roe",)),
        ("Anna Roe, Bert Doe", ("Anna Roe", "Bert Doe")),
        ("M. L. King, Jr., Anna Roe", ("M. L. King, Jr.", "Anna Roe")),
        ("", ()),
    ],
)
def test_names_in_a_text(text: str, said: tuple[str, ...]) -> None:
    assert split_names(text) == said


def test_a_bad_line_is_skipped_and_the_rest_read(tmp_path: Path) -> None:
    good = json.dumps({"title": "Paged memory", "abstract": ABSTRACT})
    deep = '{"title": ' + "[" * 100_000 + "]" * 100_000 + "}"
    huge = f'{{"title": "A", "abstract": "B c", "year": {"9" * 10_000}}}'
    text = "\n".join([good, good[:40], deep, huge, good])
    first, cut, nested, large, last = records(saved(tmp_path, text))
    assert first == last
    assert isinstance(large, Paper)
    assert large.date is None
    assert isinstance(cut, Skipped)
    assert cut.where == "line 2"
    assert cut.reason.startswith("no JSON: Unterminated string")
    assert nested == Skipped("line 3", "it is nested too deeply")


def test_an_array_that_is_cut_off_gives_what_it_has(tmp_path: Path) -> None:
    text = json.dumps([{"title": f"Paper {n}", "abstract": ABSTRACT} for n in range(3)])
    *papers, cut = records(saved(tmp_path, text[:-20]))
    assert len(papers) == 2
    assert isinstance(cut, Skipped)
    assert cut.where == "item 3"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"title": "A", \n"abstract": ', "no JSON: Expecting value"),
        ('{\n"title": ' + "[" * 100_000, "it is nested too deeply"),
    ],
)
def test_what_is_no_json_is_one_clear_fault(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(ReadError, match=says):
        records(saved(tmp_path, text))


def test_half_characters_and_odd_values_do_no_harm(tmp_path: Path) -> None:
    paper = one(tmp_path, abstract="half \ud800 of it", authors=[None, {}, 3], date={})
    assert paper.abstract == "half � of it"
    assert paper.authors == ()
    nested: Any = "x"
    for _ in range(400):
        nested = [nested]
    (told,) = records(saved(tmp_path, [{"title": "Paged", "abstract": nested}]))
    assert isinstance(told, Paper | Skipped)


def test_other_json_is_of_no_format(tmp_path: Path) -> None:
    package = {"name": "left-pad", "description": "pads", "version": "1.0.0"}
    with pytest.raises(UnknownFormat):
        read(document(saved(tmp_path, package)))


@pytest.mark.parametrize("shape", ["lines", "array"])
def test_a_long_dump_takes_no_more_memory_than_a_short_one(
    tmp_path: Path, shape: str
) -> None:
    entry = {"title": "Paged memory", "abstract": ABSTRACT * 20}

    def peak(times: int) -> int:
        texts = [json.dumps(entry)] * times
        text = "\n".join(texts) if shape == "lines" else f"[{','.join(texts)}]"
        path = saved(tmp_path, text, f"{times}.json")
        tracemalloc.start()
        number = sum(1 for _ in read(document(path))[1])
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert number == times
        return most

    assert peak(20_000) < 1.5 * peak(2_000)


def test_papers_under_their_arxiv_ids(tmp_path: Path) -> None:
    paper = {"title": "Paged memory", "abstract": ABSTRACT}
    (found,) = records(saved(tmp_path, {"2309.06180v1": paper}))
    assert isinstance(found, Paper)
    assert found.arxiv_id == "2309.06180"
