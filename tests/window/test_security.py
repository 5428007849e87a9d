"""What pages of other sites can do to a window that is open on this machine: nothing.

A window as it is really served, real requests over loopback, a real browser."""

from __future__ import annotations

import dataclasses
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ragbot.pipeline import Ragbot
from ragbot.service import Service
from ragbot.testing import ScriptedServer, tiny_collection
from ragbot.window.app import opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

KEY = "sk-fake-owner-key"
JOIN, UPLOAD = "gradio_api/queue/join", "gradio_api/upload"


@dataclass(frozen=True)
class Served:
    """A window that is open, and what stands behind it."""

    url: str
    bot: Ragbot

    @property
    def port(self) -> int:
        return int(self.url.rstrip("/").rpartition(":")[2])

    def uploads(self) -> list[str]:
        return [
            path.name
            for path in self.bot.settings.data_dir.glob("window-*/uploads/**/*.txt")
        ]

    def press(self, elem_id: str, values: list[Any], **headers: str) -> httpx.Response:
        """Press a button as a browser does: the answer to the request that says so."""
        config = httpx.get(f"{self.url}config").json()
        ids = {
            c["id"]
            for c in config["components"]
            if c["props"].get("elem_id") == elem_id
        }
        index = next(
            dependency["id"]
            for dependency in config["dependencies"]
            if any(target[0] in ids for target in dependency["targets"])
        )
        body = {"data": values, "fn_index": index, "session_hash": "visitor"}
        return httpx.post(f"{self.url}{JOIN}", json=body, headers=headers)

    def outcome(self) -> str:
        """Everything that came of what was pressed."""
        address = f"{self.url}gradio_api/queue/data?session_hash=visitor"
        with httpx.stream("GET", address, timeout=30) as events:
            return "".join(events.iter_text())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with (
        tiny_collection(tmp_path_factory.mktemp("window")) as bot,
        opened(Service(bot), host="127.0.0.1", port=0) as url,
    ):
        yield Served(url, bot)


@pytest.mark.parametrize(
    "path", ["", "config", JOIN, UPLOAD, "gradio_api/info", "theme.css", "nowhere"]
)
def test_no_other_name_is_answered(served: Served, path: str) -> None:
    """A name that was pointed at this machine a moment ago is still not this machine's."""
    evil = {"Host": f"evil.test:{served.port}"}
    for method in ("GET", "POST", "OPTIONS"):
        refused = httpx.request(method, f"{served.url}{path}", headers=evil)
        assert refused.status_code == 421
        assert "window.hosts" in refused.text


def test_own_names_are_answered(served: Served) -> None:
    for name in ("127.0.0.1", "localhost", "[::1]"):
        got = httpx.get(served.url, headers={"Host": f"{name}:{served.port}"})
        assert got.status_code == 200
        assert "gradio" in got.text


def test_a_page_elsewhere_cannot_upload(served: Served) -> None:
    files = {"files": ("csrf.txt", b"planted", "text/plain")}
    for origin in ("http://evil.test", f"http://localhost:{served.port}", "null"):
        refused = httpx.post(
            f"{served.url}{UPLOAD}", files=files, headers={"Origin": origin}
        )
        assert refused.status_code == 403
    assert "csrf.txt" not in served.uploads()

    own = {"Origin": served.url.rstrip("/")}
    taken = httpx.post(f"{served.url}{UPLOAD}", files=files, headers=own)
    assert taken.status_code == 200
    assert "csrf.txt" in served.uploads()


def test_a_page_elsewhere_cannot_press_a_button(served: Served) -> None:
    values = ["openai", "scripted", "http://127.0.0.1:9/v1", 0]
    assert (
        served.press("model-use", values, Origin="http://evil.test").status_code == 403
    )
    assert served.bot.settings.llm.provider == "none"


def test_a_key_goes_to_no_address_that_was_typed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither at "Use this" nor with the next question; the owner's own address gets it."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with (
        ScriptedServer("OLinear forecasts [1].") as own,
        tiny_collection(tmp_path) as bot,
    ):
        llm = dataclasses.replace(
            bot.settings.llm, provider="openai", model="m", base_url=own.base_url
        )
        bot.use_language_model(llm)
        with (
            ScriptedServer("OLinear forecasts [1].") as typed,
            opened(Service(bot), host="127.0.0.1", port=0) as url,
        ):
            window = Served(url, bot)
            evil = {"Host": f"evil.test:{window.port}"}
            values = ["openai", "m", typed.base_url, 0]
            assert window.press("model-use", values, **evil).status_code == 421
            assert typed.requests == []

            assert window.press("model-use", values).status_code == 200
            assert "answers: first word after" in window.outcome()
            assert bot.ask("What does OLinear forecast?").mode == "llm"
            assert len(typed.chats) == 2
            assert KEY not in str([dict(request.headers) for request in typed.requests])

            assert (
                window.press("model-use", ["openai", "m", own.base_url, 0]).status_code
                == 200
            )
            window.outcome()
            assert own.requests[-1].headers["authorization"] == f"Bearer {KEY}"


def test_every_answer_bears_the_headers(served: Served) -> None:
    for path in ("", "config", "theme.css", "nowhere", "gradio_api/startup-events"):
        told = httpx.get(f"{served.url}{path}").headers
        assert told["x-frame-options"] == "DENY", path
        assert "frame-ancestors 'none'" in told["content-security-policy"], path
        assert told["x-content-type-options"] == "nosniff", path


def test_names_of_the_setting_are_answered(tmp_path: Path) -> None:
    with tiny_collection(tmp_path) as bot:
        window = dataclasses.replace(
            bot.settings.window, hosts="lab.example, 192.0.2.7"
        )
        other = Ragbot(dataclasses.replace(bot.settings, window=window), bot.stores)
        with opened(Service(other), host="127.0.0.1", port=0) as url:
            assert httpx.get(url, headers={"Host": "lab.example"}).status_code == 200
            assert httpx.get(url, headers={"Host": "192.0.2.7:80"}).status_code == 200
            assert httpx.get(url, headers={"Host": "evil.test"}).status_code == 421
            assert (
                "This window can be opened from other machines" in httpx.get(url).text
            )


class _Elsewhere(http.server.BaseHTTPRequestHandler):
    """A page of another site: frames the window and posts a file to it."""

    window = ""

    def do_GET(self) -> None:
        page = f"""<!doctype html><title>Elsewhere</title>
            <iframe id="framed" src="{self.window}"></iframe>
            <script>
              const form = new FormData();
              form.append("files", new File(["planted"], "from-a-page.txt"));
              window.sent = Promise.allSettled([
                fetch("{self.window}{UPLOAD}", {{ method: "POST", mode: "no-cors", body: form }}),
                fetch("{self.window}config").then((got) => got.text()),
              ]).then((all) => all.map((one) => one.status + " " + (one.value?.type ?? "")));
            </script>"""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.browser
@pytest.mark.slow
def test_a_page_elsewhere_in_a_browser(served: Served, chromium: Browser) -> None:
    """On another port of this machine, which a browser counts as the same site."""
    handler = type("Handler", (_Elsewhere,), {"window": served.url})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    page = chromium.new_page()
    try:
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        sent = page.evaluate("window.sent")
        assert sent[1].startswith("rejected"), "nothing of the window can be read"
        frame = page.frames[1]
        frame.wait_for_load_state()
        assert frame.locator("gradio-app").count() == 0, (
            "the window is not shown in a frame"
        )
        assert "from-a-page.txt" not in served.uploads()

        # A link leads to it, and there it works.
        page.evaluate("url => { location.href = url }", served.url)
        page.locator("#question textarea").wait_for(timeout=30_000)
    finally:
        page.close()
        server.shutdown()
        server.server_close()
