"""ragbot/config.py: defaults, a file, the environment, and what is refused."""

import dataclasses
import tomllib
from pathlib import Path

import pytest

from ragbot.config import load_settings
from ragbot.errors import ConfigError
from ragbot.resources import default_config


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_defaults_are_those_of_the_file() -> None:
    told = tomllib.loads(default_config().read_text(encoding="utf-8"))
    assert dataclasses.asdict(load_settings(environ={})) == told


def test_every_default_has_a_comment() -> None:
    """The file is the settings' documentation."""
    previous = ""
    for line in default_config().read_text(encoding="utf-8").splitlines():
        if " = " in line and not line.startswith("#"):
            assert previous.startswith("#") or " = " in previous, (
                f"no comment above {line}"
            )
        previous = line


@pytest.mark.parametrize(
    ("text", "means"), [("true", True), ("0", False), ("False", False)]
)
def test_a_switch_in_the_environment(text: str, means: bool) -> None:
    told = load_settings(environ={"RAGBOT_LLM__REPAIR": text})
    assert told.llm.repair is means


def test_a_switch_is_no_other_word() -> None:
    with pytest.raises(
        ConfigError, match=r"llm\.repair must be true or false, not 'perhaps'"
    ):
        load_settings(environ={"RAGBOT_LLM__REPAIR": "perhaps"})


def test_a_file_then_the_environment_then_the_argument(tmp_path: Path) -> None:
    path = written(
        tmp_path, '[retrieval]\nk = 3\ndense_minimum = 0\n[data]\ndir = "a"\n'
    )
    told = load_settings(
        path, data_dir="c", environ={"RAGBOT_RETRIEVAL__K": "5", "PATH": "x"}
    )
    assert told.retrieval.k == 5
    assert repr(told.retrieval.dense_minimum) == "0.0"  # a whole number is a number
    assert told.data_dir == Path("c").absolute()
    assert told.answer == load_settings(environ={}).answer


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "[retrieval]\nkk = 3\n",
            "unknown setting retrieval.kk: did you mean retrieval.k?",
        ),
        (
            "[colours]\nred = 1\n",
            "unknown setting colours.red: config/default.toml lists",
        ),
        ("k = 3\n", "'k' stands outside a section"),
        ("[retrieval]\nk = 'ten'\n", "retrieval.k must be a whole number, not 'ten'"),
        ("[retrieval]\nk = true\n", "retrieval.k must be a whole number"),
        ("[retrieval]\nk = 0\n", "retrieval.k must lie in 1 to 1000, not 0"),
        (
            "[retrieval]\ndense_minimum = nan\n",
            "retrieval.dense_minimum must lie in -1 to 0.9",
        ),
        ("[embedding]\nbackend = 'cuda'\n", "must be one of auto, openvino, torch"),
        ("[embedding]\nmodel = 3\n", "embedding.model must be text"),
        (
            "[chunking]\nsentences = 2\noverlap = 2\n",
            "chunking.overlap must be smaller",
        ),
        ("[retrieval\n", "not valid TOML"),
        ("[[retrieval]]\nk = 3\n", "'retrieval' stands outside a section"),
    ],
)
def test_what_cannot_be_used_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(written(tmp_path, text), environ={})
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (
        caught.value.key is None
        or str(tmp_path) in str(caught.value)
        or "smaller" in says
    )


def test_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[retrieval]\nk = 3\n", encoding="utf-8-sig")
    assert load_settings(path, environ={}).retrieval.k == 3


def test_a_file_that_is_missing_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such settings file: check --config"):
        load_settings(tmp_path / "none.toml", environ={})
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path, environ={})
    (tmp_path / "image.toml").write_bytes(b"\x89PNG\xff")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path / "image.toml", environ={})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (
            "RAGBOT_RETRIEVAL__K",
            "ten",
            "RAGBOT_RETRIEVAL__K: retrieval.k must be a whole number",
        ),
        (
            "RAGBOT_RETRIEVAL__K",
            "0",
            "RAGBOT_RETRIEVAL__K: retrieval.k must lie in 1 to 1000",
        ),
        ("RAGBOT_RETRIEVAL__KK", "3", "unknown setting retrieval.kk"),
        ("RAGBOT_ANSWER__ABSTAIN_BELOW", "", "must be a number"),
    ],
)
def test_the_environment_is_checked_too(name: str, value: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load_settings(environ={name: value})


def test_the_fingerprint_covers_what_can_change_an_answer() -> None:
    plain = load_settings(environ={}).fingerprint()
    assert (
        load_settings(data_dir="x", environ={"RAGBOT_WINDOW__PORT": "1"}).fingerprint()
        == plain
    )
    assert load_settings(environ={"RAGBOT_RETRIEVAL__K": "11"}).fingerprint() != plain
