"""The pane of papers: anchors, highlighted evidence, folding, and escaping."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ragbot.papers.export import FORMATS
from ragbot.testing import tiny_collection, tiny_papers
from ragbot.types import Answer, Citation, Paper, Row
from ragbot.window.html.conversation import Turn
from ragbot.window.html.matrix_page import matrix_html
from ragbot.window.html.pane import EXPORTS, abstract_html, pane_html

HOSTILE = (
    '<img src="http://example.org/x.png" onerror="alert(1)"><form><style>*{}</style>'
)


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    with tiny_collection(tmp_path_factory.mktemp("papers")) as bot:
        return bot.ask("How can the KV cache be compressed?")


def with_paper(answer: Answer, **changes: object) -> Answer:
    """The answer with the first paper it cites changed."""
    first: Citation = answer.papers[0]
    paper = dataclasses.replace(first.paper, **changes)  # type: ignore[arg-type]
    return dataclasses.replace(
        answer, papers=(dataclasses.replace(first, paper=paper),), also_retrieved=()
    )


def tags(html: str) -> set[str]:
    """Every tag with its attributes' names, as a browser reads them: ``{"a href", …}``."""
    found: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(
            self, tag: str, attrs: list[tuple[str, str | None]]
        ) -> None:
            found.add(" ".join([tag, *sorted(name for name, _ in attrs)]))

    Reader().feed(html)
    return found


def pane(answer: Answer) -> str:
    return pane_html([Turn(answer.question, answer.text, answer=answer)])


def test_anchors_carry_the_turn_and_the_page_is_told_the_last(answer: Answer) -> None:
    failed = Turn("Why?", problem="no")
    html = pane_html(
        [Turn("1", answer=answer), failed, Turn("3", answer=answer)], made=7
    )
    assert re.findall(r'<section class="papers" id="(a\d)"', html) == ["a1", "a3"]
    assert '<div class="pane" data-made="7" data-latest="a3">' in html
    assert html.count('data-show="a3"') == html.count('data-show="a1"') == 1
    for citation in answer.papers:
        assert html.count(f'id="a1-p{citation.n}"') == 1
        assert html.count(f'id="a3-p{citation.n}"') == 1
    assert "a2-p1" not in html


def test_the_quoted_sentences_are_highlighted(answer: Answer) -> None:
    marked = re.findall(r'<mark data-e="\d">(.*?)</mark>', pane(answer))
    assert sorted(marked) == sorted(e for c in answer.papers for e in c.evidence)


def test_evidence_is_found_across_line_ends_and_overlaps_are_one() -> None:
    html = abstract_html(
        "One two\nthree. Four five.", ["One two three.", "two three. Four"]
    )
    assert html == '<mark data-e="0 1">One two\nthree. Four</mark> five.'


def test_what_is_no_part_of_the_abstract_is_not_highlighted() -> None:
    assert abstract_html("One two.", ["Three.", ""]) == "One two."


def test_long_stretches_fold_and_evidence_does_not() -> None:
    long = "A sentence that nobody quoted. " * 10
    html = abstract_html(f"{long}Quoted. {long}", ["Quoted."])
    assert re.sub(r'<span class="fold">.*?</span>', "", html) == (
        '<span class="gap" aria-hidden="true"> … </span><mark data-e="0">Quoted.</mark>'
        '<span class="gap" aria-hidden="true"> … </span>'
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"title": HOSTILE},
        {"abstract": HOSTILE},
        {"organisation": HOSTILE, "author_count": None, "authors": ()},
        {"authors": (HOSTILE,)},
        {"date": HOSTILE},
        {"id": HOSTILE},
        {"url": f"https://example.org/{HOSTILE}"},
        {"url": 'https://example.org/"onmouseover="alert(1)'},
    ],
)
def test_nothing_foreign_becomes_a_tag(
    answer: Answer, changes: dict[str, object]
) -> None:
    plain = with_paper(answer, url="https://example.org/", authors=("Ziming Liu",))
    hostile = with_paper(plain, **changes)
    assert tags(pane(hostile)) <= tags(pane(plain))


@pytest.mark.parametrize("mark", ["\u202e", "\u2067", "\u2066", "\u202b"])
def test_nothing_turns_the_direction_of_what_follows(answer: Answer, mark: str) -> None:
    turned = f"05x.jpg {mark}exe.live"
    paper = {
        "title": turned,
        "abstract": turned,
        "organisation": turned,
        "authors": (turned,),
    }
    changed = dataclasses.replace(with_paper(answer, **paper), question=turned)
    assert mark not in pane(changed)
    assert "05x.jpg exe.live" in pane(changed)


def test_a_hostile_question_is_text(answer: Answer) -> None:
    html = pane(dataclasses.replace(answer, question=HOSTILE))
    assert "<img" not in html
    assert "&lt;img src=" in html


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", None])
def test_only_web_addresses_become_links(answer: Answer, url: str | None) -> None:
    assert "<a " not in pane(with_paper(answer, url=url))


def test_an_inferred_year_says_so(answer: Answer) -> None:
    assert "year inferred" in pane(
        with_paper(answer, date="2025-05-12", date_inferred=True)
    )
    assert "year inferred" not in pane(
        with_paper(answer, date="2025-05-12", date_inferred=False)
    )


@pytest.mark.parametrize(
    ("changes", "who"),
    [
        ({"author_count": 1}, "1 author<"),
        ({"author_count": 8}, "8 authors<"),
        ({"author_count": None, "organisation": "openbmb OpenBMB"}, "openbmb OpenBMB<"),
        ({"authors": ("Ziming Liu", "Yixuan Wang")}, "Ziming Liu, Yixuan Wang<"),
    ],
)
def test_who_wrote_it_as_far_as_known(
    answer: Answer, changes: dict[str, object], who: str
) -> None:
    assert who in pane(with_paper(answer, **changes))


def test_formulas_are_readable(answer: Answer) -> None:
    assert "100× Faster" in pane(
        with_paper(answer, title=r"Inference $100\times$ Faster")
    )


def test_after_an_abstention_the_nearest_papers_stand_open(tmp_path: Path) -> None:
    with tiny_collection(tmp_path) as bot:
        declined = bot.ask("???")
    assert declined.abstained
    html = pane(declined)
    assert "No paper cited" in html
    assert '<details class="others" open>' in html
    assert "relevance" not in html
    assert "data-format" not in html


def test_every_offered_download_exists() -> None:
    papers: list[Paper] = tiny_papers()
    for name, (_, suffix, _) in EXPORTS.items():
        assert FORMATS[name].suffix == f".{suffix}"
        assert FORMATS[name].write(papers)


def test_papers_side_by_side_are_text(answer: Answer) -> None:
    paper = dataclasses.replace(
        answer.papers[0].paper, title=HOSTILE, date=None, abstract=HOSTILE
    )
    cells = {"problem": HOSTILE, "method": None, "result": "Good.", "numbers": "Good."}
    html = matrix_html([Row(paper, cells)])  # type: ignore[arg-type]
    assert not tags(html) & {"img onerror src", "form", "style"}
    assert "&lt;img" in html
    assert "as under result" in html
    assert html.count("Good.") == 1


def test_a_card_names_venue_and_identifiers_and_links_by_them(answer: Answer) -> None:
    known = {"url": None, "venue": "CVPR <2016>", "doi": "10.1109/CVPR.2016.90"}
    html = pane(with_paper(answer, **known))
    assert "<span>CVPR &lt;2016&gt;</span><span>doi:10.1109/CVPR.2016.90</span>" in html
    assert 'href="https://doi.org/10.1109/CVPR.2016.90"' in html
    html = pane(with_paper(answer, **known, arxiv_id="1512.03385"))
    assert 'href="https://arxiv.org/abs/1512.03385"' in html
