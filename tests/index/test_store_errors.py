"""ragbot/index/store_errors.py: what libraries raise, told in one line with a remedy."""

from __future__ import annotations

import errno
import os
from functools import partial
from pathlib import Path

import pytest

from ragbot.errors import CatalogError
from ragbot.index.store_errors import (
    FREE_SPACE,
    REBUILD,
    Translating,
    damaged,
    patiently,
)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
        OSError(errno.EFBIG, os.strerror(errno.EFBIG)),
        RuntimeError(
            "error returned from database: (code: 13) database or disk is full"
        ),
        ValueError("IO Error: Os { code: 28, message: ... } (os error 28)"),
    ],
)
def test_a_full_disk_is_told_however_it_is_said(
    tmp_path: Path, error: Exception
) -> None:
    with (
        pytest.raises(CatalogError, match="the disk is full") as caught,
        Translating(partial(damaged, tmp_path, "the store")),
    ):
        raise error
    assert caught.value.remedy == FREE_SPACE
    assert "\n" not in str(caught.value)


def fail_and_fail_to_clean_up() -> None:
    try:
        raise RuntimeError("unable to open\n database file")
    finally:
        _ = object().bindings  # type: ignore[attr-defined]


def test_what_went_wrong_first_is_told(tmp_path: Path) -> None:
    """Chroma cleans up what it has not made yet, and that failure hides the cause."""
    with (
        pytest.raises(CatalogError, match=r"cannot be used \(unable to open") as caught,
        Translating(partial(damaged, tmp_path, "the store")),
    ):
        fail_and_fail_to_clean_up()
    assert caught.value.remedy == REBUILD


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), SystemExit(2), CatalogError("x", "y")]
)
def test_what_is_no_fault_of_a_store_passes(
    tmp_path: Path, error: BaseException
) -> None:
    with (
        pytest.raises(type(error)) as caught,
        Translating(partial(damaged, tmp_path, "the store")),
    ):
        raise error
    assert caught.value is error


def test_a_panic_of_rust_is_told(tmp_path: Path) -> None:
    """It is no `Exception`, and is told by the module that PyO3 gives it."""
    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})
    with (
        pytest.raises(CatalogError, match=r"cannot be used \(index out of bounds\)"),
        Translating(partial(damaged, tmp_path, "the store")),
    ):
        raise panic("index out of bounds")


def test_what_passes_by_itself_is_tried_again() -> None:
    tried: list[int] = []

    def work() -> int:
        tried.append(1)
        if len(tried) < 3:
            raise OSError("meta.json is being exchanged")
        return len(tried)

    assert patiently(work) == 3


def test_what_does_not_pass_is_raised() -> None:
    def work() -> None:
        raise FileNotFoundError("gone")

    with pytest.raises(FileNotFoundError, match="gone"):
        patiently(work)
