"""What kind of answer a question asks for. Looks at its words only.

The first reading that fits counts: what is plainer said stands before what it might be mistaken
for ("why is X worse" gives a reason, "is X worse" a comparison).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import starmap

from ragbot.question.subjects import ASPECTS
from ragbot.text.english import PAPERS
from ragbot.text.names import names_in
from ragbot.text.words import content_words, words
from ragbot.types import Kind

__all__ = ["MANY", "THINGS", "asked_fact", "first_fitting", "kind_of"]

THINGS = (
    r"(papers?|works?|research|studies|stud(y|ies)|methods?|approaches|systems?|models?|articles?|"
    r"literature|techniques|alternatives|designs?|architectures|surveys?|datasets?|publications?|"
    r"benchmarks?|preprints?|agents|parsers|attempts|proposals)"
)
"""A pattern of what a question may ask a list of."""
MANY: frozenset[Kind] = frozenset({"list", "count"})
"""The kinds that are answered with all papers on a topic."""

_THE_THINGS = (
    r"(?:papers|works|studies|methods|approaches|systems|models|articles|alternatives|techniques|"
    r"architectures|surveys|datasets|benchmarks|preprints|publications)"
)
_IS = r"(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should)"
_DATA = (
    r"(?:data\s?sets?|benchmarks?|corpus|corpora|data|environments?|test\s?(?:sets?|beds?|suites?)|"
    r"simulators?|collections?)"
)
_TRIED = (
    r"(?:us(?:e[sd]?|ing)|train\w*|test\w*|evaluat\w*|validat\w*|assess\w*|built|build|made|based|"
    r"experiment\w*|run|ran|appl\w+|collect\w*|consist\w*|contain\w*|tried|demonstrat\w*|"
    r"cover\w*|report\w*|benchmarked|verif\w+|construct\w*|creat\w+|draw\w*|drawn|come|taken)"
)
_MEASURE = (
    r"(?:accura\w+|errors?|scores?|results?|performance|speed-?\s?ups?|latency|throughput|fid|bleu|"
    r"rouge|psnr|ssim|lpips|map|miou|iou|ap|auc|auroc|f1\S*|ndcg|perplexity|wer|cer|mse|mae|rmse|recall|"
    r"precision|top-?[15]|fps|frame\s?rate|reduction|improvement|gain|savings?|compression|rate|"
    r"ratio|cost|energy|memory|parameters|flops|dice|elo|pass@\d+|success)"
)
_LACK = (
    r"(?:problems?|issues?|challenges?|flaws?|gaps?|shortcomings?|limitations?|limits|weakness(?:es)?|"
    r"bottlenecks?|difficult(?:y|ies)|drawbacks?|obstacles?|deficienc(?:y|ies)|restrictions?)"
)
_MEND = (
    r"(?:solv\w*|address\w*|tackl\w*|overc\w+|motivat\w*|fix\w*|target\w*|deals?|remed\w+|mitigat\w*|"
    r"alleviat\w*|resolv\w*|attack\w*|aims?|identif\w*|remov\w*|try|tries|trying)"
)
_BETTER = (
    r"(?:better|worse|beats?|beaten|beating|outperform\w*|surpass\w*|superior|inferior|exceed\w*|"
    r"(?:fast|slow|small|larg|strong|cheap|light)er\s+than|(?:more|less)\s+\w+\s+than|"
    r"wins?|competitive|on\s+par|match(?:es)?|as\s+(?:good|well|fast|accurate)\s+as)"
)
# "What are graph metanetwork models?" asks what they are, "what are the methods?" for a list.
_WHAT_THEY_ARE = (
    r"are\s+(?!(?:the|some|other|all|any|there|these|your)\b)[^?]{1,60}?"
    rf"{_THE_THINGS}\W*$"
)
# What is asked for is short; without a bound, time would grow with the square of the question.
_PATTERNS: tuple[tuple[Kind, str], ...] = (
    ("count", rf"^\W*how\s+many\s+(?:(?!{_IS}\b)[\w-]+\s+){{0,3}}?{PAPERS}\b"),
    (
        "similar",
        r"""\b(?:similar|akin|comparable|close(?:st)?)\s+(?:to|in\s+spirit)\b
        |\b(?:similar|related)\s+(?:papers?|works?|methods?|approaches|architectures|models?)\b
        |\b(?:papers|works|anything|something|others?)\s+like\b""",
    ),
    (
        "list",
        r"""^\W*(?:which|what|any|all|list|show|find)\s+(?:[\w-]+\s+){0,3}?papers\b
        (?!.{0,60}\b(?:best|better)\b)""",
    ),
    (
        "reason",
        rf"""^\W*(?:and\s+|but\s+)?(?:why|how\s+come)\b
        |\b(?:(?:what|which)\s+(?:[\w-]+\s+){{0,3}}?{_LACK}\b.{{0,80}}\b{_MEND}\b
        |what(?:'s|\s+is|\s+was)\s+wrong\b|what\s+(?:motivat|caus|explain)\w*
        |motivat(?:ion|es?|ed)\b|reasons?\s+(?:for|why|behind|that)\b)""",
    ),
    (
        "superlative",
        rf"""\b(?:best|highest|lowest|largest|smallest|biggest|fastest|greatest|top|strongest|
        most\s+accurate|least)\b.{{0,60}}\b{_MEASURE}\b
        |\b{_MEASURE}\b.{{0,40}}\b(?:best|highest|lowest|the\s+most)\b
        |\b(?:which|what)\s+(?:[\w-]+\s+)?(?:model|method|network|approach|paper|system)s?\b
        .{{0,40}}\b(?:best|highest|lowest|fastest|most\s+accurate)\b""",
    ),
    (
        "availability",
        r"""\b(?:code|implementations?|repositor(?:y|ies)|repos?|github|checkpoints?|weights|
        models?|data\s?sets?|demos?|software|package)\b.{0,60}
        \b(?:available|released?|public\w*|open[-\s]?sourced?|online|downloads?|shared?|found)\b
        |\b(?:public\w*|open[-\s]?sourced?|released?|download\w*|available)\b.{0,60}
        \b(?:code|implementations?|repositor(?:y|ies)|checkpoints?|weights|models?|data)\b
        |\b(?:any|the|its|their|find|get|where\b.{0,30})\s+(?:source\s+|public\s+|official\s+)?
        (?:code|implementation|repo|repository|github)\b
        |\b(?:is|are)\s+there\s+(?:source\s+)?code\b|\bha(?:s|ve)\b.{0,30}\bcode\b
        |\bopen[-\s]?sourced?\b|\bgithub\b|\blinks?\s+to\b|\bsource\s+code\b""",
    ),
    (
        "superiority",
        rf"""^(?!\W*(?:by\s+)?how\b)(?:.{{0,80}}[,:]\s*)?\W*(?:{_IS}|which|who|what)\b
        .{{0,200}}\b{_BETTER}\b
        |^\W*(?:and\s+|but\s+)?(?:\w+er|worse|(?:more|less)\s+\w+)\s+than\b""",
    ),
    (
        "limitation",
        rf"""\b{_LACK}\b(?!.{{0,60}}\b{_MEND}\b)|\b(?:downsides?|disadvantages?|caveats?|trade-?offs?|
        cons|fails?|failed|failures?|struggles?|suffers?|cannot|can't|loses?|lost|sacrific\w*|
        price|weak(?:er|est)?\s+(?:at|in|on))\b
        |\b(?:can|does|do|is|are|could)\b.{{0,60}}\bnot\s+(?:do|work|handle|able|help|solve|apply|
        scale|improve|good)""",
    ),
    (
        "summary",
        r"""\b(?:summar\w+|tl;?dr\b|overview\b|gist\b|in\s+a\s+nutshell\b|tell\s+(?:me|us)\s+
        (?:[\w]+\s+){0,2}?about\b|what(?:'s|\s+is|\s+are)\b.{1,120}\babout\W*$
        |(?:main|key|central|core)\s+(?:idea|contribution|finding|point|message|claim)s?\b
        |what\s+does\s+the\b.{1,100}\b(?:paper|work|article)\s+(?:say|do|propose|present|show)\b)
        |^\W*(?:please\s+)?(?:describe|introduce|outline|sketch)\b""",
    ),
    (
        "comparison",
        r"""\b(?:compare[sd]?|comparison|versus|vs\.?|differ(?:s|ences?)?|contrast(?:ed|s)?|
        different\s+(?:from|to|than)|(?:how|what|are|is)\b.{1,80}\bdifferent(?=\W*$)|
        as\s+opposed\s+to|both\b.{0,200}?\band|in\s+common)(?=\W|$)
        |\b(?:put|set|show|see|lay)\b.{1,200}\bside\s+by\s+side\b""",
    ),
    (
        "dataset",
        rf"""\b(?:(?:which|what|how\s+many|whose)\s+(?:[\w-]+\s+){{0,4}}?{_DATA}\b
        (?!\s+(?:do|did|have|has)\s+(?:people|researchers|others|papers|they\s+all))
        .{{0,120}}\b{_TRIED}\b
        |where\s+(?:is|are|was|were)\b.{{1,80}}\b(?:tested|evaluated|validated|trained|applied)\b
        |how\s+(?:is|are|was|were)\b.{{1,60}}\b{_DATA}\b.{{0,20}}
        \b(?:made|built|created|collected|constructed|annotated)\b)
        |^\W*(?:and\s+)?(?:on\s+)?(?:which|what|how\s+many)\s+(?:[\w-]+\s+)?{_DATA}\W*$
        |^(?!\W*(?:and\s+)?how\s+(?:many|much|long)\b).*
        \b(?:evaluated|tested|trained|validated|tried)\s+(?:on|in)\W*$""",
    ),
    (
        "result",
        rf"""\bhow\s+(?:much|many|fast|quick\w*|slow|accurate\w*|well|big|large|small|long|good|bad|
        efficient\w*|often|high|low|strong|robust|cheap|close|far|deep|reliabl\w+|likely)\b
        |\bby\s+(?:how\s+much|what|which)\b
        |\b(?:what|which)\s+(?:[\w@/%-]+\s+){{0,4}}?{_MEASURE}\b
        |\b(?:what|which)\b.{{0,20}}\b(?:results?|numbers?|figures?|improvements?|gains?)\b
        |\bhow\s+does\b.{{1,80}}\b(?:perform|fare|score|do\s+on)\b""",
    ),
    (
        "list",
        rf"""^\W*(?:please\s+)?(?:(?:list|name|enumerate)\b|show\s+me\b
        |(?:give|find|get)\s+me\b.{{0,80}}\b{THINGS}
        |(?:which|what)\s+(?!{_WHAT_THEY_ARE})(?:\w+[\s-]){{0,3}}?(?:{_THE_THINGS}|work|research)\b
        |(?:are|is)\s+there\s+(?:anything|any|some|other|more|{THINGS})|any(?:thing)?\b
        |what\s+(?:is|else\s+is)\s+there\b|what\s+has\s+(?:come\s+out|been)\b
        |how\s+(?:have|do|did)\s+(?:people|researchers|others|the\s+papers|papers)\b
        |who\s+(?:else\s+)?(?:has|have|works?|worked)\b)
        |\b(?:which\s+(?:papers|works|methods|studies)
        |papers\s+(?:about|on|that|which|from|dated|with|by|of|in|for|without|not|other))\b
        |^\W*(?:[\w-]+\s+){{0,3}}papers\s+(?:published|released|written|since|before|after|between|using)\b
        |^\W*(?!{_IS}\b|what|which|how|why|who|where|when)(?:[\w-]+\s+){{0,4}}{_THE_THINGS}\b
        (?:\W*$|\s+(?:that|which|using|without|with|on|for|about|from|in|by|not|other|to|of)\b)""",
    ),
    (
        "definition",
        r"""\b(?:stands?\s+for|mean(?:s|t\s+by)?\W*$|is\s+meant\s+by|definition\s+of|meaning\s+of|
        abbreviation|acronym|short\s+for|what\s+do(?:es)?\b.{1,60}\b(?:mean|refer\s+to)\b)
        |^\W*(?:define\b|explain\s+(?:[\w.+-]+\s*){1,5}(?:\b(?:in|like|to|as|for)\b.{1,40})?$)""",
    ),
)
# "What does X add to Y?", "What restriction of X does Y remove?": two named things side by side.
_RELATES = re.compile(
    r"\b(add(s|ed)?\b.{0,200}?\b(to|beyond|over)|beyond|improve(s|d)? (on|upon|over)|instead of|"
    r"restriction of|each)\b",
    re.I,
)
_WHAT_IS = re.compile(
    r"^\W*(?:what|who)(?:['’]?s|\s+(?:is|are|was|were))\s+(?:an?\s+|the\s+)?"
    # Not "what is the effect of X on Y"
    r"(?!(?s:.*)\b(?:of|on|in|to|for|about|between|from|new|novel|behind|with)\b)"
    r"(?P<what>(?:[^\s?]+\s*){1,6}?)\W*$",
    re.I,
)
_HOW = re.compile(
    r"^\W*(?:and\s+|so\s+)?how\b|\bwhat\s+(?:method|approach|technique|mechanism|architecture|idea|trick)\b|"
    r"\b(?:new|novel)\b|^\W*(?:can|could)\s+(?:i|one|we|you|my)\b|\bways?\s+(?:to|of)\b",
    re.I,
)
_POLAR = re.compile(rf"^\W*(?:and\s+|but\s+)?{_IS}\b(?!\s+there\b)", re.I)
_MOST_KEYWORDS = 8
# What a sentence has; its verb in small letters: "CAN" is a bus.
_SENTENCE = re.compile(
    rf"\?|^\W*(?:{_IS}|what|which|who|whose|when|where|why|how|tell|explain|give|show|list|find|"
    r"compare|describe|please|and|but|only|any|the)\b|"
    r"\b(?-i:is|are|was|were|do|does|did|has|have|can|could|will|would|I|i|we|you|my|me)\b",
    re.I,
)
# "Is there a …?", "which datasets does OLinear use?" are about one work.
_OF_ONE = (
    r"\b(?:(?:is[ ]there|are[ ]there)[ ](?:a|an)[ ]|"
    r"which[ ](?:paper|work|one|method|model|network)\b|"
    rf"(?-i:[Ww](?:hich|hat)\s+(?:\w+[\s-]){{0,3}}?{THINGS}\s+(?:does|did|has|is|was)\s+"
    r"(?:[A-Z]|\w+[A-Z]|(?:it|this|the\s+(?:paper|work|method|model|authors?))\b)))"
)
# What every question of a kind has, or none.
_CONDITIONS: Mapping[Kind, str] = {
    "list": rf"(?!(?s:.*){_OF_ONE})",
    "superlative": r"(?=(?s:.*)\b(?:best|most|top|least|"
    r"(?:high|low|larg|small|bigg|fast|great|strong)est)\b)",
}
_FACT = re.compile(
    r"\b(?:what|which|how many|how much)\s+(.{1,200}?)\s+"
    r"(?:do|does|did|is|are|was|were|can|has|have|will|would|use[sd]?|get|gets|reach\w*)\b",
    re.I,
)


def asked_fact(question: str) -> str:
    """What a "what …", "which …" or "how many …" question asks for: "GPU hours", "learning-rate
    schedule"; nothing for other questions."""
    return next(iter(_FACT.findall(question)), "")


def kind_of(question: str) -> Kind:
    """The kind of answer; "other" if the words do not tell."""
    return first_fitting(_READINGS, question)


def first_fitting(readings: Iterable[Reading], question: str) -> Kind:
    """The kind beside the first reading that fits a question, "other" if none does."""
    for kind, fits in readings:
        if fits(question):
            return kind
    return "other"


def _relates(question: str) -> bool:
    if not _RELATES.search(question):
        return False
    return len(names_in(question)) > 1


def _asks_what_it_is(question: str) -> bool:
    asked = _WHAT_IS.match(question)
    if asked is None:
        return False
    # "The accuracy" is asked of a work; "task arithmetic" is something itself.
    return ASPECTS.isdisjoint(words(asked["what"])[-1:])


def _is_keywords(question: str) -> bool:
    """Whether it is what people type into a search field: a few words, and no sentence."""
    if _SENTENCE.search(question):
        return False
    if len(words(question)) > _MOST_KEYWORDS:
        return False
    return content_words(question) != []


Reading = tuple[Kind, Callable[[str], object]]
"""A kind of question, and what is true of the questions of this kind."""


def _reading(kind: Kind, pattern: str) -> Reading:
    asks = rf"\A{_CONDITIONS.get(kind, '')}(?s:.*?)(?:{pattern})"
    return kind, re.compile(asks, re.IGNORECASE | re.VERBOSE).match


_READINGS: tuple[Reading, ...] = (
    ("comparison", _relates),
    *starmap(_reading, _PATTERNS),
    ("definition", _asks_what_it_is),
    ("method", _HOW.search),
    ("polar", _POLAR.search),
    ("list", _is_keywords),
)
