"""Nothing leaves the machine and nothing is written outside the data folder.

A program of its own converts the model, ingests and asks, first without a language model and then
with one in its process, in an empty home, while every attempt to reach beyond loopback is refused
and written down. The chat window has its own such test.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# Runs first in the program and in those that it starts (`guarded`). An audit hook sees what any
# Python code attempts; libraries in other languages are caught by the kernel, where it lets us have
# a network of our own (`unshare`).
GUARD = """
import ipaddress, os, sys

def is_local(host):
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False

def refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        beyond = isinstance(address, tuple) and not is_local(address[0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        address = arguments[0]
        beyond = not is_local(address)
    else:
        return
    if beyond:
        with open(os.environ["ATTEMPTS"], "a") as file:
            print(event, address, file=file)
        raise PermissionError(f"beyond loopback: {address}")

sys.addaudithook(refuse)
"""

TRIP = """
import dataclasses, json, sys
from pathlib import Path
from ragbot.config import load_settings
from ragbot.pipeline import Ragbot

data_dir, listing = map(Path, sys.argv[1:3])
QUESTION = "How does MatryoshkaKV compress the KV cache?"
with Ragbot.open(load_settings(data_dir=data_dir)) as bot:
    bot.ingest([listing])
    answer = bot.ask(QUESTION)
    bot.search("orthogonal convolutions")
    loaded = [m for m in ("torch", "transformers") if m in sys.modules]
    told = {"provider": "local", "model": sys.argv[3], "device": "cpu", "max_tokens": 8}
    bot.use_language_model(dataclasses.replace(bot.settings.llm, **told))
    written = bot.ask(QUESTION)
cited = [c.paper.title for c in answer.papers]
print(json.dumps({"cited": cited, "written": written.text, "loaded": loaded}))
"""

PROOF = """
import socket, urllib.request
for attempt in (
    lambda: socket.create_connection(("192.0.2.1", 80), 1),
    lambda: socket.getaddrinfo("example.org", 80),
    lambda: urllib.request.urlopen("http://example.org/", timeout=1),
):
    try:
        attempt()
    except OSError:
        pass
"""


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file and folder below, with size and time of the last change."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
    }


def guarded(root: Path) -> dict[str, str]:
    """An environment in which every Python program runs GUARD first."""
    folder = root / "guard"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(GUARD)
    keep = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")
    environ = {name: os.environ[name] for name in keep if name in os.environ}
    path = os.pathsep.join([str(folder), os.environ["PYTHONPATH"]])
    told = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return environ | told | {"ATTEMPTS": str(root / "attempts")}


def attempts(root: Path) -> list[str]:
    """What was refused, a line each."""
    path = root / "attempts"
    return path.read_text().splitlines() if path.exists() else []


def without_network() -> list[str]:
    """What to put in front of a command to take its network away, where the system can."""
    command = ["unshare", "--map-root-user", "--net"]
    try:
        able = subprocess.run([*command, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        able = False
    return command if able else []


@pytest.fixture(scope="module")
def trip(
    tmp_path_factory: pytest.TempPathFactory, tiny_model: Path
) -> tuple[dict[str, list[str]], Path]:
    """What the program said, and the folder in which it ran: home, work, tmp, data."""
    root = tmp_path_factory.mktemp("private")
    for name in ("home", "work", "tmp"):
        (root / name).mkdir()
    listing = Path(__file__).parent / "fixtures" / "listings" / "matryoshka.txt"
    # Neither HF_HUB_OFFLINE nor its like: being private must not depend on the user's environment.
    environ = guarded(root) | {"HOME": str(root / "home"), "TMPDIR": str(root / "tmp")}
    told = subprocess.run(
        [
            *without_network(),
            sys.executable,
            "-c",
            TRIP,
            str(root / "data"),
            str(listing),
            str(tiny_model),
        ],
        cwd=root / "work",
        env=environ,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout), root


def test_the_trip_was_made(trip: tuple[dict[str, list[str]], Path]) -> None:
    told, root = trip
    assert told["cited"][0].startswith("MatryoshkaKV")
    # Eight tokens of random weights came, which is where the settings cut them off.
    assert "the answer was cut at 8 tokens" in told["written"]
    assert list((root / "data" / "models").rglob("model.bin")), (
        "the model was not converted here"
    )


def test_nothing_was_even_attempted(trip: tuple[dict[str, list[str]], Path]) -> None:
    _, root = trip
    assert attempts(root) == []


def test_torch_converts_the_model_in_another_process(
    trip: tuple[dict[str, list[str]], Path],
) -> None:
    told, _ = trip
    assert told["loaded"] == []


@pytest.mark.parametrize("folder", ["home", "work", "tmp"])
def test_nothing_was_written_outside_the_data_folder(
    trip: tuple[dict[str, list[str]], Path], folder: str
) -> None:
    _, root = trip
    assert tree(root / folder) == {}


def test_the_guard_sees_what_it_should(tmp_path: Path) -> None:
    """Without this the test above could pass for the wrong reason."""
    subprocess.run(
        [sys.executable, "-c", PROOF],
        env=guarded(tmp_path),
        capture_output=True,
        check=True,
    )
    assert len(attempts(tmp_path)) == 3
