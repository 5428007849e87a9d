"""The guard in front of a small application: real requests over loopback, raw bytes where a client
would not send them."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
import uvicorn

from ragbot.guard import (
    LOOPBACK,
    Event,
    Guard,
    Receive,
    Scope,
    Send,
    allowed_hosts,
    is_wildcard,
)

PAGE = "<title>A page</title><script>one()</script><script src='x.js'></script><p>text"
ADDED = "added()"


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers ``/page`` with a page in two parts, everything else with the body it got."""
    if scope["type"] == "lifespan":
        for answer in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{answer}.complete"})
        return
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})
        return
    if scope["path"] == "/page":
        kind, parts = (
            b"text/html; charset=utf-8",
            [PAGE[:40].encode(), PAGE[40:].encode()],
        )
    else:
        got: Event = await receive()
        kind, parts = b"text/plain", [got.get("body", b"")]
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", kind)],
        }
    )
    for part in parts:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        hosts = allowed_hosts("0.0.0.0", "Lab.example, 192.0.2.7")
        config = uvicorn.Config(
            Guard(application, hosts, [ADDED]), log_level="critical"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=[[listening]])
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


def status(port: int, lines: list[str], request: str = "GET / HTTP/1.1") -> int:
    """Of a request written out, header by header; ``{port}`` is that of the server."""
    text = "\r\n".join([request, *lines, "Connection: close", "", ""]).replace(
        "{port}", str(port)
    )
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(text.encode("latin-1"))
        return int(connection.makefile("rb").readline().split()[1])


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:{port}",
        "localhost:{port}",
        "LOCALHOST",
        "[::1]:9",
        "lab.example",
        "192.0.2.7:80",
    ],
)
def test_own_names_are_answered_whatever_the_port(port: int, host: str) -> None:
    assert status(port, [f"Host: {host}"]) == 200


@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.test:{port}",
            "localhost.evil.test",
            "evil.test@localhost",
            "localhost/evil.test",
        ),
        *(
            "localhost?evil.test",
            "127.0.0.1.evil.test",
            "0.0.0.0:{port}",
            "[::1",
            "",
            " ",
            "a b",
        ),
        *(
            "localhost:port",
            "localhost, evil.test",
            "evil.test#localhost",
            "\xe9vil.test",
        ),
    ],
)
def test_a_foreign_name_is_refused(port: int, host: str) -> None:
    assert status(port, [f"Host: {host}"]) in {400, 421}


def test_no_name_and_two_names_are_refused(port: int) -> None:
    assert status(port, [], "GET / HTTP/1.0") == 421
    assert status(port, ["Host: localhost", "Host: evil.test"]) in {400, 421}


def test_the_refusal_names_the_setting(port: int) -> None:
    refused = httpx.get(f"http://127.0.0.1:{port}/", headers={"Host": "evil.test"})
    assert refused.status_code == 421
    assert refused.headers["content-type"].startswith("text/plain")
    assert "evil.test" in refused.text
    assert "window.hosts" in refused.text
    assert refused.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "origin",
    [
        *("http://evil.test", "https://evil.test:{port}", "null", "http://localhost:9"),
        *(
            "http://127.0.0.1:{port}",
            "file://",
            "chrome-extension://localhost:{port}",
            "localhost",
        ),
        *("http://localhost", "http://localhost:{port}.evil.test", "http://[", ""),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "GET"])
def test_a_page_of_another_origin_is_refused(
    port: int, origin: str, method: str
) -> None:
    """The same machine under another name, and another port of it, are others as well."""
    lines = ["Host: localhost:{port}", f"Origin: {origin}", "Content-Length: 0"]
    assert status(port, lines, f"{method} /upload HTTP/1.1") == 403


def test_a_page_of_ours_and_a_program_are_answered(port: int) -> None:
    lines = ["Host: localhost:{port}", "Content-Length: 0"]
    own = "Origin: http://localhost:{port}"
    assert status(port, [*lines, own], "POST /upload HTTP/1.1") == 200
    assert status(port, lines, "POST /upload HTTP/1.1") == 200
    # Behind a server that speaks TLS for it.
    assert status(port, ["Host: lab.example", "Origin: https://lab.example"]) == 200


@pytest.mark.parametrize(
    ("site", "dest", "path", "expected"),
    [
        ("same-origin", "empty", "/data", 200),
        ("none", "document", "/page", 200),  # typed in, or a bookmark
        ("cross-site", "document", "/", 200),  # a link
        ("cross-site", "document", "/data", 403),
        ("cross-site", "iframe", "/", 403),
        ("same-site", "iframe", "/", 403),  # another port of this machine
        ("cross-site", "image", "/data", 403),
        ("same-site", "script", "/data", 403),
    ],
)
def test_what_browsers_send_without_an_origin(
    port: int, site: str, dest: str, path: str, expected: int
) -> None:
    lines = [
        "Host: localhost:{port}",
        f"Sec-Fetch-Site: {site}",
        f"Sec-Fetch-Dest: {dest}",
    ]
    assert status(port, lines, f"GET {path} HTTP/1.1") == expected


@pytest.mark.parametrize(
    ("host", "origin", "expected"),
    [
        ("localhost:{port}", "http://localhost:{port}", 101),
        ("localhost:{port}", "http://evil.test", 403),
        ("evil.test:{port}", "http://evil.test:{port}", 403),
    ],
)
def test_web_sockets_are_held_to_the_same(
    port: int, host: str, origin: str, expected: int
) -> None:
    lines = [
        *(f"Host: {host}", f"Origin: {origin}", "Upgrade: websocket"),
        *("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="),
    ]
    text = "\r\n".join(["GET /socket HTTP/1.1", *lines, "Connection: Upgrade", "", ""])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(text.replace("{port}", str(port)).encode())
        assert int(connection.makefile("rb").readline().split()[1]) == expected


@pytest.mark.parametrize("path", ["/", "/page"])
def test_every_response_keeps_itself_from_being_framed_and_sniffed(
    port: int, path: str
) -> None:
    told = httpx.get(f"http://127.0.0.1:{port}{path}").headers
    assert told["x-frame-options"] == "DENY"
    assert told["x-content-type-options"] == "nosniff"
    assert told["referrer-policy"] == "same-origin"
    policy = told["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"https?:|\*|script-src[^;]*'unsafe-inline'", policy)


def test_a_page_arrives_whole_and_its_own_scripts_are_allowed(port: int) -> None:
    got = httpx.get(f"http://127.0.0.1:{port}/page", headers={"Accept": "text/html"})
    assert got.text == PAGE
    scripts = re.search(r"script-src ([^;]*)", got.headers["content-security-policy"])
    assert scripts
    digests = {
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in ("one()", ADDED)
    }
    assert {s for s in scripts[1].split() if s.startswith("'sha")} == digests


def test_an_address_that_stands_for_all_is_no_name() -> None:
    for host in ("0.0.0.0", "::", "[::]"):
        assert is_wildcard(host)
        assert allowed_hosts(host, "") == LOOPBACK
    assert allowed_hosts("[fe80::1]", " a.example ,,") == LOOPBACK | {
        "fe80::1",
        "a.example",
    }
