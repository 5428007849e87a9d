"""An OpenAI-compatible server on loopback that says what it is told, token by token, and can fail.

For tests of programs that use a language model. `ragbot.testing` exports it.
"""

from __future__ import annotations

import http.server
import json
import re
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

from ragbot.types import Message

__all__ = ["FAULTS", "Recorded", "Script", "ScriptedServer"]

MODEL = "scripted"
# How an answer ends: as it should, at its most tokens, by a filter, by a broken connection, by one
# closed without a word, in silence, with a line that is no JSON, or with an error in the stream.
End = Literal[
    "stop", "length", "content_filter", "cut", "closed", "silence", "garbage", "error"
]


@dataclass(frozen=True, slots=True)
class Script:
    """One answer, or one failure.

    With a ``status`` other than 200 the answer is an error whose message is ``text``, in which
    ``{key}`` stands for the key received; ``code`` and ``param`` go with it. Otherwise
    ``tokens``, or ``text`` cut into words and signs, are sent ``delay`` seconds apart, the first
    after ``delay`` too, behind ``reasoning``. ``body`` replaces everything by a page of that text,
    ``raw`` by bytes that are sent as they are, in these parts, ``delay`` seconds apart.
    """

    text: str = ""
    tokens: tuple[str, ...] = ()
    reasoning: str = ""
    delay: float = 0.0
    end: End = "stop"
    status: int = 200
    code: str = ""
    param: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    raw: tuple[bytes, ...] = ()


# A script, its text alone, or what makes one from the messages received.
Reply = Script | str | Callable[[Sequence[Message]], "Script | str"]

# Every way in which a server fails, by name. "silent" says nothing at all, not even headers.
FAULTS: dict[str, Script] = {
    "key": Script(
        "Incorrect API key provided: {key}.", status=401, code="invalid_api_key"
    ),
    "forbidden": Script("Your key {key} may not use this model", status=403),
    "model": Script(
        "The model 'scripted' does not exist", status=404, code="model_not_found"
    ),
    "busy": Script("Rate limit reached", status=429, headers={"Retry-After": "0.05"}),
    "busy for long": Script(
        "Rate limit reached", status=429, headers={"Retry-After": "120"}
    ),
    "no credit": Script(
        "You exceeded your quota", status=429, code="insufficient_quota"
    ),
    "server": Script("Internal error", status=500),
    "overloaded": Script("Overloaded", status=503),
    "context": Script(
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
        status=400,
        code="context_length_exceeded",
    ),
    "refused": Script("'messages' must not be empty", status=400),
    "silent": Script(status=200, end="silence", body="silence"),
    "silent stream": Script(end="silence"),
    "stalled": Script("OLinear forecasts in", end="silence"),
    "cut": Script("OLinear forecasts in", end="cut"),
    "cut at once": Script(end="cut"),
    "closed": Script("OLinear forecasts in", end="closed"),
    "empty": Script(),
    "length": Script("OLinear forecasts in", end="length"),
    "filtered": Script("OLinear forecasts in", end="content_filter"),
    "malformed": Script("OLinear forecasts in", end="garbage"),
    "malformed at once": Script(end="garbage"),
    "error in the stream": Script("OLinear forecasts in", end="error"),
    "no stream": Script(body="<!doctype html><title>A page</title>"),
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it came; ``hung_up`` is set if the client left before the answer's end."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    hung_up: threading.Event = field(default_factory=threading.Event)

    @property
    def messages(self) -> list[Message]:
        return [Message(m["role"], m["content"]) for m in self.body.get("messages", [])]


class ScriptedServer:
    """Answers chat requests with its replies in turn, the last one again and again.

    with ScriptedServer("OLinear forecasts [1].") as server:
        ...  # llm.provider = "openai", llm.base_url = server.base_url, llm.model = "scripted"

    ``requests`` are all that came, in order. With a ``key`` it refuses every other one.
    """

    def __init__(self, *replies: Reply, key: str = "", context_window: int = 0) -> None:
        self._replies: list[Reply] = list(replies)
        self._lock = threading.Lock()
        self._key = key
        self._window = context_window
        self.listing: str | None = None  # replaces the answer to ``/models``
        self.requests: list[Recorded] = []
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.base_url = f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def chats(self) -> list[Recorded]:
        """The requests for an answer."""
        return [r for r in self.requests if r.path.endswith("/chat/completions")]

    def then(self, *replies: Reply) -> None:
        """Replace the replies that are left."""
        with self._lock:
            self._replies = list(replies)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply_to(self, request: Recorded) -> Script:
        """The next script; what a refused key gets comes out of turn."""
        sent = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._key and sent != self._key:
            return FAULTS["key"]
        with self._lock:
            if not self._replies:
                raise LookupError("the server has no reply: give it one")
            reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        told = reply if isinstance(reply, Script | str) else reply(request.messages)
        return Script(told) if isinstance(told, str) else told

    def models(self) -> dict[str, Any]:
        """The answer to ``/models``; vLLM's way of telling the window."""
        card: dict[str, Any] = {
            "id": MODEL,
            "object": "model",
            "created": 0,
            "owned_by": "ragbot",
        }
        if self._window:
            card["max_model_len"] = self._window
        return {"object": "list", "data": [card]}


class _Server(http.server.ThreadingHTTPServer):
    owner: ScriptedServer


class _Left(Exception):
    """The client has hung up, or the server is closing."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr."""

    def handle(self) -> None:
        """Serve until the client leaves, which may be by a reset instead of a goodbye."""
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        self._record({})
        if self.path.rstrip("/").endswith("/models"):
            listing = self.server.owner.listing
            self._send(200, listing or json.dumps(self.server.owner.models()), {})
        else:
            self._send(
                404,
                json.dumps({"error": {"message": f"no such path: {self.path}"}}),
                {},
            )

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        request = self._record(body)
        script = self.server.owner.reply_to(request)
        try:
            self._play(script)
        except (_Left, ConnectionError):
            if not self.server.owner.closing.is_set():
                request.hung_up.set()
            self.close_connection = True

    def _record(self, body: Mapping[str, Any]) -> Recorded:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Recorded(self.path, headers, body)
        self.server.owner.requests.append(request)
        return request

    def _play(self, script: Script) -> None:
        if script.end == "silence" and script.body:
            self._wait(float("inf"))
        if script.status != 200:
            sent = self.headers.get("Authorization", "").removeprefix("Bearer ")
            message = script.text.replace("{key}", sent)
            error = {
                "message": message,
                "code": script.code or None,
                "param": script.param or None,
            }
            self._send(script.status, json.dumps({"error": error}), script.headers)
            return
        if script.body:
            self._send(200, script.body, {"Content-Type": "text/html"})
            return
        self._open(script)
        if script.raw:
            for part in script.raw:
                self._wait(script.delay)
                self._write(part)
            if script.end == "silence":
                self._wait(float("inf"))
            self._write(b"")
            return
        self._chunk({"role": "assistant", "content": ""})
        said = {
            "reasoning_content": _tokens(script.reasoning),
            "content": script.tokens or _tokens(script.text),
        }
        for kind, tokens in said.items():
            for token in tokens:
                self._wait(script.delay)
                self._chunk({kind: token})
        self._end(script.end)

    def _open(self, script: Script) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        # "closed" ends like an answer from a server that frames by closing: no client can tell.
        self._chunked = script.end != "closed"
        if self._chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Connection", "close")
        self.end_headers()

    def _end(self, end: End) -> None:
        if end == "silence":
            self._wait(float("inf"))
        elif end == "cut":
            # A reset: the client's system reports a broken connection.
            self.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            self.close_connection = True
            self.connection.close()
        elif end == "closed":
            self.close_connection = True
        else:
            if end == "garbage":
                self._event('{"choices": [{"delta": {"content"')
            elif end == "error":
                self._event(
                    json.dumps({"error": {"message": "The engine died", "code": 500}})
                )
            else:
                self._chunk({}, finish=end)
                self._event("[DONE]")
            self._write(b"")

    def _chunk(self, delta: Mapping[str, str], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        head = {
            "id": "0",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": MODEL,
        }
        self._event(json.dumps({**head, "choices": [choice]}, ensure_ascii=False))

    def _event(self, data: str) -> None:
        self._check()
        self._write(f"data: {data}\n\n".encode())

    def _write(self, data: bytes) -> None:
        if self._chunked:  # nothing is the end
            data = b"%x\r\n%b\r\n" % (len(data), data)
        self.wfile.write(data)

    def _send(self, status: int, text: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        data = text.encode()
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _wait(self, seconds: float) -> None:
        """Let time pass, as long as somebody waits for what comes after."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._check()
            self.server.owner.closing.wait(min(left, 0.02))

    def _check(self) -> None:
        if self.server.owner.closing.is_set():
            raise _Left
        if select.select([self.connection], [], [], 0)[0]:
            # It sends nothing more than its request: what can be read is its goodbye.
            raise _Left


def _tokens(text: str) -> list[str]:
    """Words and signs, each with the white space before it: ``[1]`` is three tokens."""
    return re.findall(r"\s*\w+|\s*[^\w\s]|\s+", text)
