"""Where papers are from: what their sources are called, and which ones a person means. Pure.

A source is known by its path as it was given: of two files of one name in two folders, each is its
own. Files whose folder says nothing, as that of an upload, are known by their names in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import partial
from operator import methodcaller
from pathlib import PurePath

from ragbot.errors import InputError

__all__ = ["chosen_sources", "source_name"]

_MOST_TOLD = 10


def source_name(
    path: str, member: str = "", folders: Iterable[str | PurePath] = ()
) -> str:
    """What papers of a file, or of a member of an archive, name as their source.

    The path as given, "lists/refs.bib", "lists/dump.zip/refs.bib"; below one of ``folders`` what
    stands behind it. Names that are no Unicode are made so.
    """
    given = PurePath(path)
    below = map(given.relative_to, filter(given.is_relative_to, folders))
    name = next(below, given).as_posix()
    text = "/".join(filter(None, [name, member]))
    return os.fsencode(text).decode("utf-8", "replace")


def chosen_sources(given: str, known: Sequence[str]) -> list[str]:
    """The sources that a person means: the one of that path, those in that folder or archive, or
    the only one whose path ends so.

    Raises:
        InputError: there is none, or the ends of several are the same.
    """
    path = source_name(given)
    within = list(filter(partial(_is_in, path), known))
    ending = list(filter(methodcaller("endswith", f"/{path}"), known))
    found = within or ending
    if not found:
        namesakes = list(filter(partial(_has_name, PurePath(path).name), known))
        raise InputError(
            f"no paper came from '{given}'",
            f"the sources are {_told(namesakes or known)}",
        )
    if len(found) > max(1, len(within)):
        raise InputError(
            f"{len(found)} sources are called '{given}'", f"name one: {_told(found)}"
        )
    return found


def _is_in(path: str, source: str) -> bool:
    return f"{source}/".startswith(f"{path}/")


def _has_name(name: str, source: str) -> bool:
    return PurePath(source).name == name


def _told(sources: Sequence[str]) -> str:
    more = len(sources) - _MOST_TOLD
    rest = [f"{more} more"] * (more > 0)
    return ", ".join([*sources[:_MOST_TOLD], *rest]) or "none"
