"""An embedder whose passages are shared out to workers of a Ray cluster, each with its own model.

`RAY_ADDRESS` names the cluster; without it one is started on this machine, for itself alone, and
ended afterwards. Knows nothing of stores: what comes back goes through the one writer as always.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import platformdirs

from ragbot.config import EmbeddingSettings
from ragbot.embedding import load_embedder
from ragbot.embedding.embedder import Embedder, Span, Vectors
from ragbot.embedding.quiet import one_line
from ragbot.errors import EmbeddingError, InputError, RagbotError

__all__ = ["RayEmbedder", "cluster", "ray_embedder"]

# Texts that a worker is given at a time: at most some seconds of a core, which is what is lost with
# a worker, and fewer where there are workers for more than there are.
_FEWEST, _MOST = 8, 64
# How often a worker that was ended is started again, and does its shard again.
_TRIES = 3
# Bytes of a cluster on this machine: a few shards and their vectors.
_STORE = 200 * 2**20
# How Ray calls a cluster that it starts itself.
_OWN = "local"
# It reports to its makers otherwise.
_SILENT = {"RAY_USAGE_STATS_ENABLED": "0"}


class Worker:
    """What runs in the cluster: the model of the settings, loaded with the first call."""

    def __init__(self, settings: EmbeddingSettings, cache: Path) -> None:
        self._settings = settings
        # On another machine there may be no such data folder.
        elsewhere = platformdirs.user_cache_path("ragbot", False) / "models"
        self._cache = cache if cache.parent.is_dir() else elsewhere

    @cached_property
    def _embedder(self) -> Embedder:
        return load_embedder(self._settings, self._cache)

    def about(self) -> tuple[str, str, str, int]:
        """Name, engine, digest and dimension."""
        own = self._embedder
        return own.name, own.engine, own.digest, own.dimension

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_queries`."""
        return self._embedder.embed_queries(texts)

    def embed_passages(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """See `Embedder.embed_passages`."""
        return self._embedder.embed_passages(texts, spans)


class RayEmbedder:
    """An embedder whose work is done by workers, made by `ray_embedder`."""

    def __init__(self, workers: list[Any]) -> None:
        self._workers = workers
        about = self._asked([worker.about.remote() for worker in workers])
        self.name, engine, self.digest, self.dimension = about[0]
        if len({(digest, dimension) for _, _, digest, dimension in about}) > 1:
            raise EmbeddingError(
                f"{self.name}: Ray's workers have different models of that name",
                "put the same model on all machines of the cluster",
            )
        self.engine = f"{len(workers)} Ray workers: {engine}"

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed_queries`."""
        (vectors,) = self._asked([self._workers[0].embed_queries.remote(texts)])
        return vectors  # type: ignore[no-any-return]

    def embed_passages(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """See `Embedder.embed_passages`."""
        from ray.util import ActorPool

        fair = len(texts) // (2 * len(self._workers))
        size = max(_FEWEST, min(fair, _MOST))
        starts = range(0, len(texts), size)
        shards = [(texts[at : at + size], spans[at : at + size]) for at in starts]
        with _told():
            pool = ActorPool(self._workers)
            done = list(pool.map(lambda w, own: w.embed_passages.remote(*own), shards))
        empty = np.zeros((0, self.dimension), np.float32)
        vectors = np.concatenate([empty, *(own for own, _ in done)])
        return vectors, list(chain.from_iterable(parts for _, parts in done))

    def _asked(self, references: Sequence[Any]) -> list[Any]:
        import ray

        with _told():
            return list(ray.get(references))


@contextmanager
def ray_embedder(
    settings: EmbeddingSettings, cache: Path, workers: int | None = None
) -> Iterator[RayEmbedder]:
    """Workers in a `cluster`; they end with this.

    There is one worker for each GPU of the cluster; if it has none, one for each core.

    Args:
        settings: of the model.
        cache: where converted models are.
        workers: how many there are, if not so many.

    Raises:
        InputError: Ray is not installed.
        EmbeddingError: there is no cluster, or its workers cannot load the model.
    """
    with cluster() as ray:
        free = ray.available_resources()
        gpus, cores = int(free.get("GPU", 0)), int(free.get("CPU", 1))
        takes = {"num_gpus": 1} if gpus else {"num_cpus": 1}
        remote = ray.remote(max_restarts=_TRIES, max_task_retries=_TRIES, **takes)
        begin = remote(Worker).remote
        every = [begin(settings, cache) for _ in range(workers or gpus or cores)]
        yield RayEmbedder(every)


@contextmanager
def cluster() -> Iterator[Any]:
    """The library, connected to a cluster: the one that this process is connected to already, that
    of `RAY_ADDRESS`, or one that is begun on this machine and ends with this.

    Raises:
        InputError: Ray is not installed.
        EmbeddingError: there is no cluster at that address, or none can be begun.
    """
    if importlib.util.find_spec("ray") is None:
        raise InputError(
            "the engine 'ray' takes the package ray, which is not installed",
            "pip install 'ragbot[ray]', or leave --engine out",
        )
    with ExitStack() as opened:
        yield _connected(os.environ.get("RAY_ADDRESS") or _OWN, opened)


def _connected(address: str, opened: ExitStack) -> Any:
    """The library, with what ``opened`` is to close when it is needed no longer."""
    own = address == _OWN
    try:
        # Ray reads the environment as it is imported.
        environment = _alone() if own else _reached(address)
        os.environ.update({**_SILENT, **environment, **os.environ})
        import ray

        if not ray.is_initialized():
            how = _own_cluster(opened) if own else {}
            ray.init(**how, log_to_driver=False, logging_level=logging.ERROR)
            opened.callback(ray.shutdown)
    except Exception as error:  # noqa: BLE001  a bare one if the start takes too long
        raise EmbeddingError(
            f"Ray cannot be used at {address} ({one_line(error)})",
            "check RAY_ADDRESS; without it a cluster is started on this machine",
        ) from None
    return ray


def _reached(address: str) -> dict[str, str]:
    """Make sure that somebody is there, which Ray itself takes minutes to give up."""
    place = urlsplit(address if "://" in address else f"//{address}")
    if place.port:
        socket.create_connection((place.hostname, place.port), timeout=20).close()
    return {}


@cache
def _alone() -> dict[str, str]:
    """What keeps a cluster to this machine and this process: loopback, and a secret."""
    return {
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
    }


def _own_cluster(opened: ExitStack) -> dict[str, Any]:
    """How a cluster on this machine is started; its folder is gone with it."""
    # The paths of its sockets must not be long, and those of temporary folders may be.
    short = "/tmp" if os.name == "posix" else None
    folder = tempfile.TemporaryDirectory(
        prefix="ragbot-", dir=short, ignore_cleanup_errors=True
    )
    return {
        "address": _OWN,
        "include_dashboard": False,
        "object_store_memory": _STORE,
        "_temp_dir": opened.enter_context(folder),
    }


@contextmanager
def _told() -> Iterator[None]:
    """What went wrong in a worker, as an error of ours."""
    from ray.exceptions import RayError

    try:
        yield
    except RayError as error:
        cause = getattr(error, "cause", None)
        if isinstance(cause, RagbotError):
            raise cause from None
        raise EmbeddingError(
            f"a Ray worker failed ({one_line(cause or error)})",
            "see that all machines of the cluster have the same Ragbot, the model, and memory "
            "enough; the same command then goes on where it was",
        ) from error
