"""ragbot/llm/openai_compatible.py against a real server on loopback: answers, and every failure."""

from __future__ import annotations

import logging
import socket
import threading
import traceback
from collections.abc import Callable

import pytest

from ragbot.config import LlmSettings, load_settings
from ragbot.errors import ConfigError, LlmError
from ragbot.llm import Llm, Piece, load_llm
from ragbot.testing import FAULTS, Script, ScriptedServer, wait_until
from ragbot.types import Message

Connected = Callable[..., Llm]
KEY = "sk-proj-Zx81kq5TtLmN0"


def fails(llm: Llm, question: list[Message]) -> tuple[LlmError, str]:
    """The failure, and the text that came before it."""
    text = ""
    stream = llm.stream(question, max_tokens=50)
    while True:
        try:
            text += next(stream).text
        except LlmError as error:
            return error, text


# -- answers ----------------------------------------------------------------------------------


def test_what_is_sent(
    server: ScriptedServer, connected: Connected, question: list[Message]
) -> None:
    list(connected(server, temperature=0.3).stream(question, max_tokens=50))
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.messages == question
    assert request.body == {
        "model": "scripted",
        "messages": [{"role": m.role, "content": m.content} for m in question],
        "stream": True,
        "max_tokens": 50,
        "temperature": 0.3,
    }
    assert "authorization" not in request.headers


def test_the_text_is_the_servers(
    server: ScriptedServer, connected: Connected, question: list[Message]
) -> None:
    server.then(
        Script(tokens=("OLinear", " fore", "casts [", "1", "2", "]", ".\n", "🙂"))
    )
    pieces = [p.text for p in connected(server).stream(question, max_tokens=50)]
    assert "".join(pieces) == "OLinear forecasts [12].\n🙂"


def test_reasoning_in_a_field_of_its_own(
    server: ScriptedServer, connected: Connected, question: list[Message]
) -> None:
    server.then(Script("OLinear [1].", reasoning="Which? [9]"))
    pieces = list(connected(server).stream(question, max_tokens=50))
    assert "".join(p.text for p in pieces if p.reasoning) == "Which? [9]"
    assert "".join(p.text for p in pieces if not p.reasoning) == "OLinear [1]."


def test_reasoning_in_tags(
    server: ScriptedServer, connected: Connected, question: list[Message]
) -> None:
    server.then("<think>Which? [9]</think> OLinear.")
    pieces = list(connected(server).stream(question, max_tokens=50))
    assert "".join(p.text for p in pieces if p.reasoning) == "Which? [9]"
    assert "".join(p.text for p in pieces if not p.reasoning) == "OLinear."


def test_the_key_of_the_environment_is_sent_and_to_nobody_else(
    server: ScriptedServer,
    connected: Connected,
    question: list[Message],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    llm = connected(server)
    with ScriptedServer("Elsewhere.") as other:
        moved = Script(
            status=307, headers={"Location": other.base_url + "/chat/completions"}
        )
        server.then("Here.", moved)
        list(llm.stream(question, max_tokens=50))
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
        error, _ = fails(llm, question)
        assert error.kind == "request"
        assert "another address" in str(error)
        assert other.requests == []


@pytest.mark.parametrize("what", ["answer", "window"])
def test_without_keys_nothing_of_the_environment_is_sent(
    server: ScriptedServer,
    configured: Callable[..., LlmSettings],
    question: list[Message],
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", f"{KEY}-admin")
    monkeypatch.setenv("OPENAI_ORG_ID", f"{KEY}-organisation")
    monkeypatch.setenv("OPENAI_PROJECT_ID", f"{KEY}-project")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"api-key: {KEY}-custom")
    settings = configured(provider="openai", model="scripted", base_url=server.base_url)
    for keys in (True, False):
        llm = load_llm(settings, keys=keys)
        assert llm is not None
        if what == "answer":
            list(llm.stream(question, max_tokens=50))
        else:
            assert llm.context_window > 0
    owned, bare = (str(dict(request.headers)) for request in server.requests)
    assert KEY in owned
    assert KEY not in bare


def test_an_integration_is_never_pointed_at_an_address_without_keys(
    configured: Callable[..., LlmSettings],
) -> None:
    settings = configured(provider="mistral", base_url="http://127.0.0.1:9", model="m")
    with pytest.raises(ConfigError, match="settings"):
        load_llm(settings, keys=False)


def test_a_proxy_is_not_asked_for_a_server_on_this_machine(
    server: ScriptedServer,
    connected: Connected,
    question: list[Message],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ScriptedServer("From the proxy.") as proxy:
        for name in ("http_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.base_url.removesuffix("/v1"))
        monkeypatch.delenv("no_proxy", raising=False)
        assert list(connected(server).stream(question, max_tokens=50))
        assert proxy.requests == []


def test_arguments_that_a_model_does_not_take(
    server: ScriptedServer, connected: Connected, question: list[Message]
) -> None:
    """As OpenAI's reasoning models do it: one is renamed, the other left out."""

    def refusal(param: str) -> Script:
        return Script(
            f"{param} is unsupported", status=400, code="unsupported_value", param=param
        )

    server.then(refusal("max_tokens"), refusal("temperature"), "OLinear [1].")
    assert list(connected(server).stream(question, max_tokens=50))
    last = server.requests[-1].body
    assert last["max_completion_tokens"] == 50
    assert {"max_tokens", "temperature"}.isdisjoint(last)


@pytest.mark.parametrize(
    ("told", "set_to", "window"),
    [(0, 0, 4096), (32_768, 0, 32_768), (32_768, 8192, 8192)],
)
def test_the_window(connected: Connected, told: int, set_to: int, window: int) -> None:
    with ScriptedServer("Yes.", context_window=told) as server:
        llm = connected(server, context_window=set_to)
        assert llm.context_window == window
        assert llm.context_window == window
        assert len(server.requests) == (0 if set_to else 1)


def test_the_window_of_a_server_that_is_not_there(connected: Connected) -> None:
    with ScriptedServer() as gone:
        pass
    assert connected(gone).context_window == 4096


# -- failures ---------------------------------------------------------------------------------

# What each fault is called, what the message says, and whether it is worth another try.
EXPECTED = {
    "key": (
        "key",
        "wants a key (Incorrect API key provided): set OPENAI_API_KEY",
        False,
    ),
    "forbidden": ("key", "OPENAI_API_KEY", False),
    "model": ("model", "has no model 'scripted'", False),
    "busy": ("busy", "is busy (Rate limit reached): ask again in 1 s", True),
    "busy for long": ("busy", "ask again in 120 s", False),
    "no credit": ("key", "out of credit", False),
    "server": ("server", "failed on its side (status 500, Internal error)", True),
    "overloaded": ("server", "status 503", True),
    "context": ("context", "set llm.context_window", False),
    "refused": ("request", "refuses the request (status 400", False),
    "silent": ("timeout", "sent nothing for 0.4 s", True),
    "silent stream": ("timeout", "raise llm.timeout", True),
    "stalled": ("timeout", "raise llm.timeout", False),
    "cut": ("cut", "broke before the answer was complete", False),
    "cut at once": ("cut", "ask again", True),
    "closed": ("cut", "ask again", False),
    "empty": ("empty", "an empty answer", False),
    "length": ("length", "cut at 50 tokens: raise llm.max_tokens", False),
    "filtered": ("filtered", "content filter", False),
    "malformed": ("malformed", "check that llm.base_url", False),
    "malformed at once": ("malformed", "check that llm.base_url", False),
    "error in the stream": ("server", "The engine died", False),
    "no stream": ("malformed", "often ends in /v1", False),
}


def test_every_fault_is_expected() -> None:
    assert EXPECTED.keys() == FAULTS.keys()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failure(
    server: ScriptedServer, connected: Connected, question: list[Message], fault: str
) -> None:
    kind, says, again = EXPECTED[fault]
    script = FAULTS[fault]
    server.then(script)
    error, text = fails(connected(server, retries=1, max_tokens=50), question)
    assert error.kind == kind
    assert text == (script.text if script.status == 200 else "")
    assert error.partial == bool(text)
    assert says in str(error)
    assert "\n" not in str(error)
    assert len(server.chats) == 1 + again


def test_nobody_there(connected: Connected, question: list[Message]) -> None:
    with ScriptedServer() as gone:
        pass
    error, _ = fails(connected(gone), question)
    assert (error.kind, error.partial) == ("unreachable", False)
    assert f"{gone.base_url} cannot be reached: start it, or check llm.base_url" in str(
        error
    )


def test_a_failure_that_passes_is_not_seen(
    server: ScriptedServer, connected: Connected, question: list[Message]
) -> None:
    server.then(FAULTS["busy"], FAULTS["cut at once"], "OLinear [1].")
    pieces = list(connected(server, retries=2).stream(question, max_tokens=50))
    assert "".join(p.text for p in pieces) == "OLinear [1]."
    assert len(server.chats) == 3


def test_reasoning_that_was_shown_is_not_begun_again(
    server: ScriptedServer, connected: Connected, question: list[Message]
) -> None:
    server.then(Script(reasoning="Which?", end="cut"))
    error, text = fails(connected(server, retries=2), question)
    assert (error.kind, error.partial, text) == ("cut", False, "Which?")
    assert len(server.chats) == 1


@pytest.mark.parametrize("fault", ["silent", "silent stream", "stalled"])
def test_stopping_closes_the_connection(
    server: ScriptedServer, connected: Connected, question: list[Message], fault: str
) -> None:
    """However long the server would let us wait."""
    server.then(FAULTS[fault])
    stop = threading.Event()
    heard: list[Piece] = []
    stream = connected(server, timeout=600.0).stream(question, max_tokens=50, stop=stop)
    listening = threading.Thread(target=lambda: heard.extend(stream))
    listening.start()
    wait_until(lambda: server.chats)
    stop.set()
    listening.join()
    assert server.chats[0].hung_up.wait(10)


def test_stopping_while_waiting_for_another_try(
    server: ScriptedServer, connected: Connected, question: list[Message]
) -> None:
    server.then(Script("Later", status=429, headers={"Retry-After": "29"}))
    stop = threading.Event()
    stream = connected(server, retries=9).stream(question, max_tokens=50, stop=stop)
    listening = threading.Thread(target=lambda: list(stream))
    listening.start()
    wait_until(lambda: server.chats)
    stop.set()
    listening.join()
    assert len(server.chats) == 1


# -- keys and addresses -----------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["key", "forbidden", "server", "error in the stream"])
def test_the_key_is_nowhere(
    connected: Connected,
    question: list[Message],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    """Even where the server sends it back."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    echo = (
        Script("{key} and Bearer {key}", status=500)
        if fault == "server"
        else FAULTS[fault]
    )
    with ScriptedServer(echo) as server:
        llm = connected(server)
        error, _ = fails(llm, question)
        assert server.chats[0].headers["authorization"] == f"Bearer {KEY}"
    told = "".join(traceback.format_exception(error))
    for text in (str(error), repr(error), told, repr(llm), llm.name, caplog.text):
        assert KEY not in text
    assert caplog.text, "nothing was logged, so nothing was tested"


def test_another_key_is_refused(
    connected: Connected, question: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ScriptedServer("Yes.", key="another") as server:
        error, _ = fails(connected(server), question)
    assert error.kind == "key"
    assert "refuses the key" in str(error)
    assert "check OPENAI_API_KEY in the environment" in str(error)


def test_openai_itself_is_not_asked_without_a_key(
    configured: Callable[..., LlmSettings],
) -> None:
    with pytest.raises(
        LlmError, match=r"set OPENAI_API_KEY, or name .* llm\.base_url"
    ) as caught:
        load_llm(configured(provider="openai", model="llama3"))
    assert caught.value.kind == "key"


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("localhost:11434/v1", "must begin with http:// or https://"),
        ("http://me:secret@localhost/v1", "neither a password nor a query"),
        ("http://localhost/v1?key=secret", "neither a password nor a query"),
    ],
)
def test_an_address_that_cannot_be_used(
    configured: Callable[..., LlmSettings], address: str, says: str
) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        load_llm(configured(provider="openai", model="qwen3", base_url=address))
    assert "secret" not in str(caught.value)


def test_no_model_named(configured: Callable[..., LlmSettings]) -> None:
    with pytest.raises(ConfigError, match=r"llm\.model is empty"):
        load_llm(configured(provider="openai", base_url="http://localhost:1/v1"))


def test_a_key_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        ConfigError, match=r"unknown setting llm\.api_key: keys come from"
    ) as error:
        load_settings(environ={"RAGBOT_LLM__API_KEY": KEY})
    assert KEY not in str(error.value)
    plain = load_settings(environ={}).fingerprint()
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert load_settings(environ={"OPENAI_API_KEY": KEY}).fingerprint() == plain


def test_none_opens_no_socket(
    configured: Callable[..., LlmSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket")

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(socket, "socket", refuse)
    assert (
        load_llm(configured(provider="none", model="gpt-5", base_url="http://a.b/v1"))
        is None
    )
