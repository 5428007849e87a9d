"""What `ragbot doctor` says of the language model."""

from __future__ import annotations

from collections.abc import Callable

from ragbot.cli.terminal import checks_text
from ragbot.config import LlmSettings
from ragbot.doctor import answers
from ragbot.llm import PROVIDERS
from ragbot.testing import FAULTS, Script, ScriptedServer

Configured = Callable[..., LlmSettings]


def connected(configured: Configured, server: ScriptedServer) -> LlmSettings:
    return configured(
        provider="openai",
        model="scripted",
        base_url=server.base_url,
        timeout=0.4,
        retries=0,
    )


def test_without_a_model_it_says_how_to_have_one(configured: Configured) -> None:
    check = answers(configured())
    first, *others = check.detail.splitlines()
    assert check.ok
    assert first == "quotes only, no language model; llm.provider can also be"
    assert [line.partition(":")[0] for line in others] == [
        n for n in PROVIDERS if n != "none"
    ]
    assert "\n        openai: any OpenAI-compatible server" in checks_text([check])


def test_a_model_that_answers_is_named(
    configured: Configured, server: ScriptedServer
) -> None:
    check = answers(connected(configured, server))
    assert check.ok
    assert check.detail.startswith("written by scripted at 127.0.0.1:")
    assert "\nnone: answers made of quotes" in check.detail
    assert len(server.requests) == 1


def test_a_model_that_thinks_too_long_works(
    configured: Configured, server: ScriptedServer
) -> None:
    server.then(Script(end="length"))
    assert answers(connected(configured, server)).ok


def test_a_model_that_fails(configured: Configured, server: ScriptedServer) -> None:
    server.then(FAULTS["key"])
    check = answers(connected(configured, server))
    assert not check.ok
    assert check.detail.endswith("wants a key (Incorrect API key provided)")
    assert check.remedy == "set OPENAI_API_KEY"


def test_a_provider_that_is_none(configured: Configured) -> None:
    check = answers(configured(provider="opnai"))
    assert not check.ok
    assert "llm.provider is 'opnai'" in check.detail
    assert check.remedy.startswith("set it to one of none, openai")
