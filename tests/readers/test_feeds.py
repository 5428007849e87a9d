"""ragbot/readers/feeds.py, pubmed.py and xml_text.py: what comes as XML or as PubMed's text."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest

from ragbot.errors import ReadError
from ragbot.readers import SUFFIXES, Document, documents, read
from ragbot.types import Paper, Skipped

SOURCES = Path(__file__).parents[1] / "fixtures" / "sources"


def records(path: Path, format_: str) -> list[Paper | Skipped]:
    (document,) = documents([path], SUFFIXES)
    assert isinstance(document, Document)
    name, found = read(document)
    assert name == format_
    return list(found)


def only(path: Path, format_: str) -> Paper:
    (paper,) = records(path, format_)
    assert isinstance(paper, Paper), paper
    return paper


def saved(folder: Path, text: str) -> Path:
    path = folder / "saved.xml"
    path.write_text(text)
    return path


# -- Atom, RSS, OAI -----------------------------------------------------------------------------


def test_arxiv_answers_in_atom() -> None:
    paper = only(SOURCES / "arxiv_atom.xml", "atom")
    assert paper.title.endswith("Language Model Serving with PagedAttention")
    assert paper.authors == ("Woosuk Kwon", "Zhuohan Li")
    assert (paper.date, paper.arxiv_id) == ("2023-09-12", "2309.06180")
    assert paper.url == "https://arxiv.org/abs/2309.06180"
    newer = only(SOURCES / "arxiv_atom_2026.xml", "atom")
    assert newer.arxiv_id == "astro-ph/0601001"
    assert newer.venue == "ActaAstron.56:1-50,2006"
    assert "Gould & Morgan (2003)" in newer.abstract
    assert "V_max<17.5. Hence" in newer.abstract
    older = records(SOURCES / "arxiv_atom_2019.xml", "atom")
    assert len(older) == 10
    assert isinstance(older[1], Paper)
    assert older[1].doi == "10.1007/s11191-014-9716-8"


def test_an_error_of_arxiv_is_no_paper(tmp_path: Path) -> None:
    text = (
        "<feed><entry><id>http://arxiv.org/api/errors#bad_id</id><title>Error</title>"
        "<summary>incorrect id format for 1</summary></entry></feed>"
    )
    (told,) = records(saved(tmp_path, text), "atom")
    reason = "arXiv answered with an error: incorrect id format for 1"
    assert told == Skipped("entry 1", reason)


def test_rss_of_daily_papers() -> None:
    paper = only(SOURCES / "daily_papers_rss.xml", "rss")
    assert paper.title.endswith("Models-Architecture, Training and Dataset")
    assert paper.url == "https://huggingface.co/papers/2505.09568"
    assert paper.date == "2025-05-15"


@pytest.mark.parametrize(
    "description",
    [
        "arXiv:2401.00001v1 Announce Type: new \nAbstract: Paging helps.",
        "&lt;p&gt;J Clin. 2024&lt;/p&gt;&lt;b&gt;ABSTRACT&lt;/b&gt;&lt;p&gt;Paging helps."
        "&lt;/p&gt;&lt;p&gt;PMID:&lt;a&gt;1&lt;/a&gt;&lt;/p&gt;",
        "<![CDATA[<p>Paging helps.</p>]]>",
    ],
)
def test_what_feeds_put_around_an_abstract_goes(
    tmp_path: Path, description: str
) -> None:
    text = (
        '<rss xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><item>'
        "<title>Paging (arXiv:2401.00001v1 [cs.OS])</title>"
        "<link>https://arxiv.org/abs/2401.00001</link>"
        f"<description>{description}</description><dc:creator>A. Roe, B. Doe</dc:creator>"
        "</item></channel></rss>"
    )
    paper = only(saved(tmp_path, text), "rss")
    assert (paper.title, paper.abstract) == ("Paging", "Paging helps.")
    assert paper.authors == ("A. Roe", "B. Doe")


def test_harvests_of_arxiv_and_in_dublin_core(tmp_path: Path) -> None:
    text = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>
    <record><header><identifier>oai:arXiv.org:2309.06180</identifier></header><metadata>
    <arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>2309.06180</id><created>2023-09-12</created>
    <authors><author><keyname>Kwon</keyname><forenames>Woosuk</forenames></author></authors>
    <title>Paged memory</title><categories>cs.LG cs.DC</categories>
    <abstract>It helps.</abstract></arXiv></metadata></record>
    <record><metadata><dc xmlns="http://purl.org/dc/elements/1.1/"><title>Other</title>
    <creator>Roe, Anna</creator><description>It helps, too.</description>
    <date>2020</date><identifier>https://doi.org/10.1000/xyz</identifier></dc></metadata>
    </record></ListRecords></OAI-PMH>"""
    first, second = records(saved(tmp_path, text), "oai")
    assert isinstance(first, Paper)
    assert isinstance(second, Paper)
    assert first.authors == ("Woosuk Kwon",)
    assert (first.date, first.arxiv_id) == ("2023-09-12", "2309.06180")
    assert first.keywords == ("cs.LG", "cs.DC")
    assert second.authors == ("Anna Roe",)
    assert (second.doi, second.date) == ("10.1000/xyz", "2020")


# -- PubMed -------------------------------------------------------------------------------------


def test_medline() -> None:
    first, second, third = records(SOURCES / "pubmed.nbib", "nbib")
    assert isinstance(first, Paper)
    assert isinstance(second, Paper)
    assert first.title.endswith("comparison of chunked and single-pass systems.")
    assert first.abstract.endswith("One pass is better where time allows it.")
    assert first.authors == ("Jane Doe", "Ward Study Group")
    assert (first.date, first.doi) == ("2010-11", "10.1000/xyz")
    assert first.venue == "Journal of clinics"
    assert first.keywords == ("dictation", "speech")
    assert first.url == "https://pubmed.ncbi.nlm.nih.gov/21061207/"
    assert (second.date, second.authors) == ("2011-11", ("AB Roe",))
    assert third == Skipped("line 23", "no abstract: “A third paper.”")


def test_xml_of_pubmed() -> None:
    paper, skipped = records(SOURCES / "pubmed.xml", "pubmed-xml")
    assert isinstance(paper, Paper)
    assert paper.title == "Long-form speech recognition in the clinic."
    said = "BACKGROUND: Dictation is long; H2O. METHODS: Two systems."
    assert paper.abstract == said
    assert paper.authors == ("Jane Doe", "Ward Study Group")
    assert (paper.date, paper.doi) == ("2010-11", "10.1000/xyz")
    assert isinstance(skipped, Skipped)
    assert skipped.where == "PubmedArticle 2"


def test_text_of_pubmed() -> None:
    paper, skipped = records(SOURCES / "pubmed_text.txt", "pubmed-text")
    assert isinstance(paper, Paper)
    assert paper.title.endswith("comparison of chunked and single-pass systems.")
    assert paper.abstract.startswith("BACKGROUND: Dictation is long. METHODS:")
    assert paper.abstract.endswith("RESULTS: Chunked recognition loses words.")
    assert paper.authors == ("JB Doe", "A Roe", "J Smith Jr")
    assert (paper.date, paper.doi) == ("2010-11-03", "10.1000/xyz.123")
    assert paper.venue == "J Clin Med"
    assert skipped == Skipped("line 23", "no abstract: “Without an abstract.”")


# -- what XML may do ----------------------------------------------------------------------------

BOMB = """<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>
<feed><entry><title>&b;</title><summary>&b;</summary></entry></feed>"""
OUTSIDE = """<!DOCTYPE feed [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<feed><entry><title>A</title><summary>&a;</summary></entry></feed>"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BOMB, "it defines entities"),
        (OUTSIDE, "it defines entities"),
        ("<feed><entry>", "no XML: "),
        ("<feed><entry><title>&nbsp;</title></entry></feed>", "no XML: undefined"),
    ],
)
def test_what_harms_or_is_no_xml_is_one_clear_fault(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(ReadError, match=says):
        records(saved(tmp_path, text), "atom")


def test_nesting_without_end_does_no_harm(tmp_path: Path) -> None:
    text = f"<feed><entry>{'<a>' * 200_000}"
    with pytest.raises(ReadError, match="no XML"):
        records(saved(tmp_path, text), "atom")


def test_a_prolog_without_end_is_soon_told(tmp_path: Path) -> None:
    began = time.monotonic()
    path = saved(tmp_path, f"<?xml?>{' <!-- -->' * 7000}{' ' * 2000}nothing")
    with pytest.raises(ReadError, match="no format"):
        records(path, "atom")
    assert time.monotonic() - began < 5


def test_a_long_harvest_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    entry = f"<entry><title>Paged memory</title><summary>{'It helps. ' * 100}</summary></entry>"

    def peak(times: int) -> int:
        path = saved(tmp_path, f"<feed>{entry * times}</feed>")
        (document,) = documents([path], SUFFIXES)
        assert isinstance(document, Document)
        tracemalloc.start()
        number = sum(1 for _ in read(document)[1])
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert number == times
        return most

    assert peak(20_000) < 1.5 * peak(2_000)
