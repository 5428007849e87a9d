"""What an index was built with, kept in its catalog: checking reads it, signing writes it.

A signature names the embedding model, the digest of its weights, the chunking and the versions of
the stored forms. Vectors of another model, or other chunks, would give wrong answers without a
word, so an index is searched and written only with settings that fit its signature.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from ragbot.config import Settings
from ragbot.embedding.embedder import Embedder
from ragbot.errors import FingerprintMismatch
from ragbot.index.catalog import Catalog
from ragbot.index.chunks import CHUNKING_VERSION
from ragbot.index.lexical import LEXICAL_VERSION
from ragbot.index.paper_text import encode
from ragbot.types import Paper

__all__ = ["check", "digest", "digest_of", "sign", "signature", "unsign"]

_KEY = "fingerprint"
# The form in which papers stand in the indexes; unlike the catalog's schema, which migrates, a
# new one takes a rebuild.
_INDEX_VERSION = 1


def signature(settings: Settings, embedder: Embedder | None = None) -> dict[str, str]:
    """What an index built with these settings is signed with, in words for people.

    Without ``embedder``, the digest of its weights is left out, which only loading it tells.
    """
    chunking = settings.chunking
    facts = {
        "model": settings.embedding.model,
        "chunking": f"{chunking.sentences}/{chunking.overlap} v{CHUNKING_VERSION}",
        "schema": f"{_INDEX_VERSION}.{LEXICAL_VERSION}",
    }
    if embedder is not None:
        facts["model digest"] = embedder.digest
    return facts


def check(catalog: Catalog, now: Mapping[str, str], data_dir: Path) -> None:
    """Make sure that what the index is signed with agrees with ``now``, as far as that goes.

    An index that is not signed yet is empty and fits anything.

    Raises:
        FingerprintMismatch: the index was built with other settings.
    """
    signed = catalog.get_meta(_KEY)
    if signed is None:
        return
    then = json.loads(signed)
    differences = {
        key: (str(then.get(key)), value)
        for key, value in now.items()
        if then.get(key) != value
    }
    if differences:
        raise FingerprintMismatch(data_dir, differences)


def digest_of(papers: Iterable[Paper], now: Mapping[str, str], generation: int) -> str:
    """What tells whether an index in the making still fits: of these papers in this order, to be
    signed with ``now``, for this generation of the catalog."""
    told = hashlib.sha256(json.dumps([generation, now], sort_keys=True).encode())
    for paper in papers:
        told.update(encode(paper, paper.sources).encode())
    return told.hexdigest()


def sign(catalog: Catalog, now: Mapping[str, str]) -> None:
    """Sign an index with what it is about to be built with, unless it is signed already."""
    if catalog.get_meta(_KEY) is None:
        catalog.set_meta(_KEY, json.dumps(dict(now), sort_keys=True))


def unsign(catalog: Catalog) -> None:
    """Forget with what the index was built, as it is emptied."""
    catalog.delete_meta(_KEY)


def digest(catalog: Catalog) -> str:
    """12 hexadecimal digits of the SHA-256 of the signature, for the fingerprints of answers."""
    signed = catalog.get_meta(_KEY) or ""
    return hashlib.sha256(signed.encode()).hexdigest()[:12]
