"""What every test stands on: a scrubbed environment, one converted model, one full collection.

The environment is scrubbed when this file is imported, before any library reads it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent


_SCRUBBED = (
    *("RAGBOT_", "XDG_", "HF_", "GRADIO_", "ANONYMIZED_", "CHROMA_"),
    # Keys of language models
    *(
        "OPENAI_",
        "ANTHROPIC_",
        "COHERE_",
        "GOOGLE_",
        "MISTRAL_",
    ),
)


def _scrub_environment(home: Path) -> None:
    """No settings of the person who runs the tests, an empty home folder, no network."""
    caches = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    for name in list(os.environ):
        if name.startswith(_SCRUBBED):
            del os.environ[name]
    os.environ.update(
        HOME=str(home),
        USERPROFILE=str(home),
        HF_HUB_OFFLINE="1",
        TRANSFORMERS_OFFLINE="1",
        # Programs that tests start import the package under test, whatever folder they start in.
        PYTHONPATH=str(ROOT),
        PYTHONDONTWRITEBYTECODE="1",
    )
    # Playwright looks for its browsers in the home folder.
    os.environ.setdefault("PLAYWRIGHT_BROWSERS_PATH", str(caches / "ms-playwright"))


_home = tempfile.TemporaryDirectory(prefix="ragbot-home-")
_scrub_environment(Path(_home.name))

from ragbot.config import Settings, load_settings  # noqa: E402  # after the scrubbing
from ragbot.embedding import Embedder, load_embedder  # noqa: E402
from ragbot.embedding.quiet import quiet  # noqa: E402
from ragbot.pipeline import Ragbot  # noqa: E402
from ragbot.resources import bundled_listings  # noqa: E402
from ragbot.testing import tiny_listing, wait_until  # noqa: E402


def pytest_unconfigure() -> None:
    _home.cleanup()


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of converted models; read-only, so that its conversion is paid for once."""
    folder = tmp_path_factory.mktemp("converted") / "models"
    load_embedder(load_settings(environ={}).embedding, folder)
    return folder


@pytest.fixture(scope="session")
def embedder(models: Path) -> Embedder:
    """The default embedder, loaded once."""
    return load_embedder(load_settings(environ={}).embedding, models)


@pytest.fixture
def settings(tmp_path: Path, models: Path) -> Settings:
    """The default settings with a data folder of this test's own, the model already converted."""
    return _settings_in(tmp_path / "data", models)


def _settings_in(data_dir: Path, models: Path) -> Settings:
    data_dir.mkdir(parents=True)
    (data_dir / "models").symlink_to(models)
    return load_settings(data_dir=data_dir, environ={})


@pytest.fixture(scope="session")
def full_collection(
    tmp_path_factory: pytest.TempPathFactory, models: Path, embedder: Embedder
) -> Iterator[Ragbot]:
    """Every bundled listing, ingested with the default settings; to be read, not written.

    Its folder is ``full_collection.settings.data_dir``, for programs that a test starts.
    """
    settings = _settings_in(tmp_path_factory.mktemp("full") / "data", models)
    with Ragbot.open(settings, load=lambda: embedder) as bot:
        bot.ingest([bundled_listings()])
        yield bot


class ChromaRun:
    """A Chroma server on loopback, started and ended at will; what it has outlives it.

    Its address is ``url``.
    """

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs, and wait until it answers."""
        if self._process is None:
            program = Path(sys.executable).with_name("chroma")
            told = ["run", "--path", self._folder, "--port", str(self._port)]
            self._process = subprocess.Popen(
                [program, *told, "--host", "127.0.0.1"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/v2/heartbeat").is_success
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture(scope="session")
def one_chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaRun]:
    """The one Chroma server of all tests; see `chroma_run`."""
    server = ChromaRun(tmp_path_factory.mktemp("chroma-run"))
    yield server
    server.stop()


@pytest.fixture
def chroma_run(one_chroma: ChromaRun) -> ChromaRun:
    """A Chroma server that runs, with what other tests have left there."""
    one_chroma.start()
    return one_chroma


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a chat model of 100,000 random weights and its tokenizer, always the same."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("model") / "tiny-chat"
    # Enough for a tokenizer to learn from.
    text = (ROOT / "tests" / "fixtures" / "daily_papers.txt").read_text(
        encoding="utf-8"
    )
    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(
        [text],
        vocab_size=600,
        special_tokens=["<|end|>", "<|user|>", "<|system|>", "<|assistant|>"],
        show_progress=False,
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe._tokenizer, eos_token="<|end|>", pad_token="<|end|>"
    )
    tokenizer.chat_template = (
        "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}"
        "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=100_000,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    model = LlamaForCausalLM(config)
    # What many models bring along, and no setting of ours must trip over.
    model.generation_config.update(
        do_sample=True, temperature=0.6, top_p=0.95, top_k=20
    )
    with quiet():
        model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")  # not the session: while it runs, asyncio has a loop
def chromium() -> Iterator[Browser]:
    """Headless Chromium, the system's or Playwright's own; what needs it is skipped without it."""
    api = pytest.importorskip("playwright.sync_api", reason="NO PLAYWRIGHT: install it")
    with api.sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
        names = ("chromium", "chromium-browser", "google-chrome", own)
        found = next(filter(None, map(shutil.which, names)), None)
        if found is None:
            pytest.skip("NO CHROMIUM: what the browser shows is untested; install one")
        # Chromium's sandbox refuses to run as root, which is what containers do.
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox"] if root else []
        )
        yield browser
        browser.close()


# A linear function takes twice as long for twice the text, a quadratic one four times.
_MOST_GROWTH = 3.2
_SLACK = 0.05  # seconds, for texts that are read at once


def _seconds(function: Callable[[str], object], text: str) -> float:
    """The least of three tries: other programs of the machine only ever add."""
    tries = []
    for attempt in range(3):
        start = time.process_time()
        function(text + " " * attempt)  # so that no cache answers
        tries.append(time.process_time() - start)
    return min(tries)


@pytest.fixture(scope="session")
def grows_linearly() -> Callable[[Callable[[str], object], str, int], bool]:
    """Tells whether a function takes twice the time for twice the repetitions of a text."""

    def grows(function: Callable[[str], object], part: str, length: int) -> bool:
        text = part * (2 * length // len(part))
        half = _seconds(function, text[:length])
        return _seconds(function, text) < _MOST_GROWTH * half + _SLACK

    return grows


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    """The file of five papers that `tiny_listing` is."""
    path = tmp_path / "tiny.txt"
    path.write_text(tiny_listing(), encoding="utf-8")
    return path
