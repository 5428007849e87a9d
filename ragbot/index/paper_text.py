"""Papers, and records of them, as the text that the catalog holds. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from functools import lru_cache

from ragbot.errors import CatalogError
from ragbot.index.database import DAMAGED
from ragbot.types import Paper

__all__ = ["decode", "encode", "hash_of", "with_source"]

# What older versions did not know: where it is empty a record reads as theirs do, so that a file
# that has not changed is no update.
_LATER = ("arxiv_id", "doi", "venue", "keywords")
_FACTS = sorted(one.name for one in dataclasses.fields(Paper))
_TO_JSON = json.JSONEncoder(ensure_ascii=False).encode


def encode(paper: Paper, sources: tuple[str, ...] = ()) -> str:
    """A paper as JSON, its facts by name; ``sources`` stand in place of its own."""
    facts = {name: getattr(paper, name) for name in _FACTS}
    facts["sources"] = sources
    for name in _LATER:
        facts[name] or facts.pop(name)
    return _TO_JSON(facts)


def with_source(text: str, source: str) -> str:
    """A record as the paper that it makes alone. No text in it has a quotation mark unescaped."""
    return text.replace('"sources": []', f'"sources": {_TO_JSON([source])}')


def hash_of(text: str) -> str:
    """The SHA-256 of a paper or a record, by which it is known to be unchanged."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(2000)  # the same papers come up again, some 5 kB each
def decode(text: str) -> Paper:
    """A paper, or a record of one, as the catalog holds it."""
    try:
        facts = json.loads(text)
        for name in ("authors", "sources", "keywords"):
            facts[name] = tuple(facts.get(name, ()))
        return Paper(**facts)
    except (ValueError, LookupError, TypeError) as error:
        raise CatalogError(
            f"the catalog: a paper is damaged ({error})", DAMAGED
        ) from error
