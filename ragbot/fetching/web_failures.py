"""What went wrong when a service on the internet was asked, in one sentence with a remedy."""

from __future__ import annotations

import re
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ragbot.errors import FetchError
from ragbot.text.words import printable
from ragbot.web_errors import causes, retry_after

__all__ = ["WebService", "of_cause", "of_status", "too_much", "unexpected"]

BUSY = (429, 503)
_AGAIN = "give the same command again {when}: it goes on where it stopped"
_OTHERWISE = (
    "; or save the page on another machine and read it with 'ragbot ingest PATH'"
)
# Status, what the service does, and what to do; the first that fits. Others of 400 to 499 are last.
_STATUSES: tuple[tuple[Collection[int], str, str], ...] = (
    (BUSY, "is busy", _AGAIN),
    (
        (407,),
        "cannot be asked, since the proxy wants a name and a password",
        "put them into HTTPS_PROXY and HTTP_PROXY: http://name:password@proxy:port",
    ),
    (
        (401, 403),
        "refuses this machine",
        "wait an hour if you have asked it often, else check {setting}" + _OTHERWISE,
    ),
    (
        range(300, 400),
        "refers to another address",
        "set {setting} to the one that answers",
    ),
    (range(500, 600), "failed on its side", _AGAIN),
    (
        range(1000),
        "refuses the request",
        "check what you ask for, and {setting}",
    ),
)
# What services say in JSON, or in Atom, of what is wrong.
_SAID = re.compile(r'"(?:error|message)"\s*:\s*"([^"]*)"|<summary[^>]*>([^<]*)<')
_DETAIL = 200  # characters of it that are passed on


@dataclass(frozen=True, slots=True)
class WebService:
    """A service on the internet: its name, the setting that has its address, what it can bear.

    ``pause`` is in seconds between two requests.
    """

    name: str
    setting: str
    pause: float


def of_cause(error: BaseException, service: WebService, timeout: float) -> FetchError:
    """The failure that an exception of the client stands for, by the first cause that tells it."""
    found = list(causes(error))
    for kinds, told, remedy in _told_by_causes():
        if any(isinstance(cause, kinds) for cause in found):
            detail = _short(str(error) or type(error).__name__)
            values = {"detail": detail, "timeout": f"{timeout:g}", "when": "later"}
            return FetchError(
                f"{service.name} {told.format(**values)}", remedy.format(**values)
            )
    raise error


_Told = tuple[tuple[type[BaseException], ...], str, str]


def _told_by_causes() -> tuple[_Told, ...]:
    """What each kind of cause says and what to do; the kinds that say most come first."""
    import httpx

    return (
        (
            (ssl.SSLError,),
            "cannot be trusted: its certificate is not good ({detail})",
            "if a proxy of yours looks into traffic, have SSL_CERT_FILE name its authority's "
            "certificate",
        ),
        (
            (httpx.ProxyError,),
            "cannot be asked: the proxy refuses ({detail})",
            "check HTTPS_PROXY and HTTP_PROXY, or name the host in NO_PROXY",
        ),
        (
            (httpx.ConnectError, httpx.ConnectTimeout),
            "cannot be reached ({detail})",
            "check the connection to the internet, and HTTPS_PROXY if there is a proxy on the way"
            + _OTHERWISE,
        ),
        (
            (httpx.TimeoutException,),
            "sent nothing for {timeout} s",
            _AGAIN + ", or raise fetch.timeout",
        ),
        (
            (httpx.UnsupportedProtocol, httpx.InvalidURL),
            "has an address that cannot be asked ({detail})",
            "check the addresses under [fetch], and HTTPS_PROXY",
        ),
        ((httpx.HTTPError,), "broke off ({detail})", _AGAIN),
        (
            (OSError, ImportError, ValueError),
            "cannot be asked as the environment is set ({detail})",
            "check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE",
        ),
    )


def of_status(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    service: WebService,
    now: float,
) -> FetchError:
    """The failure that a status other than 200 stands for; ``now`` is since the epoch."""
    told, remedy = next(
        (told, remedy) for statuses, told, remedy in _STATUSES if status in statuses
    )
    after = retry_after(headers, now)
    when = "later" if after is None else f"in {max(1, round(after))} s"
    said = _said(body)
    return FetchError(
        f"{service.name} {told} (status {status}{', ' * bool(said)}{said})",
        remedy.format(when=when, setting=service.setting),
        busy=status in BUSY,
        retry_after=after,
    )


def too_much(service: WebService, most: int) -> FetchError:
    """The reply has no end that is near."""
    return FetchError(
        f"{service.name} sent more than {most // 1_000_000} MB",
        f"check {service.setting}",
    )


def unexpected(service: WebService, what: str) -> FetchError:
    """The reply is not what the service is known to send."""
    return FetchError(
        f"{service.name} sent something else than papers ({_short(what)})",
        f"check {service.setting}, and whether this network wants you to sign in first",
    )


def _said(body: bytes) -> str:
    """The service's own words, if there are any among the marks."""
    found = _SAID.search(body[:10_000].decode("utf-8", "replace"))
    return _short(found[1] or found[2] or "") if found else ""


def _short(text: str) -> str:
    return printable(" ".join(text.split()))[:_DETAIL].rstrip(" .:")
