"""Any OpenAI-compatible server as the language model, through OpenAI's own client.

The only module that knows that client. It talks to the one address of the settings: redirects are
not followed, and a server on this machine is not asked through a proxy.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ragbot.config import LlmSettings
from ragbot.errors import ConfigError, LlmError
from ragbot.llm.deltas import (
    error_of,
    finish_of,
    models_of,
    pieces_of,
    refused_of,
    window_of,
    without_system,
)
from ragbot.llm.events import Events
from ragbot.llm.failures import Refusal, Service, failure, malformed
from ragbot.llm.protocol import DEFAULT_WINDOW, estimate_tokens
from ragbot.llm.pump import Emit, pump
from ragbot.text.words import whole
from ragbot.types import Message, Piece

if TYPE_CHECKING:
    import httpx
    import openai
    import tenacity

__all__ = ["OpenAiLlm"]

_KEY = "OPENAI_API_KEY"
_OPENAI = "https://api.openai.com/v1"
_CONNECT = 10.0  # seconds; a server that is there accepts at once
_LONGEST_WAIT = (
    30.0  # seconds that a Retry-After may ask for; beyond it people are told instead
)
# With these, a part of a request is refused: by OpenAI and vLLM, by validators, by templates.
_REFUSALS = (400, 422, 500)
# What a request without keys consists of.
_BARE = {
    *("host", "connection", "user-agent", "accept", "accept-encoding"),
    *("content-type", "content-length", "transfer-encoding"),
}


class OpenAiLlm:
    """A chat model behind ``/chat/completions``; see `ragbot.llm.protocol.Llm`.

    Without ``keys`` nothing of the environment is sent: no key, no organisation, no header.

    Raises:
        ConfigError: no model is named, or the address is none.
        LlmError: OpenAI itself is asked for and there is no key.
    """

    def __init__(self, settings: LlmSettings, *, keys: bool = True) -> None:
        if not settings.model:
            raise ConfigError(
                "llm.model is empty", "name a model of the server", key="llm.model"
            )
        address = settings.base_url or os.environ.get("OPENAI_BASE_URL") or _OPENAI
        key = os.environ.get(_KEY, "") if keys else ""
        self._keys = keys
        where = _check_address(address)
        if not key and address == _OPENAI:
            raise LlmError(
                "OpenAI wants a key",
                f"set {_KEY}, or name another server in llm.base_url",
                kind="key",
            )
        self.name = f"{settings.model} at {where}"
        self._settings = settings
        self._address = address
        self._service = Service(address, settings.model, settings.timeout, _KEY, key)
        self._window = settings.context_window

    @property
    def context_window(self) -> int:
        """That of the settings, else what the server's list of models says, else the default."""
        if not self._window:
            # What is wrong the question itself will tell.
            with suppress(LlmError):
                self._window = self._ask_window()
        return self._window or DEFAULT_WINDOW

    def count_tokens(self, text: str) -> int:
        """See `ragbot.llm.protocol.Llm.count_tokens`; an estimate."""
        return estimate_tokens(text)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        stop: threading.Event | None = None,
    ) -> Generator[Piece, None, None]:
        """See `ragbot.llm.protocol.Llm.stream`."""
        arguments: dict[str, Any] = {
            "model": self._settings.model,
            "messages": [
                {"role": m.role, "content": whole(m.content)} for m in messages
            ],
            "max_tokens": max_tokens,
            "temperature": self._settings.temperature,
            "extra_headers": self._headers(),
        }

        def produce(emit: Emit, left: threading.Event) -> None:
            asyncio.run(_until(left, self._answer(arguments, emit)))

        return pump(produce, stop)

    async def _answer(self, arguments: dict[str, Any], emit: Emit) -> None:
        """One answer, tried again as long as nothing of it has been emitted."""
        import tenacity

        begun = False

        def say(piece: Piece) -> None:
            nonlocal begun
            begun = True
            emit(piece)

        def again(error: BaseException) -> bool:
            return (
                isinstance(error, LlmError)
                and error.transient
                and not begun
                and (error.retry_after or 0) <= _LONGEST_WAIT
            )

        async with self._connected() as client:
            trying = tenacity.AsyncRetrying(
                stop=tenacity.stop_after_attempt(self._settings.retries + 1),
                retry=tenacity.retry_if_exception(again),
                wait=_pause,
                reraise=True,
            )
            await trying(self._attempt, client, arguments, say)

    async def _attempt(
        self, client: openai.AsyncOpenAI, arguments: dict[str, Any], emit: Emit
    ) -> None:
        import httpx
        import openai

        try:
            async with await _create(client, arguments) as stream:
                finish = await self._follow(stream.response, emit)
        # Without its cause, whose words may hold the key.
        except (openai.OpenAIError, httpx.HTTPError, Refusal, ValueError) as error:
            raise failure(error, self._service) from None
        if finish == "length":
            raise self._cut(arguments)
        if finish == "content_filter":
            raise LlmError(
                f"a content filter at {self._address} stopped the answer",
                "put the question in other words",
                kind="filtered",
            )

    async def _follow(self, response: httpx.Response, emit: Emit) -> str:
        """Emit an answer as it comes; why it ended.

        It has ended when the server says so, by a reason or by ``[DONE]``, or when the response is
        complete: some say neither, and some keep the connection open for long.
        """
        kind = response.headers.get("content-type", "")
        if kind.startswith("text/html"):
            raise malformed(self._service)
        if kind.startswith("application/json"):
            await response.aread()
            return self._take(response.text, emit) or "stop"
        return await self._follow_events(response, emit)

    async def _follow_events(self, response: httpx.Response, emit: Emit) -> str:
        garbled: set[bool] = set()  # of the events so far
        async with aclosing(_data_of(response)) as events:
            async for data in events:
                is_end = data.strip() == "[DONE]"
                if is_end and garbled == {True}:
                    raise malformed(self._service)
                finish = "stop" if is_end else self._take(data, emit)
                if finish:
                    return finish
                garbled.add(finish is None)
        if garbled != {False}:
            raise malformed(self._service)
        if "chunked" not in response.headers.get("transfer-encoding", ""):
            # A connection that just ends may have been cut.
            raise failure(EOFError("the stream ended without a reason"), self._service)
        return "stop"

    def _take(self, data: str, emit: Emit) -> str | None:
        """Emit what one event adds: why the answer ended, "" if it goes on, None if it is none.

        Some servers keep the connection alive with events that are no JSON.
        """
        try:
            chunk = json.loads(data)
        except ValueError:
            return None
        if not isinstance(chunk, Mapping):
            return None
        error = error_of(chunk)
        if error is not None:
            raise Refusal(error)
        for piece in pieces_of(chunk):
            emit(piece)
        return finish_of(chunk) or ""

    def _cut(self, arguments: Mapping[str, Any]) -> LlmError:
        """The answer has as many tokens as it may have; ``max_tokens`` is not always what to raise.

        Where the window is small, an answer gets a share of it.
        """
        limit = arguments.get("max_tokens", arguments.get("max_completion_tokens"))
        setting = "llm.max_tokens"
        if isinstance(limit, int) and limit < self._settings.max_tokens:
            setting = "llm.context_window"
        return LlmError(
            f"the answer was cut at {limit} tokens", f"raise {setting}", kind="length"
        )

    def _connected(self) -> openai.AsyncOpenAI:
        """A client; what the environment says of proxies and certificates may make it impossible.

        Raises:
            LlmError: it does.
        """
        import openai

        try:
            http = openai.DefaultAsyncHttpxClient(**self._http(_send_bare))
            return openai.AsyncOpenAI(http_client=http, **self._client())
        except (openai.OpenAIError, OSError, ValueError, ImportError) as error:
            raise failure(error, self._service) from None

    def _client(self) -> dict[str, Any]:
        """Arguments of OpenAI's clients; trying again is done here, where it is seen what came."""
        key = self._service.key or "none"
        return {"api_key": key, "base_url": self._address, "max_retries": 0}

    def _headers(self) -> dict[str, Any]:
        """Without a key none is sent, though the client insists on having one."""
        import openai

        return {} if self._service.key else {"Authorization": openai.Omit()}

    def _http(self, strip: Callable[[httpx.Request], object]) -> dict[str, Any]:
        """Arguments of the client; ``strip`` is what it does to requests that go without keys."""
        import openai

        silence = self._settings.timeout
        return {
            "event_hooks": {"request": [] if self._keys else [strip]},
            "timeout": openai.Timeout(silence, connect=min(silence, _CONNECT)),
            "follow_redirects": False,
            "trust_env": not _is_local(self._address),
        }

    def _ask_window(self) -> int:
        import httpx
        import openai

        try:
            with openai.OpenAI(
                http_client=openai.DefaultHttpxClient(**self._http(_make_bare)),
                **self._client(),
            ) as client:
                listed = client.get(
                    "/models",
                    cast_to=httpx.Response,
                    options={"timeout": _CONNECT, "headers": self._headers()},
                )
                models = models_of(json.loads(listed.text))
        except (
            openai.OpenAIError,
            httpx.HTTPError,
            OSError,
            ValueError,
            ImportError,
        ) as error:
            raise failure(error, self._service) from None
        return window_of(models, self._settings.model) or DEFAULT_WINDOW


async def _data_of(response: httpx.Response) -> AsyncGenerator[str, None]:
    """The data of the events of a response, as they come."""
    events = Events()
    async for received in response.aiter_bytes():
        for data in events.feed(received):
            yield data
    for data in events.finish():
        yield data


async def _create(client: openai.AsyncOpenAI, arguments: dict[str, Any]) -> Any:
    """Begin an answer; what the model does not take is left out, renamed or moved, once each."""
    import openai

    while True:
        try:
            return await client.chat.completions.create(stream=True, **arguments)
        except openai.APIStatusError as error:
            if error.status_code not in _REFUSALS:
                raise
            if not _without(refused_of(error.body, str(error), arguments), arguments):
                raise


def _without(refused: str | None, arguments: dict[str, Any]) -> bool:
    """Change a request so that it does without what was refused; whether that can be done."""
    if refused == "system":
        turns = arguments["messages"]
        arguments["messages"] = without_system(turns)
        return bool(arguments["messages"] != turns)
    if refused not in arguments:
        return False
    value = arguments.pop(refused)
    if refused == "max_tokens":
        arguments["max_completion_tokens"] = value
    return True


def _pause(state: tenacity.RetryCallState) -> float:
    """Seconds before the next try: what the server asked for, else longer each time."""
    import tenacity

    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, LlmError) and error.retry_after is not None:
        return error.retry_after
    return tenacity.wait_exponential(multiplier=0.5, max=8)(state)


async def _until(left: threading.Event, work: Any) -> None:
    """Do the work, or cancel it when the event is set: connections are closed either way."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.wait({task}, timeout=0.05)
        if left.is_set():
            task.cancel()
    if not task.cancelled():
        task.result()


def _make_bare(request: httpx.Request) -> None:
    """Leave a request the headers that it cannot do without.

    OpenAI's client adds what it finds in the environment: OPENAI_ORG_ID, OPENAI_CUSTOM_HEADERS.
    """
    for name in set(request.headers) - _BARE:
        del request.headers[name]


async def _send_bare(request: httpx.Request) -> None:
    _make_bare(request)


def _check_address(address: str) -> str:
    """The server's name for people."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(
            f"llm.base_url must begin with http:// or https://, not {address!r}",
            "give the server's whole address",
            key="llm.base_url",
        )
    if parts.username or parts.password or parts.query:
        raise ConfigError(
            "llm.base_url must hold neither a password nor a query",
            f"put the key in {_KEY}",
            key="llm.base_url",
        )
    return parts.netloc


def _is_local(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
