"""A language model in this process, run by transformers. Nothing is downloaded or looked up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragbot.config import LlmSettings
from ragbot.embedding.quiet import one_line, quiet
from ragbot.errors import ConfigError, LlmError
from ragbot.llm.deltas import without_system
from ragbot.llm.protocol import DEFAULT_WINDOW
from ragbot.llm.pump import Emit, pump
from ragbot.text.words import whole
from ragbot.types import Message, Piece

if TYPE_CHECKING:
    import torch

__all__ = ["LocalLlm"]


class LocalLlm:
    """A chat model in a folder, or one that the hub's cache has; see `ragbot.llm.protocol.Llm`.

    Loaded when made, which takes seconds to minutes. It answers one question at a time: others
    wait.

    Raises:
        ConfigError: no model is named.
        LlmError: the model is not there, does not chat, or does not run on the device.
    """

    def __init__(self, settings: LlmSettings) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        folder = _folder(settings.model)
        device = _device(settings.device)
        try:
            with quiet():
                tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
                model: Any = AutoModelForCausalLM.from_pretrained(
                    folder, local_files_only=True, dtype="auto"
                )
                model.to(device).eval()
        except Exception as error:  # the library raises whatever its parts raise
            raise LlmError(
                f"{settings.model} cannot be loaded ({one_line(error)})",
                "check llm.model and llm.device",
                kind="setup",
            ) from error
        if not tokenizer.chat_template:
            raise LlmError(
                f"{settings.model} has no chat template",
                "take a model made for chat, often named 'Instruct'",
                kind="model",
            )
        self.name = f"{Path(settings.model).name} on {device}"
        self._settings = settings
        self._tokenizer: Any = tokenizer
        self._model = model
        self._turn = threading.Lock()
        reads = getattr(model.config.get_text_config(), "max_position_embeddings", None)
        window = settings.context_window or reads or DEFAULT_WINDOW
        self._window = min(window, reads or window)

    @property
    def context_window(self) -> int:
        """That of the settings, at most what the model reads."""
        return self._window

    def count_tokens(self, text: str) -> int:
        """See `ragbot.llm.protocol.Llm.count_tokens`; exact."""
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        stop: threading.Event | None = None,
    ) -> Generator[Piece, None, None]:
        """See `ragbot.llm.protocol.Llm.stream`."""

        def produce(emit: Emit, left: threading.Event) -> None:
            while not self._turn.acquire(timeout=0.1):
                if left.is_set():
                    return
            try:
                self._generate(messages, max_tokens, emit, left)
            finally:
                self._turn.release()

        return pump(produce, stop)

    def _generate(
        self,
        messages: Sequence[Message],
        max_tokens: int,
        emit: Emit,
        left: threading.Event,
    ) -> None:
        from transformers import StoppingCriteriaList

        prompt = self._prompt(messages)
        inputs = self._tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
        length = inputs["input_ids"].shape[1]
        room = self._window - length
        if room < 1:
            raise LlmError(
                f"the request has {length} tokens and the model reads {self._window}",
                "raise llm.context_window if the model allows it, or take one that reads more",
                kind="context",
            )
        if prompt.rstrip().endswith("<think>"):
            emit(Piece("<think>"))  # the template has opened it for the model
        text = _Decoder(
            lambda ids: self._tokenizer.decode(ids, skip_special_tokens=True), emit
        )
        limit = min(max_tokens, room)
        heat = self._settings.temperature or None
        try:
            self._model.generate(
                **inputs.to(self._model.device),
                max_new_tokens=limit,
                do_sample=heat is not None,
                temperature=heat,
                # Else it warns of the model's
                **({} if heat else {"top_p": None, "top_k": None}),
                streamer=text,
                stopping_criteria=StoppingCriteriaList([_Stop(left)]),
                pad_token_id=self._tokenizer.pad_token_id
                or self._tokenizer.eos_token_id,
            )
        except (RuntimeError, ValueError, MemoryError) as error:
            raise LlmError(
                f"{self.name} failed ({one_line(error)})",
                "take a smaller model or a smaller llm.context_window",
                kind="server",
            ) from error
        if (
            len(text.ids) >= limit
            and text.ids[-1] not in self._ends()
            and not left.is_set()
        ):
            full = limit < self._settings.max_tokens  # the window left no room for more
            raise LlmError(
                f"the answer was cut at {limit} tokens",
                "raise llm.context_window" if full else "raise llm.max_tokens",
                kind="length",
            )

    def _prompt(self, messages: Sequence[Message]) -> str:
        """The conversation as the model's own template writes it."""
        turns = [{"role": m.role, "content": whole(m.content)} for m in messages]
        # Some templates (Gemma's) know no system role.
        other = without_system(turns)
        try:
            try:
                return self._render(turns)
            except Exception:
                if other == turns:
                    raise
                return self._render(other)
        except Exception as error:  # templates are programs, and raise what they like
            raise LlmError(
                f"the chat template of {self.name} refuses the conversation ({one_line(error)})",
                "take another model",
                kind="request",
            ) from error

    def _render(self, turns: list[dict[str, str]]) -> str:
        text: str = self._tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=True
        )
        return text

    def _ends(self) -> Sequence[int]:
        ends = self._model.generation_config.eos_token_id
        return ends if isinstance(ends, list) else [ends]


class _Decoder:
    """A streamer for ``generate``: emits text token by token, a character only when whole.

    A token's text depends on those before it and may be a part of a character; so a window of
    tokens is decoded with and without the new ones, and the difference emitted.
    """

    def __init__(self, decode: Callable[[list[int]], str], emit: Emit) -> None:
        self.ids: list[int] = []
        self._decode = decode
        self._emit = emit
        self._from = self._told = 0
        self._in_prompt = True

    def put(self, value: torch.Tensor) -> None:
        """Take tokens; the first call brings the prompt."""
        if self._in_prompt:
            self._in_prompt = False
            return
        self.ids += value.flatten().tolist()
        self._tell(whole=True)

    def end(self) -> None:
        """No more tokens come: emit what is left."""
        self._tell(whole=False)

    def _tell(self, *, whole: bool) -> None:
        before = self._decode(self.ids[self._from : self._told])
        text = self._decode(self.ids[self._from :])
        if len(text) > len(before) and not (whole and text.endswith("\ufffd")):
            self._from, self._told = self._told, len(self.ids)
            self._emit(Piece(text[len(before) :]))


class _Stop:
    """Tells ``generate`` to stop once nobody listens."""

    def __init__(self, left: threading.Event) -> None:
        self._left = left

    def __call__(self, ids: torch.Tensor, scores: object, **_: object) -> torch.Tensor:
        import torch

        return torch.full((ids.shape[0],), self._left.is_set(), device=ids.device)


def _folder(model: str) -> Path:
    """The model's folder: as named, or where the hub's cache keeps what was downloaded.

    The libraries are given a folder always: with a name, even one that they have, they ask the hub.
    """
    if not model:
        raise ConfigError(
            "llm.model is empty",
            "name a folder, or a model of the hub's cache",
            key="llm.model",
        )
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if folder.is_absolute() or model.startswith((".", "~")):
        raise LlmError(f"{folder}: no such folder", "check llm.model", kind="model")
    from huggingface_hub import errors, try_to_load_from_cache

    config = None
    with suppress(errors.HFValidationError):
        config = try_to_load_from_cache(model, "config.json")
    if not isinstance(config, str):
        raise LlmError(
            f"{model} is not on this machine",
            f"download it with 'hf download {model}', or name a folder in llm.model",
            kind="model",
        )
    return Path(config).parent


def _device(wanted: str) -> str:
    import torch

    is_there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wanted == "auto":
        return next(filter(is_there.__getitem__, is_there))
    kind, _, _ = wanted.partition(":")  # "cuda:1"
    if not is_there.get(kind, True):
        raise LlmError(
            f"llm.device is '{wanted}', which PyTorch does not find here",
            "set it to 'auto'",
            kind="setup",
        )
    return wanted
