"""Follow-ups and questions in parts, answered by quoting: what each of them is about, only that."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from ragbot.pipeline import Ragbot
from ragbot.testing import ScriptedServer
from ragbot.types import Answer, Message

LIGHT, MATRYOSHKA, OLINEAR = "LightHGNN", "MatryoshkaKV", "OLinear"


def asked(bot: Ragbot, *questions: str) -> Answer:
    """The answer to the last question, asked after the others and their answers."""
    history: list[Message] = []
    for question in questions[:-1]:
        answer = bot.ask(question, history)
        history += [Message("user", question), Message("assistant", answer.text)]
    return bot.ask(questions[-1], history)


def called(answer: Answer) -> list[str]:
    return [citation.paper.title.partition(":")[0] for citation in answer.papers]


def test_only_the_paper_pointed_at_is_quoted(bot: Ragbot) -> None:
    listed = bot.ask("Which papers are about neural networks?")
    assert len(listed.papers) > 2
    answer = asked(bot, listed.question, "What does the second one propose?")
    assert answer.papers[0].paper == listed.papers[1].paper
    assert len(answer.papers) == 1


def test_two_topics_in_turn_are_compared_by_their_best_papers(bot: Ragbot) -> None:
    answer = asked(
        bot,
        "Which papers compress the KV cache?",
        "And which ones forecast time series?",
        "compare both",
    )
    assert called(answer) == [MATRYOSHKA, OLINEAR]
    assert answer.text.startswith("Side by side:")


@pytest.mark.parametrize("question", ["Compare the two", "How do they differ?"])
def test_two_answers_are_compared(bot: Ragbot, question: str) -> None:
    answer = asked(bot, "What is OLinear?", "How does LightHGNN work?", question)
    assert called(answer) == [OLINEAR, LIGHT]


def test_what_a_paper_pointed_at_does_not_state_is_said(bot: Ragbot) -> None:
    answer = asked(
        bot, "Which papers forecast time series?", "How many GPUs does paper 1 need?"
    )
    assert (answer.abstained, answer.reason) == (True, "not_stated")
    assert answer.also_retrieved[0].paper.title.startswith(OLINEAR)


def test_a_place_that_the_answer_before_does_not_have(bot: Ragbot) -> None:
    answer = asked(bot, "What is OLinear?", "Explain paper 40")
    assert answer.abstained
    assert answer.text == (
        f"The answer before this names {_papers(bot)}; what “paper 40” means is not among them."
    )
    assert not answer.papers


def _papers(bot: Ragbot) -> str:
    count = len(bot.ask("What is OLinear?").papers)
    return "one paper" if count == 1 else f"{count} papers"


def test_other_papers_are_none_of_those_before(bot: Ragbot) -> None:
    first = bot.ask("Which papers are about neural networks?")
    answer = asked(bot, first.question, "any other papers?")
    before = {citation.paper.id for citation in first.papers}
    after = {citation.paper.id for citation in answer.papers}
    assert not before & after
    if answer.abstained:
        assert answer.reason == "nothing_close"
        assert answer.text.startswith("No other paper comes close to this")
        assert not before & {hit.paper.id for hit in answer.also_retrieved}
    else:
        assert "more paper" in answer.text


def test_there_are_no_more_when_all_are_named(bot: Ragbot) -> None:
    questions = ["Which papers forecast time series?", "any more?", "others?"]
    answer = asked(bot, *questions, "any further papers?")
    assert (answer.abstained, answer.reason) == (True, "nothing_close")
    assert answer.papers == ()


def test_more_of_a_paper_is_never_what_was_quoted(bot: Ragbot) -> None:
    questions = ["How does MatryoshkaKV compress the KV cache?"]
    quoted: list[str] = []
    for question in ("tell me more", "go on", "more details", "continue", "go on"):
        answer = asked(bot, *questions)
        assert called(answer)[:1] == [MATRYOSHKA]
        quoted += [quote.text for quote in answer.quotes if quote.n == 1]
        questions.append(question)
        if asked(bot, *questions).abstained:
            break
    assert len(quoted) == len(set(quoted)) > 3
    answer = asked(bot, *questions)
    assert answer.text.startswith("Everything that the abstract says has been quoted.")
    assert (answer.abstained, answer.reason) == (True, "not_stated")


def test_a_question_in_parts_is_answered_part_by_part(bot: Ragbot) -> None:
    parts = ("How does OLinear forecast?", "How do I bake bread?", "What is LightHGNN?")
    answer = bot.ask(" ".join(parts))
    assert not answer.abstained
    places = [answer.text.index(f"**{part}**") for part in parts]
    assert places == sorted(places)
    sections = [answer.text[a:b] for a, b in pairwise([*places, len(answer.text)])]
    assert f"**{OLINEAR}: " in sections[0]
    assert "Nothing in the 6 abstracts comes close" in sections[1]
    assert f"**{LIGHT}: " in sections[2]
    assert [c.n for c in answer.papers] == list(range(1, len(answer.papers) + 1))
    quoted = {quote.n for quote in answer.quotes}
    assert f"Quoted from {len(quoted)} of 6 abstracts" in sections[2]
    assert answer.text.count("*Quoted from") == 1


def test_parts_of_which_none_is_covered_are_declined(bot: Ragbot) -> None:
    answer = bot.ask("How do I bake bread? Who won the football cup in Bern?")
    assert (answer.abstained, answer.reason) == (True, "nothing_close")
    assert answer.papers == ()
    assert answer.text.endswith("*Searched 6 abstracts; no language model was used.*")


def test_the_papers_of_parts_can_be_compared(bot: Ragbot) -> None:
    parts = "How does OLinear forecast? What is LightHGNN?"
    answer = asked(bot, parts, "compare the two")
    assert called(answer) == [OLINEAR, LIGHT]


def test_a_model_is_given_the_papers_of_all_parts_in_turn(
    server: ScriptedServer, written_by: Callable[..., Ragbot]
) -> None:
    written_by(server).ask("How does OLinear forecast? What is LightHGNN?")
    (chat,) = server.chats
    told = chat.messages[-1].content
    assert 'number="1">\nTitle: OLinear' in told
    assert 'number="2">\nTitle: LightHGNN' in told
    assert told.endswith("How does OLinear forecast? What is LightHGNN?")
