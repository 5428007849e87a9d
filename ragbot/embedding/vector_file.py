"""Files of vectors that one machine makes and others take: `.npy`, or `.parquet` with that extra.

    FILE.npy       the records; behind them, as a second array, what they are of, as JSON text
    FILE.parquet   the records as columns; what they are of stands in the metadata

`numpy.load(FILE)` gives the records, and nothing beside the file can be lost on the way. What they
are of comes last, so that a file without it was cut off. Nothing is pickled.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from ragbot.embedding import parquet_file
from ragbot.embedding.embedder import Embedder
from ragbot.embedding.vector_records import About, KnownVectors, Records, checksum
from ragbot.errors import InputError

__all__ = ["check_vector_file", "known_vectors", "write_vectors"]

_FORM = "form"
_CHECKSUM = "checksum"
# Raised when the same facts give other records.
_FORM_NOW = "1"


@dataclass(frozen=True, slots=True)
class _Format:
    """How a file of vectors is read and written, and how one sees that this can be done here.

    Records that are read are mapped into memory: from the file, or from one that ``read`` makes in
    the folder that it is given and that is gone with the records.
    """

    check: Callable[[], None]
    read: Callable[[Path, Path], tuple[Records, About]]
    write: Callable[[Path, Records, About], None]


def check_vector_file(path: Path) -> None:
    """Make sure that a file of vectors can be of this name here.

    Raises:
        InputError: its suffix is of no such file, or the extra that it takes is not installed.
    """
    _format_of(path).check()


def write_vectors(path: Path, records: Records, about: About) -> None:
    """Write records and the facts of what they are of; the suffix tells the format.

    Raises:
        InputError: as for `check_vector_file`.
        OSError: it cannot be written; part of it may be there.
    """
    told = {**about, _FORM: _FORM_NOW, _CHECKSUM: checksum(records)}
    _format_of(path).write(path, records, told)


def known_vectors(
    path: Path, wanted: Mapping[str, str], embedder: Embedder, scratch: Path
) -> KnownVectors:
    """An embedder that looks vectors up in a file.

    Args:
        path: what `write_vectors` wrote.
        wanted: facts that must be those of the vectors.
        embedder: what embeds questions, and passages that are not in the file.
        scratch: a folder, for what does not fit into memory.

    Raises:
        InputError: it is missing, damaged or no such file, or its vectors are of other facts.
    """
    check_vector_file(path)
    try:
        records, about = _format_of(path).read(path, scratch)
        _check(path, about, {**wanted, _FORM: _FORM_NOW})
        whole = checksum(records) == about[_CHECKSUM]
    except FileNotFoundError:
        raise InputError(
            f"{path}: no such file", "make it with 'ragbot embed'"
        ) from None
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise InputError(
            f"{path}: no whole file of vectors ({error})",
            "copy it again, or make it anew with 'ragbot embed'",
        ) from None
    if not whole:
        raise InputError(
            f"{path}: is damaged, its checksum is another",
            "copy it again, or make it anew with 'ragbot embed'",
        )
    return KnownVectors(records, embedder)


def _check(path: Path, about: About, wanted: Mapping[str, str]) -> None:
    """Make sure that vectors are of the facts that are wanted."""
    differences = [
        f"{name} was {about.get(name)}, now {value}"
        for name, value in wanted.items()
        if about.get(name) != value
    ]
    if differences:
        raise InputError(
            f"{path}: its vectors were made with other settings ({'; '.join(differences)})",
            "make it anew with 'ragbot embed' and the settings in force, or set them as they "
            "were there",
        )


def _format_of(path: Path) -> _Format:
    try:
        return _FORMATS[path.suffix]
    except KeyError:
        raise InputError(
            f"{path}: a file of vectors ends in {' or '.join(_FORMATS)}",
            "name it so",
        ) from None


# -- .npy -----------------------------------------------------------------------------------------


def _write_npy(path: Path, records: Records, about: About) -> None:
    with path.open("wb") as file:
        npy.write_array(file, records, allow_pickle=False)
        npy.write_array(file, np.array(json.dumps(about)), allow_pickle=False)


def _read_npy(path: Path, _: Path) -> tuple[Records, About]:
    records = npy.open_memmap(path, mode="r")
    with path.open("rb") as file:
        file.seek(records.offset + records.nbytes)
        about = json.loads(str(npy.read_array(file, allow_pickle=False)))
    return records, About(about)


def _nothing_more() -> None:
    """An .npy file takes nothing but numpy."""


_FORMATS = {
    ".npy": _Format(_nothing_more, _read_npy, _write_npy),
    ".parquet": _Format(
        parquet_file.check_installed,
        parquet_file.read_parquet,
        parquet_file.write_parquet,
    ),
}
"""By the suffixes of the files."""
