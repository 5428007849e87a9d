"""LaTeX that lost its backslashes and dollar signs: "Ain R^{ntimes d}", "ell_infty leq 1".

Only a sentence with a mark of formulas is looked at, and there only what prose does not have: the
name of a command that is no word, or one glued to a letter, a brace or a script. Each sentence is
read by itself, so that it comes out alike alone and in its abstract.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

__all__ = ["Rule", "commanded", "outside", "replaced"]

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

# Addresses and code keep their marks.
_SPARED = re.compile(r"((?:https?:|www\.|git(?:hub|lab)\.)\S++|`[^`\n]++`)")
_MARK = re.compile(r"[\^_{}]")
# A mark of formulas, and no command in all of the text
_LOSSY = re.compile(
    r"(?![^\\]*+(?:\\(?![A-Za-z])[^\\]*+)*+\\[A-Za-z])[^\^_{}]*+[\^_{}]"
)
_END = re.compile(r"([.!?]\s)")

_RELATION = "(?:[ln]?leq|geq|neq|(?:long)?(?:left|right)arrow|mapsto|subseteq)"
_SIGN = "(?:infty|[cl]dots|cdot|otimes|oplus|odot|nabla|varepsilon|varphi|propto)"
_GREEK = (
    "(?:alpha|beta|gamma|delta|epsilon|theta|kappa|lambda|rho|sigma|tau|phi|chi|psi|omega|"
    "Gamma|Delta|Theta|Lambda|Sigma|Phi|Psi|Omega)"
)
_FONT = "(?:math(?:cal|bb|bf|rm|frak|scr|sf|it)|wide(?:tilde|hat)|boldsymbol)"
_BRACED = (
    f"(?:{_FONT}|text(?:bf|it|rm|tt|sc)?|operatorname|emph|overline|tilde|hat|bar|vec)"
)
_START = r"(?<![A-Za-z\\])"
_ALONE = r"(?<![A-Za-z\\_-])"
_LETTER_FOLLOWS = r"(?=[A-Za-z\d](?![A-Za-z]))"

# In the order in which they are put back.
_LOST: Sequence[Rule] = [
    (re.compile(pattern), command)
    for pattern, command in (
        # A fraction of which a brace was lost, too; of another one its name
        (rf"{_START}frac\{{([^{{}}]*)\{{([^{{}}]*)\}}\}}", r"\\frac{\1}{\2}"),
        (rf"{_START}(frac|sqrt)(?=\{{)", r"\\\1"),
        (r"(?<![\d_^.])(\d+)\{(\d+)\}", r"\1/\2"),
        (rf"(=\s?|{_ALONE}{_GREEK})left(?=[(\[|])", r"\1"),
        (r"(?<=[}\d])right(?=[)\]|])", ""),
        (rf"{_START}{_BRACED}\{{([^{{}}]*)\}}", r"\1"),
        (rf"{_START}{_FONT} ?(?=[A-Z](?![a-z])|{_GREEK})", ""),
        # "Ain R^n", but "the bin R^2" is another thing
        (
            rf"{_START}([A-Za-z]'?)in (?=[RCNZQ]\^(?!2\b)|\{{?{_FONT}\b)",
            r"\1 \\in{} ",
        ),
        (rf"{_START}([b-df-hj-z])(ll|gg) {_LETTER_FOLLOWS}", r"\1 \\\2{} "),
        (rf"{_START}([A-Za-z])({_RELATION}) ", r"\1 \\\2{} "),
        (rf",({_RELATION}|sim|approx),", r" \\\1{} "),
        (rf"{_START}([A-Za-z]?)({_RELATION}|{_SIGN})(?![a-z])", r"\1\\\2{}"),
        (rf"(?<= )(circ)(?= {_START}[A-Za-z]\b)", r"\\\1{}"),
        (r"\{times\}|(?<=\^\d) times(?= \w\^)", r"\\times{}"),
        (rf"{_START}([A-Za-z]|\d+)times {_LETTER_FOLLOWS}", r"\1\\times{}"),
        (r"(?<![\w.])([\d.]+)times(?!\w)", r"\1\\times{}"),
        (r"(?<=,)(dots)(?=,)", r"\\\1{}"),
        (r"(?<=\^)(dagger|top|prime|ast|star)(?!\w)", r"\\\1{}"),
        (rf"{_START}(ell)(?=[_^])", r"\\\1{}"),
        (rf"{_START}(sum|prod)(?=_(?:\{{|[a-z](?!\w)))", r"\\\1{}"),
        (rf"{_START}([a-z]|log)log(?=\^| [a-z]\b)", r"\1 log"),
        (
            rf"{_ALONE}({_GREEK})(?=\{{|\^(?!\d-[A-Za-z])|_(?:[\W\d]|[A-Za-z](?![A-Za-z]))|=)",
            r"\\\1{}",
        ),
        (rf"{_ALONE}(Omega|Theta|Phi|Psi|sigma|phi|psi)(?=\()", r"\\\1{}"),
        (rf"(?:(?<=[=^])|(?<=\d[-+]))({_GREEK})(?![A-Za-z])", r"\\\1{}"),
        (rf"(?<=[^A-Za-z][A-Za-z\d]/)({_GREEK})(?![A-Za-z])", r"\\\1{}"),
        (rf"(?<!\w)([A-Za-z]{{1,3}}_)({_GREEK})(?!\w)", r"\1\\\2{}"),
    )
]


def commanded(text: str) -> str:
    r"""The text with the backslashes that its formulas lost: "xin R^d" becomes ``x \in{} R^d``.

    A text that has any command has lost none.
    """
    if not _LOSSY.match(text):
        return text
    return outside(text, _by_sentence)


def _by_sentence(text: str) -> str:
    return "".join(map(_restored, _END.split(text)))


def _restored(sentence: str) -> str:
    if not _MARK.search(sentence):
        return sentence
    return replaced(sentence, _LOST)


def outside(text: str, change: Callable[[str], str]) -> str:
    """The text with everything changed but addresses and code."""
    parts = _SPARED.split(text)
    parts[::2] = map(change, parts[::2])
    return "".join(parts)


def replaced(text: str, rules: Sequence[Rule]) -> str:
    """The text with what each rule's pattern finds replaced, one rule after the other."""
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text
