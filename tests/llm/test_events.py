"""ragbot/llm/events.py: events out of bytes, however they were cut."""

from __future__ import annotations

import pytest

from ragbot.llm.events import Events

STREAMS = {
    "lines": (b'data: {"a": 1}\n\ndata: [DONE]\n\n', ['{"a": 1}', "[DONE]"]),
    "carriage returns": (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
    "old Macs": (b"data: a\r\rdata: b\r\r", ["a", "b"]),
    "comments": (b": keep-alive\n\nevent: message\nid: 7\ndata: a\n\n", ["a"]),
    "several lines": (b"data: a\ndata: b\n\n", ["a\nb"]),
    "no space": (b"data:a\n\n", ["a"]),
    "no blank lines": (b'data: {"a": 1}\ndata: {"b": 2}\ndata: [DONE]\n', None),
    "no end": (b"data: a", ["a"]),
    "letters": ("data: 压缩🙂\n\n".encode(), ["压缩🙂"]),
    "separators of Unicode": ("data: a\u2028b\x85c\n\n".encode(), ["a\u2028b\x85c"]),
    "not UTF-8": (b"data: \xff\n\n", ["\ufffd"]),
    "nothing": (b"", []),
}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("name", STREAMS)
def test_it_does_not_matter_how_the_bytes_are_cut(name: str, size: int) -> None:
    sent, expected = STREAMS[name]
    events = Events()
    found: list[str] = []
    for at in range(0, len(sent), size):
        found += events.feed(sent[at : at + size])
    found += events.finish()
    assert found == (
        expected if expected is not None else ['{"a": 1}', '{"b": 2}', "[DONE]"]
    )


def test_a_line_without_end_is_refused() -> None:
    events = Events()
    assert not list(events.feed(b"x" * 4_000_000))
    with pytest.raises(ValueError, match="does not end"):
        list(events.feed(b"x"))
