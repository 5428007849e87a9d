"""Servers as they are: what they send is an answer or one clear failure, and never a traceback."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from ragbot.errors import LlmError
from ragbot.llm import Llm
from ragbot.testing.scripted import Script, ScriptedServer
from ragbot.types import Message

Connected = Callable[..., Llm]


def event(delta: dict[str, object], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()


SAID = event({"content": "OLinear [1]."})


def answer(llm: Llm, question: list[Message]) -> str:
    pieces = llm.stream(question, max_tokens=50)
    return "".join(piece.text for piece in pieces if not piece.reasoning)


@pytest.mark.parametrize(
    "raw",
    [
        (SAID, b"data: [DONE]\n\n"),
        (SAID, b"data: [DONE]"),
        (event({"content": "OLinear [1]."}, "stop").rstrip(),),
        (SAID,),
        (SAID, event({}, "stop")),
        (b"data: keepalive\n\n", SAID, b": ping\n\n", event({}, "stop")),
        (event({"role": "assistant", "content": None}), SAID, event({}, "eos")),
        (b'data: {"choices": [], "usage": null}\n\n', SAID, b"data: [DONE]\n\n"),
        (
            event({"content": "OLin"}),
            event({"content": [{"text": "ear [1]."}]}, "stop"),
        ),
        (b"\xef\xbb\xbf\n" + SAID, b"data: [DONE]\n\n"),
    ],
)
def test_an_answer_in_any_form(
    server: ScriptedServer,
    connected: Connected,
    question: list[Message],
    raw: tuple[bytes, ...],
) -> None:
    server.then(Script(raw=raw))
    assert answer(connected(server), question) == "OLinear [1]."


@pytest.mark.parametrize("last", [event({}, "stop"), b"data: [DONE]\n\n"])
def test_a_connection_that_stays_open_is_not_waited_for(
    server: ScriptedServer, connected: Connected, question: list[Message], last: bytes
) -> None:
    server.then(Script(raw=(SAID, last), end="silence"))
    assert answer(connected(server, timeout=30), question) == "OLinear [1]."


def test_halves_of_a_character_are_joined(
    server: ScriptedServer, connected: Connected, question: list[Message]
) -> None:
    halves = (
        event({"content": "Good \ud83d"}),
        event({"content": "\ude42, \ude42 [1]"}, "stop"),
    )
    server.then(Script(raw=halves))
    assert answer(connected(server), question) == "Good 🙂, � [1]"


def test_a_question_with_half_a_character_can_be_asked(
    server: ScriptedServer, connected: Connected
) -> None:
    server.then("OLinear [1].")
    asked = [Message("user", "Which paper\ud83d forecasts?")]
    assert answer(connected(server), asked) == "OLinear [1]."


@pytest.mark.parametrize("code", [400, "40", None, "unsupported_value", 1.5, [1]])
def test_an_error_of_any_code_is_one_failure(
    server: ScriptedServer, connected: Connected, question: list[Message], code: object
) -> None:
    error = {"object": "error", "message": "no such thing", "param": None, "code": code}
    server.then(Script(raw=(f"data: {json.dumps(error)}\n\n".encode(),)))
    with pytest.raises(LlmError, match="no such thing") as caught:
        answer(connected(server), question)
    assert caught.value.remedy


def test_a_model_without_a_system_role(
    server: ScriptedServer, connected: Connected
) -> None:
    def reply(messages: object) -> Script | str:
        assert isinstance(messages, list)
        if messages[0].role == "system":
            return Script("System role not supported", status=400)
        return "OLinear [1]."

    server.then(reply)
    turns = [Message("system", "Cite."), Message("user", "Which?")]
    assert answer(connected(server), turns) == "OLinear [1]."
    assert server.chats[-1].messages[0].content == "Cite.\n\nWhich?"


@pytest.mark.parametrize(
    "listing",
    [
        "[]",
        "{}",
        "null",
        '["scripted"]',
        '{"data": "scripted"}',
        '{"data": [null, {"id": "scripted", "max_model_len": "many"}]}',
        "<!doctype html><title>Not here</title>",
        "not JSON",
    ],
)
def test_any_list_of_models_will_do(
    server: ScriptedServer, connected: Connected, listing: str
) -> None:
    server.listing = listing
    assert connected(server).context_window == 4096


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HTTP_PROXY", "nonsense://127.0.0.1:1"),
        ("ALL_PROXY", "socks5://127.0.0.1:1"),
        ("HTTP_PROXY", "http://127.0.0.1:1"),
        ("SSL_CERT_FILE", "/nowhere/at/all.pem"),
    ],
)
def test_proxies_and_certificates_that_cannot_be_used(
    connected: Connected,
    server: ScriptedServer,
    question: list[Message],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
) -> None:
    monkeypatch.setenv(variable, value)
    llm = connected(server, base_url="http://language-model.invalid/v1")
    with pytest.raises(LlmError) as caught:
        answer(llm, question)
    assert caught.value.kind in {"setup", "unreachable"}
    assert caught.value.remedy
    assert llm.context_window == 4096


def test_a_server_that_speaks_no_tls_is_told(
    connected: Connected, server: ScriptedServer, question: list[Message]
) -> None:
    llm = connected(
        server, base_url=server.base_url.replace("http:", "https:"), timeout=5
    )
    with pytest.raises(LlmError) as caught:
        answer(llm, question)
    assert (caught.value.kind, bool(caught.value.remedy)) == ("unreachable", True)


def test_a_model_in_circles_is_not_told_to_go_on(
    server: ScriptedServer, connected: Connected, question: list[Message]
) -> None:
    server.then(
        Script(
            "OLinear is linear. " + "Question: Which? Answer: OLinear. " * 9,
            end="length",
        )
    )
    with pytest.raises(LlmError, match="repeated itself") as caught:
        answer(connected(server), question)
    assert "llm.max_tokens" not in str(caught.value)


def test_thoughts_that_took_all_are_told(
    server: ScriptedServer, connected: Connected, question: list[Message]
) -> None:
    server.then(Script("<think>Which paper forecasts", end="length"))
    with pytest.raises(LlmError, match="on its thoughts") as caught:
        answer(connected(server), question)
    assert caught.value.kind == "length"


def test_nothing_that_a_server_sends_is_a_traceback(
    server: ScriptedServer, connected: Connected, question: list[Message]
) -> None:
    """500 streams of scraps of real ones and of bytes without sense, cut anywhere."""
    chance = random.Random(20260101)
    scraps = [
        *(
            SAID,
            b"data: [DONE]\n\n",
            event({}, "stop"),
            event({}, "length"),
            b"\n\n",
            b"data:",
        ),
        *(
            b'data: {"error": ',
            b'{"message": []}}\n\n',
            b"data: [[]]\n\n",
            b"data: null\n\n",
        ),
        *(
            b'data: {"choices": [{"delta": {"content": "\\ud83d"}}]}\n\n',
            b"\x00\xff\xfe",
            b"\r",
        ),
        *(
            b"<|im_start|>",
            b"<think>",
            b'{"choices": 1}',
            event({"content": "<|channel|>"}),
        ),
    ]
    llm = connected(server, timeout=5)
    failures: list[str] = []
    answers = 0
    for _ in range(500):
        stream = b"".join(chance.choices(scraps, k=chance.randint(1, 8)))
        cuts = sorted(chance.choices(range(1, len(stream) + 1), k=3))
        parts = [
            stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)
        ]
        server.then(Script(raw=tuple(part for part in parts if part)))
        try:
            answers += bool(answer(llm, question))
        except LlmError as error:
            failures.append(str(error))
    assert len(failures) > 40
    assert not [failure for failure in failures if "\n" in failure]
    assert answers > 40
