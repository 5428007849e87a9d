"""The window's server: where it listens, and what it leaves behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ragbot.errors import RagbotError
from ragbot.testing import tiny_collection
from ragbot.window.app import launch

# What takes hundreds of MB, and is there for conversions, other models and other writers.
HEAVY = {
    "torch",
    "transformers",
    "sentence_transformers",
    "sklearn",
    "scipy",
    "nltk",
    "llama_index",
    "openai",
    "onnxruntime",
    "matplotlib",
}
ASKED_AND_SERVED = """
import sys, urllib.request
from ragbot.config import load_settings
from ragbot.service import Service
from ragbot.window.app import opened

with Service.open(load_settings(data_dir=sys.argv[1])) as service:
    assert service.ask("How does MatryoshkaKV compress the KV cache?").papers
    with opened(service, host="127.0.0.1", port=0) as address:
        urllib.request.urlopen(address).read()
print(*sys.modules)
"""


def never(url: str) -> None:
    raise AssertionError(url)


@pytest.mark.slow
def test_over_an_index_that_is_there_nothing_heavy_is_loaded(
    indexed: Callable[[Sequence[Path]], Path],
) -> None:
    listings = Path(__file__).parents[1] / "fixtures" / "listings"
    data = indexed([listings / "matryoshka.txt"])
    told = subprocess.run(
        [sys.executable, "-c", ASKED_AND_SERVED, str(data)],
        stdout=subprocess.PIPE,
        check=True,
        encoding="utf-8",
    )
    loaded = {name.partition(".")[0] for name in told.stdout.split()}
    assert {"openvino", "chromadb", "gradio"} <= loaded
    assert not loaded & HEAVY


def test_a_port_in_use_is_one_line_with_the_remedy(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        tiny_collection(tmp_path) as bot,
    ):
        port = taken.getsockname()[1]
        with pytest.raises(RagbotError) as caught:
            launch(bot, host="127.0.0.1", port=port, on_ready=never)
    assert f"port {port} on 127.0.0.1 is in use" in str(caught.value)
    assert f"--port {port + 1}" in str(caught.value)


def test_an_address_that_is_not_ours_is_one_line_with_the_remedy(
    tmp_path: Path,
) -> None:
    with (
        tiny_collection(tmp_path) as bot,
        pytest.raises(
            RagbotError, match=r"cannot listen on 192\.0\.2\.1, port 0 .*--host"
        ),
    ):
        launch(bot, host="192.0.2.1", port=0, on_ready=never)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals for one child")
@pytest.mark.parametrize("told", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_told_to_end_it_leaves_no_upload_behind(tmp_path: Path, told: str) -> None:
    data = tmp_path / "data"
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("server.py")), str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert server.stdout is not None
    address = server.stdout.readline()
    assert list(data.glob("window-*"))
    server.send_signal(getattr(signal, told))
    said, _ = server.communicate(timeout=30)
    assert address.startswith("http://127.0.0.1:")
    assert said == "", "nothing but the address is printed"
    assert not list(data.glob("window-*"))
