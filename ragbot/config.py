"""Settings: ``config/default.toml``, a file of the user's, then the environment; read once, frozen.

The defaults live in the TOML file alone; the classes here say which keys exist and of what type.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, get_type_hints

import platformdirs

from ragbot.errors import ConfigError
from ragbot.resources import clone_root, default_config
from ragbot.text.english import framed

__all__ = [
    "AnswerSettings",
    "ChunkingSettings",
    "DataSettings",
    "EmbeddingSettings",
    "FetchSettings",
    "LlmSettings",
    "RetrievalSettings",
    "Settings",
    "VectorsSettings",
    "WindowSettings",
    "load_settings",
]

_PREFIX = "RAGBOT_"


@dataclass(frozen=True, slots=True)
class DataSettings:
    """``[data]``"""

    dir: str


@dataclass(frozen=True, slots=True)
class EmbeddingSettings:
    """``[embedding]``"""

    model: str
    backend: str
    device: str
    precision: str
    batch_size: int


@dataclass(frozen=True, slots=True)
class VectorsSettings:
    """``[vectors]``. The server's token is no setting: it comes from the environment alone."""

    url: str
    timeout: float


@dataclass(frozen=True, slots=True)
class ChunkingSettings:
    """``[chunking]``"""

    sentences: int
    overlap: int


@dataclass(frozen=True, slots=True)
class RetrievalSettings:
    """``[retrieval]``"""

    k: int
    candidates: int
    lexical_weight_min: float
    lexical_weight_max: float
    dense_minimum: float
    reranker: str
    reranked: int


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """``[answer]``"""

    list_papers: int
    context_papers: int
    quotes: int
    abstain_below: float


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """``[llm]``. Keys are no settings: they come from the environment alone."""

    provider: str
    model: str
    base_url: str
    device: str
    context_window: int
    max_tokens: int
    temperature: float
    timeout: float
    retries: int
    repair: bool


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """``[fetch]``"""

    daily_papers_url: str
    arxiv_url: str
    timeout: float
    retries: int


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """``[window]``"""

    host: str
    port: int
    hosts: str
    concurrency: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting; see ``config/default.toml`` for what each trades."""

    data: DataSettings
    embedding: EmbeddingSettings
    vectors: VectorsSettings
    chunking: ChunkingSettings
    retrieval: RetrievalSettings
    answer: AnswerSettings
    llm: LlmSettings
    fetch: FetchSettings
    window: WindowSettings

    @property
    def data_dir(self) -> Path:
        """The folder below which everything is written."""
        if self.data.dir:
            return Path(self.data.dir).expanduser().absolute()
        root = clone_root()
        return (
            root / "data" / "index"
            if root
            else Path(platformdirs.user_data_dir("ragbot", False))
        )

    def fingerprint(self) -> str:
        """12 hexadecimal digits over every setting that can change an answer."""
        return _fingerprint(self)


@lru_cache(8)  # every answer has that of the settings it was made by
def _fingerprint(settings: Settings) -> str:
    told = {
        f.name: dataclasses.asdict(getattr(settings, f.name))
        for f in dataclasses.fields(settings)
        if f.name not in {"data", "fetch", "vectors", "window"}
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


# Dotted key → lowest and highest allowed value.
_RANGES: dict[str, tuple[float, float]] = {
    "embedding.batch_size": (1, 4096),
    "vectors.timeout": (0.1, 3600),
    "chunking.sentences": (1, 50),
    "chunking.overlap": (0, 49),
    "retrieval.k": (1, 1000),
    "retrieval.candidates": (10, 10_000),
    "retrieval.lexical_weight_min": (0, 1),
    "retrieval.lexical_weight_max": (0, 1),
    "retrieval.dense_minimum": (-1, 0.9),
    "retrieval.reranked": (2, 1000),
    "answer.list_papers": (1, 100),
    "answer.context_papers": (1, 50),
    "answer.quotes": (1, 10),
    "answer.abstain_below": (-1, 1),
    "llm.context_window": (0, 100_000_000),
    "llm.max_tokens": (1, 1_000_000),
    "llm.temperature": (0, 2),
    "llm.timeout": (0.1, 3600),
    "llm.retries": (0, 10),
    "fetch.timeout": (0.1, 3600),
    "fetch.retries": (0, 10),
    "window.port": (0, 65535),
    "window.concurrency": (1, 1000),
}
_CHOICES: dict[str, tuple[str, ...]] = {
    "embedding.backend": ("auto", "openvino", "torch"),
    "embedding.precision": ("auto", "float32", "bfloat16", "int8"),
}


def load_settings(
    config: Path | str | None = None,
    *,
    data_dir: Path | str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings in force.

    Raises:
        ConfigError: a file that is missing or no TOML, an unknown section or key, a value of the
            wrong type or out of range; the message names the key and where it was set.
    """
    values = _read_toml(default_config())
    known = {section: set(keys) for section, keys in values.items()}
    origins: dict[str, str] = {}
    if config is not None:
        path = Path(config)
        for section, keys in _read_toml(path).items():
            _overlay(values, known, section, keys, str(path))
            origins |= {f"{section}.{key}": str(path) for key in keys}
    for name, text in sorted((os.environ if environ is None else environ).items()):
        if name.startswith(_PREFIX) and "__" in name:
            section, _, key = name[len(_PREFIX) :].lower().partition("__")
            _check_known(known, section, key, name)
            values[section][key] = _from_text(section, key, text, name)
            origins[f"{section}.{key}"] = name
    if data_dir is not None:
        values["data"]["dir"] = str(data_dir)
    return _build(values, origins)


def _read_toml(path: Path) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: no such settings file", "check --config", source=str(path)
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path}: cannot be read ({error})",
            "name a readable file of UTF-8 text with --config",
            source=str(path),
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path}: not valid TOML: {error}",
            'write key = value below a [section]; quote texts: "…"',
            source=str(path),
        ) from None


def _overlay(
    values: dict[str, dict[str, Any]],
    known: dict[str, set[str]],
    section: str,
    keys: object,
    source: str,
) -> None:
    if not isinstance(keys, dict):
        raise ConfigError(
            f"{source}: '{section}' stands outside a section",
            "put it under one of " + ", ".join(map("[{}]".format, known)),
            key=section,
            source=source,
        )
    for key, value in keys.items():
        _check_known(known, section, key, source)
        values[section][key] = value


def _check_known(
    known: dict[str, set[str]], section: str, key: str, source: str
) -> None:
    dotted = f"{section}.{key}"
    if key in known.get(section, ()):
        return
    every = [f"{s}.{k}" for s, ks in known.items() for k in ks]
    close = difflib.get_close_matches(dotted, every, 1)
    hint = (
        f"did you mean {close[0]}?" if close else "config/default.toml lists every key"
    )
    if key.endswith(("key", "token")):
        hint = (
            "keys come from the environment alone: OPENAI_API_KEY, RAGBOT_VECTORS_TOKEN"
        )
    raise ConfigError(
        f"{source}: unknown setting {dotted}", hint, key=dotted, source=source
    )


def _type_of(section: str, key: str) -> type:
    settings: type = get_type_hints(Settings)[section]
    hint: type = get_type_hints(settings)[key]
    return hint


def _from_text(section: str, key: str, text: str, source: str) -> object:
    wanted = _type_of(section, key)
    try:
        return _SWITCH[text.lower()] if wanted is bool else wanted(text)
    except (KeyError, ValueError):
        raise ConfigError(
            f"{source}: {section}.{key} must be {_NAMES[wanted]}, not {text!r}",
            "config/default.toml shows what it may be",
            key=f"{section}.{key}",
            source=source,
        ) from None


_NAMES: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
}
_SWITCH = {"true": True, "1": True, "false": False, "0": False}


def _unmet(dotted: str, wanted: type, value: Any) -> str:
    """What a value must do and does not, or nothing."""
    if type(value) is not wanted:
        return f"be {_NAMES[wanted]}, not {value!r}: see config/default.toml"
    bounds: tuple[Any, Any] = _RANGES.get(dotted, (value, value))
    low, high = bounds
    if not low <= value <= high:
        return f"lie in {low} to {high}, not {value}"
    choices: tuple[Any, ...] = _CHOICES.get(dotted, (value,))
    if value not in choices:
        return f"be one of {', '.join(choices)}, not {value!r}"
    return ""


def _build(values: dict[str, dict[str, Any]], origins: Mapping[str, str]) -> Settings:
    def refused(dotted: str, must: str) -> ConfigError:
        source = origins.get(dotted)
        where = framed("{}: ", source)
        return ConfigError(f"{where}{dotted} must {must}", key=dotted, source=source)

    sections: dict[str, Any] = {}
    for name, section_type in get_type_hints(Settings).items():
        checked: dict[str, Any] = {}
        for key, wanted in get_type_hints(section_type).items():
            dotted, value = f"{name}.{key}", values[name][key]
            if wanted is float and type(value) is int:
                value = float(value)
            if must := _unmet(dotted, wanted, value):
                raise refused(dotted, must)
            checked[key] = value
        sections[name] = section_type(**checked)
    settings = Settings(**sections)
    if settings.chunking.overlap >= settings.chunking.sentences:
        raise ConfigError(
            "chunking.overlap must be smaller than chunking.sentences",
            "lower the one or raise the other",
            key="chunking.overlap",
        )
    if settings.retrieval.lexical_weight_min > settings.retrieval.lexical_weight_max:
        raise ConfigError(
            "retrieval.lexical_weight_min must not be above retrieval.lexical_weight_max",
            "lower the one or raise the other",
            key="retrieval.lexical_weight_min",
        )
    return settings
