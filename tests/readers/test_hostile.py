"""Files that are there to do harm: whatever their bytes, reading ends in papers, reasons or one of
our errors, and nothing is written."""

from __future__ import annotations

import io
import json
import os
import tarfile
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ragbot.errors import RagbotError, ReadError
from ragbot.readers import FORMATS, SUFFIXES, Document, documents, html_pages, read
from ragbot.testing import tiny_collection, tiny_listing
from ragbot.types import Paper, Skipped

FIXTURES = Path(__file__).parent.parent / "fixtures"
REAL = [
    path.read_bytes()
    for folder in ("captures", "listings", "references", "sources")
    for path in sorted((FIXTURES / folder).iterdir())
]
PIECES = json.loads((FIXTURES / "hostile.json").read_text(encoding="utf-8"))
NAMES = [fmt.name for fmt in FORMATS]

# The same on every machine, and few: the fuzzing of all doors is tests/test_fuzz.py's.
bounded = settings(
    derandomize=True,
    max_examples=200,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def document(content: bytes) -> Document:
    return Document("hostile.txt", partial(io.BytesIO, content))


def taken(content: bytes, name: str | None = None) -> list[Paper | Skipped]:
    """What is read of bytes; nothing, if they are refused with a remedy."""
    refused: RagbotError | None = None
    records: list[Paper | Skipped] = []
    try:
        records += read(document(content), name)[1]
    except RagbotError as error:
        refused = error
    assert refused is None or refused.remedy, refused
    return records


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real file with parts gone, doubled, or replaced by what breaks parsers."""
    content = draw(st.sampled_from(REAL))
    strange = st.one_of(
        st.binary(max_size=30),
        st.sampled_from([p.encode("utf-8", "replace") for p in PIECES["fragments"]]),
        st.sampled_from(REAL).map(lambda other: other[:400]),
    )
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        end = min(len(content), at + draw(st.integers(0, 300)))
        middle = draw(st.one_of(st.just(content[at:end] * 2), strange))
        content = content[:at] + middle + content[end:]
    return content


@bounded
@given(st.binary(max_size=2_000), st.sampled_from([None, *NAMES]))
@example(b"[" * 100_000, "jsonl")
@example(b"\t" * 1_000, "csv")
@example(b"1. " * 1_000, "link-list")
@example(b"1. " * 1_000, "paper-page")
@example(b"<!doctype html><![a[", None)
@example(b'<!doctype html><a href="//[">a</a>', None)
def test_bytes_are_read_or_refused(content: bytes, name: str | None) -> None:
    taken(content, name)


@bounded
@given(mutated(), st.sampled_from([None, None, *NAMES]))
def test_files_that_were_tampered_with_are_read_or_refused(
    content: bytes, name: str | None
) -> None:
    taken(content, name)


@pytest.mark.parametrize("name", NAMES)
def test_what_repeats_without_end_is_read_once(name: str) -> None:
    """A reader that goes over a text again and again would not come to the end of these."""
    for piece in PIECES["repeated"]:
        taken((piece * 20_000)[:20_000].encode("utf-8", "replace"), name)


@pytest.mark.parametrize("piece", ["a", "a ", "a. ", "{", "<a>", "[a](", '"a",', "\0"])
def test_one_long_line(piece: str) -> None:
    line = (piece * 1_000_000)[:1_000_000].encode()
    for head in (
        b"",
        b"Daily Papers\n\nOct 2\n\n",
        b"@article{a, title={",
        b"TY  - JOUR\nAB  - ",
    ):
        taken(head + line)


BOMBS = {
    "entities": '<!DOCTYPE feed [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
    "external": '<!DOCTYPE feed [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "parameter": '<!DOCTYPE feed [<!ENTITY % a SYSTEM "http://127.0.0.1:1/a">%a;]>',
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_entities_are_refused(bomb: str) -> None:
    feed = (FIXTURES / "sources" / "arxiv_atom.xml").read_text(encoding="utf-8")
    head, _, body = feed.partition("<feed")
    hostile = f"{head}{bomb}<feed{body}".replace("<title>", "<title>&a;")
    with pytest.raises(ReadError, match="it defines entities"):
        list(read(document(hostile.encode()))[1])


def test_a_tar_of_links_and_devices_leads_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(tiny_listing(), encoding="utf-8")
    archive = tmp_path / "in.tar"
    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE)
    with tarfile.open(archive, "w") as made:
        for number, kind in enumerate(kinds):
            member = tarfile.TarInfo(f"{number}.txt")
            member.type, member.linkname = kind, str(secret)
            made.addfile(member)
        for name in ("../outside.txt", "/tmp/ragbot-outside.txt"):
            content = tiny_listing().encode()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    before = sorted(tmp_path.rglob("*"))
    found = [one for one in documents([archive], SUFFIXES) if isinstance(one, Document)]
    assert [one.member for one in found] == [
        "../outside.txt",
        "/tmp/ragbot-outside.txt",
    ]
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/tmp/ragbot-outside.txt").exists()


def test_an_archive_in_an_archive_is_not_unpacked(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as made:
        member = tarfile.TarInfo("page.txt")
        made.addfile(member)
    outer = tmp_path / "outer.tar"
    with tarfile.open(outer, "w") as made:
        member = tarfile.TarInfo("inner.tar.gz")
        member.size = len(inner.getvalue())
        made.addfile(member, io.BytesIO(inner.getvalue()))
    (found,) = documents([outer], SUFFIXES)
    assert isinstance(found, Skipped)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A folder with a pipe, a link to a device, and one that leads to itself."""
    folder = tmp_path / "odd"
    folder.mkdir()
    os.mkfifo(folder / "pipe.txt")
    (folder / "zero.txt").symlink_to("/dev/zero")
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    (folder / "gone.txt").symlink_to(folder / "none.txt")
    return folder


def test_pipes_and_devices_are_not_waited_for(odd: Path, tmp_path: Path) -> None:
    page = odd / "page.txt"
    page.write_text(tiny_listing(), encoding="utf-8")
    with tiny_collection(tmp_path / "collection") as bot:
        before = sorted(tmp_path.rglob("*"))
        report = bot.ingest([odd], dry_run=True)
        assert sorted(tmp_path.rglob("*")) == before
    told = {Path(f.path).name: [s.reason for s in f.skipped] for f in report.files}
    assert told.pop("page.txt") == []
    assert sorted(told) == ["gone.txt", "loop.txt", "pipe.txt", "zero.txt"]
    assert all(told.values())


def test_a_page_of_tags_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_pages, "_MOST_TAGS", 1_000)
    page = b"<!doctype html>" + b"<b>a</b>" * 501
    with pytest.raises(ReadError, match="it has more tags than pages have"):
        list(read(document(page))[1])
