"""ragbot/llm/integrations.py: llama-index's classes, the installed one behind real HTTP."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Generator

import pytest

from ragbot.config import LlmSettings
from ragbot.errors import ConfigError, LlmError
from ragbot.llm import PROVIDERS, LlamaIndexLlm, Llm, load_llm
from ragbot.llm.integrations import INTEGRATIONS, Integration
from ragbot.testing import FAULTS, Script, ScriptedServer
from ragbot.types import Message

Configured = Callable[..., LlmSettings]
KEY = "sk-proj-Zx81kq5TtLmN0"

# The one class that comes with llama-index itself stands for those of the table.
INSTALLED = Integration(
    "llama_index.llms.openai",
    "OpenAI",
    "llama-index-llms-openai",
    "SOME_API_KEY",
    {
        "model": "model",
        "temperature": "temperature",
        "retries": "max_retries",
        "timeout": "timeout",
        "base_url": "api_base",
        "key": "api_key",
    },
)


@pytest.fixture
def by_table(
    configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> Callable[[ScriptedServer], Llm]:
    """Loads the installed class from the table, for a scripted server."""
    monkeypatch.setitem(INTEGRATIONS, "installed", INSTALLED)
    monkeypatch.setenv("SOME_API_KEY", KEY)

    def load(server: ScriptedServer) -> Llm:
        llm = load_llm(
            configured(
                provider="installed",
                model="gpt-4o-mini",
                base_url=server.base_url,
                timeout=0.4,
                retries=0,
                temperature=0.3,
            )
        )
        assert llm is not None
        return llm

    return load


def fails(llm: Llm, question: list[Message]) -> LlmError:
    with pytest.raises(LlmError) as caught:
        list(llm.stream(question, max_tokens=50))
    return caught.value


def test_settings_key_and_messages_reach_the_service(
    server: ScriptedServer,
    by_table: Callable[[ScriptedServer], Llm],
    question: list[Message],
) -> None:
    server.then(Script("OLinear forecasts time series [1].", delay=0.05))
    llm = by_table(server)
    pieces = list(llm.stream(question, max_tokens=50))
    assert "".join(p.text for p in pieces) == "OLinear forecasts time series [1]."
    assert len(pieces) > 1
    (request,) = server.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.messages == question
    assert request.body["model"] == "gpt-4o-mini"
    assert request.body["temperature"] == 0.3
    assert request.body["max_tokens"] == 50
    assert llm.name == "gpt-4o-mini by OpenAI"
    assert llm.context_window == 128_000


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("key", "key"),
        ("model", "model"),
        ("busy", "busy"),
        ("overloaded", "server"),
        ("context", "context"),
        ("silent", "timeout"),
        ("stalled", "timeout"),
        ("cut", "cut"),
        ("empty", "empty"),
        ("length", "length"),
        ("malformed", "malformed"),
        ("error in the stream", "server"),
    ],
)
def test_a_failure(
    server: ScriptedServer,
    by_table: Callable[[ScriptedServer], Llm],
    question: list[Message],
    fault: str,
    kind: str,
) -> None:
    server.then(FAULTS[fault])
    error = fails(by_table(server), question)
    assert error.kind == kind
    assert error.partial == (FAULTS[fault].status == 200 and bool(FAULTS[fault].text))
    assert KEY not in str(error)


def test_nobody_there(
    by_table: Callable[[ScriptedServer], Llm], question: list[Message]
) -> None:
    with ScriptedServer() as gone:
        pass
    assert fails(by_table(gone), question).kind == "unreachable"


def test_an_error_of_a_class_of_its_own(question: list[Message]) -> None:
    from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata

    class Broken(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(model_name="broken")

        def complete(
            self, prompt: str, formatted: bool = False, **_: object
        ) -> CompletionResponse:
            raise AssertionError("an answer that does not stream")

        def stream_complete(
            self, prompt: str, formatted: bool = False, **_: object
        ) -> Generator[CompletionResponse, None, None]:
            yield CompletionResponse(text="OLinear", delta="OLinear")
            raise LookupError(f"no luck with {KEY}\nat all")

    error = fails(LlamaIndexLlm(Broken()), question)
    assert (error.kind, error.partial) == ("server", True)
    assert (
        str(error)
        == "Broken failed on its side (no luck with *** at all): ask again later"
    )


@pytest.mark.parametrize("name", INTEGRATIONS)
def test_a_package_that_is_missing(
    configured: Configured, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    entry = INTEGRATIONS[name]
    if importlib.util.find_spec(entry.module):
        pytest.skip(f"{entry.package} is installed")
    with pytest.raises(LlmError, match=f"pip install {entry.package}$") as caught:
        load_llm(configured(provider=name, model="some"))
    assert caught.value.kind == "setup"


def test_a_key_that_is_missing(
    server: ScriptedServer,
    by_table: Callable[[ScriptedServer], Llm],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SOME_API_KEY")
    with pytest.raises(
        LlmError, match="installed wants a key: set SOME_API_KEY"
    ) as caught:
        by_table(server)
    assert caught.value.kind == "key"


def test_settings_that_a_class_refuses(
    configured: Configured, by_table: Callable[[ScriptedServer], Llm]
) -> None:
    with pytest.raises(LlmError, match=r"refuses the settings under \[llm\]") as caught:
        load_llm(configured(provider="installed", model="gpt-4o-mini", retries=-1))
    assert caught.value.kind == "setup"
    with pytest.raises(ConfigError, match=r"llm\.model is empty"):
        load_llm(configured(provider="installed"))


def test_a_provider_that_is_none(configured: Configured) -> None:
    with pytest.raises(
        ConfigError, match=r"llm\.provider is .* set it to one of none, openai, local, "
    ):
        load_llm(configured(provider="opnai"))


def test_every_provider_says_what_it_needs() -> None:
    assert set(PROVIDERS) == {"none", "openai", "local", *INTEGRATIONS}
    for name, entry in INTEGRATIONS.items():
        assert entry.package in PROVIDERS[name]
        assert entry.key in PROVIDERS[name]


def test_reasoning_of_a_class(question: list[Message]) -> None:
    from llama_index.core.llms import ChatMessage, ChatResponse, MockLLM

    class Thinks(MockLLM):
        def stream_chat(
            self, messages: object, **_: object
        ) -> Generator[ChatResponse, None, None]:
            for thought, text in (("Which?", ""), ("", "OLinear.")):
                said = ChatMessage(
                    role="assistant",
                    content=text,
                    additional_kwargs={"thinking_delta": thought},
                )
                yield ChatResponse(message=said, delta=text)

    pieces = list(LlamaIndexLlm(Thinks()).stream(question, max_tokens=50))
    assert [(p.text, p.reasoning) for p in pieces] == [
        ("Which?", True),
        ("OLinear.", False),
    ]


def test_the_script_is_played(server: ScriptedServer, question: list[Message]) -> None:
    """What the stand-in server says may depend on what it is asked."""
    from llama_index.llms.openai import OpenAI

    server.then(lambda messages: Script(messages[-1].content.upper()))
    llm = LlamaIndexLlm(OpenAI("gpt-4o-mini", api_base=server.base_url, api_key="x"))
    pieces = list(llm.stream(question, max_tokens=50))
    assert "".join(p.text for p in pieces) == "WHAT DOES OLINEAR FORECAST?"
