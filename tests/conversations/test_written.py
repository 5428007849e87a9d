"""ragbot/conversations/written.py: what is left of a conversation in other programs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from ragbot.conversation_types import SavedTurn
from ragbot.conversations import Conversations
from ragbot.conversations.written import write_conversation
from ragbot.errors import InputError
from ragbot.question.history import history_of
from ragbot.serialise import read_conversation
from ragbot.types import Citation, Filters, Paper, Quote

Answered = Callable[..., SavedTurn]


def citing(turn: SavedTurn, *papers: Paper) -> SavedTurn:
    """The turn with an answer that cites these papers, and quotes the first sentence of each."""
    assert turn.answer is not None
    cited = tuple(Citation(n, paper, 1.0) for n, paper in enumerate(papers, 1))
    quotes = tuple(Quote(n, paper.abstract) for n, paper in enumerate(papers, 1))
    return replace(turn, answer=replace(turn.answer, papers=cited, quotes=quotes))


A, B, C = (Paper(x, f"Paper {x}", f"Of {x}.", url=f"https://x.org/{x}") for x in "abc")


def test_one_list_of_papers_serves_all_answers(
    conversations: Conversations, answer: Answered
) -> None:
    id_ = conversations.begin(citing(answer("First?", r"A [1], b [2], \[1\]."), A, B))
    conversations.append(id_, citing(answer("Second?", "C [1] and b [2]."), C, B))
    text = write_conversation(conversations.get(id_), "md")
    assert r"A [1], b [2], \[1\]." in text
    assert "C [3] and b [2]." in text
    assert "> Of c. [3]" in text
    assert text.endswith(
        "## Papers\n\n"
        "1. **Paper a**. undated. <https://x.org/a>\n"
        "2. **Paper b**. undated. <https://x.org/b>\n"
        "3. **Paper c**. undated. <https://x.org/c>\n"
    )


@pytest.mark.parametrize(
    "code", ["`b[1]`", "``b[1] ` c``", "```\nb[1]\n```", "~~~\nb[1]"]
)
def test_code_cites_nothing(
    conversations: Conversations, answer: Answered, code: str
) -> None:
    id_ = conversations.begin(citing(answer("First?", "A [1]."), A))
    conversations.append(id_, citing(answer("Second?", f"Of ` b [1]:\n\n{code}"), B))
    stopped = SavedTurn("Third?", shown=f"C [1], ` [2]\n\n{code}", stopped=True)
    conversations.append(id_, stopped)
    text = write_conversation(conversations.get(id_), "md")
    assert f"Of ` b [2]:\n\n{code}" in text
    assert f"C , ` \n\n{code}" in text


def test_what_is_quoted_in_the_answer_is_not_quoted_twice(
    conversations: Conversations, answer: Answered
) -> None:
    shown = "**Paper a** [1]\n\n> Of a. [1]"
    id_ = conversations.begin(citing(answer("First?", shown), A))
    text = write_conversation(conversations.get(id_), "md")
    assert text.count("Of a.") == 1
    assert "From the abstracts" not in text


def test_what_came_of_each_question_is_told(
    conversations: Conversations, answer: Answered
) -> None:
    turns = [
        SavedTurn("Dates?", filters=Filters("2024"), problem="no *model* answered"),
        SavedTurn("Stopped?", shown="Half an", stopped=True),
        SavedTurn("Open?"),
    ]
    id_ = conversations.begin(answer("First?"))
    for turn in turns:
        conversations.append(id_, turn)
    text = write_conversation(conversations.get(id_), "md")
    for told in (
        "## Dates?\n\n*Papers from 2024 to the last*\n\n*No answer: no \\*model\\* answered*",
        "## Stopped?\n\nHalf an\n\n*Stopped.*",
        "## Open?\n\n*No answer: it was not finished.*",
    ):
        assert told in text


HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=y>",
    "![](https://evil.test/a.png) [click](javascript:x)",
    "# heading\n\n```\nfence\n\n1. list [1]",
    "\u202eturned\u2066\u200f\u061c \x1b[31m \x00 \ud800",
    "www.evil.test https://evil.test &lt;b&gt; $x$ | | |",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_foreign_text_is_text(
    conversations: Conversations, answer: Answered, text: str
) -> None:
    paper = Paper(text, text, text, url=text, authors=(text,), venue=text)
    turn = replace(citing(answer(text, "So it is [1]."), paper), problem=text)
    id_ = conversations.begin(turn)
    conversations.rename(id_, text)
    written = write_conversation(conversations.get(id_), "md")
    written.encode()
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]",
        written,
    )
    blocks = MarkdownIt("commonmark").parse(written)
    inline = [child for block in blocks for child in block.children or ()]
    kinds = {token.type for token in [*blocks, *inline]}
    assert not kinds & {"image", "html_block", "html_inline", "fence", "link_open"}
    assert [block.tag for block in blocks if block.type == "heading_open"] == [
        *("h1", "h2", "h2"),
    ]


def test_json_is_read_back_as_the_same_conversation(
    conversations: Conversations, answer: Answered
) -> None:
    id_ = conversations.begin(citing(answer("First?", "B [2], a [1]."), A, B))
    for text in HOSTILE:
        conversations.append(id_, citing(answer(text, text), C))
    saved = conversations.get(id_)
    text = write_conversation(saved, "json")
    again = read_conversation(json.loads(text.encode()))
    assert again == saved
    assert history_of(again.turns) == history_of(saved.turns)
    document = json.loads(text)
    assert document["id"] == id_
    assert document["turns"][0]["answer"]["answer"] == "B [2], a [1]."
    assert [paper["id"] for paper in document["papers"]] == ["a", "b", "vgg", "c"]


def test_other_formats_are_refused(
    conversations: Conversations, answer: Answered
) -> None:
    saved = conversations.get(conversations.begin(answer("First?")))
    with pytest.raises(InputError, match="choose from md, json"):
        write_conversation(saved, "docx")
