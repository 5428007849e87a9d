"""What a sentence shows by its words: that it defines, gives a number, names data, concedes.

Each cue is a pattern over one sentence, whatever the question. What each is worth for a kind of
question stands in the weights of `ragbot.retrieval.rank`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["CUES", "cues_of", "shown_in"]

_NUMBER = r"(?<![\w.])[~≈<>]?\d[\d,.]*"
_CUES = {
    "own": r"\b(?:we|our|ours|this\s+(?:paper|work|study|article|survey|report|thesis)|"
    r"in\s+this|here)\b",
    "proposes": r"\b(?:propos\w+|introduc\w+|present(?:s|ed|ing)?\b|develop\w*|design\w*|"
    r"devis\w+|establish\w*|call(?:ed)?|dub(?:bed)?|nam(?:ed|ely))\b",
    "means": r"\b(?:by|via|through|utili[sz]\w+|leverag\w+|employ\w*|integrat\w+|combin\w+|"
    r"consist\w*|compos\w+|based\s+on|using|uses?|decompos\w+|replac\w+|inspir\w+|"
    r"where\s+each|so\s+that|instead\s+of|rather\s+than)\b",
    "specifically": r"^\W*(?:specifically|concretely|technically|in\s+particular|more\s+precisely|"
    r"to\s+(?:this\s+end|achieve|do\s+so|address|solve|tackle|overcome)|first(?:ly)?|second(?:ly)?|"
    r"moreover|furthermore|additionally|the\s+(?:key|main|core)\b)",
    "defines": r"\b(?:is|are)\s+(?:an?|the|one|neural|models?|methods?|networks?)\b|"
    r"\brefers?\s+to\b|\bdefined\s+as\b|\bknown\s+as\b|\bi\.e\.|\bthat\s+is\b|\bso-called\b|\bmeans?\s+that\b|"
    r",\s+(?:an?|the)\s+\w+|\bwhere(?:by)?\b|:\s+(?:an?|the)\b",
    "quantity": rf"{_NUMBER}\s*\\?(?:%|percent|×|x\b|\$?\\times|times\b|fold|points?\b|"
    r"(?:ms|s|seconds?|minutes?|hours?|days?|fps|hz|gb|mb|kb|gflops?|flops?|m|k|b|million|billion|"
    r"parameters?|tokens?|bits?|db|w|mw|gpus?)\b)",
    "number": rf"{_NUMBER}",
    "measure": r"\b(?:accurac\w+|error|score|fid|bleu|rouge|psnr|ssim|lpips|map|miou|iou|ap|auc|f1|"
    r"ndcg|perplexity|wer|cer|mse|mae|rmse|recall|precision|top-?1|fps|latency|throughput|speed-?up|"
    r"faster|memory|cost|parameters?|flops?|rate|dice|reduc\w+|improv\w+|sav(?:es?|ing)s?)\b",
    "finds": r"\b(?:show(?:s|n|ed)?|find(?:s|ings)?|found|demonstrat\w+|outperform\w*|achiev\w+|"
    r"results?|experiments?|evaluat\w+|empirical\w*|observ\w+|prove[sn]?|confirm\w*|reveal\w*|"
    r"surpass\w*|reach\w*|attain\w*|indicat\w+|suggest\w*|validat\w+|conclu\w+)\b",
    "compares": r"\b(?:better|worse|than|outperform\w*|surpass\w*|superior|inferior|compared|"
    r"state-of-the-art|sota|competitive|comparable|exceed\w*|beats?|on\s+par|leading|faster|"
    r"match(?:es|ing)?|versus|vs)\b",
    "data": r"\b(?:data\s?sets?|benchmarks?|corpus|corpora|test\s?(?:set|bed|suite)s?|challenge|"
    r"environments?|annotat\w+|collected|simulat\w+|samples?|tasks?|domains?)\b",
    "named_data": r"\b(?:ImageNet\w*|CIFAR\w*|MNIST|COCO|ADE20[kK]|WMT\w*|GLUE|SuperGLUE|SQuAD|"
    r"Kinetics|LibriSpeech|KITTI|Cityscapes|PubMed\w*|WikiText\w*|MMLU|GSM8K|PTB|LAION\w*|ShapeNet|"
    r"ModelNet\w*|nuScenes|Waymo|Atari|MuJoCo|D4RL|Cora|OGB\w*|BraTS|CelebA\w*|FFHQ|LSUN|VQA\w*)\b|"
    r"\b(?!(?:AI|MLP|CNN|GNN|LLM|RNN|GPU|NLP|ViT|KAN|SNN)s?\b)(?:[A-Z][a-z]*[A-Z0-9][\w-]*|[A-Z]{2,}"
    r"[\w-]*)(?:,\s|\s+and\s+|\s*/\s*)[A-Z]\w*[A-Z0-9]\w*",
    "address": r"https?://|\bwww\.|github|gitlab|huggingface\.co|\.com/|\.io/",
    "available": r"\b(?:code|implementation|models?|data\s?sets?|repository|checkpoints?|weights)\b"
    r".{0,60}\b(?:available|released?|public\w*|open[-\s]?sourced?)\b|\bavailable\s+at\b|"
    r"\bopen[-\s]?sourced?\b|\b(?:release|provide|publish)\b.{0,30}\bcode\b",
    "concedes": r"\b(?:however|although|though|albeit|despite|while|but|only|trade-?offs?|"
    r"inevitabl\w+|cost\s+of|at\s+the\s+expense|limitations?)\b",
    "denies": r"\b(?:not|no|nor|cannot|fail(?:s|ed)?|unable|inapplicable|worse|harms?|drops?|"
    r"degrad\w+|slower|longer|consumes?|requires?|struggl\w*|less|lower|hardly|without|lack\w*|"
    r"limited|suffers?|sensitive|vulnerable|unstable)\b",
    "others": r"\b(?:existing|current(?:ly)?|previous|prior|conventional|traditional|recent|"
    r"standard|common|most|many|typical\w*|often|usual\w*|mainstream|widely)\b",
    "lacks": r"\b(?:suffer\w*|lack\w*|limit\w*|challeng\w+|problem\w*|issues?|difficult\w*|"
    r"drawbacks?|bottleneck\w*|costly|expensive|inefficien\w+|remains?|under-?explored|unclear|"
    r"poor\w*|short|neglect\w*|overlook\w*|ignor\w+|undermin\w+|hinder\w*|sub-?optimal|fall)\b",
    "explains": r"\b(?:because|since|due\s+to|owing\s+to|caus\w+|lead(?:s|ing)?\s+to|"
    r"result\w*\s+in|therefore|thus|thereby|hence|as\s+a\s+(?:result|consequence)|consequen\w+|explain\w*|"
    r"attribut\w+|arises?|stems?|so\s+that|contribut\w+\s+to|implies|enabl\w+|compel\w*)\b",
    "made": r"\b(?:construct\w*|collect\w*|built|build|creat\w+|compris\w*|consist\w*|annotat\w+|"
    r"compos\w+|contain\w*|gather\w*|crawl\w*|sampled|generated)\b",
    "new": r"\b(?:novel|new|first|newly|original)\b",
    "dangles": r"^\W*(?:this|these|those|it|they|such|its|their)\b"
    r"(?!\s+(?:paper|work|article|study|survey|report|thesis|letter|review)\b)",
}
CUES = {name: re.compile(pattern) for name, pattern in _CUES.items()}
"""The patterns by their names, in the order of `cues_of`: of small letters, but for names.

Small letters are searched in half the time that patterns of both cases take.
"""

# What is told by its capitals.
_CAPITALS = "named_data"


def cues_of(sentence: str) -> list[float]:
    """For each cue of `CUES` 1.0 where the sentence shows it, else 0.0."""
    texts = dict.fromkeys(CUES, sentence.lower()) | {_CAPITALS: sentence}
    return [
        float(pattern.search(texts[name]) is not None) for name, pattern in CUES.items()
    ]


def shown_in(sentence: str, patterns: Iterable[re.Pattern[str]]) -> list[float]:
    """For each pattern 1.0 where it is found in the sentence, else 0.0."""
    return [float(pattern.search(sentence) is not None) for pattern in patterns]
