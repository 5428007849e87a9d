"""The Model tab: who may change what, and what it never shows."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from ragbot.errors import ConfigError, LlmError
from ragbot.pipeline import Ragbot
from ragbot.service import Service
from ragbot.testing import ScriptedServer, tiny_collection
from ragbot.window.app import build

FORM = ("model-form", "model-use", "model-test")


def parts(bot: Ragbot, *, shared: bool) -> tuple[set[str], str]:
    """Names of what the window is made of, and all that a browser is sent."""
    told = build(Service(bot), shared=shared).get_config_file()
    names = {component["props"].get("elem_id") for component in told["components"]}
    return names, json.dumps(told, default=str)


def test_a_window_of_ones_own_has_a_form(tmp_path: Path) -> None:
    with tiny_collection(tmp_path) as bot:
        names, _ = parts(bot, shared=False)
    assert names.issuperset(FORM)


def test_a_window_open_to_others_has_none(tmp_path: Path) -> None:
    """An address that visitors choose would be asked from here, with the owner's key."""
    with tiny_collection(tmp_path) as bot:
        names, sent = parts(bot, shared=True)
    assert names.isdisjoint(FORM)
    assert "model-ways" in names
    assert "This window can be opened from other machines" in sent


def test_no_key_is_sent_to_a_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-never-shown")
    with tiny_collection(tmp_path) as bot:
        _, sent = parts(bot, shared=False)
    assert "OPENAI_API_KEY is set" in sent
    assert "sk-never-shown" not in sent


def test_a_model_is_exchanged_while_the_collection_is_open(tmp_path: Path) -> None:
    with (
        ScriptedServer("OLinear forecasts [1].") as server,
        tiny_collection(tmp_path) as bot,
    ):
        llm = dataclasses.replace(bot.settings.llm, provider="openai", model="scripted")
        before = bot.fingerprint()["config"]
        bot.use_language_model(dataclasses.replace(llm, base_url=server.base_url))
        answer = bot.ask("What does OLinear forecast?")
        assert answer.mode == "llm"
        assert answer.fingerprint["config"] != before
        with pytest.raises(ConfigError):
            bot.use_language_model(dataclasses.replace(llm, base_url="nowhere"))
        with pytest.raises(LlmError, match="/nowhere"):
            bot.use_language_model(
                dataclasses.replace(llm, provider="local", model="/nowhere")
            )
        assert bot.ask("What does OLinear forecast?").mode == "llm", (
            "the one in use stays"
        )

        bot.use_language_model(dataclasses.replace(llm, provider="none"))
        assert bot.ask("What does OLinear forecast?").mode == "extractive"
        assert len(server.chats) == 2
