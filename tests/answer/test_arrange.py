"""Answers over a real index, by what kind of question they answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ragbot.pipeline import Ragbot
from ragbot.question.turns import turns_of
from ragbot.testing import tiny_collection
from ragbot.types import Answer, Message, Paper

SPEED = Paper(
    "speed",
    "TurboNet: Pruning Networks in One Shot",
    "Large networks are slow and costly. We propose TurboNet, a method that prunes channels "
    "in one shot. It scores channels by their gradients. Experiments on CIFAR-10 and "
    "ImageNet show a speedup of 3.5x. However, TurboNet requires more memory. "
    "Code is available at https://github.com/turbo/net.",
    date="2024-03-01",
)
OLDER = Paper(
    "older",
    "Pruning Channels Without Gradients",
    "We prune channels without gradients. Magnitudes decide which channels stay.",
    date="2023-01-01",
)
KEYWORDS = Paper("words", "Widgets", "Keywords: widgets. We study widgets in detail.")


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path_factory.mktemp("tiny")) as bot:
        bot.add([SPEED, OLDER, KEYWORDS], source="more")
        yield bot


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What is TurboNet?", "We propose TurboNet, a method"),
        ("Where is the code of TurboNet?", "Code is available at"),
        ("What are the limitations of TurboNet?", "However, TurboNet requires"),
        ("What speedup does turbonet reach?", "Experiments on CIFAR-10"),
    ],
)
def test_the_first_quote_is_what_is_asked_for(
    bot: Ragbot, question: str, first: str
) -> None:
    answer = bot.ask(question)
    assert answer.quotes[0].text.startswith(first)
    assert [c.paper.id for c in answer.papers] == ["speed"]


def test_a_summary_has_problem_method_and_result(bot: Ragbot) -> None:
    text = bot.ask("Summarise the TurboNet paper").text
    places = [text.index(part) for part in ("Problem:", "Method:", "Result:")]
    assert places == sorted(places)
    assert "Large networks are slow" in text[places[0] : places[1]]
    assert "We propose TurboNet" in text[places[1] : places[2]]
    assert "speedup of 3.5x" in text[places[2] :]


def test_what_refers_to_the_sentence_before_brings_it(bot: Ragbot) -> None:
    answer = bot.ask("How does TurboNet score channels?")
    quoted = next(q.text for q in answer.quotes if "It scores channels" in q.text)
    assert quoted.startswith("We propose TurboNet") or any(
        q.text.startswith("We propose TurboNet") for q in answer.quotes
    )
    assert all(q.text in SPEED.abstract for q in answer.quotes)


def test_papers_that_do_what_is_excluded_are_left_out(bot: Ragbot) -> None:
    ids = [c.paper.id for c in bot.ask("Pruning papers without gradients").papers]
    assert "older" in ids
    assert "speed" not in ids


def test_the_newest_on_a_topic_come_first(bot: Ragbot) -> None:
    papers = bot.ask("latest papers on pruning channels").papers
    dates = [c.paper.date for c in papers if c.paper.date]
    assert dates == sorted(dates, reverse=True)
    assert papers[0].paper.id == "speed"


def test_papers_like_one_are_others(bot: Ragbot) -> None:
    answer = bot.ask("Which papers are similar to TurboNet?")
    assert answer.text.startswith("The papers most like “TurboNet")
    assert "speed" not in [c.paper.id for c in answer.papers]
    assert answer.papers[0].paper.id == "older"


def test_a_count_is_said(bot: Ragbot) -> None:
    answer = bot.ask("How many papers are about pruning channels?")
    assert answer.text.startswith(f"{len(answer.papers)} paper")


def test_a_question_in_another_language_is_told_to_ask_in_english(bot: Ragbot) -> None:
    answer = bot.ask("Welche Kuchen backt man im Winter?")
    assert "auf Englisch" in answer.text
    named = bot.ask("Was ist TurboNet?")
    assert named.papers[0].paper.id == "speed"
    assert "Englisch" not in named.text


def asked(bot: Ragbot, *questions: str) -> Answer:
    history: list[Message] = []
    for question in questions:
        answer = bot.ask(question, history)
        history += [Message("user", question), Message("assistant", answer.text)]
    return answer


def test_a_list_is_narrowed_by_date(bot: Ragbot) -> None:
    answer = asked(bot, "papers on pruning channels", "only those from 2024")
    assert [c.paper.id for c in answer.papers] == ["speed"]


def test_a_comparison_is_a_table_with_a_column_a_work(bot: Ragbot) -> None:
    answer = bot.ask("Compare TurboNet and Pruning Channels Without Gradients")
    rows = [line for line in answer.text.splitlines() if line.startswith("|")]
    assert [row.split(" | ")[0].strip("| ") for row in rows] == [
        "",
        "---",
        "Problem",
        "Method",
        "Result",
        "Numbers",
    ]
    assert "**TurboNet: Pruning Networks in One Shot** [1] | **Pruning" in rows[0]
    assert rows[2].endswith("| Large networks are slow and costly. [1] | – |")
    cited = {c.n: c.paper for c in answer.papers}
    assert all(q.text in cited[q.n].abstract for q in answer.quotes)
    shown = [q.text.split(".")[0] for q in answer.quotes]
    places = [answer.text.index(text) for text in shown]
    assert places[:4] == sorted(places[:4])


def test_what_a_comparison_asks_for_stands_first(bot: Ragbot) -> None:
    question = "Compare the memory of TurboNet and Pruning Channels Without Gradients"
    row = next(r for r in bot.ask(question).text.splitlines() if "On this" in r)
    assert "However, TurboNet requires more memory. [1]" in row


def test_the_papers_and_quotes_of_a_table_are_known_to_the_next_question(
    bot: Ragbot,
) -> None:
    question = "Compare TurboNet and Pruning Channels Without Gradients"
    table = bot.ask(question).text
    (turn,) = turns_of([Message("user", question), Message("assistant", table)])
    assert turn.main == (SPEED.title, OLDER.title)
    assert not turn.is_list
    assert "Large networks are slow and costly." in turn.quoted
    assert not any(title in turn.quoted for title in turn.main)
    told = bot.ask(
        "does the second one use gradients?",
        [Message("user", question), Message("assistant", table)],
    )
    assert [c.paper.id for c in told.papers] == ["older"]
