"""What every language model keeps, whatever runs it: one suite over all kinds."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import httpx
import pytest

from ragbot.config import LlmSettings
from ragbot.llm import LlamaIndexLlm, Llm, load_llm
from ragbot.testing import Script, ScriptedServer, wait_until
from ragbot.types import Message

Configured = Callable[..., LlmSettings]
# Says something for minutes, so that a test which comes to its end has stopped it.
ENDLESS = Script(tokens=("OLinear ",) * 100_000, delay=0.005)
FOR_EVER = 90_000


def scripted(connected: Callable[..., Llm]) -> Iterator[Llm]:
    with ScriptedServer(ENDLESS) as server:
        yield connected(server)


def local(tiny_model: Path, configured: Configured) -> Llm:
    told = load_llm(configured(provider="local", model=str(tiny_model), device="cpu"))
    assert told is not None
    return told


def llama_index_own() -> Iterator[Llm]:
    from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata

    class Endless(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(model_name="endless", context_window=8000)

        def complete(
            self, prompt: str, formatted: bool = False, **_: object
        ) -> CompletionResponse:
            raise AssertionError("an answer that does not stream")

        def stream_complete(
            self, prompt: str, formatted: bool = False, **_: object
        ) -> Generator[CompletionResponse, None, None]:
            for _i in range(100_000):
                time.sleep(0.005)
                yield CompletionResponse(text="OLinear ", delta="OLinear ")

    yield LlamaIndexLlm(Endless())


def llama_index_openai() -> Iterator[Llm]:
    from llama_index.llms.openai import OpenAI

    with ScriptedServer(ENDLESS) as server:
        model = OpenAI(
            "gpt-4o-mini", api_base=server.base_url, api_key="x", max_retries=0
        )
        yield LlamaIndexLlm(model, per_call=True)


def answers(address: str) -> bool:
    """Whether a server has come up."""
    try:
        return httpx.get(f"{address}/health").is_success
    except httpx.TransportError:
        return False


def served(tiny_model: Path, configured: Configured, cache: Path) -> Iterator[Llm]:
    """The tiny model behind transformers' own server."""
    pytest.importorskip("accelerate", reason="transformers serve needs accelerate")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cache.mkdir()
    command = [
        sys.executable,
        "-m",
        "transformers.cli.transformers",
        "serve",
        str(tiny_model),
    ]
    program = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"],
        env={**os.environ, "HF_HUB_CACHE": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: program.poll() is not None or answers(address))
        assert program.poll() is None, program.communicate()[0]
        told = load_llm(
            configured(
                provider="openai", model=str(tiny_model), base_url=f"{address}/v1"
            )
        )
        assert told is not None
        yield told
    finally:
        program.kill()
        program.communicate()


KINDS = (
    "openai",
    "local",
    "llama-index, own class",
    "llama-index, OpenAI",
    "transformers serve",
)


@pytest.fixture(scope="module", params=KINDS)
def llm(
    request: pytest.FixtureRequest,
    tiny_model: Path,
    configured: Configured,
    connected: Callable[..., Llm],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Llm]:
    """A model of each kind, whose answers do not end by themselves."""
    if request.param == "openai":
        yield from scripted(connected)
    elif request.param == "local":
        yield local(tiny_model, configured)
    elif request.param == "llama-index, own class":
        yield from llama_index_own()
    elif request.param == "llama-index, OpenAI":
        yield from llama_index_openai()
    else:
        yield from served(
            tiny_model, configured, tmp_path_factory.mktemp("hub") / "cache"
        )


def working() -> list[str]:
    """Threads that are making pieces."""
    return [t.name for t in threading.enumerate() if t.name.startswith("ragbot-llm")]


def test_it_says_who_it_is(llm: Llm) -> None:
    assert llm.name
    assert llm.context_window > 0


def test_it_streams(llm: Llm, question: list[Message]) -> None:
    """The answer never ends, so what comes has come before its end."""
    stream = llm.stream(question, max_tokens=FOR_EVER)
    pieces = [next(stream) for _ in range(3)]
    stream.close()
    assert all(piece.text and not piece.reasoning for piece in pieces)


def test_closing_it_ends_the_work(llm: Llm, question: list[Message]) -> None:
    stream = llm.stream(question, max_tokens=FOR_EVER)
    next(stream)
    assert working()
    stream.close()
    assert not working()


def test_it_can_be_stopped_from_elsewhere(llm: Llm, question: list[Message]) -> None:
    stop = threading.Event()
    stream = llm.stream(question, max_tokens=FOR_EVER, stop=stop)
    next(stream)
    stop.set()
    assert list(stream) == []
    assert not working()


def test_nothing_begins_before_a_piece_is_asked_for(
    llm: Llm, question: list[Message]
) -> None:
    stream = llm.stream(question, max_tokens=FOR_EVER)
    assert not working()
    stream.close()


def test_two_may_ask_at_once(llm: Llm, question: list[Message]) -> None:
    heard: list[str] = []

    def ask() -> None:
        stop = threading.Event()
        for piece in llm.stream(question, max_tokens=20, stop=stop):
            heard.append(piece.text)
            stop.set()

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(heard) == 2


def test_it_counts_tokens(llm: Llm) -> None:
    assert llm.count_tokens("") == 0
    one = llm.count_tokens("OLinear forecasts time series.")
    assert 4 <= one <= 30
    assert llm.count_tokens("OLinear forecasts time series. " * 20) >= 15 * one
