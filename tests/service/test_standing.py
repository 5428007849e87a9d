"""Whether the language model answers: green for what did, red for what did not, else neither."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from ragbot.config import load_settings
from ragbot.errors import LlmError
from ragbot.service import Service
from ragbot.service.standing import ModelWatch, Standing
from ragbot.testing import FAULTS, ScriptedServer, tiny_collection
from ragbot.window.html.head import mode_html, writer
from ragbot.window.masthead import Masthead

QUESTION = "What does OLinear forecast?"


def use(service: Service, server: ScriptedServer) -> None:
    told = {"provider": "openai", "model": "scripted", "base_url": server.base_url}
    asked = dataclasses.replace(service.settings.llm, retries=0, **told)
    service.load_model(asked).wait()


def heard(known: ModelWatch) -> tuple[str, float] | None:
    job = known.ask_for_a_word()
    job.wait()
    return job.heard


def test_what_is_known_of_a_model(tmp_path: Path) -> None:
    with (
        ScriptedServer("OLinear forecasts [1].") as server,
        Service(tiny_collection(tmp_path)) as service,
    ):
        known = service.watch
        assert known.standing.light == "quotes"
        assert heard(known) is None

        use(service, server)
        assert known.standing.light == "unheard"
        name_and_seconds = heard(known)
        assert name_and_seconds
        assert name_and_seconds[0].startswith("scripted")
        assert known.standing.light == "answers"

        quotes = dataclasses.replace(service.settings.llm, provider="none")
        service.load_model(quotes).wait()
        assert known.standing.light == "quotes"


@pytest.mark.parametrize("fault", ["forbidden", "cut at once", "empty"])
def test_the_last_answer_tells(tmp_path: Path, fault: str) -> None:
    with (
        ScriptedServer("OLinear forecasts [1].") as server,
        Service(tiny_collection(tmp_path)) as service,
    ):
        known = service.watch
        use(service, server)
        service.ask(QUESTION)
        assert known.standing.light == "answers"

        server.then(FAULTS[fault])
        service.ask(QUESTION)
        assert known.standing.light == "fails"
        assert known.standing.failure
        assert "does not answer" in mode_html(known.standing)

        server.then("OLinear forecasts [1].")
        service.ask(QUESTION)
        assert known.standing.light == "answers"
        assert known.standing.failure == ""


def test_an_answer_for_which_no_model_was_asked_tells_nothing(tmp_path: Path) -> None:
    with (
        ScriptedServer("OLinear forecasts [1].") as server,
        Service(tiny_collection(tmp_path)) as service,
    ):
        known = service.watch
        use(service, server)
        service.ask("???")
        assert server.chats == []
        assert known.standing.light == "unheard"


def test_a_model_that_is_not_there_gives_no_green_light(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        gone = server.base_url
    with Service(tiny_collection(tmp_path)) as service:
        told = {"provider": "openai", "model": "gone", "base_url": gone, "retries": 0}
        asked = dataclasses.replace(service.settings.llm, **told)
        service.load_model(asked).wait()
        known = service.watch
        with pytest.raises(LlmError):
            heard(known)
        assert known.standing.light == "fails"
        assert "cannot be reached" in mode_html(known.standing)


def test_the_head_of_the_window_finds_out_by_itself_and_once(tmp_path: Path) -> None:
    with (
        ScriptedServer("Ready.") as server,
        Service(tiny_collection(tmp_path)) as service,
    ):
        use(service, server)
        known = service.watch
        head = Masthead(service)
        assert "has not answered yet" in head.html()
        for _ in range(200):
            if known.standing.light != "unheard":
                break
            server.closing.wait(0.05)
        head.html()
        address = server.base_url.split("/")[2]
        assert f"Answers written by scripted at {address}" in head.html()
        assert len(server.chats) == 1


def test_a_model_is_named_without_what_could_be_secret() -> None:
    llm = dataclasses.replace(
        load_settings(environ={}).llm, provider="openai", model="<b>"
    )
    address = "https://me:secret@models.example.org:8000/v1?key=secret"
    assert (
        writer(dataclasses.replace(llm, base_url=address))
        == "<b> at models.example.org:8000"
    )
    assert "&lt;b&gt; by openai" in mode_html(Standing(llm, "answers"))
