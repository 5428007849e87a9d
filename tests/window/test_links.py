"""Where citations lead, and that nothing else in an answer is alive."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from ragbot.testing import ScriptedServer, tiny_collection
from ragbot.text.markdown import as_text
from ragbot.window.html.links import claims_of, linked


def test_a_citation_leads_to_the_paper_of_its_own_answer() -> None:
    assert (
        linked("It halves the cache. [2]", 3)
        == "It halves the cache.\u00a0[\\[2\\]](#a3-p2)"
    )


def test_a_citation_leads_to_its_own_sentence_where_that_is_known(
    tmp_path: Path,
) -> None:
    with tiny_collection(tmp_path) as bot:
        answer = bot.ask("How can the KV cache be compressed?")
    shown = linked(answer.text, 1, claims_of(answer))
    led = re.findall(r"(?m)^> (.*?)\u00a0\[\\\[(\d)\\\]\]\(#a1-p(\d)-e(\d)\)$", shown)
    assert len(led) == len(answer.quotes)
    for (said, n, paper, place), quote in zip(led, answer.quotes, strict=True):
        assert int(n) == int(paper) == quote.n
        assert said == as_text(quote.text)
        assert answer.papers[quote.n - 1].evidence[int(place)] == quote.text
    assert "](#a1-p1)" in shown, "the title's leads to the paper"


def test_what_looks_like_a_citation_in_an_abstract_is_text() -> None:
    assert linked(as_text("as shown in [7]"), 1) == "as shown in \\[7\\]"


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("<b>bold</b>", "&lt;b>bold&lt;/b>"),
        ("![seen](http://example.org/x.png)", "\\![seen](http://example.org/x.png)"),
        ("a backslash \\\\<form>", "a backslash \\\\&lt;form>"),
    ],
)
def test_no_tag_and_no_image_survives_even_unescaped(markdown: str, shown: str) -> None:
    assert linked(markdown, 1) == shown


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("`x[1] < y` [1]", "<code>x&#91;1&#93; &#60; y</code>\u00a0[\\[1\\]](#a2-p1)"),
        ("``a`[1]`` [1]", "<code>a&#96;&#91;1&#93;</code>\u00a0[\\[1\\]](#a2-p1)"),
        ("A \\` and `b`", "A \\` and <code>b</code>"),
        (
            "```python\nx[1]\n\n  <b>\n```\nso",
            "<pre><code>x&#91;1&#93;&#10;&#10;  &#60;b&#62;</code></pre>\nso",
        ),
        ("~~~\nx[1] is still wr", "<pre><code>x&#91;1&#93; is still wr</code></pre>"),
        (
            "- a\n  ```\n  x[1]\n  ```\n- b",
            "- a\n  <pre><code>x&#91;1&#93;</code></pre>\n- b",
        ),
        ("> ```\n> x[1]\n> ```", "> <pre><code>x&#91;1&#93;</code></pre>"),
    ],
)
def test_code_is_shown_as_it_is(markdown: str, shown: str) -> None:
    assert linked(markdown, 2) == shown


def test_escaped_text_stays_as_it_is() -> None:
    escaped = as_text("<style>*{display:none}</style> ![x](http://example.org) 5 < 6")
    assert linked(escaped, 1) == escaped


def test_each_citation_of_a_written_answer_leads_to_its_own_sentence(
    tmp_path: Path,
) -> None:
    """Three statements of one paper, three sentences of its abstract."""
    written = (
        "It **compresses** the KV cache at the feature dimension [1]. With PCA [1] performance "
        "deteriorates at low compression rates; it sustains over 90% performance [1]."
    )
    with ScriptedServer(written) as server, tiny_collection(tmp_path) as bot:
        told = {"provider": "openai", "model": "scripted", "base_url": server.base_url}
        bot.use_language_model(dataclasses.replace(bot.settings.llm, **told))
        answer = bot.ask("How does MatryoshkaKV compress the KV cache?")
    assert answer.mode == "llm"
    led = re.findall(r"#a1-p1(-e\d)?\)", linked(answer.text, 1, claims_of(answer)))
    evidence = answer.papers[0].evidence
    stated = [sentence for sentence in answer.sentences if sentence.evidence]
    assert len(stated) > 1
    places = [f"-e{evidence.index(s.evidence[0].text)}" for s in stated]
    assert len(set(places)) == len(places)
    assert [place for i, place in enumerate(led) if place != led[i - 1]] == places
