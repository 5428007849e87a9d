"""A Chroma store on a server of one's own, for one machine or many: its address is a setting.

Only vectors, the ids of chunks and papers and dates go there, and only to that address; so does the
token, which is read from the environment alone.
"""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from ragbot.config import VectorsSettings
from ragbot.errors import CatalogError, ConfigError, RagbotError, VectorServerError
from ragbot.index.chroma import ChromaVectors, View
from ragbot.index.chroma_folder import COSINE, ChromaFolder
from ragbot.index.store_errors import cause_of
from ragbot.web_errors import causes

__all__ = ["TOKEN", "ChromaServer"]

TOKEN = "RAGBOT_VECTORS_TOKEN"
"""The variable of the environment that holds the server's token, if it wants one."""

# The form of the server's interface that the client speaks.
_MAJOR = "1."
_LONGEST_CONNECTING = 10.0  # seconds


class _Fault(NamedTuple):
    """What is said of a failure; ``{told}`` is its cause, ``{timeout}`` the setting."""

    message: str
    remedy: str


_REFUSED = _Fault("refuses the token", f"set the right one in {TOKEN}")
_BUSY = _Fault("cannot answer now ({told})", "try again later")
_OTHER = _Fault(
    "what answers there is no Chroma server of version 1 ({told})",
    "correct vectors.url",
)
# By the status of a reply that is not Chroma's own.
_STATUS = {401: _REFUSED, 403: _REFUSED, 429: _BUSY, 502: _BUSY, 503: _BUSY, 504: _BUSY}
# By the name of the class of what failed or of a class above it, the narrower ones first.
_FAULTS = {
    "TimeoutException": _Fault(
        "no answer within {timeout:g} s", "try again later, or raise vectors.timeout"
    ),
    "TransportError": _Fault(
        "no Chroma server can be reached there ({told})",
        "start it, as with 'chroma run --path FOLDER', or correct vectors.url",
    ),
    "ChromaAuthError": _REFUSED,
    "AuthorizationError": _REFUSED,
    "RateLimitError": _BUSY,
    "ChromaError": _Fault(
        "the Chroma server has failed ({told})",
        "look into its log, then run the command again, or 'ragbot rebuild' if it still fails",
    ),
}


class ChromaServer:
    """A `VectorPlace` of a collection on a server.

    Args:
        settings: the server's address and how long to wait for it.
        name: the collection's, which nobody else has.
        owner: the data folder that it belongs to, for people who look at the server.
        beside: where the vectors would lie without a server: what is there is not needed.

    Raises:
        ConfigError: the address or the token cannot be used.
    """

    def __init__(
        self, settings: VectorsSettings, name: str, owner: Path, beside: ChromaFolder
    ) -> None:
        self._url = _address(settings.url)
        self._settings = settings
        self._name = name
        self._owner = owner
        self._beside = beside

    def __str__(self) -> str:
        return f"at {self._url}"

    def open(self, *, create: bool, thorough: bool = False) -> ChromaVectors:
        """See `VectorPlace.open`."""
        return ChromaVectors(self, create=create, thorough=thorough)

    def wipe(self) -> None:
        """See `VectorPlace.wipe`; a server that fails keeps what it has."""
        self._beside.wipe()
        with suppress(Exception):
            server = self._connected()
            with closing(server._session):
                server.delete_collection(self._name)

    def check(self, *, thorough: bool) -> None:
        """Files are the server's to look after; whether it is there shows when it is asked."""

    def view(self, *, create: bool) -> View:
        """The collection, made if ``create`` and it is not there."""
        from chromadb.api.models.Collection import Collection

        server = self._connected()
        if create:
            owner = {"data folder": str(self._owner)}
            found = server.create_collection(
                self._name, configuration=COSINE, metadata=owner, get_or_create=True
            )
        else:
            found = server.get_collection(self._name)
        chunks = Collection(client=server, model=found, embedding_function=None)
        return View(chunks, server._session.close)

    def _connected(self) -> Any:
        """A client that speaks to a server of the right version.

        Made of its parts: `chromadb.HttpClient` asks the server before it can be told how long to
        wait for it, and Chroma's own time-out is none.
        """
        from chromadb.api import ServerAPI
        from chromadb.config import Settings, System

        system: Any = System(
            Settings(
                anonymized_telemetry=False,
                chroma_api_impl="chromadb.api.fastapi.FastAPI",
                chroma_server_host=self._url,
                chroma_server_http_port=0,  # that of the address
                chroma_server_headers=_headers(),
            )
        )
        server: Any = system.instance(ServerAPI)
        timeout = self._settings.timeout
        server._session.timeout = httpx.Timeout(
            timeout, connect=min(timeout, _LONGEST_CONNECTING)
        )
        version = server.get_version()
        if not str(version).startswith(_MAJOR):
            raise ValueError(f"it says to be {version}")
        return server

    def may_pass(self, failure: BaseException) -> bool:
        """A chunk or a collection may just have been taken away; a server stays away."""
        from chromadb.errors import ChromaError

        return isinstance(failure, ChromaError)

    def fault(self, failure: BaseException) -> RagbotError:
        """The error of a server that did not do what it was asked."""
        named = [kind.__name__ for kind in type(failure).__mro__]
        if "NotFoundError" in named:
            return CatalogError(
                f"{self._url}: has no vectors of the collection in {self._owner}",
                "run 'ragbot rebuild' to put them there, or set vectors.url back",
            )
        told = next(filter(None, map(_FAULTS.get, named)), None) or _of_reply(failure)
        facts = {"told": _told(failure), "timeout": self._settings.timeout}
        return VectorServerError(
            f"{self._url}: {told.message.format_map(facts)}", told.remedy
        )


def _replies(failure: BaseException) -> list[int]:
    """The HTTP status that a failure comes of, if it comes of one."""
    return [
        cause.response.status_code
        for cause in causes(failure)
        if isinstance(cause, httpx.HTTPStatusError)
    ]


def _of_reply(failure: BaseException) -> _Fault:
    return next((_STATUS.get(status, _OTHER) for status in _replies(failure)), _OTHER)


def _told(failure: BaseException) -> str:
    """What went wrong, on one line; of pages that servers send with an error, the status."""
    return next((f"HTTP {n}" for n in _replies(failure)), "") or cause_of(failure)


def _address(url: str) -> str:
    """The address of a server, as it is used."""
    with suppress(ValueError):
        parts = urlsplit(url.rstrip("/"))
        _ = parts.port  # raises what a port cannot be
        wants = parts.hostname and parts.scheme in {"http", "https"}
        if wants and not (parts.query or parts.fragment or "@" in parts.netloc):
            return parts.geturl()
    raise ConfigError(
        "vectors.url must be the address of a Chroma server, without a name or a password",
        f'write it as "http://host:8000"; a token is read from {TOKEN}',
        key="vectors.url",
    )


def _headers() -> dict[str, str]:
    """What tells the server who asks: both headers that Chroma's servers look at."""
    token = os.environ.get(TOKEN, "").strip()
    if not token:
        return {}
    if not (token.isascii() and token.isprintable()):
        raise ConfigError(f"{TOKEN} has characters that no token has", "set it anew")
    return {"Authorization": f"Bearer {token}", "X-Chroma-Token": token}
