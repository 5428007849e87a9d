"""Checking reads, signing writes: what an index was built with."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from ragbot.config import Settings, load_settings
from ragbot.errors import FingerprintMismatch
from ragbot.index.catalog import Catalog
from ragbot.index.signature import check, sign, signature, unsign
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_listings
from ragbot.testing import HashEmbedder
from ragbot.types import Paper

PAPER = Paper(
    "recognizing", "Recognizing Image Style", "The style of an image plays a role."
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path)


def signed(bot: Ragbot) -> str | None:
    return bot.stores.catalog.get_meta("fingerprint")


def test_reading_signs_nothing(settings: Settings) -> None:
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        bot.check()
        assert signed(bot) is None
        bot.add([PAPER], source="here")
        assert signed(bot)
        told = json.loads(signed(bot) or "")
        assert told == signature(settings, HashEmbedder())
        bot.stores.catalog.delete_meta("fingerprint")
        bot.ask("What is the style of an image?")
        assert signed(bot) is None


def test_a_dry_run_signs_nothing(settings: Settings) -> None:
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        assert bot.ingest([bundled_listings()], dry_run=True).papers
        assert signed(bot) is None


def test_other_settings_do_not_fit_and_a_rebuild_signs_anew(settings: Settings) -> None:
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        bot.add([PAPER], source="here")
    chunking = dataclasses.replace(
        settings.chunking, sentences=settings.chunking.sentences + 1
    )
    other = dataclasses.replace(settings, chunking=chunking)
    with Ragbot.open(other, load=HashEmbedder) as bot:
        with pytest.raises(FingerprintMismatch, match="rebuild"):
            bot.search("image style")
        bot.rebuild()
        assert bot.search("image style").hits
    with (
        Ragbot.open(settings, load=HashEmbedder) as bot,
        pytest.raises(FingerprintMismatch),
    ):
        bot.check()


def test_what_is_signed_stays_until_it_is_unsigned(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    check(catalog, {"model": "a"}, tmp_path)  # nothing is signed: anything fits
    sign(catalog, {"model": "a"})
    sign(catalog, {"model": "b"})
    check(catalog, {"model": "a"}, tmp_path)
    with pytest.raises(FingerprintMismatch, match="model"):
        check(catalog, {"model": "b"}, tmp_path)
    unsign(catalog)
    check(catalog, {"model": "b"}, tmp_path)
    catalog.close()
