"""Who may talk to the server: host names, origins, and the headers that every response bears.

A layer around any ASGI application. It knows nothing of what it guards.

A page that somebody visits elsewhere can have their browser send requests to this machine. It is
told apart by two headers that it cannot forge: ``Origin`` and ``Host``, which names whatever the
browser believes to be talking to, even where that name was pointed at this machine a moment ago
("DNS rebinding").
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import (
    Awaitable,
    Callable,
    Iterable,
    Mapping,
    MutableMapping,
    Sequence,
)
from typing import Any

__all__ = ["LOOPBACK", "Guard", "allowed_hosts", "is_wildcard"]

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# The names by which a browser on this machine reaches it.
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_WILDCARDS = frozenset({"", "0.0.0.0", "::"})

# What a page of ours may load: its own files, and nothing of any other host.
_CONTENT = {
    "default-src": "'self'",
    # Gradio compiles the templates of its components, which counts as evaluating text. What stands
    # inside the page or an attribute runs only if its digest is named.
    "script-src": "'self' 'unsafe-eval'",
    # Gradio's components style themselves as they are drawn.
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_FIXED = (
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[\w.-]+)(:\d+)?", re.ASCII)
_INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE
)


def allowed_hosts(bound: str, named: str) -> frozenset[str]:
    """Names under which the server answers: loopback, the address bound, those of a setting.

    ``named`` is ``window.hosts``, separated by commas. An address that stands for every one of this
    machine's (0.0.0.0) is no name.
    """
    own = {_bare(bound)} - _WILDCARDS
    others = filter(None, map(_bare, named.split(",")))
    return LOOPBACK.union(own, others)


def is_wildcard(bound: str) -> bool:
    """Whether an address to listen on stands for all of this machine's."""
    return _bare(bound) in _WILDCARDS


def _bare(host: str) -> str:
    return host.strip().strip("[]").lower()


class Guard:
    """Lets requests through that were made to one of ``hosts`` and by no page from elsewhere.

    A foreign ``Host`` gets 421, a request made by a foreign page 403, each with a line that says
    why; a link to ``/`` from anywhere is followed. Every response bears the headers that keep it
    from being framed, sniffed or made to load anything of another host. ``scripts`` are texts of
    scripts that pages add to themselves; those in the served page are found there.
    """

    def __init__(
        self, app: Application, hosts: Iterable[str], scripts: Iterable[str] = ()
    ) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._scripts = list(map(_hash, scripts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        answer = _Response(send, self._scripts)
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(_uncompressed(scope), receive, answer.send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
        else:
            await _refuse(*refusal, answer.send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """The status and the line that a request is refused with."""
        hosts = _values(scope, b"host")
        host = hosts[0] if len(hosts) == 1 else ""
        if _name_in(host) not in self._hosts:
            return 421, (
                f"This is Ragbot, and it does not answer to the name {host[:100]!r}. If it is "
                "meant to, its owner adds the name to the setting window.hosts "
                "(RAGBOT_WINDOW__HOSTS in the environment) and starts it again.\n"
            )
        if _is_foreign(scope, host):
            return (
                403,
                "This is Ragbot. It takes no requests from pages of other sites.\n",
            )
        return None


def _is_foreign(scope: Scope, host: str) -> bool:
    """Whether a page of another site made the request, one on another port of this host included.

    Browsers send ``Origin`` with whatever can change something. Of what they send without it, only
    following a link is a page's right: ``Sec-Fetch-*`` tells.
    """
    own = {f"http://{host.lower()}", f"https://{host.lower()}"}
    if not own.issuperset(map(str.lower, _values(scope, b"origin"))):
        return True
    if _values(scope, b"sec-fetch-site") not in (["cross-site"], ["same-site"]):
        return False
    asked = (_values(scope, b"sec-fetch-dest"), scope.get("method"), scope["path"])
    return asked != (["document"], "GET", "/")


def _values(message: Mapping[str, Any], name: bytes) -> list[str]:
    headers = message.get("headers", ())
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


def _value(message: Mapping[str, Any], name: bytes) -> str:
    return ",".join(_values(message, name))


def _name_in(host: str) -> str:
    """The name in ``name:port``; empty where that is no address of a host."""
    match = _HOST.fullmatch(host.lower())
    return match["name"].strip("[]") if match else ""


async def _refuse(status: int, text: str, send: Send) -> None:
    body = text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _Response:
    """A response on its way out, with the headers of every response.

    A page is held back until it is whole: the scripts in it are allowed by their digests.
    """

    def __init__(self, send: Send, scripts: Sequence[str]) -> None:
        self._send = send
        self._scripts = scripts
        self._page: list[bytes] | None = None
        self._start: Event = {}

    async def send(self, event: Event) -> None:
        """What the application sends, one event after the other."""
        if event["type"] == "http.response.start":
            if _value(event, b"content-type").startswith("text/html"):
                self._page, self._start = [], event
                return
            event["headers"] = [*event.get("headers", ()), *_headers(self._scripts)]
        elif event["type"] == "http.response.body" and self._page is not None:
            self._page.append(event.get("body", b""))
            if event.get("more_body", False):
                return
            await self._send_page(b"".join(self._page))
            return
        await self._send(event)

    async def _send_page(self, page: bytes) -> None:
        inline = map(_hash, _INLINE.findall(page.decode("utf-8", "replace")))
        headers = [
            *self._start.get("headers", ()),
            *_headers([*self._scripts, *inline]),
        ]
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": page})


def _headers(scripts: Sequence[str]) -> list[tuple[bytes, bytes]]:
    """What every response says of itself; ``scripts`` are digests of those allowed inline."""
    sources = " ".join([_CONTENT["script-src"], *scripts])
    rules = {**_CONTENT, "script-src": sources}
    policy = "; ".join(map(" ".join, rules.items()))
    return [(b"content-security-policy", policy.encode()), *_FIXED]


def _hash(script: str) -> str:
    """A script as Content-Security-Policy names it."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _uncompressed(scope: Scope) -> Scope:
    """A request for a page, so that the page can be read before it is sent."""
    if "text/html" not in _value(scope, b"accept"):
        return scope
    headers = [
        item for item in scope["headers"] if item[0].lower() != b"accept-encoding"
    ]
    return {**scope, "headers": headers}
