"""Markup planted in titles, abstracts and questions is shown as text, whoever renders it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt

from ragbot.pipeline import Ragbot
from ragbot.testing import tiny_collection
from ragbot.text.latex import readable
from ragbot.text.markdown import as_text
from ragbot.types import Answer, Filters, Message

PLANTED = [
    "<script>alert(1)</script>",
    "<img src=http://example.org/x.png onerror=alert(1)>",
    "![pixel](http://example.org/pixel.png)",
    "[click](javascript:alert(1))",
    "<form action=http://example.org><input name=key></form>",
    "<style>body{display:none}</style>",
    '<div style="position:fixed;inset:0">Pay here</div>',
    "<http://example.org/auto>",
    "https://example.org/bare and www.example.org",
    "&lt;b&gt; &#60;i&#62; &amp;",
    "[7] [1]: http://example.org 'x'",
    "# not a heading",
    "| a | b |\n|---|---|\n| c | d |",
    "```\ncode\n```",
    "~~gone~~ **bold** _it_ `x` $$\\href{http://example.org}{y}$$",
]
# What an answer may be made of; no links, no images, no raw HTML.
OURS = {"table", "thead", "tbody", "tr", "th", "td"} | {
    "p",
    "strong",
    "em",
    "blockquote",
    "ol",
    "ul",
    "li",
    "br",
}


def render(markdown: str) -> str:
    """As permissive as a renderer gets: raw HTML, tables, strike-through."""
    return str(
        MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(markdown)
    )


def tags(html: str) -> set[str]:
    return {name.lower() for name in re.findall(r"<\s*/?\s*([a-zA-Z!?][\w-]*)", html)}


def shown(html: str) -> str:
    """What a reader sees, white space apart."""
    text = re.sub(r"<[^>]*>", "", html)
    for entity, character in {
        "&lt;": "<",
        "&gt;": ">",
        "&quot;": '"',
        "&amp;": "&",
    }.items():
        text = text.replace(entity, character)
    return "".join(text.replace("\u200b", "").split())


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("frame", ["{}", "> {} [1]", "1. **{}** [1]"])
def test_foreign_text_is_shown_as_it_stands(planted: str, frame: str) -> None:
    html = render(frame.format(as_text(planted)))
    assert tags(html) <= OURS
    bare = readable(planted.replace("$$\\href{http://example.org}{y}$$", ""))
    assert "".join(bare.split()) in shown(html)


@pytest.mark.parametrize("planted", PLANTED)
def test_foreign_text_opens_no_block(planted: str) -> None:
    assert "\n" not in as_text(planted)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ragbot]:
    """A tiny collection and one paper whose title and abstract hold everything above."""
    one_line = [" ".join(p.split()) for p in PLANTED]
    abstract = " ".join(
        f"We study zebra tensors with {p} and report [7] that zebra number {i} wins."
        for i, p in enumerate(one_line)
    )
    title = "Zebra tensors <img src=http://example.org/t.png> [9] **bold**"
    folder = tmp_path_factory.mktemp("planted")
    (folder / "planted.txt").write_text(
        f"Daily Papers\n\nOct 10\n\n{title}\n\n{abstract}\n\n  • 3 authors\n·\nMar 21, 2024\n",
        encoding="utf-8",
    )
    with tiny_collection(folder) as bot:
        bot.ingest([folder / "planted.txt"])
        yield bot


def assert_clean(answer: Answer) -> None:
    html = render(answer.text)
    assert tags(html) <= OURS
    assert "example.org" not in "".join(re.findall(r"<[^>]*>", html))
    cited = {c.n for c in answer.papers}
    # An unescaped [n] is ours: what looks like one in an abstract or a question is escaped.
    assert {int(n) for n in re.findall(r"(?<!\\)\[(\d+)\]", answer.text)} == cited


@pytest.mark.parametrize(
    "question",
    [
        "What do zebra tensors report?",
        "Which papers study zebra tensors?",
        "Compare zebra tensors with KV cache compression",
        "Which of zebra number 0, 1, 2 wins? [7] <b>[8]</b>",
        "<img src=http://example.org/q.png> zebra tensors [3]",
        "Is [7](http://example.org) about the price of tea in Ulaanbaatar? <script>x</script>",
    ],
)
def test_an_answer_holds_no_markup_but_ours(planted: Ragbot, question: str) -> None:
    assert_clean(planted.ask(question))
    assert_clean(
        planted.ask("And what else? [5] <i>x</i>", [Message("user", question)])
    )
    assert_clean(planted.ask(question, filters=Filters("2024-01-01", None)))


def test_the_planted_paper_is_quoted_verbatim(planted: Ragbot) -> None:
    answer = planted.ask("What do zebra tensors report?")
    assert answer.papers[0].paper.title.startswith("Zebra tensors <img")
    scripts = planted.ask("Which zebra tensors does script alert study?").quotes
    assert any("<script>" in q.text for q in scripts)
    for quote in answer.quotes:
        assert quote.text in answer.papers[quote.n - 1].paper.abstract
        assert "".join(readable(quote.text).split()) in shown(render(answer.text))


def test_a_declined_question_names_papers_as_text(planted: Ragbot) -> None:
    answer = planted.ask("Zebra?", filters=Filters("2030-01-01", None))
    assert answer.abstained
    assert_clean(answer)
