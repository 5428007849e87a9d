"""XML as the elements of one name, in bounded memory; what it may do to who reads it is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from ragbot.readers.document import Document

__all__ = ["Element", "elements", "root_is", "text_of", "texts_of"]

_PROLOG = r"(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*+(?:\[.*?\]\s*)?>)*+<(?:\w+:)?"


def root_is(*names: str) -> Callable[[str], object]:
    """Recognises XML whose outermost element has one of these names, whatever its prefix."""
    known = re.compile(rf"{_PROLOG}(?:{'|'.join(names)})(?![\w.-])", re.DOTALL)
    return known.match


def elements(document: Document, name: str) -> Iterator[tuple[str, Element]]:
    """The elements of that name, each whole, and where it stands: ``entry 3``.

    An element is emptied when the next is taken.

    Raises:
        ReadError: it is no XML from some line on, or defines entities.
    """
    number = 0
    around: list[Element] = []
    try:
        for event, element in iterparse(_Source(document), events=("start", "end")):
            if event == "start":
                around.append(element)
                continue
            around.pop()
            if _local(element) == name:
                number += 1
                yield f"{name} {number}", element
                _forget(element, around)
    except DefusedXmlException:
        raise document.fault(
            "it defines entities, as no list of papers does", "download it again"
        ) from None
    except ParseError as error:
        raise document.fault(f"no XML: {error}", "download it again") from None


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _forget(element: Element, around: list[Element]) -> None:
    """Have nothing of an element that has been read stay in memory."""
    element.clear()
    for parent in around[-1:]:
        parent.remove(element)


def texts_of(element: Element, *paths: str) -> list[str]:
    """The texts of what stands at any of the paths, without namespaces, as one would read them."""
    found = chain.from_iterable(map(element.iterfind, map(_anywhere, paths)))
    texts = ("".join(one.itertext()).strip() for one in found)
    return list(filter(None, texts))


def text_of(element: Element, *paths: str) -> str:
    """The first of `texts_of`, or nothing."""
    return next(iter(texts_of(element, *paths)), "")


def _anywhere(path: str) -> str:
    """A path whose names are of any namespace."""
    return re.sub(r"(^|/)(?=\w)", r"\1{*}", path)


class _Source:
    """A document as what the parser reads from; its encoding is known, whatever the text says."""

    def __init__(self, document: Document) -> None:
        pieces = document.pieces()
        begin = next(pieces, "").lstrip()
        self._pieces = filter(None, chain([begin], pieces))

    def read(self, _size: int = -1) -> str:
        return next(self._pieces, "")
