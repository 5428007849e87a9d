"""What reference managers and databases export, read as papers; small files as they write them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from ragbot.errors import ReadError
from ragbot.readers import Document, read, read_file
from ragbot.types import Paper, Skipped

FIXTURES = Path(__file__).parents[1] / "fixtures" / "references"

KWON = (
    "Efficient Memory Management for Large Language Model Serving with PagedAttention"
)
ABSTRACT = "We keep the cache in blocks that need not be adjacent."


def of_text(text: str) -> tuple[str, list[Paper | Skipped]]:
    name, records = read(Document("x", lambda: io.BytesIO(text.encode())))
    return name, list(records)


def papers(text: str) -> list[Paper]:
    found = [one for one in of_text(text)[1] if isinstance(one, Paper)]
    assert found, of_text(text)
    return found


def of_file(name: str) -> tuple[str, list[Paper], list[Skipped]]:
    format_, found = read_file(FIXTURES / name)
    kept = [one for one in found if isinstance(one, Paper)]
    return format_, kept, [one for one in found if isinstance(one, Skipped)]


# -- BibTeX -------------------------------------------------------------------------------------


def test_acl_anthology() -> None:
    name, (paper,), (skipped,) = of_file("acl.bib")
    assert name == "bibtex"
    assert paper.title.endswith("New Corpus and BERT Models for Maltese")
    assert paper.authors == ("Kurt Micallef", "Albert Gatt", "Lonneke van der Plas")
    assert paper.date == "2022-07"
    assert paper.venue is not None
    assert paper.venue.startswith("Proceedings of the Third Workshop")
    assert "20% of the tasks" in paper.abstract
    assert skipped == Skipped(
        "line 12, deeplo-2022", "no abstract: “Proceedings of the Third Workshop”"
    )


def test_mendeley_has_double_braces_and_one_key_twice() -> None:
    _, (paper,), (skipped,) = of_file("mendeley.bib")
    assert paper.title == KWON
    assert (paper.arxiv_id, paper.date) == ("2309.06180", "2023")
    assert paper.url == "https://arxiv.org/abs/2309.06180"
    assert skipped.where == "line 10, Kwon2023"


def test_zotero_biblatex() -> None:
    _, (paper,), skipped = of_file("zotero.bib")
    assert not skipped
    assert paper.title == "Attention Is All You Need"
    assert paper.authors == (
        "Ashish Vaswani",
        "Łukasz Kaiser",
        "Martin Luther King, Jr.",
        "The ATLAS Collaboration",
        "Lonneke van der Plas",
        "Tim Rocktäschel",
    )
    assert (paper.date, paper.arxiv_id, paper.doi) == ("2017-06-12", "1706.03762", None)
    assert paper.venue is None
    assert paper.keywords == (
        "Computer Science - Computation and Language",
        "Machine Learning",
    )
    assert paper.abstract.startswith("Sequence transduction models rest on recurrence.")
    assert "<p>" not in paper.abstract
    assert "41.8 BLEU" in paper.abstract


@pytest.mark.parametrize(
    ("field", "date"),
    [
        ("date = {2023-09-12/2023-09-15}", "2023-09-12"),
        ("year = 2023, month = sep", "2023-09"),
        ('year = "2023", month = {09--15 Jun}', "2023-06"),
        ("year = {2023}, month = {9}, day = {5}", "2023-09-05"),
        ("year = {2023}, month = {13}", "2023"),
        ('year = {2023}, month = "12~" # dec', "2023-12"),
        ("Year = {{2004}}, Month = {{JUN 8}}", "2004-06"),
        ("year = {in press}", None),
    ],
)
def test_dates_of_bibtex(field: str, date: str | None) -> None:
    (paper,) = papers(f"@misc{{k, title={{A}}, abstract={{{ABSTRACT}}}, {field}}}")
    assert paper.date == date


def test_macros_comments_and_broken_entries() -> None:
    text = (
        '@string{acm = "ACM"}\n@STRING{tr = {Transactions}}\n'
        "@comment{jabref-meta: x}\nloose words\n"
        f'@ARTICLE{{a, TITLE = {{First}}, journal = ACM # " " # tr, Abstract = {{{ABSTRACT}}}}}\n'
        "@misc{b, title = {Never closed, abstract = {x}\n\n"
        f"@misc{{c, title = {{Second}}, abstract = {{{ABSTRACT} a@b.org}}, title = {{Third}}}}\n"
    )
    first, broken, second = of_text(text)[1]
    assert isinstance(first, Paper)
    assert isinstance(second, Paper)
    assert (first.title, first.venue) == ("First", "ACM Transactions")
    assert second.title == "Second"
    assert broken == Skipped("line 6", "no whole entry: its closing brace is missing")


@pytest.mark.parametrize(
    ("told", "keywords"),
    [
        ("{a, b}", ("a", "b")),
        ("{{a, with b; c \\& d}}", ("a, with b", "c & d")),
        ("{{a, b}, c}", ("a, b", "c")),
        ('"one"', ("one",)),
    ],
)
def test_keywords_of_bibtex(told: str, keywords: tuple[str, ...]) -> None:
    (paper,) = papers(f"@misc{{k, title={{A}}, abstract={{x y}}, keywords={told}}}")
    assert paper.keywords == keywords


def test_google_scholar_and_arxiv_give_no_abstracts() -> None:
    text = """@article{vaswani2017attention,
  title={Attention is all you need},
  author={Vaswani, Ashish and Shazeer, Noam},
  journal={Advances in neural information processing systems},
  volume={30},
  year={2017}
}
@misc{vaswani2023attentionneed,
      title={Attention Is All You Need},
      author={Ashish Vaswani and Noam Shazeer},
      year={2023},
      eprint={1706.03762},
      archivePrefix={arXiv},
      primaryClass={cs.CL},
      url={https://arxiv.org/abs/1706.03762},
}
"""
    name, found = of_text(text)
    assert name == "bibtex"
    assert found == [
        Skipped(
            "line 1, vaswani2017attention", "no abstract: “Attention is all you need”"
        ),
        Skipped(
            "line 8, vaswani2023attentionneed",
            "no abstract: “Attention Is All You Need”",
        ),
    ]


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("{Barnes and Noble, Inc.}", ["Barnes and Noble, Inc."]),
        ("{\\'E}mile Zola", ["Émile Zola"]),
        ("van der Plas, Lonneke", ["Lonneke van der Plas"]),
        ("{OpenAI} and Erd{\\H{o}}s, P.", ["OpenAI", "P. Erdős"]),
        ("{Smith, B.} and {and} Lee", ["Smith, B.", "and Lee"]),
        ("Nguy{\\~{\\^e}}n, V{\\u a}n A", ["Văn A Nguyễn"]),
        ("others", []),
    ],
)
def test_names_of_bibtex(author: str, names: list[str]) -> None:
    (paper,) = papers(
        f"@misc{{k, title={{A}}, author={{{author}}}, abstract={{{ABSTRACT}}}}}"
    )
    assert list(paper.authors) == names


# -- RIS and Web of Science -----------------------------------------------------------------------


def test_endnote_writes_ris_as_text() -> None:
    name, (kwon, barakat), skipped = of_file("endnote.txt")
    assert name == "ris"
    assert not skipped
    assert (kwon.title, kwon.date) == (KWON, "2023-09-12")
    assert kwon.authors == ("Woosuk Kwon", "Zhuohan Li")
    assert (kwon.url, kwon.arxiv_id) == (
        "https://arxiv.org/abs/2309.06180",
        "2309.06180",
    )
    assert barakat.authors == ("Anas Barakat",)
    assert (barakat.date, barakat.url) == ("2026", None)
    assert barakat.abstract.endswith("a short proof that they exist.")


def test_askew_ris() -> None:
    text = f"""Provider: A Database
Content: text/plain

TY - JOUR
TI  - First
AU  - Shannon,Claude E.
AU  - Kwon, Woosuk,
PY  - 1948/07//
AB  - {ABSTRACT}
The words ER  - and TY  - JOUR end nothing.
KW  - a; b
UR  - http://example.com; http://www.example.com
DO  - https://doi.org/10.1000/x.y
ER  -
stray
TY  - JOUR
TI  - Its end is missing
AB  - {ABSTRACT}
  It goes on.
DA  - Sep 12
PY  - 2023
TY  - JOUR
TI  - Without
ER  - """
    first, second, third = of_text(text)[1]
    assert isinstance(first, Paper)
    assert isinstance(second, Paper)
    assert first.title == "First"
    assert first.authors == ("Claude E. Shannon", "Woosuk Kwon")
    assert (first.date, first.doi) == ("1948-07", "10.1000/x.y")
    assert (first.url, first.keywords) == ("http://example.com", ("a", "b"))
    assert first.abstract == f"{ABSTRACT} The words ER - and TY - JOUR end nothing."
    assert second.abstract == f"{ABSTRACT} It goes on."
    assert second.date == "2023-09-12"
    assert third == Skipped("line 22", "no abstract: “Without”")


def test_web_of_science() -> None:
    name, (paper,), (skipped,) = of_file("wos.txt")
    assert name == "wos"
    assert paper.title.endswith(
        "harvesting complex (LHl) of photosynthetic bacteria and its subunit (B820)"
    )
    assert paper.authors == ("Pamela S. Parkes-Loach", "Aaron P. Majeed")
    assert (paper.date, paper.doi) == ("2004-06-08", "10.1021/bi049829w")
    assert (paper.venue, paper.keywords) == (
        "BIOCHEMISTRY",
        ("light harvesting", "B820"),
    )
    assert paper.abstract.endswith("one of the two possible pairs.")
    assert skipped.where == "line 20"


def test_endnote_tags() -> None:
    text = f"""%0 Conference Proceedings
%T Caches in
Pages
%A Kwon, Woosuk
%A Li, Zhuohan
%B SOSP
%D 2023
%8 sep
%R 10.1145/3600006.3613165
%K caches
serving
%X {ABSTRACT}

%0 Generic
%T Without an abstract
%D 2024
"""
    name, (paper, skipped) = of_text(text)
    assert name == "enw"
    assert isinstance(paper, Paper)
    assert (paper.title, paper.abstract) == ("Caches in Pages", ABSTRACT)
    assert paper.authors == ("Woosuk Kwon", "Zhuohan Li")
    assert (paper.date, paper.venue) == ("2023-09", "SOSP")
    assert paper.doi == "10.1145/3600006.3613165"
    assert paper.keywords == ("caches", "serving")
    assert skipped == Skipped("line 14", "no abstract: “Without an abstract”")


# -- CSL-JSON -------------------------------------------------------------------------------------

ITEM = {
    "id": "kwon2023",
    "type": "paper-conference",
    "title": "Caches <i>in</i> Pages",
    "abstract": f"<jats:p>{ABSTRACT}</jats:p>",
    "author": [
        {"family": "Kwon", "given": "Woosuk"},
        {"family": "King", "given": "Martin Luther", "suffix": "Jr."},
        {"family": "Plas", "given": "Lonneke", "non-dropping-particle": "van der"},
        {"literal": "Acme, Inc."},
    ],
    "issued": {"date-parts": [["2023", 9, "5"]]},
    "container-title": "SOSP",
    "DOI": "10.1145/3600006.3613165",
    "note": "arXiv:2309.06180 [cs]",
    "keyword": "caches, serving",
}


@pytest.mark.parametrize("document", [[ITEM], ITEM, {"items": [ITEM]}])
def test_csl(document: object) -> None:
    name, (paper,) = of_text(json.dumps(document))
    assert name == "csl"
    assert isinstance(paper, Paper)
    assert (paper.title, paper.abstract) == ("Caches in Pages", ABSTRACT)
    assert paper.authors == (
        "Woosuk Kwon",
        "Martin Luther King, Jr.",
        "Lonneke van der Plas",
        "Acme, Inc.",
    )
    assert (paper.date, paper.venue) == ("2023-09-05", "SOSP")
    assert (paper.doi, paper.arxiv_id) == ("10.1145/3600006.3613165", "2309.06180")
    assert paper.keywords == ("caches", "serving")


@pytest.mark.parametrize(
    ("issued", "date"),
    [
        ({"date-parts": [[2023]]}, "2023"),
        ({"date-parts": [[2023, 1], [2023, 5]]}, "2023-01"),
        ({"date-parts": [[2023], [2024]]}, "2023"),
        ({"raw": "12 September 2023"}, "2023-09-12"),
        ({"literal": "Sep 2023", "date-parts": []}, "2023-09"),
        ({"date-parts": None}, None),
        ({"date-parts": [[None]]}, None),
    ],
)
def test_dates_of_csl(issued: object, date: str | None) -> None:
    (paper,) = papers(json.dumps([{**ITEM, "issued": issued}]))
    assert paper.date == date


def test_odd_csl() -> None:
    odd = {**ITEM, "title": ["A list"], "author": "Kwon", "abstract": 5, "id": {}}
    listed, number = of_text(json.dumps([{**odd, "abstract": ABSTRACT}, 7]))[1]
    assert isinstance(listed, Paper)
    assert (listed.title, listed.authors) == ("A list", ())
    assert number == Skipped("item 2", "no item")
    whole, cut = of_text(json.dumps([ITEM])[:-1])[1]
    assert isinstance(whole, Paper)
    assert isinstance(cut, Skipped)


# -- tables ---------------------------------------------------------------------------------------


def test_scopus() -> None:
    name, (paper,), (skipped,) = of_file("scopus.csv")
    assert name == "csv"
    assert paper.title == KWON
    assert paper.authors == ("Woosuk Kwon", "Zhuohan Li")
    assert paper.abstract.endswith("throughput rises two to four times.")
    assert (paper.doi, paper.url) == ("10.1145/3600006.3613165", None)
    assert (paper.venue, paper.keywords, paper.date) == ("SOSP", ("LLM",), "2023")
    assert skipped.where == "line 3"
    assert skipped.reason.startswith("no abstract: “Benchmark Radar")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_any_table_with_titles_and_abstracts(mark: str) -> None:
    rows = [
        ["ABSTRACT", "Id", "Title", "Authors", "Year"],
        [
            f'"{ABSTRACT}\nIt goes on."',
            "7",
            "First",
            "Woosuk Kwon and Zhuohan Li",
            "2023",
        ],
        [f"'=1+1 {ABSTRACT}", "8", "'=Second", "Kwon W.", "2024", ""],
        [ABSTRACT, "9", "Third", "Ann Lee", "2024", "surplus"],
        ["", "", "", "", ""],
        [ABSTRACT, "10", "Fourth"],
    ]
    name, found = of_text("sep=" + mark + "\n" + "\n".join(map(mark.join, rows)) + "\n")
    assert name == "csv"
    first, second, third, fourth = found
    assert isinstance(first, Paper)
    assert isinstance(second, Paper)
    assert isinstance(fourth, Paper)
    assert first.abstract == f"{ABSTRACT} It goes on."
    assert first.authors == ("Woosuk Kwon", "Zhuohan Li")
    assert (second.title, second.authors) == ("=Second", ("W. Kwon",))
    assert second.abstract.startswith("=1+1")
    assert third == Skipped("line 6", "6 cells in 5 columns")
    assert fourth.date is None


def test_zotero_and_web_of_science_tables() -> None:
    zotero = (
        '"Key","Publication Year","Author","Title","DOI","Url","Abstract Note","Date",'
        '"Date Added","Manual Tags","Automatic Tags","Extra"\n"ABC","2023",'
        '"Kwon, Woosuk; Li, Zhuohan","Caches","10.48550/arXiv.2309.06180",'
        f'"http://arxiv.org/abs/2309.06180","{ABSTRACT}","2023-09-12",'
        '"2024-01-05 10:00","","LG; ML","arXiv:2309.06180 [cs]"\n'
    )
    web_of_science = (
        "PT\tAU\tAF\tTI\tSO\tDE\tAB\tPD\tPY\tDI\n"
        "J\tKwon, W; Li, Z\tKwon, Woosuk; Li, Zhuohan\tCaches\tSOSP\tLG; ML\t"
        f"{ABSTRACT}\tSEP 12\t2023\t10.1145/1.2\n"
    )
    (ours,), (theirs,) = papers(zotero), papers(web_of_science)
    for paper in (ours, theirs):
        assert paper.authors == ("Woosuk Kwon", "Zhuohan Li")
        assert (paper.date, paper.keywords) == ("2023-09-12", ("LG", "ML"))
    assert (ours.arxiv_id, ours.url) == (
        "2309.06180",
        "https://arxiv.org/abs/2309.06180",
    )


def test_other_tables_and_texts_are_not_taken_for_it() -> None:
    for text in (
        "a,b\n1,2\n",
        "title,price\nx,2\n",
        "TY is a word\n",
        '{"type": "x"}\n',
    ):
        with pytest.raises(ReadError, match="no format that is read here"):
            of_text(text)
