"""The one sentence splitter: chunking, quoting and support all cut at the same places.

Every sentence is a verbatim slice of the text; joined they give it back, white space apart. At each
full stop only its neighbourhood is looked at, so that the time is linear in the length.
"""

from __future__ import annotations

import string

import regex

__all__ = ["sentence_spans", "split_sentences"]

# Words whose full stop ends no sentence.
_ABBREVIATIONS = frozenset(
    """e.g i.e w.r.t et al vs cf fig figs eq eqs eqn sec secs tab no nos ref refs resp approx
    dr prof mr mrs ms st jr sr inc ltd co corp dept univ vol pp ch app thm def prop lem cor a.k.a
    s.t i.i.d u.s u.k ph.d viz incl ca b.s m.s alg arxiv""".split()
)
# Of those, these do if a usual opening follows: "by Wang et al. The".
_MAY_END = frozenset(
    {"al", "i.i.d", "u.s", "u.k", "a.k.a", "ph.d", "inc", "corp", "co"}
)
_STARTERS = frozenset(
    """a an the this these those that it its we our they their there here in on at for from to by
    with as if when while although though however moreover furthermore finally additionally also
    then thus hence therefore specifically particularly experiments experimental extensive code
    codes results such unlike to through using based despite because since once first second third
    both each many most some several recent recently one two here""".split()
)
# Marks that end sentences of scripts which write no space behind them, or do not always.
_ALWAYS = frozenset("。！？｡।॥؟۔።")
_CLOSERS = "\"'”’)\\]」』）】»"
_END = regex.compile(rf"[.!?{''.join(_ALWAYS)}]++[{_CLOSERS}]*+")
_NEXT = regex.compile(r"[\"'“‘(\[$\\¿¡«]*+([^\W_]\w{0,40}+)")
# What numbers a sentence of a list: "(ii) The loss falls."
_NUMBERED = regex.compile(r"\(?(?:[ivx]{1,4}|[a-h])\)\s")
_SPACE = regex.compile(r"\s*+")
_CONTINUES = frozenset(",;:)]%–—-")
_GLUED = frozenset([".", "?", "!", ".)", ".”", '."'])
_CAPITALISED_WORD = regex.compile(
    r"(?=[A-Z][A-Za-z]{0,40}+[- ,a-z])[A-Z][\w-]{0,40}+[\s,]"
)
# What may be in front of a full stop that is glued to a sentence, at the end of no address.
_BEFORE_GLUED = regex.compile(r"(?:[)\]%\"'\d]|(?<![A-Za-z.])[A-Za-z]{3,}+)\Z")
_ADDRESS = regex.compile(r"(?:://|@|www)\S*+\Z")
# An initial: "J. Doe".
_INITIAL = regex.compile(r"(?:\A|[ .])[A-Z]\Z")
# Products spelled lower case do start sentences: "… tasks. iGAN is", "wav2vec is".
_PRODUCT = regex.compile(r"\w+?[\p{Lu}\d]")
_WORD_SIGNS = string.ascii_letters + "."
_FILES = frozenset(["node", "github", "www"])
_LOOKED_BACK = 120  # characters; the longest address that is known as one
_LONGEST_WORD = 30  # of its letters, the last ones are looked at


def split_sentences(text: str) -> list[str]:
    """The sentences of ``text``, stripped, in order; an empty text has none.

    Knows abbreviations ("w.r.t.", "et al.", "Fig."), decimals, versions and file names, initials,
    full stops glued to the next sentence ("of that.EasySpec is"), and the marks of scripts that
    part sentences without a space.
    """
    return [text[start:end] for start, end in sentence_spans(text)]


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Where the sentences of ``text`` begin and end, without the white space around them."""
    spans, start = [], 0
    beyond = len(text.rstrip())
    for match in _END.finditer(text):
        # The rest of the text, whatever it is, closes the last sentence.
        if match.end() >= beyond or not _ends_sentence(text, match, start):
            continue
        spans.append((_skip_space(text, start), match.end()))
        start = match.end()
    start = _skip_space(text, start)
    if start < beyond:
        spans.append((start, beyond))
    return spans


def _skip_space(text: str, start: int) -> int:
    space = _SPACE.match(text, start)
    return space.end() if space else start


def _ends_sentence(text: str, mark: regex.Match[str], start: int) -> bool:
    """Whether a mark ends the sentence that began at ``start``; something follows it."""
    if not _ALWAYS.isdisjoint(mark.group()):
        return text[_skip_space(text, mark.end())] not in _CONTINUES
    before = text[max(0, mark.start() - _LOOKED_BACK) : mark.start()]
    word = _last_word(before)
    opening = _skip_space(text, mark.end())
    if opening == mark.end():
        return _is_glued(text, before, mark, word.lower())
    follows = _NEXT.match(text, opening)
    if follows is None:
        return text[opening] not in _CONTINUES
    first = follows.group(1)
    if mark.group().startswith("...") and first[0].islower():
        return False
    if _NUMBERED.match(text, opening):
        return word.lower() not in _ABBREVIATIONS
    if mark.group()[0] in "!?":
        # "Is X All You Need? a study"
        return not first[0].islower() or mark.group()[-1] in ')"”'
    return _is_full_stop(before, word, first)


def _last_word(before: str) -> str:
    """The Latin letters and stops right before a mark, from the first letter on: "e.g"."""
    start = len(before.rstrip(_WORD_SIGNS))
    return before[start:][-_LONGEST_WORD:].lstrip(".")


def _is_full_stop(before: str, word: str, first: str) -> bool:
    """Whether a full stop behind ``word`` ends its sentence, the next word being ``first``."""
    last = word.lower()
    if last in _ABBREVIATIONS - _MAY_END:
        return False
    if first[0].islower():
        return last not in _MAY_END and _PRODUCT.match(first) is not None
    if last in _MAY_END or (len(word) == 1 and _INITIAL.search(before)):
        return first.lower() in _STARTERS
    return True


def _is_glued(text: str, before: str, mark: regex.Match[str], last: str) -> bool:
    """A full stop without a space behind it: a sentence end only if it looks like nothing else."""
    if mark.group() not in _GLUED or last in _ABBREVIATIONS | _FILES:
        return False
    if _ADDRESS.search(before) or not _BEFORE_GLUED.search(before):
        return False
    return _CAPITALISED_WORD.match(text, mark.end()) is not None
