"""Citations in an answer's Markdown, led to the paper and the sentence each stands for. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from ragbot.text.latex import readable
from ragbot.types import Answer, Quote

__all__ = ["Claim", "claims_of", "linked"]

# Escaped characters stay as they are; of the rest, code, a tag, an image and a citation are looked
# at. Code that has not ended runs to the end: it is still being written.
_TOKEN = re.compile(
    r"\\."
    r"|^(?P<indent>[ \t>]*)(?P<fence>`{3,}|~{3,})[^\n]*\n?"
    r"(?P<block>[\s\S]*?)(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?P<ticks>`+)(?P<code>[^\n]+?)(?<!`)(?P=ticks)(?!`)"
    r"|<|!(?=\[)| ?\[(?P<number>\d+)\]",
    re.MULTILINE,
)
_HARMLESS = {"<": "&lt;", "!": "\\!"}
_SIGN = re.compile(r"[^\w ]|_")  # whatever is no letter, digit or space


@dataclass(frozen=True, slots=True)
class Claim:
    """What an answer says in one sentence, letters only, and where that stands.

    ``places`` tells for each paper it cites the place of its sentence among that paper's evidence.
    """

    letters: str
    places: Mapping[int, int]


def claims_of(answer: Answer) -> list[Claim]:
    """The sentences of an answer whose own evidence is known, in the order they are shown."""
    evidence = dict(map(attrgetter("n", "evidence"), answer.papers))
    rests = list(map(attrgetter("text", "evidence"), answer.sentences))
    if answer.mode == "extractive":
        rests += [(readable(quote.text), (quote,)) for quote in answer.quotes]
    claims = [Claim(_letters(text), _places(own, evidence)) for text, own in rests]
    return list(filter(attrgetter("places"), claims))


def _places(
    quotes: Sequence[Quote], evidence: Mapping[int, Sequence[str]]
) -> dict[int, int]:
    """Of each paper, by its number, the place of the sentence quoted among its evidence."""
    places = {}
    for quote in quotes:
        known = evidence.get(quote.n, ())
        if quote.text in known:
            places[quote.n] = known.index(quote.text)
    return places


def linked(markdown: str, answer: int, claims: Sequence[Claim] = ()) -> str:
    """An answer's Markdown with each ``[n]`` leading to ``#a<answer>-p<n>`` and no tag alive.

    Where its own sentence is known it leads on to that: ``#a<answer>-p<n>-e<place>``. Code is shown
    as it is, by tags of our own: Markdown would show the ``&lt;`` in it.
    """
    sentences = _sentences(markdown, claims)

    def token(match: re.Match[str]) -> str:
        if n := match["number"]:
            # A number never stands alone at the start of a line.
            space = "\u00a0" if match.group().startswith(" ") else ""
            sentence = sentences.get(match.start(), "")
            return f"{space}[\\[{n}\\]](#a{answer}-p{n}{sentence})"
        if match["code"]:
            return f"<code>{_verbatim(match['code'].strip())}</code>"
        if match["fence"]:
            return _block(match["indent"], match["block"])
        return _HARMLESS.get(match.group(), match.group())

    return _TOKEN.sub(token, markdown)


def _sentences(markdown: str, claims: Sequence[Claim]) -> dict[int, str]:
    """What leads on to a sentence, by where the citation begins.

    Markdown and text are compared by their letters, each claim after the one before it.
    """
    letters, citations = _parted(markdown)
    found = {}
    end = 0
    for claim in claims:
        start = letters.find(claim.letters, end)
        if start < 0:
            continue
        end = start + len(claim.letters)
        for begins, n, at in citations:
            if start < at <= end and n in claim.places:
                found[begins] = f"-e{claim.places[n]}"
    return found


def _parted(markdown: str) -> tuple[str, list[tuple[int, int, int]]]:
    """The letters, and of each citation where it begins, its number, and how many are before it."""
    letters, read = "", 0
    citations = []
    for match in _TOKEN.finditer(markdown):
        if match["number"]:
            letters += _letters(markdown[read : match.start()])
            read = match.end()
            citations.append((match.start(), int(match["number"]), len(letters)))
    letters += _letters(markdown[read:])
    return letters, citations


def _letters(text: str) -> str:
    """What is left of a text whatever Markdown has done to it."""
    return "".join(filter(str.isalnum, html.unescape(text)))


def _block(indent: str, code: str) -> str:
    lines = [_outdented(line, indent) for line in code.rstrip("\n").split("\n")]
    return f"{indent}<pre><code>{_verbatim(chr(10).join(lines))}</code></pre>"


def _outdented(line: str, indent: str) -> str:
    """A line of code without what may stand before each line of its block."""
    shared = len(line) - len(line.lstrip(" \t>"))
    return line[min(shared, len(indent)) :]


def _verbatim(text: str) -> str:
    """Text that neither HTML nor Markdown sees anything in."""
    return _SIGN.sub(lambda sign: f"&#{ord(sign[0])};", text)
