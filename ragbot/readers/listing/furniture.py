"""What stands on a page beside its papers: buttons, tabs, counts, addresses, the foot."""

from __future__ import annotations

import re

from ragbot.readers.record import says_something

__all__ = ["HEADING", "NAMES_SOMEONE", "is_furniture", "is_noise"]

HEADING = re.compile(
    r"get trending papers in your email inbox|^[^\w\n]{0,20}daily papers(?: - hugging face)?$",
    re.IGNORECASE | re.MULTILINE,
)
"""What every capture of the page in English has."""
NAMES_SOMEONE = re.compile(
    r"submitted by|eingereicht von|soumis par|enviado por|提交者", re.IGNORECASE
)
"""A line of its own above the name of whoever submitted the paper."""

# In the languages into which browsers translate it, as far as it is not told by its place.
_FURNITURE = re.compile(
    r"new|neu|hugging face|models|datasets|spaces|buckets(?: new)?|docs|enterprise|pricing|"
    r"log ?in|sign ?up|log in or sign up.*|join|menu|search|search models.*|"
    r"skip to (?:main )?content|get trending papers.*|subscribe|abonnieren|s['’]abonner|"
    r"suscribirse|订阅|daily papers.*|trending papers|papers|papers arxiv:.*|"
    r"by\s?ak(?: and the research community)?|by|ak|and the research community|"
    r"submit(?: a paper)?|daily|weekly|monthly|täglich|wöchentlich|monatlich|"
    r"previous|next|back to top|load more|show more|show less|read more|view all|"
    r"system theme|company|tos|terms(?: of service)?|privacy(?: policy)?|about|careers|website|"
    r"inference providers|community(?: \(?\d+\)?)?|cookie settings|©.*|"
    r"submitted by.*|upvotes?(?:\W*[\d.,]+[km]?(?: \+\d+)?)?|[\d.,]+[km]? upvotes?|"
    r"(?:like|share|save|copy|cite|bookmark|follow|download)s?(?: [\d.,]+[km]?)?|"
    r"github(?: stars?)?(?: ?[\d.,]+[km]?)?|(?:view )?arxiv(?: page)?|(?:view |download )?pdf|"
    r"(?:view )?(?:project|paper|code|demo)(?: page)?|add to collection|view on .{1,30}|"
    r"#\d+ paper of the (?:day|week|month)|paper (?:author|submitter).*|"
    r"[\d.,]+[km]? (?:comments?|replies|views|likes|stars)",
    re.IGNORECASE,
)
_LONGEST = 120
_ADDRESS_OR_COUNT = re.compile(
    r"\W{0,2}(?:https?://|www\.)\S+|\W{0,4}[\d.,]+ ?[km]?\W{0,4}", re.IGNORECASE
)


def is_furniture(line: str) -> bool:
    """Whether a line is a button, a tab, a label: where one stands, no record goes on."""
    return len(line) <= _LONGEST and _FURNITURE.fullmatch(line) is not None


def is_noise(line: str) -> bool:
    """Whether a line is a count, an address or signs alone: it may stand inside a record."""
    told = any(map(says_something, line))
    return not told or _ADDRESS_OR_COUNT.fullmatch(line) is not None
