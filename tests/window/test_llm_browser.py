"""The chat window with a language model behind it, played by a scripted server: real HTTP, real
Chromium, real retrieval."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from ragbot.resources import bundled_listings
from ragbot.testing import FAULTS, Script, ScriptedServer
from ragbot.types import Message

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
expect = pytest.importorskip(
    "playwright.sync_api", reason="NO PLAYWRIGHT: install it"
).expect

OpenPage = Callable[..., "Page"]

KEY = "sk-scripted-and-secret"
KV = "How does MatryoshkaKV compress the KV cache?"
FIRST = "MatryoshkaKV compresses the KV cache along its feature dimension [1]."
WRITTEN = (
    f"{FIRST} It keeps over 90% of the performance at a rate of 41% [1]. Everybody loves it.\n\n"
    "The abstracts do not state what hardware was used."
)
HOSTILE = (
    "<script>planted=1</script> MatryoshkaKV compresses the KV cache [1].\n\n"
    '<img src="http://tracker.invalid/a.png" onerror="planted=1"> ![b](http://tracker.invalid/b) '
    '<form action="http://tracker.invalid/"><input name="q"></form> <style>*{display:none}</style> '
    '<div style="position:fixed;inset:0">cover</div> <iframe src="http://tracker.invalid"></iframe>'
    ' [click](http://tracker.invalid/c) [1](javascript:planted=1) <a href="#a1-p1">[99]</a> [77]'
    "\n\n[3]: http://tracker.invalid/d\n"
)
ENDLESS = Script(tokens=(FIRST, *[" word"] * 100_000), delay=0.02)
# By a word of the question.
SCRIPTS: dict[str, Script] = {
    "think": Script(
        WRITTEN, reasoning="They ask about <b>KV</b> caches [1].", delay=0.03
    ),
    "endlessly": ENDLESS,
    "refused": FAULTS["forbidden"],
    "broken": Script(f"{FIRST} It does so by", end="cut"),
    "hostile": Script(HOSTILE),
}


def reply(messages: Sequence[Message]) -> Script:
    asked = messages[-1].content.rpartition("Question:")[2]
    return next((s for word, s in SCRIPTS.items() if word in asked), Script(WRITTEN))


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(reply, key=KEY) as running:
        yield running


@pytest.fixture(scope="module")
def window(serve: Callable[..., Any], server: ScriptedServer) -> Any:
    return serve(
        sorted(bundled_listings().glob("00[02]_*.txt")),
        OPENAI_API_KEY=KEY,
        RAGBOT_LLM__PROVIDER="openai",
        RAGBOT_LLM__MODEL="scripted-7b",
        RAGBOT_LLM__BASE_URL=server.base_url,
        RAGBOT_LLM__RETRIES="0",
    )


def begin(page: Page, question: str) -> Locator:
    """Ask, and give the place where the answer appears."""
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")
    # Behind its reasoning, which is open as long as nothing else has come.
    return page.locator("#chat .bot-row").last.locator(".message-content .prose").last


def ask(page: Page, question: str) -> Locator:
    """Ask, wait for the whole answer, and give its place."""
    turns = page.locator("#chat .user-row").count()
    answer = begin(page, question)
    expect(page.locator(f"#a{turns + 1}")).to_be_visible(timeout=60_000)
    expect(page.get_by_label("Send")).to_be_visible()
    return answer


def test_an_answer_is_seen_growing_its_reasoning_folded(open_page: OpenPage) -> None:
    page = open_page()
    answer = begin(page, f"{KV} think")
    expect(answer).to_contain_text("MatryoshkaKV compresses", timeout=30_000)
    early = answer.inner_text()
    expect(page.get_by_label("Stop")).to_be_visible()
    assert "hardware" not in early
    expect(page.locator("#a1")).to_be_visible(timeout=30_000)
    expect(answer).to_contain_text("The abstracts do not state what hardware was used.")
    assert answer.inner_text().startswith(early.split("⚠")[0].strip()[:40])
    expect(page.locator("#a1 .card")).to_have_count(1)
    expect(page.locator("#a1-p1 h3")).to_contain_text("MatryoshkaKV")

    thoughts = page.get_by_text("They ask about <b>KV</b> caches [1].")
    expect(thoughts).to_have_count(0)
    page.get_by_text("Reasoning").click()
    expect(thoughts).to_be_visible()
    assert thoughts.locator("a").count() == 0


def test_a_doubted_sentence_tells_why_on_focus_and_on_tap(open_page: OpenPage) -> None:
    page = open_page(390, 844)
    answer = ask(page, KV)
    marks = answer.locator(".doubt")
    expect(marks).to_have_count(2)
    reasons = answer.locator(".why")
    expect(reasons.first).to_be_hidden()
    marks.first.focus()
    expect(reasons.first).to_be_visible()
    expect(reasons.first).to_have_text("41% does not occur in [1]")
    expect(reasons.first).to_be_in_viewport(ratio=1)
    marks.nth(1).click()
    expect(reasons.nth(1)).to_have_text("no paper is cited for this")
    expect(reasons.nth(1)).to_be_in_viewport(ratio=1)
    expect(reasons.first).to_be_hidden()
    expect(answer.locator("li")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_stop_hangs_up_and_keeps_what_had_come(
    open_page: OpenPage, server: ScriptedServer
) -> None:
    page = open_page()
    answer = begin(page, f"{KV} endlessly")
    expect(answer).to_contain_text("dimension [1]. word", timeout=30_000)
    page.get_by_label("Stop").click()
    assert server.chats[-1].hung_up.wait(5)
    expect(answer).to_contain_text("It was stopped before its end.")
    expect(page.locator("#a1-p1")).to_be_visible()
    answer.locator("a").first.click()
    expect(page.locator("#a1-p1")).to_be_focused()
    kept = answer.inner_text()
    assert kept.replace("\u00a0", " ").startswith(FIRST)
    page.wait_for_timeout(300)
    assert answer.inner_text() == kept
    expect(page.get_by_label("Send")).to_be_visible()

    assert "hardware" in ask(page, KV).inner_text()
    last = server.chats[-1].messages
    assert last[2].content.startswith(
        "MatryoshkaKV compresses the KV cache along its feature"
    )


@pytest.mark.parametrize(
    ("word", "begins", "says"),
    [
        (
            "refused",
            r"No language model answered: .* refuses the key",
            "OPENAI_API_KEY",
        ),
        (
            "broken",
            r"MatryoshkaKV compresses .* It does so by ⚠",
            "broke before the answer was",
        ),
    ],
)
def test_a_fault_is_one_sentence_and_then_quotes(
    open_page: OpenPage, word: str, begins: str, says: str
) -> None:
    page = open_page()
    answer = ask(page, f"{KV} {word}")
    text = answer.inner_text()
    assert re.match(begins, text.replace("\u200b", "")), text
    assert says in text
    assert KEY not in text
    quoted = answer.locator("blockquote p").first.inner_text()
    marked = [mark.strip() for mark in page.locator("#a1-p1 mark").all_inner_texts()]
    assert re.sub(r"\s*\[1\]$", "", quoted) in marked


def test_a_follow_up_goes_on_from_what_was_said(
    open_page: OpenPage, server: ScriptedServer
) -> None:
    page = open_page()
    ask(page, KV)
    ask(page, "what compression rate does it report?")
    _, asked, said, last = server.chats[-1].messages
    assert asked == Message("user", KV)
    assert said.content == re.sub(r" \[1\]", "", WRITTEN)
    assert last.content.endswith("Question: what compression rate does it report?")
    assert 'number="1">\nTitle: MatryoshkaKV' in last.content


def test_what_a_model_plants_is_text(open_page: OpenPage) -> None:
    page = open_page()
    answer = ask(page, f"{KV} hostile")
    assert '<div style="position:fixed;inset:0">cover</div>' in answer.inner_text()
    for part in ("#chat .message-row", "#papers"):
        for tag in ("img", "form", "input", "style", "script", "iframe"):
            assert page.locator(f"{part} {tag}").count() == 0
        assert page.locator(f"{part} [style*=fixed]").count() == 0
    links = answer.locator("a").evaluate_all(
        "found => found.map(a => a.getAttribute('href').replace(/-e\\d+$/, ''))"
    )
    cards = page.locator("#a1 .card").count()
    assert links
    assert set(links) == {f"#a1-p{n}" for n in range(1, cards + 1)}
    answer.locator("a").first.click()
    expect(page.locator("#a1-p1")).to_be_focused()
    assert page.evaluate("window.planted") is None


def test_copy_takes_the_answer_not_the_reasoning(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, f"{KV} think")
    page.locator("#chat .bot-row").get_by_label("Copy message").locator(
        "visible=true"
    ).click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(
        "MatryoshkaKV compresses the KV cache along its feature dimension [1]."
    )
    assert "Written by scripted-7b" in copied


def test_the_model_is_chosen_tested_and_explained(
    open_page: OpenPage, server: ScriptedServer
) -> None:
    """Last, for the whole window changes; it ends as it began."""
    page = open_page()
    mode = page.locator("#masthead .mode")
    address = server.base_url.split("/")[2]
    expect(mode).to_contain_text(f"Answers written by scripted-7b at {address}")
    page.get_by_role("tab", name="Model").click()
    expect(page.locator("#model-ways .on h3")).to_contain_text(
        "OpenAI-compatible server"
    )
    expect(page.locator("#model-ways .on .good")).to_have_text("OPENAI_API_KEY is set")
    page.get_by_role("button", name="Test").click()
    expect(page.locator("#model-outcome .good")).to_contain_text(
        "first word after", timeout=30_000
    )
    assert KEY not in page.content()

    use = page.get_by_role("button", name="Use this")
    page.get_by_label("Address of the server").fill("file:///etc/passwd")
    use.click()
    expect(page.get_by_role("alert")).to_contain_text(
        "must begin with http:// or https://"
    )
    expect(mode).to_contain_text(address)

    page.get_by_label("Address of the server").fill("http://127.0.0.1:9/v1")
    use.click()
    expect(page.get_by_role("alert")).to_contain_text(
        "cannot be reached", timeout=30_000
    )
    expect(page.locator("#model-outcome")).to_contain_text(
        "OPENAI_API_KEY was not sent"
    )
    other = open_page()
    for told in (mode, other.locator("#masthead .mode")):
        expect(told).to_have_text(
            "scripted-7b at 127.0.0.1:9 does not answer; answers are quotes."
        )
        expect(told).to_have_class(re.compile("fails"))

    page.get_by_label("Answers by").click()
    page.get_by_role("option", name="No model, quotes only").click()
    expect(page.get_by_label("Address of the server")).to_be_hidden()
    use.click()
    expect(mode).to_have_text("Answers by quoting; no language model is used.")
    expect(other.locator("#masthead .mode")).to_have_text(
        mode.inner_text(), timeout=10_000
    )
    other.get_by_role("tab", name="Model").click()
    expect(other.get_by_label("Answers by")).to_have_value("No model, quotes only")
    expect(other.get_by_label("Address of the server")).to_be_hidden()
    other.get_by_role("tab", name="Ask").click()
    asked = len(server.chats)
    assert "no language model was used" in ask(other, KV).inner_text()
    assert len(server.chats) == asked

    page.get_by_label("Answers by").click()
    page.get_by_role("option", name="OpenAI-compatible server").click()
    page.get_by_label("Address of the server").fill(server.base_url)
    use.click()
    expect(page.locator("#model-outcome .good")).to_contain_text(
        "first word after", timeout=30_000
    )
    expect(page.locator("#model-keep pre")).to_contain_text(
        f'base_url = "{server.base_url}"'
    )
    assert "Written by scripted-7b" in ask(other, KV).inner_text()
