"""How a sentence can be quoted: alone, with the one before it, or not at all.

Told from its words. Only English ones are known: a sentence in another language can be quoted, and
stands alone.
"""

from __future__ import annotations

import re

import regex

from ragbot.text.languages import is_english

__all__ = ["is_quotable", "opens_with_reference"]

_LINK = re.compile(
    r"(?i:https?:|www\.|github|\\url|\\href|\bdoi\b|repository|available)"
)
_LABEL = re.compile(
    r"\W*(?:(?:(?:author |index )?key[- ]?words?|index[- ]terms?|ccs concepts?|mots[- ]cl[ée]s|"
    r"schl(?:ü|ue)sselw(?:ö|oe)rter|stichw(?:ö|oe)rter|palabras clave|palavras[- ]chave|"
    r"parole chiave|ключевые слова|关键词|關鍵詞|キーワード)(?: and phrases)?[*_ ]*[:：—–-]|"
    r"(?:subjects?|topics?|categories|tags|contact|correspondence|e-?mails?|msc(?: ?20\d\d)?|"
    r"acm classes|comments?|note|warning)[*_ ]*:)",
    re.I,
)
_WORD = regex.compile(r"[^\W\d_][^\W_]*+(?:['’-][^\W_]++)*+")
_LEAST_WORDS = 3
# A sentence of more words than this has a verb, be it one that is not known here.
_LONGEST_LABEL = 7
# Subjects that never stand without a verb, auxiliaries, and verbs whose ending shows nothing.
_SAYING = frozenset(
    """we i it they this there that which who what how is are was were be been being am has have had
    do does did can could may might must shall should will would cannot let see use show make take
    give get need help work perform remain become learn lead run rely allow achieve provide present
    propose introduce study train evaluate consider find found demonstrate improve outperform
    exist emerge differ vary matter fail suffer excel enable require reduce offer yield led made
    shown gave took began ran built got came went won lost beat met put set cut held kept left
    thwart suggest support reveal confirm indicate highlight establish include contain cover
    face lack pose share hold hide drive shape scale generalize generalise depend increase
    decrease grow fall rise drop degrade dominate struggle hinder limit affect cause spread reach
    range wins helps works matters differs fails""".split()
)
# What is said of a paper beside its abstract: where it appeared, how long it is.
_REMARK = re.compile(
    r"\W*(?i:(?:accepted|published|presented|submitted|to appear|to be (?:presented|published))"
    r" (?:at|in|to|by|for|as)\b|(?:\d+|one|two) pages?\b|equal contributions?\b)"
    rf"(?!.*(?:{_LINK.pattern}))(?!.*(?<![\w'’-])(?:{'|'.join(sorted(_SAYING))})(?![\w'’-]))",
    re.DOTALL,
)
# The rest of another begins with a small word, which is no name such as "wav2vec".
_TORN = re.compile(r"[a-z]+(?!\S)")
_VERB_ENDING = re.compile(r"[a-z]{2,}(?:ed|[^su]s)$")


def is_quotable(sentence: str) -> bool:
    """Whether a sentence says something: it is no label, list of keywords, remark or scrap.

    What leads to code, data or a project page can be quoted, whatever its form.
    """
    if _LABEL.match(sentence) or _REMARK.match(sentence):
        return False
    said = _WORD.findall(sentence)
    if len(said) > _LONGEST_LABEL or _LINK.search(sentence):
        return True
    return not is_english(sentence) or _is_short_sentence(sentence, said)


def _is_short_sentence(sentence: str, said: list[str]) -> bool:
    """Whether a few words make a sentence: they have a verb, and are not the end of another."""
    if len(said) < _LEAST_WORDS or _TORN.match(sentence):
        return False
    if not _SAYING.isdisjoint(map(str.lower, said)):
        return True
    # The last word may as well be a plural: "(C2) Optimisation challenges."
    if sentence.rstrip(".!?:)").endswith(said[-1]):
        said = said[:-1]
    return any(map(_VERB_ENDING.match, said[1:]))


# What may stand in front of the reference: an enumerator, a connective, a conjunction.
_LEAD = (
    r"[\W_]*(?:(?:[ivx]{1,4}|[a-h]|\d{1,2})\)\s*)?"
    r"(?:[\w'’-]+(?: [\w'’-]+){0,2}, (?:and |but )?)?"
    r"(?:(?:while|although|though|since|because|when|if|as|whereas|but|and|so|yet|thus|hence|then|"
    r"therefore|however|in|under|with|from|on|at|within|through|among|like|unlike|all|is|are|do|"
    r"does|can) )?"
)
_OF_ITSELF = (
    r"(?:paper|work|article|study|survey|report|review|thesis|dissertation|manuscript|chapter|letter|"
    r"note|tutorial|overview|research|contribution|project|monograph|essay|perspective|preprint|"
    r"publication|abstract|document|case study)\b"
)
# Results of the paper are known to be its own where what they say follows.
_FINDINGS = (
    r"(?:results?|findings?|experiments?|evaluations?|analys[ei]s|observations?|insights?|"
    r"outcomes?|evidence|comparisons?|ablations?)(?: \w+ly| also| further| together)? "
    r"(?:show|suggest|demonstrate|indicate|highlight|reveal|establish|confirm|imply|underscore|"
    r"prove|validate|verify|point|support|emphasi[sz]e|illustrate)s?\b"
)
_DETERMINER = (
    rf"(?:this|these)\b(?! (?:[\w-]+ ){{0,2}}?{_OF_ITSELF})"
    rf"(?! (?:[\w-]+ )?{_FINDINGS})"
)
# "It is known that" refers to nothing.
_IT = (
    r"it\b(?! (?:is|was|has been|remains|seems|appears|becomes|turns out|can be|may be)"
    r" (?:[\w-]+ )?(?:known|shown|seen|important|possible|impossible|necessary|crucial|essential|"
    r"critical|vital|clear|unclear|worth|hard|difficult|challenging|easy|easier|better|common|natural|"
    r"desirable|tempting|believed|thought|assumed|argued|expected|observed|found|proved|proven|"
    r"understood|established|recognized|recognised|acknowledged|noted|evident|likely|unlikely|"
    r"interesting|imperative|beneficial|useful|reasonable|an? \w+ question|"
    r"that|whether|how)\b(?! to (?:be|have)\b))(?! turns out)"
)
_REFERENCE = re.compile(
    _LEAD
    + rf"(?:{_DETERMINER}|{_IT}|(?:those|such(?! as\b)|they|their|its|them|he|she|his|her)\b"
    + r"|that(?: is\b|,)|(?:the|these) (?:latter|former|above|aforementioned)\b"
    + r"|both\b(?!(?: [\w-]+){1,5} and\b)|others\b"
    + r"|(?:one|two|some|most|many|all|none|each|both|either|neither|several|few|any) of"
    + r" (?:these|them|those|this|which)\b)",
    re.I,
)


def opens_with_reference(sentence: str) -> bool:
    """Whether a sentence begins with something told before it: "This", "They", "The latter".

    Then it is understood only with its neighbour in front. "This paper" and "These results show
    that" need none, nor does "It is known that".
    """
    return _REFERENCE.match(sentence) is not None
