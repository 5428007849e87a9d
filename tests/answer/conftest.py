"""A small collection of real papers whose answers a scripted server writes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ragbot.config import load_settings
from ragbot.embedding import Embedder
from ragbot.pipeline import Ragbot
from ragbot.testing import ScriptedServer

LISTING = Path(__file__).parent.parent / "fixtures" / "daily_papers.txt"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(
        "KANs have learnable activation functions on edges [1]."
    ) as running:
        yield running


@pytest.fixture(scope="module")
def bot(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder
) -> Iterator[Ragbot]:
    """Six papers, KAN and OLinear among them; to be read, not written."""
    settings = load_settings(data_dir=tmp_path_factory.mktemp("six"), environ={})
    with Ragbot.open(settings, load=lambda: embedder) as opened:
        opened.ingest([LISTING])
        yield opened


@pytest.fixture
def written_by(bot: Ragbot) -> Callable[..., Ragbot]:
    """That collection with a server as its language model, and settings of [llm] to go with it."""
    return lambda server, **told: connect(bot, server, **told)


def connect(bot: Ragbot, server: ScriptedServer, **told: object) -> Ragbot:
    told = {"timeout": 0.4, "retries": 0, "base_url": server.base_url, **told}
    default = load_settings(environ={}).llm
    bot.use_language_model(
        dataclasses.replace(default, provider="openai", model="scripted", **told)
    )
    return bot
