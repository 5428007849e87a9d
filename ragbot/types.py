"""The values that travel between the stages. Frozen, plain Python: no library's type appears here.

    file ─► Paper | Skipped ─► Chunk ─► Hit ─► Answer(Sentence, Citation)

Dates are ISO strings, ``YYYY-MM-DD``; ranges are inclusive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ragbot.catalog_types import CatalogFact, CatalogQuestion, TopicRequest, Traits
from ragbot.paper_types import (
    WHOLE_FILE,
    Facet,
    FileReport,
    IngestReport,
    LookedUp,
    Paper,
    Row,
    Skipped,
)

__all__ = [
    "WHOLE_FILE",
    "Answer",
    "Asked",
    "CatalogFact",
    "CatalogQuestion",
    "Chunk",
    "Citation",
    "Coverage",
    "Draft",
    "Facet",
    "FileReport",
    "Filters",
    "FollowUp",
    "Hit",
    "IngestReport",
    "Kind",
    "LookedUp",
    "Message",
    "Mode",
    "OnProgress",
    "Paper",
    "Partial",
    "Piece",
    "Progress",
    "Quote",
    "RankedSentence",
    "Row",
    "SearchResult",
    "Sentence",
    "Skipped",
    "Source",
    "TopicRequest",
    "Traits",
]

Support = Literal["supported", "unsupported", "uncited", "not_checked"]
Reason = Literal["nothing_close", "not_stated"]
Mode = Literal["extractive", "llm", "catalog"]  # what an answer was made of
Kind = Literal[
    "definition",
    "method",
    "result",
    "dataset",
    "availability",
    "limitation",
    "reason",
    "comparison",
    "superiority",
    "polar",
    "summary",
    "list",
    "count",
    "superlative",
    "similar",
    "other",
]
"""What a question asks for. "polar" is answered by yes or no, "similar" by papers like one."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A window of consecutive sentences of one abstract; ``text`` has the title in front."""

    id: str
    paper_id: str
    position: int
    text: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Restrictions of a search: an inclusive date range, either end open."""

    date_from: str | None = None
    date_to: str | None = None

    def __bool__(self) -> bool:
        return self.date_from is not None or self.date_to is not None

    @property
    def words(self) -> str:
        """First and last date, for people."""
        return f"{self.date_from or 'the first'} to {self.date_to or 'the last'}"

    @property
    def span(self) -> tuple[str, str]:
        """First and last date, as text; an open end lies before or behind all dates."""
        return self.date_from or "", self.date_to or "9999"

    def admits(self, date: str | None) -> bool:
        """Whether a paper of this date passes; an undated paper passes only an empty filter.

        A year or a month alone passes where the range touches it.
        """
        if not self:
            return True
        if date is None:
            return False
        earliest, latest = self.span
        return date <= latest and (earliest <= date or earliest.startswith(date))


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved paper: its best cosine, its BM25 score, and ``score``, their fusion in 0..1."""

    paper: Paper
    score: float
    dense: float
    lexical: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found: hits best first, the filters used, undated papers those left out."""

    question: str
    filters: Filters
    hits: tuple[Hit, ...]
    undated_left_out: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RankedSentence:
    """A verbatim sentence, its place in the abstract, its cosine to the question and its score."""

    text: str
    position: int
    cosine: float
    score: float


@dataclass(frozen=True, slots=True)
class Source:
    """A hit with its sentences, best first."""

    hit: Hit
    ranked: Sequence[RankedSentence]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation; ``role`` is ``user`` or ``assistant``."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of an answer, as it comes.

    ``reasoning`` is text of the model to itself, no part of the answer. ``retracts``, on a piece
    without text, says that all that came before was reasoning, as only its end tells.
    """

    text: str
    reasoning: bool = False
    retracts: bool = False


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What a question refers to in the turns before it: papers, by the titles that were shown.

    ``standalone`` is the question with what it refers to, ``focus`` what quotations shall answer:
    the question itself, or the one before where it only asks for more. ``about`` are the papers it
    asks about, ``without`` those that it does not want again, ``said`` the sentences quoted before
    where it wants to read on. ``missing`` says what it points at that is not there.
    """

    standalone: str
    focus: str
    about: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was read (`ragbot.question.read`).

    ``follow_up`` is what it refers to in the turns before it (``history``), ``topic`` is the
    stand-alone question without its dates, which are in ``filters``. ``subject`` is what it asks
    the meaning of, ``on`` what it asks for papers on, without those that assert what is
    ``excluded``; ``language`` is an ISO 639-1 code. ``fact`` is what a "what …" or "how many …"
    question asks for: "GPU hours".
    ``catalog`` is what it asks of the catalog, ``author`` whose papers it names, ``request``
    whether it wants the papers on a topic counted or by date. ``parts`` are the questions that it
    is made of.
    """

    question: str
    follow_up: FollowUp
    topic: str
    filters: Filters
    history: Sequence[Message] = ()
    kind: Kind = "other"
    subject: str = ""
    on: str = ""
    excluded: tuple[str, ...] = ()
    language: str = "en"
    fact: str = ""
    catalog: CatalogQuestion | None = None
    author: str = ""
    request: TopicRequest = field(default_factory=TopicRequest)
    parts: tuple[Asked, ...] = ()

    @property
    def standalone(self) -> str:
        """The question with what it refers to, in one line."""
        return self.follow_up.standalone


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an answer says of the collection: papers within the dates, and undated ones left out."""

    papers: int
    undated: int
    fingerprint: dict[str, str]


@dataclass(frozen=True, slots=True)
class Citation:
    """The n-th paper of an answer's list, with the sentences quoted from it, best first."""

    n: int
    paper: Paper
    score: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """One verbatim sentence of the n-th paper."""

    n: int
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer; ``states`` is whether it claims something about the papers.

    ``evidence`` is, of each paper it cites, the sentence that it rests on.
    """

    text: str
    citations: tuple[int, ...]
    states: bool
    support: Support
    reason: str | None = None
    evidence: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is signed: its Markdown, what it cites and what it quotes."""

    text: str
    sentences: tuple[Sentence, ...]
    quotes: tuple[Quote, ...]
    papers: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Partial:
    """An answer in the making: all of its Markdown so far, and a model's reasoning so far."""

    text: str
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in Markdown with ``[n]``, and everything needed to check it.

    ``papers`` are exactly the cited ones, numbered in order of first use; after an abstention it is
    empty and the nearest papers stand in ``also_retrieved``. ``confidence`` is how close the
    papers came, which abstention goes by. ``kind`` is what the question asks for. ``reasoning`` is
    what a language model said to itself; ``failure`` is why it gave no answer, or not all of it, in
    one line.
    """

    question: str
    standalone_question: str
    mode: Mode
    text: str
    abstained: bool
    reason: Reason | None
    sentences: tuple[Sentence, ...]
    quotes: tuple[Quote, ...]
    papers: tuple[Citation, ...]
    also_retrieved: tuple[Hit, ...]
    invalid_citations_removed: int
    confidence: float
    fingerprint: dict[str, str]
    reasoning: str = ""
    failure: str | None = None
    filters: Filters = field(default_factory=Filters)
    kind: Kind | Literal["catalog"] = "other"
    timings_ms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of long work: ``done`` of ``total`` papers, since ``seconds``."""

    stage: str
    done: int
    total: int
    seconds: float

    @property
    def rate(self) -> float:
        """Papers a second, 0 before the first."""
        if self.seconds <= 0:
            return 0.0
        return self.done / self.seconds

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the rate so far, ``None`` before the first paper."""
        if self.rate <= 0:
            return None
        return (self.total - self.done) / self.rate


OnProgress = Callable[[Progress], None]
"""What is told each step."""
