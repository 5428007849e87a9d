"""ragbot/readers/sources.py and document.py: what is read, and what is said of what cannot be."""

from __future__ import annotations

import gzip
import io
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from ragbot.errors import InputError, ReadError, UnknownFormat
from ragbot.readers import SUFFIXES, Document, documents, read, read_file
from ragbot.readers import document as document_module
from ragbot.testing import tiny_listing
from ragbot.types import Skipped


def saved(folder: Path, content: bytes | str, name: str = "page.txt") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def found(*paths: Path) -> list[Document | Skipped]:
    return list(documents(paths, SUFFIXES))


def only(path: Path) -> Document:
    (document,) = found(path)
    assert isinstance(document, Document)
    return document


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "this is a PDF, not text"),
        (b"\x89PNG\r\n\x1a\n\0", "this is a PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "this is a JPEG image"),
        (b"PK\x03\x04\x14", "is damaged"),
        (b"\x1f\x8b\x08", "is damaged"),
        (b"Daily Papers\n\nan\0other\n", "line 3 holds binary data"),
        ("Dear diary, today nothing happened.\n", "no format that is read here"),
        ("Shopping\n\nmilk\n\nbread\n", "no format that is read here"),
        ("Daily Papers\n\nOct 10\n\n", "it holds no papers"),
    ],
)
def test_a_bad_file_is_one_clear_line(
    tmp_path: Path, content: bytes | str, says: str
) -> None:
    path = saved(tmp_path, content)
    with pytest.raises(ReadError) as caught:
        read_file(path)
    assert str(caught.value).startswith(f"{path}: {says}")
    assert re.search(r": (save|export|'ragbot)", str(caught.value)), "no remedy"
    assert "\n" not in str(caught.value)
    assert caught.value.path == path


def test_a_missing_file_a_folder_and_a_pipe(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file: check the path"):
        read_file(tmp_path / "none.txt")
    long = tmp_path / ("x" * 300)
    with pytest.raises(ReadError, match=r"cannot be read \(File name too long\)"):
        read_file(long)
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(ReadError, match="it is no regular file"):
        read_file(tmp_path / "pipe.txt")
    assert [type(one) for one in found(tmp_path)] == [Document]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_change_nothing(
    tmp_path: Path, encoding: str, newline: str
) -> None:
    path = saved(tmp_path, tiny_listing().replace("\n", newline).encode(encoding))
    document = only(path)
    assert document.text() == tiny_listing()
    assert [line for _, line in document.lines()] == tiny_listing().split("\n")[:-1]
    assert document.head() == tiny_listing()[: document_module.HEAD]
    assert len(read_file(path)[1]) == 5


def test_single_bytes_that_are_no_utf8_are_cp1252(tmp_path: Path) -> None:
    text = "naïve “Kähler” – café · ½\nMüller\n"
    assert only(saved(tmp_path, text.encode("cp1252"))).text() == text
    mixed = "Möbius\n".encode() + "Möbius\n".encode("cp1252")
    assert only(saved(tmp_path, mixed, "b.txt")).text() == "Möbius\nMöbius\n"


def test_folders_are_read_in_name_order_and_files_as_named(tmp_path: Path) -> None:
    for name in ("b.txt", "a.TXT", "c.pdf", "sub/0.txt", ".git/x.txt"):
        saved(tmp_path, tiny_listing(), name)
    seen = [
        (one.name if isinstance(one, Document) else one.where, type(one))
        for one in found(tmp_path)
    ]
    assert seen == [
        (str(tmp_path / "a.TXT"), Document),
        (str(tmp_path / "b.txt"), Document),
        (str(tmp_path / "c.pdf"), Skipped),
        (str(tmp_path / "sub/0.txt"), Document),
    ]
    assert only(tmp_path / "c.pdf").named
    assert not any(one.named for one in found(tmp_path) if isinstance(one, Document))


# -- archives -----------------------------------------------------------------------------------


def zipped(path: Path, **members: bytes | str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return path


def tarred(path: Path, mode: str, name: str = "in/page.txt") -> Path:
    content = tiny_listing().encode()
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return path


def test_archives_are_looked_into(tmp_path: Path) -> None:
    zip_ = zipped(tmp_path / "a.zip", page__txt=tiny_listing(), b__pdf="x")
    unread, page = found(zip_)
    assert isinstance(page, Document)
    assert page.name == f"{zip_}/page.txt"
    assert isinstance(unread, Skipped)
    for tar in (
        tarred(tmp_path / "b.tar", "w"),
        tarred(tmp_path / "c.tar.gz", "w:gz"),
        tarred(tmp_path / "d.tgz", "w:gz"),
    ):
        assert only(tar).text() == tiny_listing()
    for tar in (
        tarred(tmp_path / "e.tar", "w", "in/photo.png"),
        tarred(tmp_path / "f.tar.gz", "w:gz", "in/photo.png"),
    ):
        (skipped,) = documents([tar], SUFFIXES)
        assert isinstance(skipped, Skipped)
        assert "no format is read from .png" in skipped.reason
    packed = saved(tmp_path, gzip.compress(tiny_listing().encode()), "page.txt.gz")
    assert only(packed).text() == tiny_listing()
    for archive in (zip_, packed):  # a member can be read until the next is taken
        for one in documents([archive], SUFFIXES):
            if isinstance(one, Document):
                assert len(list(read(one)[1])) == 5


def test_a_member_goes_nowhere_but_into_memory(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    outside = tarred(tmp_path / "in" / "evil.tar", "w", "../../escaped.txt")
    assert only(outside).text() == tiny_listing()
    evil = zipped(tmp_path / "in" / "evil.zip", **{"../escaped__txt": tiny_listing()})
    (member,) = documents([evil], SUFFIXES)
    assert isinstance(member, Document)
    assert not list(tmp_path.rglob("escaped.txt"))


@pytest.mark.parametrize("packed", ["bomb.zip", "bomb.txt.gz"])
def test_what_unpacks_without_end_is_refused(tmp_path: Path, packed: str) -> None:
    zeros = b" " * 150_000_000
    path = tmp_path / packed
    if packed.endswith("zip"):
        zipped(path, a__txt=zeros)
    else:
        path.write_bytes(gzip.compress(zeros))
    for bomb in documents([path], SUFFIXES):
        assert isinstance(bomb, Document)
        assert bomb.head().isspace()
        with pytest.raises(ReadError, match="unpacks to 200 times its size"):
            bomb.text()


def test_an_office_document_is_no_archive_of_papers(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="this is an office document"):
        found(zipped(tmp_path / "a.docx", document__xml="<a/>"))


# -- reading ------------------------------------------------------------------------------------


def test_standard_input_is_read_to_its_end() -> None:
    script = (
        "from ragbot.readers import documents, read, SUFFIXES\n"
        "for d in documents(['-'], SUFFIXES): print(d.name, len(list(read(d)[1])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=tiny_listing().encode(),
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"standard input 5\n"


def test_standard_input_is_there_for_who_reads_it_twice() -> None:
    script = (
        "from ragbot.readers import documents, SUFFIXES\n"
        "for _ in 'ab': print([len(d.text()) for d in documents(['-'], SUFFIXES)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=b"text", capture_output=True, check=True
    )
    assert done.stdout == b"[4]\n[4]\n"


def test_the_format_can_be_named(tmp_path: Path) -> None:
    document = only(saved(tmp_path, tiny_listing()))
    assert read(document)[0] == read(document, "listing")[0] == "listing"
    with pytest.raises(InputError, match=r"no format is called 'word': choose from"):
        read(document, "word")
    with pytest.raises(UnknownFormat):
        read(only(saved(tmp_path, "Dear diary\n", "d.txt")))


def test_a_line_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_module, "_LONGEST_LINE", 1000)
    lines = only(saved(tmp_path, "short\n" + "x" * 5000)).lines()
    assert next(lines) == (1, "short")
    with pytest.raises(ReadError, match="line 2 is too long"):
        next(lines)
