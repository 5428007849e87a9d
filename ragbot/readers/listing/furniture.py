"""What stands on a page beside its papers: buttons, tabs, counts, addresses, the foot."""

from __future__ import annotations

import re

import regex

from ragbot.readers.record import SAYING

__all__ = ["FURNITURE", "HEADING", "NAMES_SOMEONE", "NOISE"]

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
FURNITURE = re.compile(
    r"(?!.{121})(?:"
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
    r"[\d.,]+[km]? (?:comments?|replies|views|likes|stars))",
    re.IGNORECASE,
)
"""A button, a tab, a label: where such a line stands, no record goes on."""
_SIGN = r"[^\p{L}\p{N}_]"
NOISE = regex.compile(
    rf"(?:(?!{SAYING.pattern}).)*+|{_SIGN}{{0,2}}(?:https?://|www\.)\S+|"
    rf"{_SIGN}{{0,4}}[\d.,]+ ?[km]?{_SIGN}{{0,4}}",
    regex.IGNORECASE | regex.VERSION1,
)
"""A count, an address or signs alone: such a line may stand inside a record."""
