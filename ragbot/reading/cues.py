"""What a sentence shows by its words: that it defines, gives a number, names data, concedes.

Each cue is a pattern over one sentence, whatever the question. What each is worth for a kind of
question stands in the weights of `ragbot.retrieval.rank`.

A search of each pattern takes long. So what a word shows by itself is kept, and a phrase is looked
for only where there is a word that it must have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, compress
from operator import itemgetter
from typing import NamedTuple

__all__ = ["CUES", "cues_of", "shown_in"]


class _Cue(NamedTuple):
    """Words that show it alone, and phrases that do, each behind a word that it must have.

    All of small letters, for those of a sentence, unless it ``is_cased``.
    """

    words: str = r"(?!)"
    phrases: tuple[tuple[str, str], ...] = ()
    is_cased: bool = False


_DIGIT = r"\d\w*"
_ITEM = r"(?:[A-Z][a-z]*[A-Z0-9][\w-]*|[A-Z]{2,}[\w-]*)"
# Words whose cues are kept; as many as 5,000 abstracts have.
_KEPT = 50_000
_CUES = {
    "own": _Cue(
        r"we|our|ours|here",
        (
            (
                r"this",
                r"\b(?:in\s+this|this\s+(?:paper|work|study|article|survey|report|thesis))\b",
            ),
        ),
    ),
    "proposes": _Cue(
        r"propos\w+|introduc\w+|present(?:s|ed|ing)?|develop\w*|design\w*|devis\w+|establish\w*|"
        r"call(?:ed)?|dub(?:bed)?|nam(?:ed|ely)"
    ),
    "means": _Cue(
        r"by|via|through|utili[sz]\w+|leverag\w+|employ\w*|integrat\w+|combin\w+|consist\w*|"
        r"compos\w+|using|uses?|decompos\w+|replac\w+|inspir\w+",
        (
            (r"based", r"\bbased\s+on\b"),
            (r"where", r"\bwhere\s+each\b"),
            (r"so", r"\bso\s+that\b"),
            (r"instead", r"\binstead\s+of\b"),
            (r"rather", r"\brather\s+than\b"),
        ),
    ),
    "specifically": _Cue(
        phrases=(
            (
                r"specifically|concretely|technically|in|more|to|first(?:ly)?|second(?:ly)?|"
                r"moreover|furthermore|additionally|the",
                r"^\W*(?:specifically|concretely|technically|in\s+particular|more\s+precisely|"
                r"to\s+(?:this\s+end|achieve|do\s+so|address|solve|tackle|overcome)|first(?:ly)?|"
                r"second(?:ly)?|moreover|furthermore|additionally|the\s+(?:key|main|core)\b)",
            ),
        )
    ),
    "defines": _Cue(
        r"where(?:by)?",
        (
            (
                r"is|are",
                r"\b(?:is|are)\s+(?:an?|the|one|neural|models?|methods?|networks?)\b",
            ),
            (r"refers?", r"\brefers?\s+to\b"),
            (r"defined|known", r"\b(?:defined|known)\s+as\b"),
            (r"i", r"\bi\.e\."),
            (r"that", r"\bthat\s+is\b"),
            (r"so", r"\bso-called\b"),
            (r"means?", r"\bmeans?\s+that\b"),
            (r"an?|the", r"[,:](?:(?<=:)|(?=\s+\w+\s+\w))\s+(?:an?|the)\b"),
        ),
    ),
    "quantity": _Cue(
        phrases=(
            (
                _DIGIT,
                r"(?<![\w.])\d[\d,.]*\s*\\?(?:%|percent|×|x\b|\$?\\times|times\b|fold|points?\b|"
                r"(?:ms|s|seconds?|minutes?|hours?|days?|fps|hz|gb|mb|kb|gflops?|flops?|m|k|b|"
                r"million|billion|parameters?|tokens?|bits?|db|w|mw|gpus?)\b)",
            ),
        )
    ),
    "number": _Cue(phrases=((_DIGIT, r"(?<![\w.])\d"),)),
    "measure": _Cue(
        r"accurac\w+|error|score|fid|bleu|rouge|psnr|ssim|lpips|map|miou|iou|ap|auc|f1|ndcg|"
        r"perplexity|wer|cer|mse|mae|rmse|recall|precision|top1|fps|latency|throughput|speedup|"
        r"faster|memory|cost|parameters?|flops?|rate|dice|reduc\w+|improv\w+|sav(?:es?|ing)s?",
        ((r"top|speed", r"\b(?:top-1|speed-up)\b"),),
    ),
    "finds": _Cue(
        r"show(?:s|n|ed)?|find(?:s|ings)?|found|demonstrat\w+|outperform\w*|achiev\w+|results?|"
        r"experiments?|evaluat\w+|empirical\w*|observ\w+|prove[sn]?|confirm\w*|reveal\w*|"
        r"surpass\w*|reach\w*|attain\w*|indicat\w+|suggest\w*|validat\w+|conclu\w+"
    ),
    "compares": _Cue(
        r"better|worse|than|outperform\w*|surpass\w*|superior|inferior|compared|sota|competitive|"
        r"comparable|exceed\w*|beats?|leading|faster|match(?:es|ing)?|versus|vs",
        ((r"state", r"\bstate-of-the-art\b"), (r"par", r"\bon\s+par\b")),
    ),
    "data": _Cue(
        r"datasets?|benchmarks?|corpus|corpora|test(?:set|bed|suite)s?|challenge|environments?|"
        r"annotat\w+|collected|simulat\w+|samples?|tasks?|domains?",
        (
            (r"sets?", r"\bdata\ssets?\b"),
            (r"(?:set|bed|suite)s?", r"\btest\s(?:set|bed|suite)s?\b"),
        ),
    ),
    "named_data": _Cue(
        r"ImageNet\w*|CIFAR\w*|MNIST|COCO|ADE20[kK]|WMT\w*|GLUE|SuperGLUE|SQuAD|Kinetics|"
        r"LibriSpeech|KITTI|Cityscapes|PubMed\w*|WikiText\w*|MMLU|GSM8K|PTB|LAION\w*|ShapeNet|"
        r"ModelNet\w*|nuScenes|Waymo|Atari|MuJoCo|D4RL|Cora|OGB\w*|BraTS|CelebA\w*|FFHQ|LSUN|VQA\w*",
        (
            (
                r"[A-Z]\w*[A-Z0-9]\w*",
                r"\b(?!(?:AI|MLP|CNN|GNN|LLM|RNN|GPU|NLP|ViT|KAN|SNN)s?\b)"
                rf"{_ITEM}(?:,\s|\s+and\s+|\s*/\s*)[A-Z]\w*[A-Z0-9]\w*",
            ),
        ),
        is_cased=True,
    ),
    "address": _Cue(
        r"\w*(?:github|gitlab)\w*",
        (
            (r"www", r"\bwww\."),
            (r"\w*https?", r"https?://"),
            (r"\w*huggingface", r"huggingface\.co"),
            (r"com", r"\.com/"),
            (r"io", r"\.io/"),
        ),
    ),
    "available": _Cue(
        r"opensourced?",
        (
            (
                r"available|released?|public\w*|open|opensourced?",
                r"\b(?:code|implementation|models?|data\s?sets?|repository|checkpoints?|weights)\b"
                r".{0,60}\b(?:available|released?|public\w*|open[-\s]?sourced?)\b",
            ),
            (r"available", r"\bavailable\s+at\b"),
            (r"open", r"\bopen[-\s]sourced?\b"),
            (
                r"release|provide|publish",
                r"\b(?:release|provide|publish)\b.{0,30}\bcode\b",
            ),
        ),
    ),
    "concedes": _Cue(
        r"however|although|though|albeit|despite|while|but|only|tradeoffs?|inevitabl\w+|"
        r"limitations?",
        (
            (r"trade", r"\btrade-offs?\b"),
            (r"cost", r"\bcost\s+of\b"),
            (r"expense", r"\bat\s+the\s+expense\b"),
        ),
    ),
    "denies": _Cue(
        r"not|no|nor|cannot|fail(?:s|ed)?|unable|inapplicable|worse|harms?|drops?|degrad\w+|"
        r"slower|longer|consumes?|requires?|struggl\w*|less|lower|hardly|without|lack\w*|limited|"
        r"suffers?|sensitive|vulnerable|unstable"
    ),
    "others": _Cue(
        r"existing|current(?:ly)?|previous|prior|conventional|traditional|recent|standard|common|"
        r"most|many|typical\w*|often|usual\w*|mainstream|widely"
    ),
    "lacks": _Cue(
        r"suffer\w*|lack\w*|limit\w*|challeng\w+|problem\w*|issues?|difficult\w*|drawbacks?|"
        r"bottleneck\w*|costly|expensive|inefficien\w+|remains?|underexplored|unclear|poor\w*|"
        r"short|neglect\w*|overlook\w*|ignor\w+|undermin\w+|hinder\w*|suboptimal|fall",
        ((r"explored|optimal", r"\b(?:under-explored|sub-optimal)\b"),),
    ),
    "explains": _Cue(
        r"because|since|caus\w+|therefore|thus|thereby|hence|consequen\w+|explain\w*|attribut\w+|"
        r"arises?|stems?|implies|enabl\w+|compel\w*",
        (
            (r"due|owing", r"\b(?:due|owing)\s+to\b"),
            (r"lead(?:s|ing)?", r"\blead(?:s|ing)?\s+to\b"),
            (r"result\w*", r"\bresult\w*\s+in\b"),
            (r"result|consequence", r"\bas\s+a\s+(?:result|consequence)\b"),
            (r"so", r"\bso\s+that\b"),
            (r"contribut\w+", r"\bcontribut\w+\s+to\b"),
        ),
    ),
    "made": _Cue(
        r"construct\w*|collect\w*|built|build|creat\w+|compris\w*|consist\w*|annotat\w+|compos\w+|"
        r"contain\w*|gather\w*|crawl\w*|sampled|generated"
    ),
    "new": _Cue(r"novel|new|first|newly|original"),
    "dangles": _Cue(
        phrases=(
            (
                r"this|these|those|it|they|such|its|their",
                r"^\W*(?:this|these|those|it|they|such|its|their)\b"
                r"(?!\s+(?:paper|work|article|study|survey|report|thesis|letter|review)\b)",
            ),
        )
    ),
}


def _pattern(cue: _Cue) -> str:
    alone = rf"\b(?:{cue.words})\b"
    return "|".join([alone, *map(itemgetter(1), cue.phrases)])


CUES = {name: _pattern(cue) for name, cue in _CUES.items()}
"""The patterns by their names, in the order of `cues_of`: of small letters, but for names."""


class _Phrase(NamedTuple):
    """Where its cue stands in `CUES`, how the phrase is looked for, and in which text."""

    cue: int
    search: Callable[[str], object]
    is_cased: bool


class _Words:
    """Patterns of words, by places."""

    def __init__(self, patterns: Mapping[int, str]) -> None:
        self._places = list(patterns)
        known = "|".join(patterns.values())
        which = "".join(rf"(?=((?:{words})\Z)?)" for words in patterns.values())
        # Most words are of none: to know that takes a sixth of the time.
        self._of = re.compile(rf"(?=(?:{known})\Z){which}")

    def places(self, word: str) -> Iterator[int]:
        """The places of the patterns that are of a word."""
        found = self._of.match(word)
        groups = found.groups() if found else ()
        return compress(self._places, groups)


_ALONE = range(len(_CUES))
# Words by their places and by whether they are cased: first those of cues, then those of phrases.
_TABLE: dict[bool, dict[int, str]] = {False: {}, True: {}}
_PHRASES = dict[int, _Phrase]()
for _at, _cue in enumerate(_CUES.values()):
    _TABLE[_cue.is_cased][_at] = _cue.words
    for _word, _phrase in _cue.phrases:
        _place = len(_ALONE) + len(_PHRASES)
        _TABLE[_cue.is_cased][_place] = _word
        _PHRASES[_place] = _Phrase(_at, re.compile(_phrase).search, _cue.is_cased)
_SMALL_WORDS, _CASED_WORDS = map(_Words, _TABLE.values())
_WORD = re.compile(r"\w+")


def cues_of(sentence: str) -> list[float]:
    """For each cue of `CUES` 1.0 where the sentence shows it, else 0.0."""
    texts = sentence.lower(), sentence
    told = frozenset[int]().union(*map(_told_by, set(_WORD.findall(sentence))))
    shown = list(map(float, map(told.__contains__, _ALONE)))
    for place in told.difference(_ALONE):
        cue, search, is_cased = _PHRASES[place]
        shown[cue] = shown[cue] or float(bool(search(texts[is_cased])))
    return shown


@lru_cache(_KEPT)
def _told_by(word: str) -> frozenset[int]:
    """The places of what a word shows, and of phrases that it may be of."""
    places = _SMALL_WORDS.places(word.lower())
    if word.islower():  # no name is
        return frozenset(places)
    return frozenset(chain(places, _CASED_WORDS.places(word)))


def shown_in(sentence: str, patterns: Iterable[re.Pattern[str]]) -> list[float]:
    """For each pattern 1.0 where it is found in the sentence, else 0.0."""
    return [float(pattern.search(sentence) is not None) for pattern in patterns]
