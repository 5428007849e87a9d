"""How services are asked: at their pace, again while they are busy, and what fails is told."""

from __future__ import annotations

import email.utils
import http.server
import itertools
import shutil
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import ragbot
from ragbot.config import Settings, load_settings
from ragbot.errors import FetchError
from ragbot.fetching import Search, fetch_arxiv, fetch_daily_papers, web_client

DAY = date(2026, 3, 4)


@pytest.fixture
def fetch(asking: Settings, passing: Any) -> Any:
    """Fetches one day."""

    def fetched(settings: Settings = asking) -> int:
        return sum(
            one.papers for one in fetch_daily_papers(settings, DAY, DAY, passing.clock)
        )

    return fetched


# -- pace -------------------------------------------------------------------------------------


def test_arxiv_is_asked_once_in_three_seconds_across_runs(
    replay: Any, asking: Settings, passing: Any
) -> None:
    for query in ("all:testing", "all:tests"):
        list(fetch_arxiv(asking, Search(query), passing.clock))
        passing.time += 1.0  # what a user takes to give the next command
    times = [asked.at for asked in replay.asked]
    gaps = [round(b - a, 3) for a, b in itertools.pairwise(times)]
    assert gaps == [3.0] * 5
    assert passing.waits == [3.0, 3.0, 2.0, 3.0, 3.0]


def test_a_clock_that_was_set_back_makes_nobody_wait_for_long(
    asking: Settings, passing: Any
) -> None:
    list(fetch_arxiv(asking, Search("all:testing", most=1), passing.clock))
    passing.time -= 86_400
    list(fetch_arxiv(asking, Search("all:testing", most=1), passing.clock))
    assert passing.waits == [3.0]


# -- busy services ----------------------------------------------------------------------------


def test_the_pause_that_a_service_names_is_kept(
    replay: Any, fetch: Any, passing: Any
) -> None:
    until = email.utils.formatdate(passing.time + 7 + 50, usegmt=True)
    replay.say(429, Retry_After="7")
    replay.say(503, Retry_After=until)
    replay.say(429, RateLimit='"api";r=0;t=55', RateLimit_Policy='"api";q=500;w=300')
    assert fetch() == 1
    assert passing.waits == [7.0, 50.0, 55.0]


def test_without_one_the_pauses_grow(replay: Any, fetch: Any, passing: Any) -> None:
    replay.say(503)
    replay.say(429, Retry_After="soon")
    replay.say(503)
    assert fetch() == 1
    assert passing.waits == [3.0, 6.0, 12.0]


def test_the_number_of_tries_is_bounded(replay: Any, fetch: Any, passing: Any) -> None:
    replay.say(503, times=9)
    with pytest.raises(FetchError, match="Hugging Face is busy") as caught:
        fetch()
    assert len(replay.asked) == 5
    assert passing.waits == [3.0, 6.0, 12.0, 24.0]
    assert "goes on where it stopped" in caught.value.remedy


def test_a_long_pause_is_told_instead_of_kept(
    replay: Any, fetch: Any, passing: Any
) -> None:
    replay.say(429, Retry_After="7200")
    with pytest.raises(FetchError, match=r"again in 7200 s: it goes on"):
        fetch()
    assert passing.waits == []


# -- failures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "pause"),
    [
        *(("nan", 3.0), ("-5", 3.0), ("inf", 3.0), ("9" * 500, None)),
        (f"Mon, 01 Jan {'9' * 30} 00:00:00 GMT", 3.0),
        ("Sat, 07 Mar 2026 11:59:00 GMT", 0.0),
    ],
)
def test_odd_pauses_are_no_reason_to_break_off(
    replay: Any, fetch: Any, passing: Any, after: str, pause: float | None
) -> None:
    replay.say(429, Retry_After=after)
    if pause is None:
        with pytest.raises(FetchError, match="is busy"):
            fetch()
    else:
        assert fetch() == 1
        assert passing.waits[0] == pause


@pytest.mark.parametrize(
    ("status", "body", "said", "remedy"),
    [
        (400, '{"error":"Invalid date"}', "(status 400, Invalid date)", "what you ask"),
        (403, "<html>no</html>", "refuses this machine (status 403)", "wait an hour"),
        (404, "", "refuses the request (status 404)", "fetch.daily_papers_url"),
        (407, "", "the proxy wants a name and a password", "HTTPS_PROXY"),
        (500, "", "failed on its side (status 500)", "again later"),
        (304, "", "refers to another address", "fetch.daily_papers_url"),
        (400, "<summary>\x1b[2Jodd</summary>", "(status 400, [2Jodd)", "what you ask"),
    ],
)
def test_other_statuses_are_told_at_once(
    replay: Any, fetch: Any, status: int, body: str, said: str, remedy: str
) -> None:
    replay.say(status, body)
    with pytest.raises(FetchError) as caught:
        fetch()
    assert said in caught.value.message
    assert remedy in caught.value.remedy
    assert "\n" not in str(caught.value)
    assert len(replay.asked) == 1


def test_a_service_that_is_not_there(asking: Settings, fetch: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    away = load_settings(
        data_dir=asking.data_dir, environ={"RAGBOT_FETCH__DAILY_PAPERS_URL": url}
    )
    with pytest.raises(FetchError, match="Hugging Face cannot be reached") as caught:
        fetch(away)
    assert "'ragbot ingest PATH'" in caught.value.remedy


def test_a_service_that_says_nothing(asking: Settings, fetch: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        environ = {
            "RAGBOT_FETCH__DAILY_PAPERS_URL": url,
            "RAGBOT_FETCH__TIMEOUT": "0.1",
        }
        settings = load_settings(data_dir=asking.data_dir, environ=environ)
        with pytest.raises(FetchError, match=r"sent nothing for 0\.1 s"):
            fetch(settings)


@pytest.mark.parametrize("url", ["ftp://host/x", "huggingface.co", ""])
def test_an_address_that_is_none(asking: Settings, fetch: Any, url: str) -> None:
    environ = {"RAGBOT_FETCH__DAILY_PAPERS_URL": url}
    settings = load_settings(data_dir=asking.data_dir, environ=environ)
    with pytest.raises(FetchError, match="has an address that cannot be asked"):
        fetch(settings)


def test_a_reply_without_end_is_refused(
    replay: Any, fetch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_client, "LARGEST", 1_000_000)
    replay.say(200, b"[" + b" " * 1_000_000)
    with pytest.raises(FetchError, match="more than 1 MB"):
        fetch()


def test_a_reply_that_drips_is_given_up(replay: Any, fetch: Any, passing: Any) -> None:
    def drip() -> None:
        passing.time += 3600

    replay.do(drip)
    with pytest.raises(FetchError, match="sent nothing for 60 s"):
        fetch()


# -- ways to the service ----------------------------------------------------------------------


def test_ragbot_says_who_it_is(replay: Any, fetch: Any) -> None:
    fetch()
    assert replay.asked[0].headers["User-Agent"] == f"ragbot/{ragbot.__version__}"


def test_a_service_may_lead_on_within_itself(replay: Any, fetch: Any) -> None:
    replay.say(301, Location="/api/elsewhere?date=2026-03-04")
    assert fetch() == 1
    assert replay.asked[1].path == "/api/elsewhere"


@pytest.mark.parametrize(
    "location",
    ["http://localhost:{port}/", "http://127.0.0.1:1/", "file:///etc/passwd"],
)
def test_a_service_may_not_lead_elsewhere(
    replay: Any, fetch: Any, location: str
) -> None:
    port = replay.address.rpartition(":")[2]
    replay.say(302, Location=location.format(port=port))
    with pytest.raises(FetchError):
        fetch()
    assert len(replay.asked) == 1


def test_a_service_that_leads_in_circles(replay: Any, fetch: Any) -> None:
    replay.say(302, Location="/api/daily_papers", times=99)
    with pytest.raises(FetchError):
        fetch()
    assert len(replay.asked) < 10


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of this machine's own making, with its key."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("NO OPENSSL: certificates are untested")
    path = tmp_path / "own.pem"
    subprocess.run(
        [
            *(program, "req", "-x509", "-nodes", "-keyout", path),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-subj", "/CN=own", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-out", path.with_suffix(".crt")),
        ],
        check=True,
        capture_output=True,
    )
    with path.open("ab") as file:
        file.write(path.with_suffix(".crt").read_bytes())
    return path


def test_a_certificate_must_be_trusted(
    replay: Any,
    fetch: Any,
    asking: Settings,
    passing: Any,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And from http one may be led to https, never back."""
    with type(replay)(passing, certificate) as secure:
        settings = load_settings(data_dir=asking.data_dir, environ=secure.environ)
        with pytest.raises(FetchError, match="certificate is not good") as caught:
            fetch(settings)
        assert "SSL_CERT_FILE" in caught.value.remedy
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))
        secure.say(302, Location=f"{replay.address}/api/daily_papers?date={DAY}")
        with pytest.raises(FetchError, match="refers to another address"):
            fetch(settings)
        assert replay.asked == []
        replay.say(301, Location=f"{secure.address}/api/daily_papers?date={DAY}")
        assert fetch() == 1
        assert len(secure.asked) == 2


class _Proxy(http.server.BaseHTTPRequestHandler):
    """Passes plain requests on to loopback, as the smallest of proxies do."""

    passed: list[str]

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr."""

    def do_GET(self) -> None:
        self.passed.append(self.path)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(self.path) as answer:
            body = answer.read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def proxy() -> Iterator[Any]:
    class Handler(_Proxy):
        passed: list[str] = []  # noqa: RUF012  of this test alone

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_proxy_of_the_environment_is_used(
    replay: Any, fetch: Any, proxy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.server_port}")
    assert fetch() == 1
    wanted = f"{replay.address}/api/daily_papers?date={DAY}"
    assert proxy.RequestHandlerClass.passed == [wanted]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HTTP_PROXY", "nonsense://host", "cannot be asked"),
        ("HTTP_PROXY", "http://127.0.0.1:1", "cannot be reached"),
        ("ALL_PROXY", "socks5://127.0.0.1:1", "cannot be"),
        ("SSL_CERT_FILE", "/no/such/file", "cannot be asked"),
    ],
)
def test_an_environment_that_cannot_be_used_is_told(
    fetch: Any, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(FetchError, match=said) as caught:
        fetch()
    assert "PROXY" in caught.value.remedy


def test_a_proxy_that_refuses_a_tunnel_is_told(
    asking: Settings, fetch: Any, proxy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows no CONNECT."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.server_port}")
    environ = {"RAGBOT_FETCH__DAILY_PAPERS_URL": "https://127.0.0.1:1/"}
    settings = load_settings(data_dir=asking.data_dir, environ=environ)
    with pytest.raises(FetchError, match="the proxy refuses"):
        fetch(settings)
