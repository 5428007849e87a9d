"""What every test stands on: a scrubbed environment, one converted model, one full collection.

The environment is scrubbed when this file is imported, before any library reads it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent


_SCRUBBED = (
    *("RAGBOT_", "XDG_", "HF_", "GRADIO_", "ANONYMIZED_"),
    *("OPENAI_", "ANTHROPIC_", "COHERE_", "GOOGLE_", "MISTRAL_"),  # keys of language models
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
from ragbot.pipeline import Ragbot  # noqa: E402
from ragbot.resources import bundled_listings  # noqa: E402


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


@pytest.fixture(scope="module")  # not the session: while it runs, asyncio has a loop
def chromium() -> Iterator[Browser]:
    """Headless Chromium, the system's or Playwright's own; what needs it is skipped without it."""
    api = pytest.importorskip("playwright.sync_api", reason="NO PLAYWRIGHT: what it shows is untested")
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
