"""Everything Ragbot raises on purpose.

    RagbotError
    ├── ConfigError           a setting is unknown, of the wrong type or out of range
    ├── InputError            a file, a path, a date or a question that cannot be used
    │   ├── ReadError         a file that is missing, empty, not text or of no known format
    │   └── UnknownConversation   no saved conversation has that id
    ├── EmptyCollection       nothing has been ingested yet
    ├── CatalogError          the data folder cannot be read or written
    │   ├── Locked            another process is writing
    │   └── FingerprintMismatch   the index was built with other settings
    ├── VectorServerError     the Chroma server of the settings cannot be used
    ├── FetchError            a service on the internet did not give what it was asked for
    ├── EmbeddingError        a model that cannot be found, verified or run
    └── LlmError              a language model gave no answer, or not all of it

An error says what is wrong and where (`message`) and what to do about it (`remedy`); as text it is
one line with both.
"""

from __future__ import annotations

import copyreg
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

__all__ = [
    "CatalogError",
    "ConfigError",
    "EmbeddingError",
    "EmptyCollection",
    "FetchError",
    "FingerprintMismatch",
    "InputError",
    "LlmError",
    "LlmFailure",
    "Locked",
    "RagbotError",
    "ReadError",
    "UnknownConversation",
    "VectorServerError",
]


class RagbotError(Exception):
    """Base of all of them; a caller that catches this catches every expected failure.

    ``message`` says what is wrong and where, ``remedy`` what to do about it, or nothing.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message}: {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        """How it goes from one process to another: as it is, since its class wants other values."""
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]


class ConfigError(RagbotError):
    """A setting that cannot be used; ``key`` is its dotted name, ``source`` where it was set."""

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        key: str | None = None,
        source: str | None = None,
    ) -> None:
        super().__init__(message, remedy)
        self.key = key
        self.source = source


class InputError(RagbotError):
    """Input that cannot be used."""


class ReadError(InputError):
    """A file that cannot be read as papers."""

    def __init__(self, path: Path | str, problem: str, remedy: str = "") -> None:
        super().__init__(f"{path}: {problem}", remedy)
        self.path = Path(path)
        self.problem = problem

    @property
    def reason(self) -> str:
        """The problem and what to do about it, without the file's name."""
        return f"{self.problem}: {self.remedy}" if self.remedy else self.problem


class NothingRead(InputError):
    """None of some files gave a paper; ``files`` are their reports (`ragbot.types.FileReport`),
    with what was passed over and why."""

    # Any: what stages pass on stands on errors, not the other way round.
    def __init__(self, message: str, remedy: str, files: Sequence[Any]) -> None:
        super().__init__(message, remedy)
        self.files = tuple(files)


class UnknownFormat(ReadError):
    """A file whose text is of no format that is read."""


class UnknownConversation(InputError):
    """There is no saved conversation of that id, or none of who asks."""

    def __init__(self, id_: str) -> None:
        super().__init__(
            f"no conversation has the id {id_[:40]!r}",
            "'ragbot conversations' lists those there are",
        )
        self.id = id_


class EmptyCollection(InputError):
    """A question was asked of a collection without papers."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(
            f"the collection in {data_dir} has no papers yet",
            "add some with 'ragbot ingest PATH', or the bundled ones with "
            "'ragbot ingest --bundled'",
        )
        self.data_dir = data_dir


class CatalogError(RagbotError):
    """The data folder or something in it cannot be used."""


class Locked(CatalogError):
    """Another process holds the writer's lock."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(
            f"another Ragbot process is writing to {data_dir}",
            "wait until it has finished, then try again",
        )
        self.data_dir = data_dir


class FingerprintMismatch(CatalogError):
    """The index was built with another model, chunking or schema than the settings ask for."""

    def __init__(self, data_dir: Path, differences: dict[str, tuple[str, str]]) -> None:
        what = "; ".join(
            f"{key} was {old}, now {new}" for key, (old, new) in differences.items()
        )
        super().__init__(
            f"the index in {data_dir} was built with other settings ({what})",
            "run 'ragbot rebuild', or set them back",
        )
        self.data_dir = data_dir
        self.differences = differences


class VectorServerError(RagbotError):
    """The Chroma server of the settings cannot be reached or used; the collection is whole."""


class FetchError(RagbotError):
    """A service on the internet did not give what it was asked for.

    ``busy`` says that asking again may help, ``retry_after`` in how many seconds, where the service
    said it.
    """

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        busy: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, remedy)
        self.busy = busy
        self.retry_after = retry_after


class EmbeddingError(RagbotError):
    """The embedding model cannot be used."""


LlmFailure = Literal[
    "unreachable",  # no connection
    "key",  # the key is missing, refused or out of credit
    "model",  # there is no such model
    "busy",  # too many requests
    "server",  # it failed on its side
    "timeout",  # silence for longer than the settings allow
    "cut",  # the connection broke
    "malformed",  # what came is no answer stream
    "context",  # the messages are longer than the model's window
    "request",  # the request was refused for another reason
    "filtered",  # a content filter stopped the answer
    "length",  # the answer was cut at the most tokens allowed
    "empty",  # the answer has no text
    "setup",  # a package, a device or a setting is missing
]


class LlmError(RagbotError):
    """A language model gave no answer, or not all of it.

    ``partial`` is whether some of the answer came before; ``retry_after`` is in seconds, where the
    server said it.
    """

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        kind: LlmFailure,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, remedy)
        self.kind: LlmFailure = kind
        self.retry_after = retry_after
        self.partial = False

    @property
    def transient(self) -> bool:
        """Whether asking the same again may help."""
        return self.kind in {"unreachable", "busy", "server", "timeout", "cut"}
