"""Each format read back: by the standard library where it can, else by the format's rules."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re

import pytest

from ragbot.errors import InputError
from ragbot.papers.describe import citation_keys
from ragbot.papers.export import FORMATS, export_papers
from ragbot.papers.identity import paper_id
from ragbot.pipeline import Ragbot
from ragbot.serialise import paper_json
from ragbot.testing import tiny_papers
from ragbot.types import Paper

OLINEAR, MATRYOSHKA, _, STYLE, _ = PAPERS = tiny_papers()

LIGHT = Paper(
    id=paper_id("LightHGNN: Distilling Hypergraph Neural Networks"),
    title=r"LightHGNN: $100\times$ Faster, 50% cheaper & {unbalanced for $5 to $10 in a_b",
    abstract="Line one.\nLine two costs 3 #s.",
    date="2024-02-29",
    authors=("Yifan Feng", "Lab for Sound and Vision"),
    organisation="openbmb OpenBMB",
    url="https://arxiv.org/abs/2402.04296?a={b}\\c",
)


def bibtex_fields(text: str) -> list[dict[str, str]]:
    """Entries as BibTeX reads them: braces delimit, whatever stands before them."""
    entries = []
    for head in re.finditer(r"@\w+\{([^,]+),\n", text):
        fields, at = {"key": head[1]}, head.end()
        while field := re.compile(r"\s*(\w+) = (\{|\w+,\n)").match(text, at):
            end = field.end()
            if field[2] == "{":
                depth = 1
                while depth:
                    depth += {"{": 1, "}": -1}.get(text[end], 0)
                    end += 1
                fields[field[1]] = text[field.end() : end - 1]
                end += text[end] == ","
            else:
                fields[field[1]] = field[2][:-2]
                end -= 1
            at = end
        assert text[at:].lstrip().startswith("}")
        entries.append(fields)
    return entries


def ris_fields(text: str) -> list[dict[str, list[str]]]:
    entries: list[dict[str, list[str]]] = []
    for line in filter(None, text.split("\n")):
        tag, value = re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line).groups()  # type: ignore[union-attr]
        if tag == "TY":
            entries.append({})
        entries[-1].setdefault(tag, []).append(value)
    return entries


# -- every format -----------------------------------------------------------------------------


def test_there_is_no_other_format() -> None:
    with pytest.raises(
        InputError, match="no format is called 'docx': choose from jsonl, bibtex"
    ):
        export_papers(PAPERS, "docx")


@pytest.mark.parametrize("name", FORMATS)
def test_every_paper_is_in_every_format(name: str, full_collection: Ragbot) -> None:
    papers = full_collection.papers()
    text = export_papers(papers, name)
    count = {
        "jsonl": lambda: len(text.splitlines()),
        "bibtex": lambda: len(bibtex_fields(text)),
        "ris": lambda: len(ris_fields(text)),
        "csl": lambda: len(json.loads(text)),
        "csv": lambda: len(
            list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
        ),
        "md": lambda: len(re.findall(r"^## ", text, re.M)),
    }[name]
    assert count() == 451
    assert export_papers(papers, name) == text


@pytest.mark.parametrize("name", FORMATS)
def test_no_author_is_invented(name: str) -> None:
    text = export_papers([MATRYOSHKA], name)
    assert MATRYOSHKA.author_count == 8
    assert not re.search(
        r"(?m)^AU  -|author = |\"author\":|Liu|Anonymous|Unknown", text
    )


@pytest.mark.parametrize("name", FORMATS)
def test_no_papers_at_all(name: str) -> None:
    text = export_papers([], name)
    if name == "csl":
        assert json.loads(text) == []
    elif name == "csv":
        assert (
            list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
            == []
        )
    else:
        assert text == ""


def test_citation_keys_are_unique_and_stable(full_collection: Ragbot) -> None:
    papers = full_collection.papers()
    keys = citation_keys(papers)
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z0-9]+(-[0-9a-f]{12})?", key) for key in keys)
    assert dict(zip(papers, citation_keys(papers[::-1])[::-1], strict=True)) == dict(
        zip(papers, keys, strict=True)
    )


@pytest.mark.parametrize(
    ("authors", "date", "title", "key"),
    [
        (("Lonneke van der Plas",), "2022-07", "The BERT of 7", "vanderplas2022bert"),
        (("Martin Luther King, Jr.",), "1963", "A Letter", "king1963letter"),
        (("Łukasz Müller-Øst",), None, "Naïve Café", "mullerostnaive"),
        (
            ("The ATLAS Collaboration",),
            "2012",
            "Higgs",
            "theatlascollaboration2012higgs",
        ),
        ((), "2024", "On the Naïve Café", "naive2024cafe"),
        (("王小明",), "2024", "多语言", "2024"),
        ((), None, "多语言", "paper"),
        ((), "2025-05-12", "A 3D Model of the World", "3d2025model"),
    ],
)
def test_citation_keys_say_who_when_and_what(
    authors: tuple[str, ...], date: str | None, title: str, key: str
) -> None:
    paper = Paper("0123456789ab", title, "", date, authors=authors)
    (found,) = citation_keys([paper])
    assert found == key
    twin = dataclasses.replace(paper, id="ba9876543210")
    assert citation_keys([paper, twin]) == [f"{key}-{p.id}" for p in (paper, twin)]


@pytest.mark.parametrize("name", FORMATS)
def test_control_characters_are_left_out(name: str) -> None:
    text = export_papers(
        [dataclasses.replace(STYLE, title="Image\x1b[2J \x9bStyle")], name
    )
    assert not re.search("[\x1b\x9b]", text)


# -- BibTeX -----------------------------------------------------------------------------------


def test_bibtex_escapes_text_and_keeps_formulas() -> None:
    (entry,) = bibtex_fields(export_papers([LIGHT], "bibtex"))
    assert entry == {
        "key": "feng2024lighthgnn",
        "title": r"{LightHGNN: $100\times$ Faster, 50\% cheaper \& unbalanced "
        r"for \$5 to \$10 in a\_b}",
        "author": "Feng, Yifan and {Lab for Sound and Vision}",
        "organization": "{openbmb OpenBMB}",
        "year": "2024",
        "month": "feb",
        "day": "29",
        "url": "https://arxiv.org/abs/2402.04296?a=%7Bb%7D%5Cc",
        "abstract": r"Line one. Line two costs 3 \#s.",
        # The brace without a partner is not shown
        "latextitle": r"LightHGNN: $100\times$ Faster, 50\% cheaper \& "
        r"\textbraceleft{}unbalanced for \$5 to \$10 in a\_b",
        "library": "Ragbot",
    }


@pytest.mark.parametrize(
    ("title", "told"),
    [
        (r"2D \& 3D Segmentation", r"2D \& 3D Segmentation"),
        (r"HyperZ$\cdot$Z$\cdot$W Operator", r"HyperZ$\cdot$Z$\cdot$W Operator"),
        (r"\textit{Deep} Nets for Schr\"odinger", "Deep Nets for Schrödinger"),
        ("BT^2: Backward-compatible", r"BT\textsuperscript{2}: Backward-compatible"),
        (
            "Regression with ell_infty Guarantee",
            r"Regression with \ensuremath{\ell}\_\ensuremath{\infty} Guarantee",
        ),
        ("x in R^d and L_2", r"x in R\textasciicircum{}d and L\textsubscript{2}"),
        ("A } B { C", r"A \textbraceright{} B \textbraceleft{} C"),
        (r"a $x}{y$ b", r"a x\textbraceright{}\textbraceleft{}y b"),
        (r"a $x % y$ b", r"a x \% y b"),
        (
            r"C:\path <b>|",
            r"C:\textbackslash{}path \textless{}b\textgreater{}\textbar{}",
        ),
    ],
)
def test_bibtex_titles_compile(title: str, told: str) -> None:
    (entry,) = bibtex_fields(
        export_papers([dataclasses.replace(STYLE, title=title)], "bibtex")
    )
    assert entry["title"] == f"{{{told}}}"


def test_bibtex_marks_inferred_years_and_leaves_out_what_is_unknown() -> None:
    dated, undated = bibtex_fields(export_papers([OLINEAR, STYLE], "bibtex"))
    assert OLINEAR.date_inferred
    assert dated["year"] == str(OLINEAR.date)[:4]
    assert dated["note"] == "8 authors; year inferred from the page it was saved from"
    assert set(undated) == {"key", "title", "abstract", "library"}


# -- RIS and CSL-JSON -------------------------------------------------------------------------


def test_ris() -> None:
    light, olinear = ris_fields(export_papers([LIGHT, OLINEAR], "ris"))
    assert light["TY"] == ["GEN"]
    assert light["TI"] == [
        "LightHGNN: 100× Faster, 50% cheaper & unbalanced for $5 to $10 in a_b"
    ]
    assert light["AU"] == ["Feng, Yifan", "Lab for Sound and Vision"]
    assert (light["PY"], light["DA"]) == (["2024"], ["2024/02/29"])
    assert light["AB"] == ["Line one. Line two costs 3 #s."]
    assert light["UR"] == [LIGHT.url]
    assert light["N1"] == [
        "Organisation: openbmb OpenBMB",
        f"Title in LaTeX: {LIGHT.title}",
    ]
    assert light["ER"] == [""]
    assert "AU" not in olinear
    assert "year inferred from the page it was saved from" in olinear["N1"]


def test_csl() -> None:
    light, olinear, style = json.loads(export_papers([LIGHT, OLINEAR, STYLE], "csl"))
    assert light["author"] == [
        {"given": "Yifan", "family": "Feng"},
        {"literal": "Lab for Sound and Vision"},
    ]
    assert light["issued"] == {"date-parts": [[2024, 2, 29]]}
    assert light["URL"] == LIGHT.url
    assert olinear["issued"]["circa"] is True
    assert set(style) == {"id", "type", "title", "abstract", "source"}


# -- tables, lines and notes ------------------------------------------------------------------


def test_csv_is_read_back() -> None:
    header, *rows = csv.reader(
        io.StringIO(export_papers([LIGHT, OLINEAR], "csv")[1:], newline="")
    )
    assert header == list(paper_json(LIGHT))
    light, olinear = (dict(zip(header, row, strict=True)) for row in rows)
    assert light["title"] == LIGHT.title
    assert light["authors"] == "Yifan Feng; Lab for Sound and Vision"
    assert light["abstract"] == "Line one. Line two costs 3 #s."
    assert (olinear["date_inferred"], olinear["author_count"]) == ("true", "8")
    assert olinear["url"] == ""


@pytest.mark.parametrize(
    "title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r\n=1+1", "\x1b=1"]
)
def test_csv_cells_are_no_formulas(title: str) -> None:
    text = export_papers([dataclasses.replace(STYLE, title=title)], "csv")
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert row["title"].startswith("'")


def test_jsonl_is_the_paper_object() -> None:
    lines = export_papers([LIGHT, STYLE], "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == [
        paper_json(LIGHT),
        paper_json(STYLE),
    ]


def test_markdown_shows_markup_as_text() -> None:
    planted = dataclasses.replace(
        LIGHT,
        title="<b>Bold</b> [x](http://x.org)",
        abstract="# no heading",
        url="javascript:x",
    )
    heading, facts, abstract = export_papers([planted], "md").strip().split("\n\n")
    # No link, and can be copied
    assert heading == r"## \<b\>Bold\</b\> \[x\](http://x.org)"
    assert facts.startswith(
        "Yifan Feng, Lab for Sound and Vision · openbmb OpenBMB · 2024-02-29"
    )
    assert facts.endswith("· javascript:x")
    assert abstract == r"\# no heading"
    assert "<https://arxiv.org/abs/" in export_papers([LIGHT], "md")
