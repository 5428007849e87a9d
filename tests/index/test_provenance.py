"""Papers know the paths of their files: two files of one name are two sources."""

from __future__ import annotations

import os
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragbot.config import load_settings
from ragbot.errors import InputError
from ragbot.papers.provenance import chosen_sources, source_name
from ragbot.pipeline import Ragbot
from ragbot.service import Service
from ragbot.testing import HashEmbedder

RESNET = """@article{he, title={Deep Residual Learning for Image Recognition},
  author={He, Kaiming and Sun, Jian}, eprint={1512.03385}, archiveprefix={arXiv},
  abstract={Deeper neural networks are more difficult to train.}}
"""
ATTENTION = """@article{vaswani, title={Attention Is All You Need},
  author={Vaswani, Ashish}, eprint={1706.03762}, archiveprefix={arXiv},
  abstract={We propose a new simple network architecture, the Transformer.}}
"""
GAN = """@article{gan, title={Generative Adversarial Nets},
  author={Goodfellow, Ian J.}, eprint={1406.2661}, archiveprefix={arXiv},
  abstract={We propose a framework for estimating generative models.}}
"""


def save(path: Path, *entries: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(entries), encoding="utf-8")
    return path


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ragbot]:
    """An empty collection, in whose parent folder the paths begin."""
    monkeypatch.chdir(tmp_path)
    settings = load_settings(data_dir=tmp_path / "data", environ={})
    with Ragbot.open(settings, load=HashEmbedder) as bot:
        yield bot


def of(bot: Ragbot, word: str) -> tuple[str, ...]:
    (paper,) = [paper for paper in bot.papers() if word in paper.title]
    return paper.sources


def test_two_files_of_one_name_are_two_sources(bot: Ragbot) -> None:
    save(Path("a/export.bib"), RESNET, ATTENTION)
    save(Path("b/export.bib"), RESNET, GAN)
    bot.ingest([Path("./a/export.bib"), Path("b")])
    assert bot.stores.catalog.sources() == [("a/export.bib", 2), ("b/export.bib", 2)]
    assert of(bot, "Residual") == ("a/export.bib", "b/export.bib")
    again = bot.ingest([Path("a//export.bib")]).files[0]
    assert (again.new, again.updated, again.duplicates) == (0, 0, 2)
    with pytest.raises(InputError, match=r"name one: a/export.bib, b/export.bib"):
        bot.remove(source="export.bib")
    assert bot.remove(source="b/export.bib") == 1
    assert of(bot, "Residual") == ("a/export.bib",)
    # Of one that is left its name will do.
    assert bot.remove(source="export.bib") == 2


def test_members_of_an_archive_are_below_it(bot: Ragbot) -> None:
    Path("lists").mkdir()
    with zipfile.ZipFile("lists/dump.zip", "w") as packed:
        packed.writestr("in/one.bib", RESNET)
        packed.writestr("two.bib", ATTENTION)
    bot.ingest([Path("lists/dump.zip")])
    assert of(bot, "Residual") == ("lists/dump.zip/in/one.bib",)
    assert bot.remove(source="in/one.bib") == 1
    assert bot.remove(source="lists/dump.zip") == 1


def test_a_folder_is_removed_with_its_files_and_no_other(bot: Ragbot) -> None:
    save(Path("list/one.bib"), RESNET)
    save(Path("list/deep/two.bib"), ATTENTION)
    save(Path("lists/three.bib"), GAN)
    bot.ingest([Path("list"), Path("lists")])
    with Service(bot) as service:
        assert len(service.doomed(source="list/")) == 2
        assert service.remove(source="list/") == 2
        assert service.sources() == [("lists/three.bib", 1)]
        with pytest.raises(InputError, match=r"the sources are lists/three.bib"):
            service.doomed(source="list/")


def test_files_without_a_place_of_their_own_keep_their_names(bot: Ragbot) -> None:
    upload = save(Path("f00d/refs.bib"), RESNET)
    with Service(bot) as service:
        service.take_in([upload.absolute()]).wait()
        assert service.sources() == [("refs.bib", 1)]


@pytest.fixture
def old(bot: Ragbot) -> Ragbot:
    """A collection in which an older version has read two files of one name."""
    save(Path("a/export.bib"), RESNET, ATTENTION)
    save(Path("b/export.bib"), GAN)
    bot.ingest([Path("a"), Path("b")], within=[Path("a"), Path("b")])
    bot.close()
    with sqlite3.connect(bot.settings.data_dir / "catalog.sqlite") as db:
        db.execute("ALTER TABLE records DROP COLUMN by_path")
        db.execute("UPDATE meta SET value = '2' WHERE key = 'schema_version'")
    db.close()
    return Ragbot.open(bot.settings, load=HashEmbedder)


def test_names_of_older_versions_become_paths_as_their_files_come_again(
    old: Ragbot,
) -> None:
    assert old.stores.catalog.sources() == [("export.bib", 3)]
    papers, content = old.papers(), old.fingerprint()
    again = old.ingest([Path("a/export.bib")]).files[0]
    assert (again.new, again.updated, again.duplicates) == (0, 0, 2)
    assert old.stores.catalog.unfinished() == 0
    assert old.fingerprint()["collection"] == content["collection"]
    assert [paper.id for paper in old.papers()] == [paper.id for paper in papers]
    assert of(old, "Residual") == ("a/export.bib",)
    # What the other file said is not claimed for this one.
    assert of(old, "Adversarial") == ("export.bib",)
    save(Path("b/export.bib"), GAN.replace("framework", "new framework"))
    assert old.ingest([Path("b/export.bib")]).files[0].updated == 1
    assert old.stores.catalog.sources() == [("a/export.bib", 2), ("b/export.bib", 1)]
    old.close()


def test_a_name_that_is_a_path_of_today_is_nobody_elses(old: Ragbot) -> None:
    save(Path("export.bib"), RESNET)
    assert old.ingest([Path("export.bib")]).files[0].duplicates == 1
    old.ingest([Path("a/export.bib")])
    assert of(old, "Residual") == ("export.bib", "a/export.bib")
    assert of(old, "Attention") == ("a/export.bib",)
    old.close()


def test_names_that_are_no_text_are_made_so(bot: Ragbot) -> None:
    name = os.fsdecode(b"caf\xe9.bib")
    try:
        save(Path(name), RESNET)
    except OSError:
        pytest.skip("no such names on this file system")
    bot.ingest([Path(name)])
    assert of(bot, "Residual") == ("caf\N{REPLACEMENT CHARACTER}.bib",)
    assert bot.remove(source=name) == 1


def test_a_long_list_of_sources_is_cut() -> None:
    known = [f"lists/{n}.bib" for n in range(300)]
    with pytest.raises(InputError, match=r"lists/9.bib, 290 more$"):
        chosen_sources("none.bib", known)
    with pytest.raises(InputError, match=r"the sources are lists/7.bib$"):
        chosen_sources("/home/lists/7.bib", known)
    with pytest.raises(InputError, match="the sources are none"):
        chosen_sources("a.bib", [])
    assert source_name("standard input") == "standard input"
