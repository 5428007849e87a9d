"""Starts the chat window: `python app.py` is `ragbot chat`."""

import sys

from ragbot.cli import main

if __name__ == "__main__":
    raise SystemExit(main(["chat", *sys.argv[1:]]))
