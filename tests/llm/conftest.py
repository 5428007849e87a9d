"""Language models to test with, played by a scripted server."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import pytest

from ragbot.config import LlmSettings, load_settings
from ragbot.llm import Llm, load_llm
from ragbot.testing import ScriptedServer
from ragbot.types import Message


@pytest.fixture(scope="session")
def question() -> list[Message]:
    return [
        Message("system", "Answer from the abstracts."),
        Message("user", "What does OLinear forecast?"),
    ]


@pytest.fixture(scope="session")
def configured() -> Callable[..., LlmSettings]:
    """Makes the default settings under [llm] with some changed."""
    default = load_settings(environ={}).llm
    return lambda **told: dataclasses.replace(default, **told)


@pytest.fixture(scope="session")
def connected(configured: Callable[..., LlmSettings]) -> Callable[..., Llm]:
    """Makes the language model that a scripted server plays; of little patience."""

    def connect(server: ScriptedServer, **told: object) -> Llm:
        told = {"timeout": 0.4, "retries": 0, "base_url": server.base_url, **told}
        llm = load_llm(configured(provider="openai", model="scripted", **told))
        assert llm is not None
        return llm

    return connect


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer("OLinear forecasts time series [1].") as running:
        yield running
