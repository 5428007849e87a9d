"""The forms in which language models write citations, and what only looks like one.

Text to numbers; knows neither papers nor the answer's own numbering. The patterns are matched
partially while text streams in, so none looks for what must *not* follow: an end of input would
satisfy that too early. What follows is always asked for as something that is there.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

__all__ = [
    "ALWAYS",
    "PARENTHESIS",
    "RAISED",
    "Read",
    "is_index",
    "is_interval",
    "may_be_parenthesis",
    "raised_numbers",
    "read",
]

_SPACE = r"[ \t\u00a0\u202f]"
_S = rf"{_SPACE}{{0,3}}"  # bounded, so that no text takes long to refuse
_NUMBER = r"[1-9１-９][0-9０-９]{0,8}"
_LABEL = (
    r"(?:(?:papers?|sources?|abstracts?|references?|refs?\.?|documents?|docs?\.?|articles?|"
    rf"citations?|cite|works?|study|studies|nos?\.)?{_S}[:#]?{_S})"
)
_WORD_LABEL = (
    r"(?:papers?|sources?|abstracts?|references?|refs?\.?|documents?|docs?\.?|articles?|"
    rf"citations?|cite|study|studies){_S}[:#]?{_S}"
)
_RANGE = rf"{_S}(?:[-–—‐‑−~]|\bto\b|\.\.){_S}"
_ITEM = rf"{_LABEL}{_NUMBER}(?:{_RANGE}{_LABEL}{_NUMBER})?"
_COMMA = rf"{_S}(?:[,;，；、]{_S}(?:and[ ]|&)?|&|[ ](?:and|und|et|y)[ ]){_S}"
_BODY = rf"{_ITEM}(?:{_COMMA}{_ITEM}){{0,40}}"
# "[1, p. 3]", "【1†source】"; the title behind "[Paper 1: …]" only where the label is spelled out.
_TAIL = (
    rf"(?:{_S},{_S}(?:pp?\.|sec(?:tion|\.)|fig(?:ure|\.)|table|abstract|lines?|§)[^\[\]\n]{{0,40}}"
    r"|[†‡][^\[\]【】\n]{0,60}|:[0-9]+†[^\[\]【】\n]{0,60})?"
)
_TITLE = rf"{_S}[:,–—-]{_S}[^\[\]()【】\n]{{1,160}}"
_OPEN, _CLOSE = r"[\[【［〔⟦]", r"[\]】］〕⟧]"
_TARGET = r"\((?:https?:|#|www\.|/)[^\s()]*(?:[ ]\"[^\"\n]*\")?\)"

_BRACKET = (
    rf"(?:{_OPEN}{_S}\^?{_S}{_BODY}{_TAIL}{_S}{_CLOSE}"
    rf"|{_OPEN}{_S}{_WORD_LABEL}{_BODY}{_TITLE}{_CLOSE})"
)
_LABELLED = rf"[(（]{_S}(?:{_WORD_LABEL}){{1,2}}{_BODY}{_S}[)）]"
_TAG = rf"<sup>{_S}(?:{_OPEN}{_S}{_BODY}{_S}{_CLOSE}|{_BODY}){_S}</sup>"
_COMMAND = rf"~?\\cite[pt]?\{{{_S}{_BODY}{_S}\}}"
_ONE = rf"(?:\^?{_BRACKET}|{_LABELLED}|{_TAG}|{_COMMAND})"
_SEVERAL = rf"{_ONE}(?:{_S}[,;]?{_S}{_ONE})*"


def _pattern(body: str, lead: str) -> regex.Pattern[str]:
    return regex.compile(rf"(?P<lead>{lead})(?P<marker>{body})", regex.IGNORECASE)


_FORMS = (
    rf"\[{_S}{_SEVERAL}{_S}\]{_TARGET}",  # [[1]](https://…)
    rf"(?:\[{_S}{_SEVERAL}{_S}\]|[(（]{_S}{_SEVERAL}{_S}[)）])",  # [[1]], ([1], [2])
    rf"(?P<mark>\*{{1,3}}|_{{1,3}}){_SEVERAL}(?P=mark)",  # **[1]**
    rf"\^{_BRACKET}\^",  # ^[1]^
    rf"{_ONE}{_TARGET}",  # [1](https://…)
    _ONE,
)
# Tried in this order; each also with the comma that may join it to a marker before it.
ALWAYS = {
    joined: tuple(
        _pattern(f, rf"{_SPACE}*(?:[,;]{_SPACE}*)?" if joined else rf"{_SPACE}*") for f in _FORMS
    )
    for joined in (False, True)
}

# "(1)" counts where a clause ends behind it.
_CLAUSE_END = (
    rf"(?={_S}(?:[.,;!?…。，；)\]\n]|[(（]{_S}[0-9]|"
    r"[ ](?:and|but|or|while|whereas|yet|though|although|because|which)[ ][^\s(]))"
)
PARENTHESIS = _pattern(
    rf"[(（]{_S}{_NUMBER}(?:(?:{_RANGE}|{_COMMA}){_NUMBER})*{_S}[)）]{_CLAUSE_END}",
    rf"{_SPACE}*",
)
_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SUPER = rf"{_DIGITS}⁺⁻⁼⁽⁾ⁿ"
RAISED = _pattern(
    rf"[{_SUPER}]+(?:[,˒][ ]?[{_SUPER}]+)*(?=[^{_SUPER},˒ ]|[ ][^{_SUPER}]|[,˒][ ]?[^{_SUPER} ])",
    _S,
)

_SPAN = regex.compile(rf"({_NUMBER})(?:{_RANGE}{_LABEL}({_NUMBER}))?", regex.IGNORECASE)
_CUT = regex.compile(
    rf"[†‡(]|:[0-9]|{_TITLE}$|,{_S}(?:pp?\.|sec|fig|tab|abs|lin|§)", regex.IGNORECASE
)
_OPENING = regex.compile(r"<sup>|\\cite[pt]?", regex.IGNORECASE)
_FROM_SUPER = str.maketrans(_DIGITS, "0123456789")


@dataclass(frozen=True, slots=True)
class Read:
    """The numbers of a marker in order, those that are known, and how many unknown it names."""

    known: tuple[int, ...]
    unknown: int


def read(marker: str, papers: int) -> Read:
    """The numbers of a marker of one of the forms above, among ``papers`` papers.

    A range stands for the known numbers within it; of unknown ones only those written count.
    """
    known: dict[int, None] = {}
    unknown = 0
    for match in _SPAN.finditer(_numbers_only(marker)):
        ends = [int(n) for n in match.groups() if n]
        unknown += sum(not 1 <= n <= papers for n in ends)
        low, high = min(ends), min(max(ends), papers)
        known.update(dict.fromkeys(range(low, high + 1)))
    return Read(tuple(known), unknown)


def _numbers_only(marker: str) -> str:
    """The marker without link targets, titles, pages and other numbers that cite nothing."""
    parts = []
    marker = _OPENING.sub("", regex.sub(rf"(?<=[\])）】］]){_TARGET}", "", marker))
    for part in regex.split(r"[\[\]【】［］〔〕⟦⟧()（）<>{}]", marker):
        head = regex.match(rf"{_S}\^?{_S}(?:{_WORD_LABEL}){{0,2}}{_BODY}", part, regex.IGNORECASE)
        parts.append(head.group() if head else "")
    return " | ".join(parts)


# -- what only looks like a citation ----------------------------------------------------------

_IDENTIFIER = regex.compile(
    r"(?:\b[^\W\d_]\w?|\w*_\w*|\b(?:arr|array|list|lst|vec|vector|tensor|mat|matrix|args?|argv|"
    r"data|dict|rows?|cols?|items?|tokens?|inputs?|outputs?|self|buf|ptr|idx|tmp|vals?|values?|"
    r"shape|size|params?|weights|logits|labels|batch|seq|state|layers|nodes|edges|indices|index))$"
)
_CALLED = regex.compile(r"\w\([^()\n]*\)$|\w\[[^\[\]\n]*\]$|[^\W\d]\w*\.[a-z_]+$")
_INTERVAL = regex.compile(
    r"(?:∈|\b(?:intervals?|ranges?|ranging|between|bounded (?:by|in|to)|"
    r"(?:clip|clamp)\w* (?:to|in)|(?:re)?scal\w+ (?:to|in|into)|normali[sz]\w+ (?:to|in)|"
    r"map\w* (?:to|into|onto)|range (?:of|from)|lies? in|shape|size|kernel|dimensions?|vector|"
    r"list|array|tuple|seeds?))\s*$",
    regex.IGNORECASE,
)
_NAMING = frozenset(
    """eq eqs eqn equation equations table tables tab fig figs figure figures section sections sec
    step steps stage stages phase phases part parts case cases option options type types class level
    levels theorem lemma proposition corollary definition algorithm algorithms line lines appendix
    chapter example examples assumption assumptions property properties condition conditions
    constraint item items point points question questions objective objectives contribution
    contributions variant variants version rank order degree top size sizes shape depth width rate
    stride kernel batch layer layers head heads epoch epochs iteration iterations sample samples
    class classes dimension dimensions bit bits channel channels parameter parameters dataset
    datasets task tasks model models block blocks token tokens expert experts seed seeds gpu gpus
    hour hours day days week weeks month months year years second seconds minute minutes percent
    component components module modules group groups subject subjects participant participants
    image images neuron neurons node nodes
    a an and are as at be between both by equals either following for from have has in into is
    namely of on only or over per than that the these those to under using via was were with
    first second third""".split()
)
_UNITS = frozenset(
    """m s g cm mm km nm µm μm dm kg mg ms ns hz khz mhz ghz px pixel pixels meter meters metre
    metres inch inches ft yd mi sec log sin cos tan exp tanh chi sigma""".split()
)
_LAST_WORD = regex.compile(r"([^\W\d_]+)[\"'”’*_]*\s*$")
_RAISABLE = regex.compile(r"[.,;:!?\"”’»%*_\ue000]\s*$|[^\W\d_]\s+$")
_WORDY = regex.compile(r"\([^()\n]*[^\W\d_]{4,}[^()\n]*\)$")


def is_index(before: str) -> bool:
    """Whether a bracket set directly behind this text indexes it: ``x[1]``, ``a[i][2]``."""
    return bool(_IDENTIFIER.search(before) or _CALLED.search(before))


def is_interval(before: str, marker: str) -> bool:
    """Whether two numbers in brackets are the ends of a range of values: "in the range [1, 2]"."""
    pair = regex.fullmatch(rf"[\[［]{_S}{_NUMBER}{_S}[,;]{_S}{_NUMBER}{_S}[\]］]", marker)
    return bool(pair and _INTERVAL.search(before))


def may_be_parenthesis(before: str) -> bool:
    """Whether "(1)" behind this text can be a citation: not "Eq. (1)", "layers (2)", "and (2)"."""
    text = before.rstrip()
    if not text or before.endswith("\n") or text[-1] in ".:,;([{=+-–—×/<>|#":
        # "Eq. (1)" and the start of a sentence alike; "follows: (1) …" counts something up.
        return False
    word = _LAST_WORD.search(text)
    return word is None or word.group(1).lower() not in _NAMING


def raised_numbers(before: str, marker: str, papers: int) -> tuple[int, ...] | None:
    """The papers that superscripts cite, ``None`` where they are exponents: m², 10³, x².

    "¹²" is twelve if there are so many papers, else one and two.
    """
    if any(c not in _DIGITS + ",˒ " for c in marker) or not _raisable(before):
        return None
    numbers: list[int] = []
    for run in regex.split(r"[,˒]\s?", marker.translate(_FROM_SUPER)):
        single = [int(run)] if 1 <= int(run) <= papers else [int(d) for d in run]
        if not all(1 <= n <= papers for n in single):
            return None
        numbers += single
    return tuple(dict.fromkeys(numbers))


def _raisable(before: str) -> bool:
    if _RAISABLE.search(before) or _WORDY.search(before):
        return True
    word = _LAST_WORD.search(before)
    if word is None or before[-1:].isspace():
        return False
    start = before[: word.start()][-1:]
    attached = start.isdigit() or (start != "" and start in "^_\\/·×")
    return not attached and len(word.group(1)) >= 3 and word.group(1).lower() not in _UNITS
