"""An answer's Markdown taken apart into sentences, each with the citations that are its own.

Knows citations as `ragbot.citing.stream` writes them: an unescaped ``[n]``. Blocks are those of
CommonMark with tables, as markdown-it reads them; within a block the sentences keep their offsets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice, pairwise
from operator import attrgetter, itemgetter

import regex
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ragbot.support.refusals import asks, declines, has_verb
from ragbot.text.sentences import sentence_spans

__all__ = ["Statement", "sentences_of"]


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

    A list item, a heading and a table row stand for themselves; of a code block only what reads
    as prose. A citation behind a full stop belongs to the sentence before it, unless that is
    followed by a small letter: "[2] extends it" is a sentence's subject. Citations in a line of
    their own belong to the sentence before them, below a table or a list to all its rows.
    """
    reader = _Reader()
    for block in _blocks(markdown):
        reader.read(block)
    return reader.found


class _Reader:
    """Puts the sentences of blocks together, and gives citations beside them to those they mean."""

    def __init__(self) -> None:
        self.found: list[Statement] = []
        # The kind of group that was read last, and where it begins among those found.
        self._group = ""
        self._begins = 0
        self._below_sources = False

    def read(self, block: _Block) -> None:
        """Add the sentences of the next block."""
        sentences = list(_sentences(block))
        names_sources = _SOURCES.fullmatch(sentences[0].text) is not None
        cited = _cited(block.text)
        if names_sources and cited:  # "Sources: [1], [2]"
            self._cover(cited)
            return
        if not any(map(attrgetter("text"), sentences)):
            self._cover(cited)
            return
        self._enter(block, names_sources=names_sources)
        for sentence in sentences:
            self._add(sentence, block)

    def _enter(self, block: _Block, *, names_sources: bool) -> None:
        if block.group != self._group or not block.group:
            self._group = block.group
            self._begins = len(self.found)
        if names_sources or block.kind == "heading":
            self._below_sources = names_sources

    def _add(self, sentence: Statement, block: _Block) -> None:
        """A sentence, or the citations that stand behind one in its block."""
        if sentence.text:
            states = _states(block, sentence, self._below_sources)
            self.found.append(replace(sentence, states=states))
        elif len(self.found) > self._begins:
            self._add_to_last(sentence.citations, sentence.end)

    def _cover(self, cited: tuple[int, ...]) -> None:
        """A line of citations: of the sentence before, or of each row that has none itself."""
        if self.found and not self._group:
            self._add_to_last(cited, self.found[-1].end)
            return
        rows = self.found[self._begins :]
        self.found[self._begins :] = map(partial(_covered, cited), rows)

    def _add_to_last(self, cited: tuple[int, ...], end: int) -> None:
        last = self.found[-1]
        every = tuple(dict.fromkeys([*last.citations, *cited]))
        self.found[-1] = replace(last, citations=every, end=end)


def _covered(cited: tuple[int, ...], row: Statement) -> Statement:
    if row.citations:
        return row
    return replace(row, citations=cited)


# -- blocks -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Block:
    """Text of one block, as long as its source from ``start`` on: its marks are blanked.

    ``kind``: paragraph, heading, row (of a table) or code; ``group``: table, list or "".
    """

    kind: str
    group: str
    start: int
    text: str
    columns: tuple[int, ...] = ()  # what the head of a table cites


@cache
def _parser() -> MarkdownIt:
    """Blocks only: what stands within them is cut by offsets, which markdown-it does not keep."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the Markdown with its end, and its offset."""

    start: int
    text: str


def _lines(markdown: str) -> list[_Line]:
    lines = []
    start = 0
    for end_of_line in _LINE_END.finditer(markdown):
        end = end_of_line.end()
        lines.append(_Line(start, markdown[start:end]))
        start = end
    return [*lines, _Line(start, markdown[start:])]


def _blocks(markdown: str) -> Iterator[_Block]:
    lines = _lines(markdown)
    depth = 0
    for opener, token in pairwise([_START, *_parser().parse(markdown)]):
        depth += token.nesting * (token.type in _LISTS)
        first, last = token.map or (0, 0)
        own = lines[first:last]
        if token.type in _CODE_BLOCKS:
            yield from map(_code, filter(_is_prose, own))
        elif token.type == "table_open":
            yield from _rows(own)
        elif opener.type in _KINDS:
            kind = _KINDS[opener.type]
            group = ""
            if depth:
                group = "list"
            text = _blanked(own, token.content)
            yield from _entries(_Block(kind, group, own[0].start, text))


_START = Token("", "", 0)  # what the first token follows
_LINE_END = regex.compile(r"\r\n?+|\n")
_LISTS = frozenset(
    ["bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close"]
)
_CODE_BLOCKS = frozenset(["fence", "code_block"])
_KINDS = {"paragraph_open": "paragraph", "heading_open": "heading"}


def _rows(lines: Sequence[_Line]) -> Iterator[_Block]:
    """A table's rows, its head only where it claims something; the second line is a rule."""
    head, _, *body = lines
    columns = _cited(head.text)
    if _claims(head.text):
        yield _row(head, columns)
    for line in body:
        yield _row(line, columns)


def _row(line: _Line, columns: tuple[int, ...]) -> _Block:
    return _Block("row", "table", line.start, line.text.rstrip("\r\n"), columns)


def _blanked(lines: Sequence[_Line], contents: str) -> str:
    """A paragraph's text where it stands in its source, blanks in place of all else."""
    text = ""
    for line, content in zip(lines, contents.split("\n"), strict=False):
        at = max(0, line.text.rfind(content))
        rest = len(line.text) - at - len(content)
        text += " " * at + content
        if rest > 0:
            text += "\n".rjust(rest)
    return text


_ENTRY = regex.compile(
    r"[.!?:。][\"”’)*_]*+[ \t]*+\n\s*+(?=(?:\[[0-9]{1,9}\]){1,9}+[:.]?+[ \t]++[^\W\d_])"
)


def _entries(block: _Block) -> Iterator[_Block]:
    """A paragraph, cut where a line opens with a citation behind a full stop: "[1] KiloNeRF."."""
    low = 0
    for cut in _ENTRY.finditer(block.text):
        yield replace(block, start=block.start + low, text=block.text[low : cut.end()])
        low = cut.end()
    yield replace(block, start=block.start + low, text=block.text[low:])


def _code(line: _Line) -> _Block:
    """A line of a code block; citations in code are text."""
    return _Block("code", "", line.start, line.text.replace("[", "(").rstrip("\r\n"))


def _is_prose(line: _Line) -> bool:
    """Whether a line of a code block reads as a sentence: words, and next to no signs of code."""
    words = len(_PROSE_WORD.findall(line.text))
    signs = len(_CODE_SIGN.findall(line.text))
    return words >= max(_PROSE_WORDS, signs * _PROSE_WORDS)


_PROSE_WORDS = 4
_PROSE_WORD = regex.compile(
    r"(?<![\w.])[^\W\d_]++(?![\w(=])|[\u3040-\u30ff\u4e00-\u9fff]{2}"
)
_CODE_SIGN = regex.compile(r"[{}=<>;$\\|_]|\w\(|\w\.\w|//|^\s*#")


# -- sentences --------------------------------------------------------------------------------


_ONE_MARKER = r"(?<!\\)\[[0-9]{1,9}\]"
_MARKER = regex.compile(r"(?<!\\)\[([0-9]{1,9})\]")
_MARKERS = regex.compile(rf"{_ONE_MARKER}(?:[ ,;]*+{_ONE_MARKER})*+")
# Those that are a sentence's subject.
_SUBJECT = regex.compile(
    rf"(?<=(?:\A|[.!?:\"”])\s{{0,20}}){_MARKERS.pattern}(?=\s++[a-zà-ÿ])"
)
_SPAN = regex.compile(r"(?<!\\)`[^`\n]++`")
_SPEAKS = regex.compile(r"[\p{L}\p{N}]")


def _sentences(block: _Block) -> Iterator[Statement]:
    masked = _SPAN.sub(_crossed_out, block.text)
    for low, high in pairwise(_cuts(block, masked)):
        cited = _cited(masked[low:high])
        if not cited:
            cited = block.columns
        yield _statement(block, low, high, cited)


def _cuts(block: _Block, masked: str) -> list[int]:
    """Where the sentences of a block begin, and its end."""
    if block.kind in ("row", "heading"):
        return [0, len(block.text)]
    # A subject is a word to the sentence; other markers are none.
    hidden = _MARKERS.sub(_blank, _SUBJECT.sub(_word, masked))
    starts = map(itemgetter(0), sentence_spans(hidden))
    # What stands between two sentences is hidden markers: they close the first.
    return [0, *islice(starts, 1, None), len(block.text)]


def _statement(
    block: _Block, low: int, high: int, citations: tuple[int, ...]
) -> Statement:
    said = block.text[low:high]
    start = block.start + low
    return Statement(_plain(said), citations, False, start, start + len(said.rstrip()))


def _crossed_out(match: regex.Match[str]) -> str:
    return "x" * len(match.group())


def _blank(match: regex.Match[str]) -> str:
    return " " * len(match.group())


def _word(match: regex.Match[str]) -> str:
    return "P".ljust(len(match.group()), "p")


def _cited(text: str) -> tuple[int, ...]:
    numbers = map(int, _MARKER.findall(text))
    return tuple(dict.fromkeys(numbers))


_WITH_SPACE = regex.compile(
    r"(?<![ \t])[ \t]*+(?<!\\)\[[0-9]{1,9}\](?:[,;](?=[ \t]{0,9}+\[[0-9]))?+"
)
_EMPHASIS = regex.compile(
    r"(?<![\\\w*_])[*_]{1,3}+(?=\S)|(?<=[^\s\\*_])[*_]{1,3}+(?!\w)"
)
_BARS = regex.compile(r"(?<!\\)[`|]")
_ESCAPE = regex.compile(r"\\([!-/:-@\[-`{-~])")


def _plain(text: str) -> str:
    """Without markers, emphasis, table bars and escapes; "" if no word is left."""
    text = _WITH_SPACE.sub("", text)
    text = _EMPHASIS.sub("", text)
    text = _BARS.sub(" ", text)
    if not _SPEAKS.search(text):
        return ""
    return " ".join(_ESCAPE.sub(r"\1", text).split())


# -- what claims nothing ----------------------------------------------------------------------


_SOURCES = regex.compile(
    r"\W*(?:references?|sources?|bibliography|works cited|(?:papers )?cited(?: papers)?|citations|"
    r"literature|quellen|literatur|références|fuentes|referencias|bibliografía|fonti|referências|"
    r"bronnen|źródła|kaynaklar|источники|литература|المصادر|参考文献|来源|出典|참고문헌|स्रोत)\W*",
    regex.IGNORECASE,
)
_MEASURED = regex.compile(
    r"[0-9]\s?(?:%|×|x\b|times\b|percent\b|fold\b|倍)", regex.IGNORECASE
)
_SHORT = 3  # words; "Yes." and "No, sorry." at most
# Words that only open or close an answer, "Here are the papers", or lead to what follows.
_QUIET = regex.compile(
    r"(?![^0-9]*+[0-9])(?:"
    rf"(?=(?:\S++\s*+){{1,{_SHORT}}}\Z)\W*(?:yes|non?|overall)(?!\w)|"
    r"\W*(?:sure|certainly|of course|okay|ok|hello|hi|thanks?|thank you|i hope|i'm sorry|"
    r"sorry|let me know|feel free|here (?:is|are)|below (?:is|are)|in summary|in short|"
    r"ja|nein|oui|sí|sì|sim|não|nee|tak|nie|да|нет|نعم|لا|हाँ|नहीं|是的?|不是|はい|いいえ|네|아니요)(?!\w))"
    rf"|(?!(?s:.*){_MEASURED.pattern})(?s:.*)[:：]\Z",
    regex.IGNORECASE,
)
_ENUMERATION = regex.compile(r"\A\W*(?:[0-9]{1,3}[.)]\s|[IVX]{1,4}\.\s)")
_LONG_SENTENCE = regex.compile(
    rf"\s*+(?:\S++\s++){{{_SHORT}}}\S(?s:.*+)(?<=[.!。！।؟][\"”’)*_]*)"
)
_CLAIMS_NOTHING = regex.compile(rf"(?s:.*)[?？؟]|{_SOURCES.pattern}", regex.IGNORECASE)
_BOLD = regex.compile(r"\s*+(?:\*\*|__)[^*_\n]++(?:\*\*|__)[:：]?\s*+")


def _states(block: _Block, sentence: Statement, below_sources: bool) -> bool:
    text = sentence.text
    if _CLAIMS_NOTHING.fullmatch(text):
        return False
    if declines(text):
        return False
    cites = bool(sentence.citations)
    is_heading = block.kind == "heading"
    if is_heading or _BOLD.fullmatch(block.text):
        return cites or _title_claims(text)
    may_be_source = cites or block.group == "list"
    if below_sources and may_be_source:
        return _claims(text)
    if cites:
        return True
    return not _QUIET.match(text)


def _claims(text: str) -> bool:
    """Whether words that may only name something make a claim: by a verb, or a measured value."""
    if _MEASURED.search(text):
        return True
    return has_verb(text)


def _title_claims(title: str) -> bool:
    """Whether a heading or a bold line says something, and does not only name what follows."""
    text = _ENUMERATION.sub("", title)
    if _LONG_SENTENCE.match(text):
        return True
    if asks(text):
        return False
    return _claims(text)
