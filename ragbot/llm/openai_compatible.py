"""Any OpenAI-compatible server as the language model, through OpenAI's own client.

The only module that knows that client. It talks to the one address of the settings: redirects are
not followed, and a server on this machine is not asked through a proxy.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ragbot.config import LlmSettings
from ragbot.errors import ConfigError, LlmError
from ragbot.llm.base import DEFAULT_WINDOW, estimate_tokens
from ragbot.llm.failures import Service, failure, malformed
from ragbot.llm.pump import Emit, pump
from ragbot.types import Message, Piece

if TYPE_CHECKING:
    import httpx
    import openai
    import tenacity

__all__ = ["OpenAiLlm"]

_KEY = "OPENAI_API_KEY"
_OPENAI = "https://api.openai.com/v1"
_CONNECT = 10.0  # seconds; a server that is there accepts at once
_LONGEST_WAIT = 30.0  # seconds that a Retry-After may ask for; beyond it people are told instead
# How servers name the window in their list of models: vLLM and SGLang, OpenRouter and Together,
# Groq, Mistral.
_WINDOW_NAMES = ("max_model_len", "context_length", "context_window", "max_context_length")
# What a request without keys consists of.
_BARE = {
    *("host", "connection", "user-agent", "accept", "accept-encoding"),
    *("content-type", "content-length", "transfer-encoding"),
}


class OpenAiLlm:
    """A chat model behind ``/chat/completions``; see `ragbot.llm.base.Llm`.

    Without ``keys`` nothing of the environment is sent: no key, no organisation, no header.

    Raises:
        ConfigError: no model is named, or the address is none.
        LlmError: OpenAI itself is asked for and there is no key.
    """

    def __init__(self, settings: LlmSettings, *, keys: bool = True) -> None:
        if not settings.model:
            raise ConfigError("llm.model is empty: name a model of the server", key="llm.model")
        address = settings.base_url or os.environ.get("OPENAI_BASE_URL") or _OPENAI
        key = os.environ.get(_KEY, "") if keys else ""
        self._keys = keys
        where = _check_address(address)
        if not key and address == _OPENAI:
            raise LlmError(
                f"OpenAI wants a key: set {_KEY}, or name another server in llm.base_url",
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
            try:
                self._window = self._ask_window()
            except LlmError:
                return DEFAULT_WINDOW  # the question itself will tell what is wrong
        return self._window

    def count_tokens(self, text: str) -> int:
        """See `ragbot.llm.base.Llm.count_tokens`; an estimate."""
        return estimate_tokens(text)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        stop: threading.Event | None = None,
    ) -> Generator[Piece, None, None]:
        """See `ragbot.llm.base.Llm.stream`."""
        arguments: dict[str, Any] = {
            "model": self._settings.model,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "max_tokens": max_tokens,
            "temperature": self._settings.temperature,
            "extra_headers": self._headers(),
        }

        def produce(emit: Emit, left: threading.Event) -> None:
            asyncio.run(_until(left, self._answer(arguments, emit)))

        return pump(produce, stop)

    async def _answer(self, arguments: dict[str, Any], emit: Emit) -> None:
        """One answer, tried again as long as nothing of it has been emitted."""
        import openai
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

        async with openai.AsyncOpenAI(
            http_client=openai.DefaultAsyncHttpxClient(**self._http(_send_bare)), **self._client()
        ) as client:
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

        finish = None
        try:
            async with await _create(client, arguments) as stream:
                kind = stream.response.headers.get("content-type", "")
                if kind.startswith(("text/html", "application/json")):
                    raise malformed(self._service)
                async for chunk in stream:
                    for choice in (getattr(chunk, "choices", None) or [])[:1]:
                        _emit_delta(getattr(choice, "delta", None), emit)
                        finish = getattr(choice, "finish_reason", None) or finish
        # Without its cause, whose words may hold the key.
        except (openai.OpenAIError, httpx.HTTPError, ValueError) as error:
            raise failure(error, self._service) from None
        if finish is None:
            cut = httpx.RemoteProtocolError("the stream ended without a reason")
            raise failure(cut, self._service)
        if finish == "length":
            raise LlmError(
                f"the answer was cut at {_limit(arguments)} tokens: raise llm.max_tokens",
                kind="length",
            )
        if finish == "content_filter":
            raise LlmError(
                f"a content filter at {self._address} stopped the answer: "
                "put the question in other words",
                kind="filtered",
            )

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
                http_client=openai.DefaultHttpxClient(**self._http(_make_bare)), **self._client()
            ) as client:
                listed = client.models.list(timeout=_CONNECT, extra_headers=self._headers()).data
        except (openai.OpenAIError, httpx.HTTPError, ValueError) as error:
            raise failure(error, self._service) from None
        for model in listed or []:
            if getattr(model, "id", None) == self._settings.model:
                sizes = [getattr(model, name, None) for name in _WINDOW_NAMES]
                return next((s for s in sizes if isinstance(s, int) and s > 0), DEFAULT_WINDOW)
        return DEFAULT_WINDOW


async def _create(client: openai.AsyncOpenAI, arguments: dict[str, Any]) -> Any:
    """Begin an answer; a setting that the model does not take is left out or renamed, once each."""
    import openai

    while True:
        try:
            return await client.chat.completions.create(stream=True, **arguments)
        except openai.BadRequestError as error:
            if not (error.code or "").startswith("unsupported_") or error.param not in arguments:
                raise
            refused = arguments.pop(error.param)
            if error.param == "max_tokens":
                arguments["max_completion_tokens"] = refused


def _limit(arguments: Mapping[str, Any]) -> object:
    return arguments.get("max_tokens", arguments.get("max_completion_tokens"))


def _emit_delta(delta: object, emit: Emit) -> None:
    """What a chunk adds: reasoning under either of its names, then text."""
    for name in ("reasoning_content", "reasoning", "content"):
        text = getattr(delta, name, None)
        if isinstance(text, str) and text:
            emit(Piece(text, reasoning=name != "content"))


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
            f"llm.base_url must begin with http:// or https://, not {address!r}", key="llm.base_url"
        )
    if parts.username or parts.password or parts.query:
        raise ConfigError(
            f"llm.base_url must hold neither a password nor a query: put the key in {_KEY}",
            key="llm.base_url",
        )
    return parts.netloc


def _is_local(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
