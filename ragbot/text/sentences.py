"""The one sentence splitter: chunking, quoting and support all cut at the same places.

Every sentence is a verbatim slice of the text; joined they give it back, white space apart.
"""

from __future__ import annotations

import re

__all__ = ["split_sentences"]

# Words whose full stop does not end a sentence unless what follows plainly starts one.
_ABBREVIATIONS = frozenset(
    """e.g i.e w.r.t et al etc vs cf fig figs eq eqs eqn sec secs tab no nos ref refs resp approx
    dr prof mr mrs ms st jr sr inc ltd co corp dept univ vol pp ch app thm def prop lem cor a.k.a
    s.t i.i.d u.s u.k ph.d viz incl ca b.s m.s alg arxiv""".split()
)
# Of those, these may well end one if a usual opening follows: "by Wang et al. The".
_MAY_END = frozenset({"al", "i.i.d", "u.s", "u.k", "a.k.a", "ph.d", "inc", "corp", "co"})
_STARTERS = frozenset(
    """a an the this these those that it its we our they their there here in on at for from to by
    with as if when while although though however moreover furthermore finally additionally also
    then thus hence therefore specifically particularly experiments experimental extensive code
    codes results such unlike to through using based despite because since once first second third
    both each many most some several recent recently one two here""".split()
)
_END = re.compile(r"[.!?]+[\"'”’)\]]*")
_LAST_WORD = re.compile(r"([A-Za-z][A-Za-z.]*)$")
_NEXT = re.compile(r"[\"'“‘(\[$\\]*([A-Za-zÀ-ÖØ-Þ0-9]\w*)")


def split_sentences(text: str) -> list[str]:
    """The sentences of ``text``, stripped, in order; an empty text has none.

    Knows abbreviations ("w.r.t.", "et al.", "Fig."), decimals, versions and file names, initials,
    and full stops glued to the next sentence ("of that.EasySpec is").
    """
    sentences, start = [], 0
    for match in _END.finditer(text):
        end = match.end()
        if end <= start or not _ends_sentence(text, match):
            continue
        if sentence := text[start:end].strip():
            sentences.append(sentence)
        start = end
    if rest := text[start:].strip():
        sentences.append(rest)
    return sentences


def _ends_sentence(text: str, mark: re.Match[str]) -> bool:
    before, after = text[: mark.start()], text[mark.end() :]
    if not after.strip():
        return False  # the rest of the text, whatever it is, closes the last sentence
    follows = _NEXT.match(after.lstrip())
    word = _LAST_WORD.search(before[-30:])
    last = word.group(1).lower() if word else ""
    if not after[0].isspace():
        return mark.group()[0] in ".?!" and _is_glued(before, mark, after, last)
    if mark.group().startswith("...") and follows and follows.group(1)[0].islower():
        return False
    if follows is None:
        return after.lstrip()[0] not in ",;:)]%–—-"
    first = follows.group(1)
    if mark.group()[0] in "!?":
        return not first[0].islower() or mark.group()[-1] in ')"”'  # "Is X All You Need? a study"
    if first[0].islower():
        # Products spelled lower case do start sentences: "… tasks. iGAN is", "wav2vec is".
        named = any(c.isupper() or c.isdigit() for c in first[1:])
        return named and last not in _ABBREVIATIONS
    if last in _ABBREVIATIONS:
        return last == "etc" or (last in _MAY_END and first.lower() in _STARTERS)
    if len(last) == 1 and word and word.group(1).isupper() and before[-2:-1] in {"", " ", "."}:
        # An initial ("J. Doe") unless the next word starts sentences ("… of matrix A. We").
        return first.lower() in _STARTERS
    return True


def _is_glued(before: str, mark: re.Match[str], after: str, last: str) -> bool:
    """A full stop without a space behind it: a sentence end only if it looks like nothing else."""
    if mark.group() not in {".", "?", "!", ".)", ".”", '."'} or not before:
        return False
    token = re.split(r"\s", before)[-1]
    if "://" in token or "@" in token or "www" in token:
        return False
    follows = re.match(r"[A-ZÀ-Þ][A-Za-z]*[- ,a-z]", after)
    starts = bool(follows) and bool(re.match(r"[A-Z][\w-]*[\s,]", after))
    word_before = len(last) >= 3 and "." not in last and last.islower()
    closes = before[-1:] in ")]%\"'" or before[-1:].isdigit()
    if last in _ABBREVIATIONS:
        return False
    return starts and (word_before or closes) and last not in {"node", "github", "www"}
