"""llama-index's LLM classes as language models: those of a table, or any instance of your own.

    LlamaIndexLlm(Ollama(model="qwen3"))

Never a class that the table does not name, and never llama-index's own default, which is OpenAI.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ragbot.config import LlmSettings
from ragbot.errors import ConfigError, LlmError
from ragbot.llm.failures import Service, failure
from ragbot.llm.protocol import DEFAULT_WINDOW, estimate_tokens
from ragbot.llm.pump import Emit, pump
from ragbot.text.words import whole
from ragbot.types import Message, Piece

if TYPE_CHECKING:
    from llama_index.core.llms import LLM, ChatResponse

__all__ = ["INTEGRATIONS", "Integration", "LlamaIndexLlm", "load_integration"]


@dataclass(frozen=True, slots=True)
class Integration:
    """One class: where it is, what installs it, and what it calls our settings.

    ``key`` is the variable of the environment that holds its key, empty if it has its own ways.
    ``names`` tells for each setting under ``[llm]``, and for the key, the argument that takes it.
    ``per_call`` is whether it takes ``max_tokens`` with each call, else its own limit holds.
    """

    module: str
    cls: str
    package: str
    key: str
    names: Mapping[str, str]
    per_call: bool = True


_USUAL = {
    "model": "model",
    "temperature": "temperature",
    "max_tokens": "max_tokens",
    "retries": "max_retries",
}
# Read off the classes of the versions that fit llama-index-core 0.14.
INTEGRATIONS: dict[str, Integration] = {
    "anthropic": Integration(
        "llama_index.llms.anthropic",
        "Anthropic",
        "llama-index-llms-anthropic",
        "ANTHROPIC_API_KEY",
        {**_USUAL, "key": "api_key", "base_url": "base_url", "timeout": "timeout"},
    ),
    "bedrock": Integration(
        "llama_index.llms.bedrock_converse",
        "BedrockConverse",
        "llama-index-llms-bedrock-converse",
        "",  # AWS profiles and variables
        {**_USUAL, "base_url": "endpoint_url", "timeout": "timeout"},
    ),
    "cohere": Integration(
        "llama_index.llms.cohere",
        "Cohere",
        "llama-index-llms-cohere",
        "COHERE_API_KEY",
        {**_USUAL, "key": "api_key", "base_url": "base_url", "timeout": "timeout"},
    ),
    "google": Integration(
        "llama_index.llms.google_genai",
        "GoogleGenAI",
        "llama-index-llms-google-genai",
        "GOOGLE_API_KEY",
        {**_USUAL, "key": "api_key", "context_window": "context_window"},
        per_call=False,
    ),
    "huggingface": Integration(
        "llama_index.llms.huggingface_api",
        "HuggingFaceInferenceAPI",
        "llama-index-llms-huggingface-api",
        "HF_TOKEN",
        {
            "model": "model_name",
            "temperature": "temperature",
            "max_tokens": "num_output",
            "key": "token",
            "timeout": "timeout",
            "context_window": "context_window",
        },
    ),
    "mistral": Integration(
        "llama_index.llms.mistralai",
        "MistralAI",
        "llama-index-llms-mistralai",
        "MISTRAL_API_KEY",
        {**_USUAL, "key": "api_key", "base_url": "endpoint", "timeout": "timeout"},
    ),
    "ollama": Integration(
        "llama_index.llms.ollama",
        "Ollama",
        "llama-index-llms-ollama",
        "",
        {
            "model": "model",
            "temperature": "temperature",
            "base_url": "base_url",
            "timeout": "request_timeout",
            "context_window": "context_window",
        },
        per_call=False,
    ),
}


class LlamaIndexLlm:
    """Any llama-index ``LLM`` as an `ragbot.llm.protocol.Llm`.

    When left, a class that waits for its service ends with the next token it gets, its reader at
    once.
    """

    def __init__(
        self,
        llm: LLM,
        *,
        service: Service | None = None,
        context_window: int = 0,
        per_call: bool = False,
    ) -> None:
        told = llm.metadata
        self._llm = llm
        self._service = service or Service(type(llm).__name__, told.model_name, 0)
        self._per_call = per_call
        self.name = f"{self._service.model} by {type(llm).__name__}"
        self._window = context_window or told.context_window or DEFAULT_WINDOW

    @property
    def context_window(self) -> int:
        """That of the settings, else what the class says."""
        return self._window

    def count_tokens(self, text: str) -> int:
        """See `ragbot.llm.protocol.Llm.count_tokens`; an estimate."""
        return estimate_tokens(text)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        stop: threading.Event | None = None,
    ) -> Generator[Piece, None, None]:
        """See `ragbot.llm.protocol.Llm.stream`."""

        def produce(emit: Emit, left: threading.Event) -> None:
            from llama_index.core.llms import ChatMessage

            turns = [
                ChatMessage(role=m.role, content=whole(m.content)) for m in messages
            ]
            limit = {"max_tokens": max_tokens} if self._per_call else {}
            reason = ""
            try:
                answer = self._llm.stream_chat(turns, **limit)
                try:
                    for response in answer:
                        if left.is_set():
                            return
                        _emit_response(response, emit)
                        reason = _finish_reason(response) or reason
                finally:
                    answer.close()
            # Every class has errors of its own, whose words may hold the key: they end here.
            except Exception as error:  # noqa: BLE001  # raised again without them
                raise failure(error, self._service) from None
            if reason in ("length", "max_tokens"):
                raise LlmError(
                    "the answer was cut at the most tokens allowed",
                    "raise llm.max_tokens",
                    kind="length",
                )

        return pump(produce, stop)


def load_integration(name: str, settings: LlmSettings) -> LlamaIndexLlm:
    """The language model of a table entry.

    Raises:
        ConfigError: no model is named, or the class takes no address.
        LlmError: its package or its key is missing, or the class refuses the settings.
    """
    entry = INTEGRATIONS[name]
    if not settings.model:
        raise ConfigError(
            "llm.model is empty", f"name a model of {name}", key="llm.model"
        )
    try:
        cls = getattr(importlib.import_module(entry.module), entry.cls)
    except ModuleNotFoundError as error:
        raise LlmError(
            f"llm.provider '{name}' needs a package ({error.name} is missing)",
            f"pip install {entry.package}",
            kind="setup",
        ) from None
    key = os.environ.get(entry.key, "") if entry.key else ""
    if entry.key and not key:
        raise LlmError(f"{name} wants a key", f"set {entry.key}", kind="key")
    if settings.base_url and "base_url" not in entry.names:
        raise ConfigError(
            f"{name} takes no llm.base_url", "leave it empty", key="llm.base_url"
        )
    service = Service(
        settings.base_url or name, settings.model, settings.timeout, entry.key, key
    )
    try:
        llm = cls(**_arguments(entry, settings, key))
    except Exception as error:  # noqa: BLE001  # as above
        raise LlmError(
            f"{name} refuses the settings under [llm] ({service.clean(str(error))})",
            "check them",
            kind="setup",
        ) from None
    return LlamaIndexLlm(
        llm,
        service=service,
        context_window=settings.context_window,
        per_call=entry.per_call,
    )


def _arguments(entry: Integration, settings: LlmSettings, key: str) -> dict[str, Any]:
    """The settings under the class's own names; what is empty is left to the class."""
    ours = {
        "model": settings.model,
        "temperature": settings.temperature,
        "max_tokens": settings.max_tokens,
        "retries": settings.retries,
        "timeout": settings.timeout,
        "base_url": settings.base_url or None,
        "context_window": settings.context_window or None,
        "key": key or None,
    }
    return {
        theirs: ours[name]
        for name, theirs in entry.names.items()
        if ours[name] is not None
    }


def _emit_response(response: ChatResponse, emit: Emit) -> None:
    """What a response adds: reasoning, where classes put it, then text."""
    thought = _extras(response).get("thinking_delta")
    if isinstance(thought, str) and thought:
        emit(Piece(thought, reasoning=True))
    if response.delta:
        emit(Piece(response.delta))


def _finish_reason(response: ChatResponse) -> str:
    """Why the answer ended, where the class passes on what its service says."""
    extras = _extras(response)
    choices = getattr(response.raw, "choices", None) or [None]
    told = extras.get("stop_reason") or getattr(choices[0], "finish_reason", None)
    return told if isinstance(told, str) else ""


def _extras(response: ChatResponse) -> dict[str, Any]:
    return {**response.message.additional_kwargs, **response.additional_kwargs}
