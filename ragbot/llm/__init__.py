"""Messages into a stream of text. Owns the language models; knows nothing of papers or prompts.

Llm (protocol, in base)
├── OpenAiLlm        any OpenAI-compatible server
├── LocalLlm         a transformers model in this process
└── LlamaIndexLlm    any llama-index LLM class
"""

from __future__ import annotations

import threading

from ragbot.config import LlmSettings
from ragbot.errors import ConfigError
from ragbot.llm.integrations import INTEGRATIONS, LlamaIndexLlm, load_integration
from ragbot.llm.protocol import Llm, whole_reply
from ragbot.types import Piece

__all__ = [
    "PROVIDERS",
    "LanguageModel",
    "LlamaIndexLlm",
    "Llm",
    "Piece",
    "load_llm",
    "required",
    "whole_reply",
]

# What ``llm.provider`` may be, and what each needs, a line each.
PROVIDERS: dict[str, str] = {
    "none": "answers made of quotes; nothing leaves this machine",
    "openai": "any OpenAI-compatible server: set llm.model, and llm.base_url unless it is OpenAI's "
    "own; OPENAI_API_KEY if it wants a key",
    "local": "a transformers model on this machine: set llm.model to its folder or downloaded name",
    **{
        name: f"pip install {entry.package}; set llm.model"
        + (entry.key and f" and {entry.key}")
        for name, entry in INTEGRATIONS.items()
    },
}


def required(llm: Llm | None, what: str) -> Llm:
    """The language model that ``what`` cannot do without.

    Raises:
        ConfigError: there is none.
    """
    if llm is None:
        raise ConfigError(
            f"{what} needs a language model, and llm.provider is 'none'",
            "set it, with llm.model, to 'openai' (any compatible server) or 'local'; "
            "'ragbot doctor' lists the others",
            key="llm.provider",
        )
    return llm


def load_llm(settings: LlmSettings, *, keys: bool = True) -> Llm | None:
    """The language model of the settings, ``None`` for provider ``none``.

    A local model is loaded here; no server is asked before the first question. ``keys`` is whether
    the server may be sent what the environment holds for it: not where somebody else than the owner
    of the environment chose its address.

    Raises:
        ConfigError: there is no such provider, or a setting that it needs is missing or unusable.
        LlmError: its package, its key or its model is missing.
    """
    if settings.provider == "none":
        return None
    if settings.provider == "openai":
        from ragbot.llm.openai_compatible import OpenAiLlm

        return OpenAiLlm(settings, keys=keys)
    if settings.provider == "local":
        from ragbot.llm.local import LocalLlm

        return LocalLlm(settings)
    if settings.provider in INTEGRATIONS:
        if not keys:
            raise ConfigError(
                f"the address of {settings.provider} is taken from the owner's settings alone",
                "put llm.base_url into the settings file",
                key="llm.base_url",
            )
        return load_integration(settings.provider, settings)
    raise ConfigError(
        f"llm.provider is {settings.provider!r}, which is none",
        f"set it to one of {', '.join(PROVIDERS)}",
        key="llm.provider",
    )


class LanguageModel:
    """What writes answers, and the settings it is used with; neither changes.

    It is loaded when it is first needed. ``keys`` as for `load_llm`. Safe to share between threads.
    """

    def __init__(self, settings: LlmSettings, *, keys: bool = True) -> None:
        self.settings = settings
        self._keys = keys
        self._lock = threading.Lock()
        self._loaded = False
        self._llm: Llm | None = None

    def load(self) -> Llm | None:
        """The language model; ``None`` if answers are quoted.

        Raises:
            ConfigError: its settings cannot be used.
            LlmError: its package, its key or its model is missing.
        """
        with self._lock:
            if not self._loaded:
                self._llm = load_llm(self.settings, keys=self._keys)
                self._loaded = True
            return self._llm
