"""Vectors that are made in advance: the same as an ingest makes, or refused with the reason."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ragbot.cli import main
from ragbot.config import Settings
from ragbot.embedding import Embedder, Span, Vectors
from ragbot.errors import InputError
from ragbot.index import indexing
from ragbot.pipeline import Ragbot
from ragbot.service.precompute import Precomputed, VectorSource, embed_files
from ragbot.testing import HashEmbedder
from ragbot.types import Progress

LISTING = Path(__file__).parent.parent / "fixtures" / "daily_papers.txt"
FORMATS = ["npy", "parquet"]


class Counting:
    """An embedder that counts the passages that it embeds."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.engine = embedder.name, embedder.engine
        self.digest, self.dimension = embedder.digest, embedder.dimension
        self.passages = 0
        self._embedder = embedder

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.embed_queries(texts)

    def embed_passages(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        self.passages += len(texts)
        return self._embedder.embed_passages(texts, spans)


@pytest.fixture
def made(settings: Settings, listing: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A file of the vectors of five papers, by the name of its format."""

    def make(kind: str) -> Path:
        file = tmp_path / f"vectors.{kind}"
        embed_files(settings, [listing], file, HashEmbedder)
        return file

    return make


@pytest.mark.parametrize("kind", FORMATS)
def test_a_collection_of_vectors_from_a_file_is_that_of_an_ingest(
    kind: str, settings: Settings, embedder: Embedder, tmp_path: Path
) -> None:
    model = Counting(embedder)
    file = tmp_path / f"vectors.{kind}"
    done = embed_files(settings, [LISTING], file, lambda: model)
    assert done.passages == model.passages > done.read.papers == 6
    assert [path.name for path in tmp_path.glob("*vectors*")] == [file.name]

    load = VectorSource(settings, lambda: model, file)
    with Ragbot.open(settings, load=load) as bot:
        bot.ingest([LISTING])
        assert load.looked_up is not None
        assert (load.looked_up.passages, load.looked_up.missing) == (done.passages, 0)
        assert model.passages == done.passages  # none of them a second time
        plain = replace(settings, data=replace(settings.data, dir=str(tmp_path / "b")))
        with Ragbot.open(plain, load=lambda: embedder) as other:
            other.ingest([LISTING])
            for question in ("KV cache", "Which papers use orthogonal projections?"):
                ours, theirs = (one.search(question).hits for one in (bot, other))
                assert [hit.paper for hit in ours] == [hit.paper for hit in theirs]
                assert [hit.dense for hit in ours] == pytest.approx(
                    [hit.dense for hit in theirs], abs=1e-3
                )
            ids = [paper.id for paper in bot.papers()]
            ours, theirs = (one.stores.sentences.get(ids) for one in (bot, other))
            for id_ in ids:
                cosines = (ours[id_].astype(float) * theirs[id_]).sum(axis=1)
                assert cosines == pytest.approx(1, abs=2e-3)


def test_what_is_not_in_the_file_is_embedded_here_and_counted(
    made: Callable[[str], Path], settings: Settings, tmp_path: Path, listing: Path
) -> None:
    model = Counting(HashEmbedder())
    load = VectorSource(settings, lambda: model, made("npy"))
    with Ragbot.open(settings, load=load) as bot:
        assert load.looked_up is None
        bot.ingest([listing])
        assert model.passages == 0
        bot.ingest([LISTING])
        assert load.looked_up is not None
        assert 0 < load.looked_up.missing == model.passages < load.looked_up.passages
        found = bot.search("classification by equiangular basis vectors").hits
        assert found[0].paper.title == "Equiangular Basis Vectors"


def test_vectors_of_other_settings_are_refused(
    made: Callable[[str], Path], settings: Settings, listing: Path
) -> None:
    file = made("npy")
    other = replace(settings, chunking=replace(settings.chunking, sentences=3))
    for wanted, model, told in (
        (settings, HashEmbedder(64), "model digest was hash-256, now hash-64"),
        (other, HashEmbedder(), "chunking was 4/1 v2, now 3/1 v2"),
    ):
        load = VectorSource(wanted, lambda model=model: model, file)
        with (
            Ragbot.open(wanted, load=load) as bot,
            pytest.raises(InputError, match=told) as refused,
        ):
            bot.ingest([listing])
        assert "ragbot embed" in refused.value.remedy
        assert bot.stores.data_dir.is_dir()
    with Ragbot.open(settings) as bot:
        assert bot.stores.catalog.count() == bot.stores.catalog.count_waiting() == 0


def _flipped(content: bytes) -> bytes:
    at = len(content) // 3
    return content[:at] + bytes([content[at] ^ 64]) + content[at + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda content: content[: len(content) // 2],
    "cut in its last bytes": lambda content: content[:-9],
    "a bit": _flipped,
    "text": lambda _: b"Channel pruning accelerates networks.",
    "pickle": lambda _: pickle.dumps({"key": 1}),
    "zip": lambda _: b"PK\x03\x04",
}


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_and_foreign_files_are_told(
    kind: str, made: Callable[[str], Path], settings: Settings
) -> None:
    file = made(kind)
    whole = file.read_bytes()
    load = VectorSource(settings, HashEmbedder, file)
    for name, damage in DAMAGES.items():
        file.write_bytes(damage(whole))
        with pytest.raises(InputError) as told:
            load()
        assert str(told.value).startswith(f"{file}: "), name
        assert "ragbot embed" in told.value.remedy
    file.unlink()
    with pytest.raises(InputError, match="no such file"):
        load()


def test_an_array_of_somebody_else_is_told(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "own.npy"
    for array in (np.eye(3), np.array(["{}"]), np.array(1.0)):
        np.save(file, array)
        with pytest.raises(InputError, match="no whole file of vectors"):
            VectorSource(settings, HashEmbedder, file)()


class Stop(Exception):
    """Ends the making of a file."""


@pytest.mark.parametrize("kind", FORMATS)
def test_an_interrupted_making_leaves_nothing_half_and_goes_on(
    kind: str,
    settings: Settings,
    listing: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(indexing, "_LEAST", 2)
    monkeypatch.setattr(indexing, "_MOST", 2)
    model = Counting(HashEmbedder())
    file = tmp_path / f"vectors.{kind}"
    steps: list[Progress] = []

    def make(of: Path, until: int) -> Precomputed:
        def tell(step: Progress) -> None:
            steps.append(step)
            if step.done == until:
                raise Stop

        return embed_files(settings, [of], file, lambda: model, progress=tell)

    for until in (2, 4):
        with pytest.raises(Stop):
            make(listing, until)
        assert not file.exists()
    # What a crash within a batch leaves
    with (tmp_path / f".{file.name}.part" / "records").open("ab") as records:
        records.write(b"torn")
    done = make(listing, -1)
    assert [step.done for step in steps] == [0, 2, 2, 4, 4, 5]
    assert {step.stage for step in steps} == {"embed"}
    at_once = embed_files(settings, [listing], tmp_path / "b.npy", HashEmbedder)
    assert done.passages == at_once.passages  # each is there once
    assert VectorSource(settings, HashEmbedder, file)().dimension == 256

    before = file.read_bytes()
    with pytest.raises(Stop):
        make(LISTING, 2)
    assert file.read_bytes() == before
    # Of other files begins anew
    assert make(listing, -1).passages == done.passages


def test_files_of_vectors_are_named_so(
    settings: Settings,
    listing: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(output: Path) -> str:
        with pytest.raises(InputError) as told:
            embed_files(settings, [listing], output, HashEmbedder)
        return str(told.value)

    assert "ends in .npy or .parquet" in refused(tmp_path / "vectors.bin")
    assert "cannot be written (No such file" in refused(tmp_path / "no" / "v.npy")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "pip install 'ragbot[parquet]'" in refused(tmp_path / "vectors.parquet")


def test_the_commands(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, data = str(tmp_path / "v.npy"), ["--data-dir", str(settings.data_dir)]
    assert main(["embed", str(LISTING), "-o", file, "--json", *data]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["papers"], made["file"]) == (6, file)
    assert made["bytes"] == Path(file).stat().st_size
    take = ["ingest", str(LISTING), "--embeddings", file, *data]
    assert main([*take, "--json"]) == 0
    taken = json.loads(capsys.readouterr().out)
    assert taken["embeddings"] == {
        "file": file,
        "passages": made["passages"],
        "missing": 0,
    }
    assert main(take) == 0  # nothing to embed
    assert "vectors" not in capsys.readouterr().out
    assert main(["rebuild", "--embeddings", file, *data]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"the vectors of all {made['passages']} passages were in {file}",
        "6 papers indexed anew",
    ]
    assert main(["embed", "-o", file, *data]) == 2
    assert "nothing to embed" in capsys.readouterr().err
