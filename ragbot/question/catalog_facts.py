"""Questions that the catalog answers, not the abstracts: how many papers, who wrote one.

Only such as ask nothing else: "the newest paper on pruning" is searched for like any other
(`ragbot.question.topic_request` says that the newest is wanted).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter

import regex

from ragbot.question.manners import ABOUT_RAGBOT, without_manners
from ragbot.question.traits import NUMBERS, number_of, read_by, read_traits
from ragbot.text.english import PAPERS
from ragbot.text.words import words
from ragbot.types import CatalogFact, CatalogQuestion, Traits

__all__ = ["FRAME", "LONGEST", "catalog_question", "first_asked"]

LONGEST = 400
"""Characters: nobody asks for a fact at greater length."""
# Words that say that the papers of the collection are meant, and nothing about them.
FRAME = frozenset(
    """i'd i'll the this that your our my a an in on for to from by with of and or all any every
    some us me please tell show list give name find get see display enumerate print what
    which who whom is are was were be been being do does did has have had can could
    would will shall may i you we they there here ragbot collection corpus library
    database archive paper papers article articles work works abstract abstracts
    research publication publications document documents preprint preprints study
    studies entry entries item items one ones title titles titled included include
    includes contain contains contained containing hold holds stored come comes came
    indexed index ingested available present currently now altogether together overall
    exactly like want know let need look up at so just only then dated date published
    publish publishes publishing released release written posted submitted appear
    appears appeared out added whose record records still anything everything something
    when as it""".split()
)
_NOUNS = re.compile(
    rf"\b(?:{PAPERS}|titles?|collection|corpus|library|database|anything|everything|documents?|"
    r"entries|publish(?:ed)?|released|came\s+out|appeared|posted|dates?)\b",
    re.I,
)
# "papers on it", "are these all": of something that was said before.
_OF_BEFORE = re.compile(
    r"\b(?:it|these|those|them|they|its|their)\b|"
    r"\b(?:on|about|of|like|to|than|with|from|in)\s+(?:that|this)\b"
    r"(?!\s+(?:collection|corpus|library|database|archive|tool|app)\b)",
    re.I,
)
_IS = re.compile(r"(?<=what|when)['’]s\b|(?<=who|how)['’]s\b|(?<=where)['’]s\b", re.I)
_NUMBER = re.compile(rf"\b(?:{NUMBERS}|couple\s+of|few)\b", re.I)


# Stands among the words of a question that is about papers, or names traits of theirs.
_OF_PAPERS = "papers!"


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A fact, by the words of a question: one of each group of ``keys`` stands there, and no word
    that is not ``allowed``."""

    asks: CatalogFact
    keys: tuple[frozenset[str], ...]
    allowed: frozenset[str]

    def matches(self, said: frozenset[str]) -> bool:
        """Whether these words ask for the fact, and for nothing else."""
        if not said <= self.allowed:
            return False
        return not any(map(said.isdisjoint, self.keys))


def _pattern(
    asks: CatalogFact, keys: str, beside: str = "", *, of_papers: bool = True
) -> _Pattern:
    """Groups of words, a comma between them, and what may stand beside them."""
    if of_papers:
        keys = f"{keys},{_OF_PAPERS}"
    groups = tuple(map(frozenset, map(str.split, keys.split(","))))
    allowed = FRAME.union(*groups, beside.split(), [_OF_PAPERS])
    return _Pattern(asks, groups, allowed)


_TOPICS = """topics topic subjects subject themes theme fields field areas area domains
    domain disciplines discipline overview"""
_BESIDE_TOPICS = """main most common commonly frequent frequently important scientific about
    deal deals treat treats treated covered cover covers covering discuss discussed discusses
    address addressed kind kinds sort sorts type types summary short brief quick summarise
    summarize describe ask represented popular key into touch touched concern major range
    different various how many span spans spanned go feature featured related questions"""
_KINDS_OF = "kind kinds sort sorts type types"
_YEARS = "years year dates timeframe timespan period periods range span spans spanning"
_BESIDE_YEARS = """how many much number count time cover covers covered coverage covering go
    goes back period between start starts end ends distribution distributed per each over
    old most recent first last earliest latest oldest newest breakdown split broken down far up"""
_COVERED = "cover covers covered span spans spanned represented"
_COLLECTIONS = "collection corpus library database archive"
_BESIDE_ORDER = "top most very first last new up-to-date how old recent ten five"
_MOST_AUTHORS = "most largest highest biggest greatest longest maximum"
_FEWEST_AUTHORS = "fewest least smallest lowest shortest minimum"
_AUTHORS = "authors author co-authors coauthors contributors people names writers"
_BESIDE_AUTHORS = "number team teams count list lists group many how written by"
_BESIDE_COUNT = "how is overall sum amount full"
_ORGANISATIONS = """organisations organizations organisation organization institutions
    institution companies company affiliations affiliation labs universities university
    institutes"""
_BESIDE_ORGANISATIONS = (
    "how many represented different behind most contribute appear number"
)
_ONES = "paper papers published article articles work works"

_COLLECTION = (
    _pattern("most authors", f"{_MOST_AUTHORS},{_AUTHORS}", _BESIDE_AUTHORS),
    _pattern("fewest authors", f"{_FEWEST_AUTHORS},{_AUTHORS}", _BESIDE_AUTHORS),
    _pattern("years", _YEARS, _BESIDE_YEARS),
    _pattern("years", f"{_YEARS},{_COVERED}", _BESIDE_YEARS, of_papers=False),
    _pattern("years", f"old,{_COLLECTIONS} papers", "how far back go goes"),
    _pattern("years", f"recent up-to-date current,{_COLLECTIONS}", "how"),
    _pattern("years", "far,back", "how go goes reach reaches"),
    _pattern("years", "up,to,date", "how current you it", of_papers=False),
    _pattern("years", "when,papers articles works abstracts", "from"),
    _pattern("years", "earliest oldest,latest newest", "date"),
    _pattern("organisations", _ORGANISATIONS, _BESIDE_ORGANISATIONS, of_papers=False),
    _pattern(
        "sources",
        "sources source files file listings origin",
        "how many data original use",
        of_papers=False,
    ),
    _pattern("sources", "where", "get got originate stem taken"),
    _pattern("topics", _TOPICS, _BESIDE_TOPICS, of_papers=False),
    _pattern("topics", f"{_KINDS_OF},of,papers articles abstracts", _BESIDE_TOPICS),
    _pattern("topics", f"about deal,{_COLLECTIONS}", _BESIDE_TOPICS),
    _pattern("topics", f"in,{_COLLECTIONS},what", "inside"),
    _pattern("topics", f"cover covered covers,{_COLLECTIONS} papers", "what inside"),
    _pattern("topics", f"summarize summarise describe,{_COLLECTIONS}"),
    _pattern("topics", "about,papers articles abstracts,you"),
    _pattern("topics", "have,what,you", "else", of_papers=False),
    _pattern("topics", "about,know", "much how", of_papers=False),
    _pattern("newest", "newest latest", _BESIDE_ORDER),
    _pattern("newest", "newest latest,what", _BESIDE_ORDER, of_papers=False),
    _pattern("newest", "recent recently,most", _BESIDE_ORDER),
    _pattern("newest", f"last,{_ONES}", "most"),
    _pattern("oldest", "oldest earliest", _BESIDE_ORDER),
    _pattern("oldest", f"first,{_ONES}", "very"),
    _pattern("recent", "recent recently lately", "more just"),
    _pattern("recent", "new", "recently lately", of_papers=False),
    _pattern("count", "many number count total size large big much", _BESIDE_COUNT),
    _pattern("list", _OF_PAPERS),
)
_ALLOWED = FRAME.union(*map(attrgetter("allowed"), _COLLECTION))
_SEVERAL = "ten"
_AMOUNT = rf"(?:{NUMBERS}|couple(?=\s+of)|few)"
_FIRST = regex.compile(
    rf"""\b(?:
    (?P<n>{_AMOUNT})\s+(?:(?:most|very|of|the)\s+)*
        (?:newest|latest|recent|last|oldest|earliest|first|new)\b
    |(?:newest|latest|recent|last|oldest|earliest|first|top)\s+(?!ones?\b)(?P<n>{_AMOUNT})\b
    |(?:newest|latest|recent|oldest|earliest|new)\s+(?:papers|works|articles|studies|ones|
        publications|preprints|entries|additions|research|literature)\b)""",
    regex.I | regex.X,
)
_END = r"\s*[?.!]*\s*\Z"
# Not of the paper but of something in it: "where is the code of X?"
_IN_PAPER = (
    r"(?:the\s+|its\s+)?(?:source\s+)?(?:code|implementation|weights|checkpoints?|data\s*sets?|data|"
    r"repository|github|demo|models?|benchmark|corpus)\b|.{0,250}\b(?:code|implementation|weights|"
    rf"checkpoints?|repository|github|demo){_END}"
)
_NAME = rf"(?P<what>(?!{_IN_PAPER})\S.{{0,250}}?)"
_PLEASE = (
    r"^\W*(?:(?:please|so|and|but|do\s+you\s+know|(?:can|could)\s+you\s+tell\s+me|tell\s+me|"
    r"show\s+me|give\s+me|i\s+want\s+to\s+know)[\s,]+)*"
)
_OUT = (
    r"(?:published|released|written|posted|submitted|uploaded|announced|issued|presented|made\s+public|"
    r"put\s+(?:on(?:line|\s+arxiv)|out)|dated|from|out|publish|release|appear(?:ed)?|come\s+out|came\s+out|"
    r"first\s+(?:published|released|posted|appear))(?:\s+(?:on\s+arxiv|online|first|originally))?"
)
_PEOPLE = r"(?:co-?)?(?:people|authors|researchers|scientists|persons|writers|names|contributors)"
_ORG = (
    r"(?:organi[sz]ation|institution|institute|compan(?:y|ies)|lab(?:oratory)?|university|"
    r"group|team|affiliation)s?"
)
_MADE = (
    r"(?:wrote|authored|published|released|co-?authored|(?:is|are|was|were)\s+behind|made|"
    r"developed|created|proposed|introduced|invented|came\s+up\s+with|has\s+written)"
)
_SINGLE: tuple[tuple[CatalogFact, str], ...] = (
    (
        "date",
        rf"(?:when|in\s+(?:what|which)\s+(?:year|month))\s+(?:was|were|did|is|has)\s+{_NAME}\s+(?:been\s+)?{_OUT}",
    ),
    ("date", rf"when\s+(?:was|is)\s+{_NAME}\s+from"),
    (
        "date",
        rf"(?:from|of)?\s*(?:what|which)\s+(?:year|date|month|day)\s+(?:was|were|is|did|does|has)\s+{_NAME}\s+(?:{_OUT}|have|bear)",
    ),
    (
        "date",
        r"(?:what\s+(?:is|was)\s+)?(?:the\s+)?(?:(?:publication|release|submission)\s+)?(?:date|year)"
        rf"(?:\s+of\s+(?:publication|release))?\s+(?:of|for)\s+{_NAME}",
    ),
    ("date", rf"how\s+(?:old|recent|new)\s+is\s+{_NAME}"),
    (
        "date",
        rf"(?:what\s+(?:is|was)\s+)?{_NAME}['’]s?\s+(?:publication|release)\s+(?:date|year)",
    ),
    (
        "date",
        rf"when\s+did\s+(?:the\s+)?\w+\s+(?:publish|release|write|post)\s+{_NAME}",
    ),
    (
        "authors",
        rf"how\s+many\s+{_PEOPLE}\s+(?:does|do|did|has|have|had|wrote|worked\s+on|contributed\s+to|authored|published|"
        r"(?:are|were)\s+(?:there\s+)?(?:listed\s+)?(?:on|of|behind|for|in|involved\s+in))"
        rf"\s+{_NAME}(?:\s+(?:have|list|has|got|name|credit))?",
    ),
    (
        "authors",
        rf"(?:by\s+)?(?:how\s+many\s+{_PEOPLE}|who(?:m)?)\s+(?:was|is|were)\s+{_NAME}\s+(?:written|authored|made|created|published)(?:\s+by)?",
    ),
    ("authors", rf"who\s+(?:else\s+)?{_MADE}\s+{_NAME}"),
    (
        "authors",
        r"(?:(?:who|what)\s+(?:is|are|was|were)\s+|list\s+|name\s+)?(?:the\s+)?(?:(?:names?|number|count|list)\s+of\s+(?:the\s+)?)?"
        rf"(?:first\s+|lead\s+|main\s+|last\s+|senior\s+)?(?:co-?)?(?:authors?|author\s+count|author\s+list)\s+(?:of|on|for|behind)\s+{_NAME}",
    ),
    (
        "authors",
        rf"(?:is|was)\s+{_NAME}\s+(?:a\s+)?(?:single|one|solo|sole|multi)[-\s]author(?:ed)?(?:\s+(?:paper|work))?",
    ),
    (
        "authors",
        rf"(?:does|has|did)\s+{_NAME}\s+(?:have\s+)?(?:only\s+)?(?:one|a\s+single|more\s+than\s+one|several|multiple)\s+authors?",
    ),
    ("authors", rf"{_NAME}['’]s?\s+(?:authors?|author\s+count)"),
    (
        "organisation",
        rf"(?:(?:from|by|at|to)\s+)?(?:which|what)\s+{_ORG}\s+(?:(?:is|are|was|were|does|do|did|has)\s+)?"
        r"(?:published\s+|wrote\s+|released\s+|made\s+|developed\s+|behind\s+|stands?\s+behind\s+|created\s+)?"
        rf"{_NAME}(?:\s+(?:(?:come|comes|came)\s+from|from|by|belongs?\s+to|(?:written|published|released|made)(?:\s+(?:by|at|in))?))?",
    ),
    (
        "organisation",
        rf"(?:who|where|whom)\s+(?:is|was|does|did)\s+{_NAME}\s+(?:(?:come\s+)?from|by)",
    ),
    (
        "organisation",
        rf"(?:what\s+(?:is|are|was)\s+)?(?:the\s+)?{_ORG}\s+(?:of|for|behind)\s+{_NAME}",
    ),
    (
        "organisation",
        rf"(?:is|was)\s+{_NAME}\s+(?:(?:a\s+)?(?:paper|work)\s+)?(?:from|by)\s+\S.{{1,40}}?",
    ),
    (
        "address",
        r"(?:where\s+(?:can|do|could)\s+(?:i|we|one)\s+(?:find|read|download|get|see|access)|(?:what\s+(?:is|are)\s+)?(?:the\s+)?"
        r"(?:links?|urls?|web\s+address|address|arxiv\s+(?:id|number|link|identifier)|doi|pdf)\s+(?:to|of|for))\s+"
        rf"(?:the\s+(?:full\s+text|pdf)\s+of\s+)?{_NAME}",
    ),
    (
        "held",
        rf"(?:is|are)\s+{_NAME}\s+(?:here|(?:(?:included|contained|indexed|present|part|available|somewhere|also)\s+)*(?:in|of|among)\s+"
        r"(?:the|this|your|my)\s+(?:collection|corpus|library|database|papers|archive))",
    ),
    (
        "held",
        rf"(?:do\s+you\s+(?:have|know|hold)|have\s+you\s+got|(?:is|are)\s+there|does\s+(?:the|this)\s+(?:collection|corpus|library)\s+"
        r"(?:have|contain|include|hold))\s+(?:the|an?|any)?\s*(?:paper|article|work)s?\s+(?:called|titled|entitled|named|with\s+the\s+title)\s+"
        rf"{_NAME}(?:\s+(?:here|in\s+\w+\s+\w+))?",
    ),
    (
        "held",
        r"(?:do\s+you\s+have|have\s+you\s+got|is\s+there)\s+(?:the|an?)\s+"
        r"(?P<what>\S.{0,80}?\s+(?:paper|article))(?:\s+here)?",
    ),
    (
        "held",
        r"(?:find|show|list|get|which|what|open)?\s*(?:me\s+)?(?:the\s+)?(?:paper|article)s?\s+"
        r"(?:is\s+|are\s+)?(?:called|titled|entitled|named|with\s+the\s+title)\s+"
        rf"{_NAME}",
    ),
    (
        "held",
        r"(?:do\s+you\s+(?:have|know|hold)|have\s+you\s+got)\s+(?:the\s+(?:paper|article|work)\s+)?(?P<what>[\"“].{1,250}?[\"”])"
        r"(?:\s+(?:here|in\s+\w+\s+\w+))?",
    ),
)
_OF_ONE = tuple(
    (asks, re.compile(rf"{_PLEASE}(?:{text}){_END}", re.I)) for asks, text in _SINGLE
)
_IDENTIFIER = re.compile(
    r"^\W*(?:(?:what|which)\s+(?:is|paper\s+is)\s+)?"
    r"(?P<what>(?:arxiv[:\s]\s*)?\d{4}\.\d{4,5}(?:v\d+)?|(?:doi[:\s]\s*)?10\.\d{4,9}/\S{1,120}|"
    rf"https?://\S{{1,200}}){_END}",
    re.I,
)


_PLAIN: tuple[tuple[CatalogFact, re.Pattern[str]], ...] = (
    ("ragbot", ABOUT_RAGBOT),
    ("identifier", _IDENTIFIER),
)


# A question comes as it was typed, as it is spelled, and without its dates: mostly the same text.
@lru_cache(32)
def catalog_question(question: str) -> CatalogQuestion | None:
    """What a question asks of the catalog; ``None`` if it asks for what abstracts say."""
    said, text = without_manners(" ".join(question.split()))
    if len(text) > LONGEST:
        return None
    if said and not text:
        return CatalogQuestion(said)
    traits, rest = read_traits(text)
    readings = (
        _in_words_of(_PLAIN, text),
        _of_collection(text, traits, rest),
        _in_words_of(_OF_ONE, text),
        _of_collection(text, *read_by(traits, rest)),
    )
    return next(filter(None, readings), None)


def _of_collection(text: str, traits: Traits, rest: str) -> CatalogQuestion | None:
    """A question about papers with traits: what is left of it without them is all frame."""
    said = frozenset(words(_NUMBER.sub(" ", _IS.sub(" is", rest))))
    if not said <= _ALLOWED or _OF_BEFORE.search(rest):
        return None
    # By whom something is says not yet that it is a paper.
    other_traits = replace(traits, by="", surely_by=False)
    if other_traits.is_any or _NOUNS.search(text):
        said |= {_OF_PAPERS}
    for pattern in _COLLECTION:
        if pattern.asks == "topics" and traits.by:
            continue
        if pattern.matches(said):
            first = first_asked(rest)
            return CatalogQuestion(pattern.asks, traits=traits, first=first)
    return None


def first_asked(text: str) -> int | None:
    """How many papers are asked for: "the five newest"; some for "the newest papers"."""
    match = _FIRST.search(text)
    if match is None:
        return None
    return number_of(match.groupdict(_SEVERAL)["n"])


def _in_words_of(
    table: Iterable[tuple[CatalogFact, re.Pattern[str]]], text: str
) -> CatalogQuestion | None:
    """A question in the words of one of these patterns, with what it names."""
    for asks, pattern in table:
        match = pattern.match(text)
        if match:
            about = match.groupdict().get("what", "")
            return CatalogQuestion(asks, about.strip())
    return None
