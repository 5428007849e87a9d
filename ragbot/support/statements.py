"""An answer's Markdown taken apart into sentences, each with the citations that are its own.

Knows citations as `ragbot.citing.stream` writes them: an unescaped ``[n]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from ragbot.text.sentences import split_sentences

__all__ = ["Statement", "declines", "sentences_of"]

_MARKER = re.compile(r"(?<!\\)\[(\d+)\]")
_MARKERS = re.compile(r"(?:(?<!\\)\[\d+\][ ,;]*)*(?<!\\)\[\d+\]")
_CODE = re.compile(r"`[^`\n]+`")
_FENCE = re.compile(r"^[ >]*(`{3,}|~{3,})")
_PREFIX = re.compile(r"^(?:[ \t]*(?:>|[-*+][ \t]|\d{1,3}[.)][ \t]))*[ \t]*")
_ITEM = re.compile(r"^[ \t>]*(?:[-*+]|\d{1,3}[.)])[ \t]")
_MARKED = re.compile(r"^[ >]*(?:\[\d+\])+[:.]?[ \t]+[^\W\d_]")
_HEADING = re.compile(r"^[ >]*#{1,6}[ \t]")
_TITLE = re.compile(r"^(\*\*|__)[^*_]+\1:?$")
_RULE = re.compile(r"^[ >]*(?:[-*_=|:][ \t]*){3,}$")
_SOURCES = re.compile(
    r"^\W*(?:references?|sources?|bibliography|works cited|(?:papers )?cited(?: papers)?|citations|"
    r"literature|quellen|literatur)\W*$",
    re.I,
)
_QUIET = re.compile(
    r"^\W*(?:yes|no|sure|certainly|of course|okay|ok|hello|hi|thanks?|thank you|i hope|i'm sorry|"
    r"sorry|let me know|feel free|here (?:is|are)|below (?:is|are)|in summary|in short|overall)\b",
    re.I,
)
# "The abstracts do not state …" claims nothing that an abstract could bear out.
_TEXTS = r"(?:abstracts?|papers?|excerpts?|sources?|collection|context|documents?|passages?|texts?)"
_STATE = (
    r"(?:states?|stated|mention(?:s|ed)?|reports?|reported|sa(?:y|ys|id)|specif(?:y|ies|ied)|"
    r"provided?s?|giv(?:e|es|en)|contains?|contained|discuss(?:es|ed)?|describe[sd]?|address(?:es|ed)?|"
    r"includes?|cover(?:s|ed)?|indicate[sd]?|disclose[sd]?|detail(?:s|ed)?|lists?|listed|names?|"
    r"named|found|known|clear|available|answer|explain(?:s|ed)?|compare[sd]?)"
)
_UNSTATED = re.compile(
    rf"\b{_TEXTS}\b[^.;]*\b(?:do|does|did|is|are|was|were)(?: not|n['’]t)\b[^.;]*\b{_STATE}\b|"
    rf"\b(?:not|n['’]t|never)(?: be)?(?: explicitly| directly)? {_STATE}\b[^.;]*\b{_TEXTS}\b|"
    rf"\b(?:no|none of the|neither)\b[^.;]*\b{_TEXTS}\b[^.;]*\b{_STATE}\b|"
    rf"\b(?:is|are|was|were)(?: not|n['’]t)(?: explicitly)? {_STATE}\W*$|"
    r"\bI (?:can(?:not|['’]t)|could(?: not|n['’]t)|do(?: not|n['’]t)) "
    r"(?:find|answer|say|tell|know)\b|"
    r"\b(?:abstracts?|zusammenfassung(?:en)?)\b[^.;]*\b(?:nicht|kein\w*)\b",
    re.I,
)
_TURNS = re.compile(r"\d|;|\b(?:but|however|although|though|while|whereas|yet|instead)\b", re.I)


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence without markup, the papers it cites, and where it stands in the Markdown.

    ``states`` is whether it claims something about the papers; ``start`` and ``end`` are offsets,
    the citations behind its full stop included.
    """

    text: str
    citations: tuple[int, ...]
    states: bool
    start: int
    end: int


def sentences_of(markdown: str) -> list[Statement]:
    """The sentences of an answer in order.

    A list item, a heading and a table row stand for themselves, code is passed over. A citation
    behind a full stop belongs to the sentence before it, unless that is followed by a small
    letter: "[2] extends it" is a sentence's subject.
    """
    found: list[Statement] = []
    listing_sources = False
    for start, end, line in _blocks(markdown):
        stripped = _plain(line).strip()
        title = bool(_HEADING.match(line) or _TITLE.match(line.strip()) or _SOURCES.match(stripped))
        if title:
            listing_sources = bool(_SOURCES.match(re.sub(r"^[# >]+", "", stripped)))
        for low, high, citations in _cut(line):
            text = _plain(line[low:high])
            if not any(c.isalnum() for c in text):
                if citations and found:  # markers in a line of their own
                    last = found.pop()
                    found.append(
                        Statement(
                            last.text,
                            tuple(dict.fromkeys([*last.citations, *citations])),
                            last.states,
                            last.start,
                            start + high,
                        )
                    )
                continue
            states = not title and not listing_sources and _states(text, citations)
            found.append(Statement(text, citations, states, start + low, min(start + high, end)))
    return found


def _blocks(markdown: str) -> Iterator[tuple[int, int, str]]:
    """Paragraphs, list items, headings and table rows, their marks blanked, with their offsets."""
    at, begin, block, fence = 0, 0, "", ""
    lines = markdown.splitlines(keepends=True)
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        mark = _FENCE.match(line)
        bare = line.strip(" >\t\n")
        table = bare.startswith("|")
        alone = table or any(p.match(bare) for p in (_HEADING, _TITLE, _SOURCES))
        head = table and bool(_RULE.match(following.rstrip("\n")))
        blank = not bare or head or bool(_RULE.match(line.rstrip("\n")))
        opens = _ITEM.match(line) or (_MARKED.match(line) and block.rstrip()[-1:] in ".!?:")
        if block and (mark or fence or blank or alone or opens):
            yield begin, at, block
            block = ""
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
        elif mark:
            fence = mark[1]
        elif not blank:
            shown = line if alone else _blank(_PREFIX, line)
            if not block:
                begin = at
            block += shown.replace("\n", " ")
            if alone:
                yield begin, at + len(line), block
                block = ""
        at += len(line)
    if block:
        yield begin, at, block


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda m: " " * len(m.group()), text, count=1)


def _cut(block: str) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Start, end and citations of each sentence of a block."""
    masked = _CODE.sub(lambda m: "x" * len(m.group()), block)
    if block.lstrip().startswith("|"):
        yield 0, len(block), _cited(masked)
        return
    hidden = _MARKERS.sub(lambda m: _hidden(masked, m), masked)
    starts, at = [], 0
    for sentence in split_sentences(hidden):
        at = hidden.index(sentence, at)
        starts.append(at)
        at += len(sentence)
    # What stands between two sentences is hidden markers: they close the first.
    bounds = [0, *starts[1:], len(block)]
    for low, high in pairwise(bounds):
        yield low, low + len(block[low:high].rstrip()), _cited(masked[low:high])


def _hidden(text: str, match: re.Match[str]) -> str:
    """Blanks in place of markers; a word in place of those that are a sentence's subject."""
    before = text[: match.start()].rstrip()
    opens = not before or before[-1] in '.!?:"”'
    subject = opens and re.match(r"\s+[a-zà-ÿ]", text[match.end() :])
    return "P".ljust(len(match.group()), "p") if subject else " " * len(match.group())


def _cited(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(n) for n in _MARKER.findall(text)))


def _plain(text: str) -> str:
    """Without markers, emphasis, table bars and escapes."""
    text = re.sub(r"[ \t]*(?<!\\)\[\d+\][,;]?(?=[ \t]*(?<!\\)\[\d+\])", "", text)
    text = re.sub(r"[ \t]*(?<!\\)\[\d+\]", "", text)
    text = re.sub(
        r"(?<![\\\w])([*_]{1,3})(?=\S)|(?<=[^\s\\])([*_]{1,3})(?!\w)|^[ >]*#+[ \t]", "", text
    )
    text = re.sub(r"(?<!\\)[`|]", " ", text)
    return " ".join(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).split())


def declines(text: str) -> bool:
    """Whether a sentence says no more than that the abstracts do not state something."""
    return bool(_UNSTATED.search(text)) and not _TURNS.search(text)


def _states(text: str, citations: tuple[int, ...]) -> bool:
    if text.endswith((":", "?")):
        return False
    if declines(text):
        return False
    quiet = _QUIET.match(text) and not citations and not re.search(r"\d", text)
    return not (
        quiet and (len(text.split()) <= 3 or not re.match(r"\W*(?:yes|no|overall)", text, re.I))
    )
