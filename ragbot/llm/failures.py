"""What went wrong at a model's service, in one sentence with a remedy. Keys never get into it."""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

from ragbot.errors import LlmError
from ragbot.text.words import printable
from ragbot.web_errors import causes, retry_after

__all__ = ["Refusal", "Service", "failure", "malformed"]

_KEYS = re.compile(r"\bsk-[\w*.-]{4,}|\bBearer\s+\S+", re.I)
_TOO_LONG = re.compile(
    r"context[ _](length|window|size)|maximum context|too many (input )?tokens|prompt is too long",
    re.I,
)
_FAILING = range(400, 600)  # statuses
_DETAIL = 200  # characters of what the service says that are passed on


@dataclass(frozen=True, slots=True)
class Service:
    """Where a model runs and what it is called, for messages; ``timeout`` is in seconds."""

    where: str
    model: str
    timeout: float
    key_name: str = ""
    key: str = field(default="", repr=False)

    def clean(self, text: str) -> str:
        """What a service says, in one line and without keys."""
        if self.key:
            text = text.replace(self.key, "***")
        return printable(" ".join(_KEYS.sub("***", text).split()))[:_DETAIL].rstrip(
            " .:"
        )


class Refusal(Exception):
    """What a server says in the body of a response that began as a success."""

    def __init__(self, body: object) -> None:
        super().__init__()
        self.body = body
        self.code = body.get("code") if isinstance(body, Mapping) else None
        is_status = self.code in _FAILING
        self.status_code = self.code if is_status else None


def failure(error: BaseException, service: Service) -> LlmError:
    """The failure that an exception of a client stands for, by its status or its causes."""
    response = getattr(error, "response", None)
    of_response = getattr(response, "status_code", None)
    status = getattr(error, "status_code", None) or of_response
    detail = service.clean(_said(error))
    if isinstance(status, int):
        headers = getattr(response, "headers", None)
        return _of_status(status, detail, headers or {}, error, service)
    if _TOO_LONG.search(detail):
        return _too_long(f" ({detail})")
    return _of_causes(list(causes(error)), detail, service)


def _of_causes(
    causes: Sequence[BaseException], detail: str, service: Service
) -> LlmError:
    """A failure without a status, by the first of its causes that says enough."""
    for kinds, told in _told_by_causes(detail, service):
        if any(isinstance(cause, kinds) for cause in causes):
            return told
    return LlmError(
        f"{service.where} failed on its side ({detail or type(causes[0]).__name__})",
        "ask again later",
        kind="server",
    )


_Kinds = tuple[type[BaseException], ...]


def _told_by_causes(detail: str, service: Service) -> list[tuple[_Kinds, LlmError]]:
    """What each kind of cause says; the kinds that say most come first."""
    import httpx

    where = service.where
    untrusted = LlmError(
        f"the certificate of {where} is not trusted ({detail})",
        "have SSL_CERT_FILE name your own authority's, or use http:// for a server at home",
        kind="unreachable",
    )
    no_proxy = LlmError(
        f"the proxy on the way to {where} refuses ({detail})",
        "check HTTPS_PROXY, or name the server in NO_PROXY",
        kind="unreachable",
    )
    unreachable = LlmError(
        f"the language model at {where} cannot be reached",
        "start it, or check llm.base_url",
        kind="unreachable",
    )
    silent = LlmError(
        f"{where} sent nothing for {service.timeout:g} s",
        "ask again, or raise llm.timeout",
        kind="timeout",
    )
    broken = LlmError(
        f"the connection to {where} broke before the answer was complete",
        "ask again",
        kind="cut",
    )
    misled = LlmError(
        f"the environment does not let {where} be asked ({detail})",
        "check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE",
        kind="setup",
    )
    return [
        ((ssl.SSLError,), untrusted),
        ((httpx.ProxyError,), no_proxy),
        ((httpx.ConnectError, httpx.ConnectTimeout), unreachable),
        ((httpx.TimeoutException, TimeoutError), silent),
        ((httpx.TransportError, ConnectionError, EOFError), broken),
        ((json.JSONDecodeError, UnicodeDecodeError), malformed(service)),
        ((OSError, ImportError, ValueError), misled),
    ]


def malformed(service: Service) -> LlmError:
    """What came was no stream of an answer."""
    return LlmError(
        f"{service.where} sent something that is no answer",
        "check that llm.base_url is the address of an OpenAI-compatible server, which often ends "
        "in /v1",
        kind="malformed",
    )


def _of_status(
    status: int,
    detail: str,
    headers: Mapping[str, str],
    error: BaseException,
    service: Service,
) -> LlmError:
    where, told = service.where, f" ({detail})" if detail else ""
    code = getattr(error, "code", None)
    if status in (401, 403):
        name = service.key_name or "its key"
        remedy = f"check {name} in the environment" if service.key else f"set {name}"
        refused = "refuses the key" if service.key else "wants a key"
        return LlmError(f"{where} {refused}{told}", remedy, kind="key")
    if status == 404:
        return LlmError(
            f"{where} has no model '{service.model}'{told}",
            "check llm.model and llm.base_url",
            kind="model",
        )
    if code == "insufficient_quota":
        return LlmError(
            f"{where} says that the account is out of credit{told}",
            "top it up, or take another model",
            kind="key",
        )
    if status == 429:
        after = retry_after(headers, time.time())
        when = "later" if after is None else f"in {max(1, round(after))} s"
        return LlmError(
            f"{where} is busy{told}",
            f"ask again {when}",
            kind="busy",
            retry_after=after,
        )
    if status in (400, 413, 422, 500) and (
        code == "context_length_exceeded" or _TOO_LONG.search(detail)
    ):
        return _too_long(told)
    if status >= 500 or status == 408:
        return LlmError(
            f"{where} failed on its side (status {status}{', ' * bool(detail)}{detail})",
            "ask again later",
            kind="server",
            retry_after=retry_after(headers, time.time()),
        )
    if 300 <= status < 400:
        return LlmError(
            f"{where} refers to another address",
            "set llm.base_url to the one that answers",
            kind="request",
        )
    return LlmError(
        f"{where} refuses the request (status {status}{', ' * bool(detail)}{detail})",
        "check the settings under [llm]",
        kind="request",
    )


def _too_long(told: str) -> LlmError:
    return LlmError(
        f"the request is longer than the model's window{told}",
        "set llm.context_window to its true size",
        kind="context",
    )


def _said(error: BaseException) -> str:
    """The service's own words, out of the shapes in which services put them."""
    body = getattr(error, "body", None)
    said = reduce(_within, ("error", "message", "detail"), body)
    if said is None:
        return str(error)
    is_page = "<" in str(said)  # a page for browsers says nothing to people
    return said if isinstance(said, str) and not is_page else ""


def _within(body: object, key: str) -> object:
    """What stands under a key, or all if nothing does."""
    return body.get(key, body) if isinstance(body, Mapping) else body
