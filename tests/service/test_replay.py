"""ragbot/service/replay.py: whether a collection still gives an answer that was saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragbot.errors import InputError
from ragbot.pipeline import Ragbot
from ragbot.service import Service
from ragbot.testing import tiny_collection
from ragbot.types import Filters, Message, Paper

QUESTION = "How does OLinear forecast time series?"


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Ragbot]:
    with tiny_collection(tmp_path / "tiny") as bot:
        yield bot


def saved(
    bot: Ragbot,
    path: Path,
    question: str = QUESTION,
    history: tuple[Message, ...] = (),
    filters: Filters | None = None,
) -> Path:
    service = Service(bot)
    answer = service.ask(question, history, filters)
    path.write_text(service.saved(answer, history, filters), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("question", "filters"),
    [
        (QUESTION, None),
        ("How many papers are there?", None),
        ("Which papers forecast series?", Filters("2013", "2026")),
        ("What is the capital of Mongolia?", None),
    ],
)
def test_the_same_collection_gives_the_same_answer(
    bot: Ragbot, tmp_path: Path, question: str, filters: Filters | None
) -> None:
    verdict = Service(bot).verify(saved(bot, tmp_path / "a", question, (), filters))
    assert verdict.holds
    assert (verdict.changes, verdict.since, verdict.rewritten) == ((), (), False)


def test_a_follow_up_is_asked_with_what_came_before(
    bot: Ragbot, tmp_path: Path
) -> None:
    history = (Message("user", QUESTION), Message("assistant", bot.ask(QUESTION).text))
    path = saved(bot, tmp_path / "a", "How many benchmarks was it tested on?", history)
    assert Service(bot).verify(path).holds


def test_a_paper_that_is_gone_is_named(bot: Ragbot, tmp_path: Path) -> None:
    path = saved(bot, tmp_path / "a")
    (gone,) = [p for p in bot.papers() if p.title.startswith("OLinear")]
    bot.remove([gone.id])
    verdict = Service(bot).verify(path)
    assert not verdict.holds
    assert any(c.startswith("[1] is gone: OLinear") for c in verdict.changes)
    assert any(line.startswith("collection was") for line in verdict.since)


def test_a_better_paper_that_came_is_named(bot: Ragbot, tmp_path: Path) -> None:
    path = saved(bot, tmp_path / "a", "Which papers forecast time series?")
    abstract = (
        "OLinear forecasts time series. We show how OLinear forecasts time series."
    )
    bot.add([Paper("new", "How OLinear forecasts time series", abstract)], source="n")
    verdict = Service(bot).verify(path)
    assert "newly cited: How OLinear forecasts time series" in verdict.changes


def test_what_no_longer_stands_in_its_abstract_is_told(
    bot: Ragbot, tmp_path: Path
) -> None:
    path = saved(bot, tmp_path / "a")
    document = json.loads(path.read_text("utf-8"))
    document["answer"]["quotes"][0]["text"] = "OLinear is a cake."
    document["answer"]["mode"] = "llm"
    path.write_text(json.dumps(document), encoding="utf-8")
    verdict = Service(bot).verify(path)
    assert verdict.rewritten
    assert verdict.changes == ("[1] says no longer: OLinear is a cake.",)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (None, "no such file"),
        ("{", "not a JSON file"),
        ("[]", "no JSON object"),
        ("{}", "saved_answer"),
        ('{"saved_answer": 9}', "form 9"),
        ('{"saved_answer": 1, "history": [{}], "answer": {}}', "turn 1"),
        ('{"saved_answer": 1, "history": [], "answer": {"question": 3}}', "question"),
    ],
)
def test_a_file_that_is_none_is_refused(
    bot: Ragbot, tmp_path: Path, text: str | None, named: str
) -> None:
    path = tmp_path / "bad.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=named) as raised:
        Service(bot).verify(path)
    assert str(path) in raised.value.message
    assert "--save" in raised.value.remedy
