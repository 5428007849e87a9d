"""The one sentence splitter: chunking, quoting and support all cut at the same places.

Every sentence is a verbatim slice of the text; joined they give it back, white space apart. At each
full stop only its neighbourhood is looked at, so that the time is linear in the length.
"""

from __future__ import annotations

from functools import lru_cache

import regex

__all__ = ["sentence_spans", "split_sentences"]

# -- what stands in front of a mark --------------------------------------------------------------


def _word(words: str) -> str:
    """One of these words, in any case."""
    return rf"(?<![A-Za-z]\.*)(?i:{'|'.join(map(regex.escape, words.split()))})"


# Words whose full stop ends no sentence.
_ABBREVIATION = _word(
    """e.g i.e w.r.t et vs cf fig figs eq eqs eqn sec secs tab no nos ref refs resp approx dr prof
    mr mrs ms st jr sr ltd dept univ vol pp ch app thm def prop lem cor s.t viz incl ca b.s m.s
    alg arxiv"""
)
# Words whose full stop ends one if a usual opening follows: "by Wang et al. The".
_MAY_END = _word("al i.i.d u.s u.k a.k.a ph.d inc corp co")
_FILE = _word("node github www")
_INITIAL = r"(?<![^ .])(?<![A-Za-z]\.*)[A-Z]"  # "J. Doe"
_SHORTENED = f"(?:{_ABBREVIATION}|{_MAY_END})"
_DOUBTFUL = f"(?:{_MAY_END}|{_INITIAL})"
_ADDRESS = r"(?:://|@|www)\S{0,120}"
# A full stop may be glued to the next sentence behind these: "of that.EasySpec is".
_SAID = r"(?:[)\]%\"'\d]|(?<![A-Za-z.])[A-Za-z]{3,})"

# -- the mark ------------------------------------------------------------------------------------

# Marks that end sentences of scripts which write no space behind them, or do not always.
_ALWAYS = "。！？｡।॥؟۔።"
_CLOSERS = "\"'”’)\\]」』）】»"
_MARK = rf"[.!?{_ALWAYS}]++[{_CLOSERS}]*+"
_FOREIGN = rf"(?=[.!?]*+[{_ALWAYS}]){_MARK}"
_ONE = r"(?:[?!]|\.[)\"”]?+)"
_ELLIPSIS = rf"(?=\.{{3}}){_MARK}"
_ASKING = rf"(?=[!?]){_MARK}"

# -- what stands behind it -----------------------------------------------------------------------

_CONTINUING = r"\s*+[,;:)\]%–—-]"
_GLUED = r"(?=\S)"
_CAPITALISED_WORD = r"(?=[A-Z][A-Za-z]{0,40}+[- ,a-z])[A-Z][\w-]{0,40}+[\s,]"
_NEXT = r"\s++[\"'“‘(\[$\\¿¡«]*+"
_SMALL = rf"{_NEXT}\p{{Lowercase}}"
# Products spelled lower case do start sentences: "… tasks. iGAN is", "wav2vec is".
_PRODUCT = rf"{_SMALL}\w{{0,40}}?[\p{{Lu}}\d]"
# What usually begins a sentence.
_STARTER = _word(
    """a an the this these those that it its we our they their there here in on at for from to by
    with as if when while although though however moreover furthermore finally additionally also
    then thus hence therefore specifically particularly experiments experimental extensive code
    codes results such unlike to through using based despite because since once first second third
    both each many most some several recent recently one two here"""
)
_STARTING = rf"{_NEXT}{_STARTER}(?!\w)"
# What numbers a sentence of a list: "(ii) The loss falls."
_NUMBERED = r"\s++\(?(?:[ivx]{1,4}|[a-h])\)\s"

# Whether a mark ends a sentence, by what stands around it: the first that fits decides.
_RULES = tuple(
    (regex.compile(rf"(?={mark}{behind})(?<={before})"), ends)
    for before, mark, behind, ends in (
        ("", _FOREIGN, _CONTINUING, False),
        ("", _FOREIGN, "", True),
        # Without a space it ends one only if it looks like nothing else.
        (_SHORTENED, _MARK, _GLUED, False),
        (_FILE, _MARK, _GLUED, False),
        (_ADDRESS, _MARK, _GLUED, False),
        (_SAID, _ONE, _CAPITALISED_WORD, True),
        ("", _MARK, _GLUED, False),
        ("", _MARK, _CONTINUING, False),
        ("", _MARK, rf"{_NEXT}(?![^\W_])", True),
        ("", _ELLIPSIS, _SMALL, False),
        (_SHORTENED, _MARK, _NUMBERED, False),
        ("", _MARK, _NUMBERED, True),
        ("", _ASKING, '(?<=[)"”])', True),
        ("", _ASKING, _SMALL, False),  # "Is X All You Need? a study"
        ("", _ASKING, "", True),
        (_ABBREVIATION, _MARK, "", False),
        (_MAY_END, _MARK, _SMALL, False),
        ("", _MARK, _PRODUCT, True),
        ("", _MARK, _SMALL, False),
        (_DOUBTFUL, _MARK, _STARTING, True),
        (_DOUBTFUL, _MARK, "", False),
        ("", _MARK, "", True),
    )
)
_ANY_MARK = regex.compile(_MARK)
_SPACE = regex.compile(r"\s*+")


def split_sentences(text: str) -> list[str]:
    """The sentences of ``text``, stripped, in order; an empty text has none.

    Knows abbreviations ("w.r.t.", "et al.", "Fig."), decimals, versions and file names, initials,
    full stops glued to the next sentence ("of that.EasySpec is"), and the marks of scripts that
    part sentences without a space.
    """
    return [text[start:end] for start, end in sentence_spans(text)]


# The sentences of an abstract are asked for by several in turn.
@lru_cache(1000)
def sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where the sentences of ``text`` begin and end, without the white space around them."""
    spans, start = [], 0
    beyond = len(text.rstrip())
    for mark in _ANY_MARK.finditer(text):
        # The rest of the text, whatever it is, closes the last sentence.
        if mark.end() < beyond and _ends_sentence(text, mark.start()):
            spans.append((_skip_space(text, start), mark.end()))
            start = mark.end()
    start = _skip_space(text, start)
    if start < beyond:
        spans.append((start, beyond))
    return tuple(spans)


def _skip_space(text: str, start: int) -> int:
    end: int = _SPACE.match(text, start).end()
    return end


def _ends_sentence(text: str, at: int) -> bool:
    """Whether the mark that begins there ends a sentence; something follows it."""
    return next(ends for pattern, ends in _RULES if pattern.match(text, at))
