"""ragbot/resources.py, in a clone; the wheel's side is tested where the wheel is built."""

from pathlib import Path

import pytest

from ragbot import resources
from ragbot.errors import RagbotError


def test_everything_that_ships_is_there() -> None:
    assert len(list(resources.bundled_listings().glob("*.txt"))) == 5
    assert (resources.bundled_questions() / "dev.jsonl").is_file()
    assert (resources.bundled_questions() / "cases.jsonl").is_file()
    assert resources.default_config().name == "default.toml"


def test_in_a_wheel_the_files_lie_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "ragbot"
    (package / "_bundled" / "listings").mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert resources.clone_root() is None
    assert resources.bundled_listings() == package / "_bundled" / "listings"
    with pytest.raises(RagbotError, match="install Ragbot again"):
        resources.default_config()
