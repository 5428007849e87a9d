"""ragbot/index/chroma_server.py: a collection whose vectors are on a real Chroma server."""

from __future__ import annotations

import http.server
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chromadb
import pytest

from ragbot.config import Settings, load_settings
from ragbot.doctor import _index
from ragbot.errors import CatalogError, ConfigError, RagbotError, VectorServerError
from ragbot.index import indexing
from ragbot.index.chroma_server import TOKEN
from ragbot.mending import mend
from ragbot.pipeline import Ragbot
from ragbot.testing import HashEmbedder, tiny_listing, tiny_papers
from ragbot.types import Progress

TITLES = [paper.title for paper in tiny_papers()]


class ChromaRun:
    """What the tests know of the server that `chroma_run` gives."""

    url: str
    start: Callable[[], None]
    stop: Callable[[], None]


@pytest.fixture
def served(tmp_path: Path, chroma_run: ChromaRun) -> Settings:
    return settings_of(tmp_path / "data", chroma_run.url)


def settings_of(data: Path, url: str, timeout: float = 60.0) -> Settings:
    environ = {"RAGBOT_VECTORS__URL": url, "RAGBOT_VECTORS__TIMEOUT": str(timeout)}
    return load_settings(data_dir=data, environ=environ)


def opened(settings: Settings) -> Ragbot:
    return Ragbot.open(settings, load=HashEmbedder)


def assert_all_are_found(bot: Ragbot) -> None:
    bot.stores.check()
    assert [bot.search(title, 1).hits[0].paper.title for title in TITLES] == TITLES


def collections(server: ChromaRun, data: Path) -> list[str]:
    """The names of those on the server that belong to a data folder."""
    client = chromadb.HttpClient(server.url)
    each = client.list_collections()
    owner = {"data folder": str(data.resolve())}
    return [one.name for one in each if one.metadata == owner]


def test_it_answers_as_with_a_folder(
    served: Settings, tmp_path: Path, listing: Path
) -> None:
    local = settings_of(tmp_path / "local", "")
    with opened(served) as there, opened(local) as here:
        for bot in (there, here):
            bot.ingest([listing])
        assert_all_are_found(there)
        assert not (served.data_dir / "chroma").exists()
        for title in TITLES:
            found, wanted = there.search(title), here.search(title)
            assert [h.paper for h in found.hits] == [h.paper for h in wanted.hits]
            scores = [h.score for h in wanted.hits]
            assert [h.score for h in found.hits] == pytest.approx(scores, abs=1e-4)
        assert there.fingerprint() == here.fingerprint()
        told = _index(there)
    assert told.ok
    assert f"chunks by vectors at {served.vectors.url};" in told.detail


def test_papers_change_and_go_there_as_well(served: Settings, listing: Path) -> None:
    with opened(served) as writing, opened(served) as reading:
        writing.ingest([listing])
        assert_all_are_found(reading)
        text = tiny_listing().replace("for classification", "for zebra identification")
        listing.write_text(text, encoding="utf-8")
        assert writing.ingest([listing]).files[0].updated == 1
        first = reading.search("zebra identification", 1).hits[0].paper
        reading.stores.check()
        writing.remove([first.id])
        assert reading.search("zebra identification", 1).hits[0].paper != first
        reading.stores.check()


def test_a_rebuild_leaves_one_collection(
    served: Settings, listing: Path, chroma_run: ChromaRun
) -> None:
    with opened(served) as bot:
        bot.ingest([listing])
        before = collections(chroma_run, served.data_dir)
        bot.rebuild()
        bot.rebuild()
        assert_all_are_found(bot)
        after = collections(chroma_run, served.data_dir)
    assert len(before) == len(after) == 1
    assert before != after


def test_where_the_vectors_are_not_a_rebuild_puts_them(
    served: Settings, listing: Path, chroma_run: ChromaRun
) -> None:
    """From the folder to the server and back."""
    local = settings_of(served.data_dir, "")
    with opened(local) as bot:
        bot.ingest([listing])
    with opened(served) as bot:
        with pytest.raises(CatalogError, match="has no vectors of the coll") as caught:
            bot.search(TITLES[0])
        assert caught.value.message.startswith(served.vectors.url)
        assert "run 'ragbot rebuild'" in caught.value.remedy
        bot.rebuild()
        assert_all_are_found(bot)
    assert not [*served.data_dir.rglob("chroma")]
    with opened(local) as bot:
        with pytest.raises(CatalogError, match="run 'ragbot rebuild'"):
            bot.search(TITLES[0])
        bot.rebuild()
        assert_all_are_found(bot)


def test_a_copy_of_the_folder_has_a_collection_of_its_own(
    served: Settings, tmp_path: Path, listing: Path, chroma_run: ChromaRun
) -> None:
    with opened(served) as bot:
        bot.ingest([listing])
    copy = settings_of(tmp_path / "copy", chroma_run.url)
    shutil.copytree(served.data_dir, copy.data_dir)
    with opened(copy) as bot:
        with pytest.raises(CatalogError, match="run 'ragbot rebuild'"):
            bot.search(TITLES[0])
        bot.rebuild()
        bot.remove([tiny_papers()[0].id])
    with opened(served) as bot:
        assert_all_are_found(bot)
    names = [collections(chroma_run, s.data_dir) for s in (served, copy)]
    assert [len(each) for each in names] == [1, 1]


@pytest.mark.parametrize("work", ["ingest", "rebuild"])
def test_a_server_that_dies_meanwhile_costs_nothing_that_was_done(
    served: Settings,
    listing: Path,
    chroma_run: ChromaRun,
    monkeypatch: pytest.MonkeyPatch,
    work: str,
) -> None:
    monkeypatch.setattr(indexing, "_LEAST", 2)
    monkeypatch.setattr(indexing, "_MOST", 2)
    steps: list[int] = []

    def watch(step: Progress) -> None:
        steps.append(step.done)

    def die(step: Progress) -> None:
        if step.done:
            chroma_run.stop()

    def do(bot: Ragbot, progress: Callable[[Progress], None]) -> None:
        if work == "ingest":
            bot.ingest([listing], progress=progress)
        else:
            bot.rebuild(progress)

    with opened(served) as first:
        if work == "rebuild":
            first.ingest([listing])
        with pytest.raises(VectorServerError, match="no Chroma server") as caught:
            do(first, die)
        assert caught.value.message.startswith(served.vectors.url)
        with opened(served) as bot:  # the catalog needs no server
            assert len(bot.papers()) == (2 if work == "ingest" else len(TITLES))
            with pytest.raises(VectorServerError):
                bot.search(TITLES[0])
            failed = _index(bot)
            assert (failed.ok, "chroma run" in failed.remedy) == (False, True)
        assert not mend(served, load=HashEmbedder)[-1].ok
        chroma_run.start()
        with Ragbot.open(served, load=HashEmbedder, progress=watch) as bot:
            if work == "rebuild":
                bot.rebuild(watch)
            assert_all_are_found(bot)
        assert_all_are_found(first)
    # None of the batch that was done is done again.
    assert [n for n in steps if n] == ([2, 3] if work == "ingest" else [4, 5])


class Replies(http.server.BaseHTTPRequestHandler):
    """Gives one reply to everything, or none, and keeps what came."""

    status, body = 200, b'"1.0.0"'
    came: list[Any]
    silence: threading.Event | None = None

    def reply(self) -> None:
        self.came.append(self.headers)
        if self.silence:
            self.silence.wait()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def replying(**said: object) -> Iterator[tuple[str, list[Any]]]:
    """The address of a server that gives one reply, and the headers of what came to it."""
    methods = {"do_GET": Replies.reply, "do_POST": Replies.reply}
    handler = type("Handler", (Replies,), {"came": [], **methods, **said})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", handler.came
        if handler.silence:
            handler.silence.set()
        server.shutdown()


@pytest.mark.parametrize(
    ("said", "message", "remedy"),
    [
        ({"body": b'"0.6.3"'}, "it says to be 0.6.3", "correct vectors.url"),
        ({"body": b"<html>"}, "no Chroma server of version 1", "correct vectors.url"),
        ({"status": 404, "body": b"<html>"}, "(HTTP 404)", "correct vectors.url"),
        ({"status": 401, "body": b"who?"}, "refuses the token", TOKEN),
        ({"status": 503}, "cannot answer now (HTTP 503)", "try again later"),
        ({}, "no Chroma server of version 1", "correct vectors.url"),
        ({"silence": True}, "no answer within 0.3 s", "raise vectors.timeout"),
    ],
)
def test_what_is_no_chroma_server_is_told_in_one_line(
    tmp_path: Path,
    listing: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: dict[str, Any],
    message: str,
    remedy: str,
) -> None:
    monkeypatch.setenv(TOKEN, "s3cret")
    if "silence" in said:
        said = {"silence": threading.Event()}
    with (
        replying(**said) as (url, came),
        opened(settings_of(tmp_path / "data", url, 0.3)) as bot,
    ):
        with pytest.raises(VectorServerError) as caught:
            bot.ingest([listing])
        assert caught.value.message.startswith(url)
        assert message in caught.value.message
        assert remedy in caught.value.remedy
        assert "\n" not in str(caught.value)
        assert "s3cret" not in str(caught.value)
        assert not bot.papers()
    assert came
    for headers in came:
        assert headers["Authorization"] == "Bearer s3cret"
        assert headers["X-Chroma-Token"] == "s3cret"


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://host", "http://", "http://[", "http://me:pw@host"]
)
def test_an_address_that_is_none_is_one_line(
    tmp_path: Path, listing: Path, url: str
) -> None:
    with opened(settings_of(tmp_path / "data", url)) as bot:
        with pytest.raises(ConfigError, match=r"vectors\.url must be") as caught:
            bot.ingest([listing])
        assert "pw" not in str(caught.value)
        assert not bot.papers()


def test_a_token_with_a_line_break_is_not_shown(
    served: Settings, listing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, "s3cret\nX-Other: 1")
    with opened(served) as bot:
        with pytest.raises(RagbotError, match=TOKEN) as caught:
            bot.ingest([listing])
        assert "s3cret" not in str(caught.value)
