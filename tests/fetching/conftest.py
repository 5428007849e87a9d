"""A server on loopback that replays what the two services sent, and time that passes at once."""

from __future__ import annotations

import http.server
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import pytest

from ragbot.config import Settings, load_settings
from ragbot.fetching import Clock

FIXTURES = Path(__file__).parent.parent / "fixtures"
# Recorded: a page of arXiv's, its newest entries first, and days of Hugging Face's.
FEED = (FIXTURES / "fetched" / "arxiv_testing.xml").read_text(encoding="utf-8")
ENTRIES = re.findall(r"<entry>.*?</entry>\n", FEED, re.DOTALL)
REAL_DAY = json.loads(
    (FIXTURES / "fetched" / "daily_papers_2026-03-06.json").read_text(encoding="utf-8")
)
OTHER_DAYS = json.loads(
    (FIXTURES / "fetched" / "daily_papers_2026-02-27.json").read_text(encoding="utf-8")
)
NOON = 1_772_884_800.0  # 2026-03-07, 12:00 UTC


@dataclass(frozen=True)
class Asked:
    """A request as it came, and when by the test's clock."""

    path: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    at: float


@dataclass(frozen=True)
class Reply:
    """What is sent in place of a recorded reply."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Passing:
    """Time that stands still but while somebody waits; ``waits`` are the seconds of each wait."""

    def __init__(self) -> None:
        self.time = NOON
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 3))
        self.time += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.time, self.sleep)


class Replay:
    """The two services: ``days`` of daily papers, and the recorded feed, some entries a page.

    What it is told to `say` is sent first, in turn, and then what was recorded.
    """

    def __init__(self, passing: Passing, certificate: Path | None = None) -> None:
        self.days: dict[str, list[Any]] = {
            "2026-03-04": OTHER_DAYS[:1],
            "2026-03-05": OTHER_DAYS[1:],
            "2026-03-06": REAL_DAY,
        }
        self.a_page = 2
        self.asked: list[Asked] = []
        self._next: list[Reply | Callable[[], object]] = []
        self._passing = passing
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True
            )
        scheme = "https" if certificate else "http"
        self.address = f"{scheme}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def say(
        self, status: int = 200, body: str | bytes = b"", times: int = 1, **headers: str
    ) -> None:
        """Send this instead of the next recorded replies; ``_`` of headers' names is ``-``."""
        sent = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._next += [Reply(status, sent, named)] * times

    def do(self, something: Callable[[], object]) -> None:
        """Do something before the next recorded reply is sent."""
        self._next.append(something)

    @property
    def environ(self) -> dict[str, str]:
        """The settings that lead to it."""
        return {
            "RAGBOT_FETCH__DAILY_PAPERS_URL": f"{self.address}/api/daily_papers",
            "RAGBOT_FETCH__ARXIV_URL": f"{self.address}/api/query",
        }

    @property
    def dates(self) -> list[str]:
        """The days asked for, in turn."""
        return [asked.parameters["date"] for asked in self.asked]

    @property
    def starts(self) -> list[str]:
        """The places of pages asked for, in turn."""
        return [asked.parameters["start"] for asked in self.asked]

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        parts = urlsplit(path)
        parameters = {name: said[0] for name, said in parse_qs(parts.query).items()}
        self.asked.append(Asked(parts.path, parameters, headers, self._passing.time))
        said = self._next.pop(0) if self._next else None
        if isinstance(said, Reply):
            return said
        if said is not None:
            said()
        if parts.path == "/api/query":
            start, most = (int(parameters[n]) for n in ("start", "max_results"))
            return Reply(body=self.page(start, most).encode())
        return Reply(body=json.dumps(self.days.get(parameters["date"], [])).encode())

    feed = FEED

    def page(self, start: int, most: int = 200) -> str:
        """Entries of the feed from a place on, as a feed."""
        own = ENTRIES[start : start + min(most, self.a_page)]
        head, tail = FEED.split(ENTRIES[0])[0], "</feed>\n"
        return head + "".join(own) + tail


class _Server(http.server.ThreadingHTTPServer):
    owner: Replay


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr."""

    def do_GET(self) -> None:
        reply = self.server.owner.reply(self.path, dict(self.headers))
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        with suppress(ConnectionError):  # whoever asked may have left
            self.end_headers()
            self.wfile.write(reply.body)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of whoever runs the tests would not lead to loopback."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def passing() -> Passing:
    return Passing()


@pytest.fixture
def replay(passing: Passing) -> Iterator[Replay]:
    with Replay(passing) as server:
        yield server


@pytest.fixture
def asking(replay: Replay, tmp_path: Path) -> Settings:
    """Settings that lead to the replay, with a data folder that is not there yet."""
    return load_settings(data_dir=tmp_path / "data", environ=replay.environ)
