"""Values of `ragbot.types` as JSON objects and back: the one place of the shapes others rely on.

Keys and their meanings are a contract. What is read back may come from anywhere: a field that is
missing or of another kind is an `InputError` that names it.
"""

from __future__ import annotations

import json
import re

from ragbot.serialise.answer_documents import (
    answer_json,
    filters_json,
    hit_json,
    papers_of,
    read_answer,
    read_filters,
    read_search,
    search_json,
)
from ragbot.serialise.conversation_documents import (
    conversation_json,
    heading_json,
    read_conversation,
    read_turn,
    turn_json,
)
from ragbot.serialise.paper_documents import (
    ingest_json,
    paper_json,
    read_ingest,
    read_paper,
)

__all__ = [
    "answer_json",
    "conversation_json",
    "filters_json",
    "heading_json",
    "hit_json",
    "ingest_json",
    "json_text",
    "paper_json",
    "papers_of",
    "read_answer",
    "read_conversation",
    "read_filters",
    "read_ingest",
    "read_paper",
    "read_search",
    "read_turn",
    "search_json",
    "turn_json",
]

# What a terminal obeys and JSON leaves as it is, and halves of characters, which no file can hold.
_CONTROLS = re.compile("[\x7f-\x9f\ud800-\udfff]")


def json_text(document: object, *, indent: int | None = None) -> str:
    """JSON with every letter as it is and every control character escaped; no line end."""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    return _CONTROLS.sub(lambda m: f"\\u{ord(m.group()):04x}", text)
