"""What is exported comes back, by our readers and by those of others."""

from __future__ import annotations

import dataclasses
import io
import json
import warnings

import bibtexparser
import pytest
import rispy
from citeproc.source.json import CiteProcJSON
from pybtex.database import parse_string

from ragbot.papers.export import FORMATS, export_papers
from ragbot.papers.identity import paper_id
from ragbot.pipeline import Ragbot
from ragbot.readers import Document, read
from ragbot.types import Paper, Skipped

EVERYTHING = tuple(name for name in FORMATS if name != "md")


def paper(title: str, abstract: str, **facts: object) -> Paper:
    return Paper(paper_id(title), title, abstract, **facts)  # type: ignore[arg-type]


NASTY = (
    paper(
        r"$\alpha$-Rank <b>R&D_Bench</b> #1: 100% \emph{Recall}, a < b > c ~ d^e {f} | g \ h",
        "An abstract -- with ``quotes'', {a, b} of 2^n, \\emph{x} and $x_{i}^{2} \\geq 0$; "
        "see https://x.org/a_b?c=d&e=f#g%20h. © 2020 Nobody.",
        date="2024-02",
        date_inferred=True,
        authors=(
            "Martin Luther King, Jr.",
            "Lonneke van der Plas",
            "The ATLAS Collaboration",
            "Acme, Inc.",
            "Jörg Müller",
            "Plato",
            "Sammy Davis Jr.",
            "Barnes and Noble",
        ),
        author_count=8,
        organisation="openbmb OpenBMB",
        url="https://a.b/c_d%20?x=1&y#z",
        arxiv_id="2309.06180",
        doi="10.1000/a_b--c",
        venue="Proceedings of R&D",
        keywords=("deep learning", "C#", "vision, low-level"),
    ),
    paper(
        '=HYPERLINK("http://evil") as a Title',
        "@SUM at the front, an @article{fake, title={Injected}} in the middle. "
        "A line with ER - and TY - JOUR must not end a record either.",
        date="2020",
        authors=("Ann and Bob Ltd",),
        arxiv_id="math.GT/0309136",
    ),
    paper(
        "'=x is guarded once more",
        "-1 is a number, and 50\\% of it is \\cite{foo}; a lone brace } and a lone $ stay.",
        date="2021-12-31",
        author_count=1,
        date_inferred=True,
        venue="Nature",
        doi="10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O",
    ),
    paper(
        "Müller–Łukasiewicz Ångström Œuvre “Naïve” Café: 多语言 Модель 🚀 für Ωmega",
        "Erdős, Şahin and Nguyễn Văn, 中文, العربية, x², xₙ, ∑, a − b — and no‐break; a\\",
        organisation="org; X",
        keywords=("один",),
    ),
)


def back(text: str) -> list[Paper | Skipped]:
    _, records = read(Document("x", lambda: io.BytesIO(text.encode())))
    return list(records)


def held(paper: Paper) -> Paper:
    """The fields that every format can hold."""
    return dataclasses.replace(paper, sources=(), comments=None)


@pytest.mark.parametrize("name", EVERYTHING)
def test_nothing_is_lost_of_nasty_papers(name: str) -> None:
    assert back(export_papers(NASTY, name)) == list(NASTY)
    for one in NASTY:
        assert back(export_papers([one], name)) == [one]


@pytest.mark.parametrize("name", EVERYTHING)
def test_nothing_is_lost_of_bundled_papers(name: str, full_collection: Ragbot) -> None:
    bundled = list(map(held, full_collection.papers()))
    text = export_papers(bundled, name)
    found = back(text)
    assert found == bundled
    assert export_papers([p for p in found if isinstance(p, Paper)], name) == text


def test_tables_and_lines_hold_everything() -> None:
    everything = dataclasses.replace(NASTY[0], comments=0, sources=("a.txt", "b.bib"))
    for name in ("csv", "jsonl"):
        assert back(export_papers([everything], name)) == [everything]


# -- as others read it ----------------------------------------------------------------------------


def test_two_parsers_read_the_bibtex() -> None:
    text = export_papers(NASTY, "bibtex")
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    types = [entry.entry_type for entry in library.entries]
    assert types == ["inproceedings", "misc", "article", "misc"]
    first, preprint, *_ = parse_string(text, "bibtex").entries.values()
    people = first.persons["author"]
    assert [(p.last_names, p.lineage_names) for p in people[:2]] == [
        (["King"], ["Jr."]),
        (["Plas"], []),
    ]
    assert people[1].prelast_names == ["van", "der"]
    assert str(people[2]) == "{The ATLAS Collaboration}"
    assert len(people) == 8
    assert (first.fields["doi"], first.fields["month"]) == (
        "10.1000/a_b--c",
        "February",
    )
    assert preprint.fields["archiveprefix"] == "arXiv"
    assert preprint.fields["eprint"] == "math.GT/0309136"
    assert preprint.fields["howpublished"] == "arXiv:math.GT/0309136"


def test_rispy_reads_the_ris() -> None:
    first, preprint, article, _ = rispy.loads(export_papers(NASTY, "ris"))
    assert (first["type_of_reference"], article["type_of_reference"]) == (
        "CONF",
        "JOUR",
    )
    assert first["title"].startswith("α-Rank")
    assert first["authors"][:3] == [
        "King, Martin Luther, Jr.",
        "van der Plas, Lonneke",
        "The ATLAS Collaboration",
    ]
    assert first["secondary_title"] == "Proceedings of R&D"
    assert (first["doi"], first["date"]) == ("10.1000/a_b--c", "2024/02//")
    assert first["keywords"] == list(NASTY[0].keywords)
    assert preprint["accession_number"] == "arXiv:math.GT/0309136"


def test_citeproc_reads_the_csl() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it knows no "source"
        source = CiteProcJSON(json.loads(export_papers(NASTY, "csl")))
    first = source["king2024rank"]
    king, plas, atlas, *_ = first["author"]
    assert (king.family, king.suffix) == ("King", "Jr.")
    assert (plas.given, plas.family) == ("Lonneke", "van der Plas")
    assert atlas.literal == "The ATLAS Collaboration"
    assert (first["issued"].year, first["issued"].month) == (2024, 2)
    assert str(first["container_title"]) == "Proceedings of R&D"
