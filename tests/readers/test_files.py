"""ragbot/readers/__init__.py: which files are read, and what is said of those that cannot be."""

import re
from pathlib import Path

import pytest

from ragbot.errors import ReadError
from ragbot.readers import find_files, read_file, read_text
from ragbot.testing import tiny_listing


def saved(folder: Path, content: bytes | str, name: str = "page.txt") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "this is a PDF, not text"),
        (b"\x89PNG\r\n\x1a\n\0", "this is a PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "this is a JPEG image"),
        (b"PK\x03\x04\x14", "this is a ZIP archive or office document"),
        (b"\x1f\x8b\x08", "this is a gzip archive"),
        (b"Daily Papers\n\nna\xefve \xe9\n", "line 3 is not UTF-8 text"),
        (b"Daily Papers\n\nan\0other\n", "line 3 holds binary data"),
        ("Dear diary, today nothing happened.\n", "not a Daily Papers listing"),
        ("Shopping\n\nmilk\n\nbread\n", "not a Daily Papers listing"),
        ("Daily Papers\n\nOct 10\n\n", "the listing holds no papers"),
    ],
)
def test_a_bad_file_is_one_clear_line(
    tmp_path: Path, content: bytes | str, says: str
) -> None:
    path = saved(tmp_path, content)
    with pytest.raises(ReadError) as caught:
        read_file(path)
    assert str(caught.value).startswith(f"{path}: {says}")
    assert re.search(r": (save|open) the page", str(caught.value)), "no remedy"
    assert "\n" not in str(caught.value)
    assert caught.value.path == path


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file: check the path"):
        read_file(tmp_path / "none.txt")
    with pytest.raises(ReadError, match="is a folder"):
        read_text(tmp_path)


def test_a_path_that_cannot_be_looked_at_is_told_of_when_it_is_read(
    tmp_path: Path,
) -> None:
    long = tmp_path / ("x" * 300)
    assert find_files([long, tmp_path]) == [long]
    with pytest.raises(ReadError, match=r"cannot be read \(File name too long\)"):
        read_text(long)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_change_nothing(
    tmp_path: Path, encoding: str, newline: str
) -> None:
    path = saved(tmp_path, tiny_listing().replace("\n", newline).encode(encoding))
    assert read_text(path) == tiny_listing()
    assert len(read_file(path)[1]) == 5


def test_folders_are_read_in_name_order_and_files_as_named(tmp_path: Path) -> None:
    for name in ("b.txt", "a.TXT", "c.md", "sub/0.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names = [str(p.relative_to(tmp_path)) for p in find_files([tmp_path])]
    assert names == ["a.TXT", "b.txt", "sub/0.txt"]
    assert find_files([tmp_path / "c.md", "none.txt"]) == [
        tmp_path / "c.md",
        Path("none.txt"),
    ]
