"""The names of a sentence, of methods, data and people, that its papers do not have.

What a paper says is `ragbot.support.dossier`'s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import filterfalse

from ragbot.support.dossier import Evidence
from ragbot.text.english import MONTHS
from ragbot.text.names import names_in, stands_in
from ragbot.text.words import STOPWORDS, match_form

__all__ = ["names_of", "unknown_name"]

_ENDING = re.compile(r"(?:['’]s?|-[a-z]+)$")
_NO_NAMES = "|".join(STOPWORDS | MONTHS.keys())
_PROPER = re.compile(rf"(?<=[a-z,)] )(?!(?i:{_NO_NAMES})\b)[A-Z][a-zà-ÿ]{{2,}}\b")
_PARTS = re.compile(r"[^-/]+")
_COMPOUND = re.compile(r"[^-/\d]+(?:[-/]+[^-/\d]+)+")
_DIGIT = re.compile(r"\d")
# Abbreviations of the field, and what in an abstract amounts to them.
_WRITTEN_OUT = {
    "LLM": ("language model",),
    "LM": ("language model",),
    "NLP": ("natural language",),
    "CNN": ("convolution",),
    "DNN": ("deep neural", "deep network", "deep learning"),
    "NN": ("neural net",),
    "ANN": ("neural net",),
    "GNN": ("graph neural",),
    "RNN": ("recurrent",),
    "MLP": ("perceptron",),
    "RL": ("reinforcement",),
    "VIT": ("vision transformer",),
    "ASR": ("speech recognition",),
    "NAS": ("architecture search",),
    "SOTA": ("state-of-the-art", "state of the art"),
    "KD": ("distill",),
    "GPU": ("cuda",),
    "MOE": ("mixture of experts", "mixture-of-experts"),
}


def unknown_name(text: str, sources: Sequence[Evidence], *, proper: bool) -> str | None:
    """The first name that no paper has; ``proper`` looks at capitalised words, too."""
    unknown = iter(names_of(text, proper=proper))
    for source in sources:
        unknown = filterfalse(partial(_bears, source), unknown)
    return next(unknown, None)


def names_of(text: str, *, proper: bool = True) -> list[str]:
    """Names of methods, data and people: marked words, capitalised ones within the sentence."""
    bare = map(partial(_ENDING.sub, ""), names_in(text))
    names = list(filter(_is_marked, bare))
    if proper:
        names += _PROPER.findall(text)
    return list(dict.fromkeys(names))


def _is_marked(name: str) -> bool:
    if name != name.lower():
        return True
    return _DIGIT.search(name) is not None


def _bears(source: Evidence, name: str) -> bool:
    """Whether a paper has a name, in any spelling, in the plural, or written out."""
    if name.istitle():  # "Bayesian", "Bayes"
        form = match_form(name)
        return form[: max(4, len(form) - 3)] in source.form
    singular = name.removesuffix("s")
    if _is_spelled(source, match_form(singular)):
        return True
    if _bears_parts(source, name):
        return True
    return _is_written_out(source, singular)


def _is_spelled(source: Evidence, form: str) -> bool:
    if form not in source.form:
        return False
    return stands_in(form, source.text, inflected=True)


def _bears_parts(source: Evidence, name: str) -> bool:
    """Whether a paper has all parts of a compound; with digits it is one name."""
    if not _COMPOUND.fullmatch(name):
        return False
    parts = _PARTS.findall(name)
    return all(map(partial(_bears, source), parts))


def _is_written_out(source: Evidence, letters: str) -> bool:
    """Whether a paper has the words that an abbreviation stands for."""
    phrases = _WRITTEN_OUT.get(letters.upper(), ())
    if any(map(source.text.lower().__contains__, phrases)):
        return True
    is_abbreviation = letters.isupper() and letters.isalpha()
    if not is_abbreviation:
        return False
    if len(letters) == 2:
        return letters.lower() in source.pairs
    return letters.lower() in source.initials
