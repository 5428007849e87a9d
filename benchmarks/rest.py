"""What the chat window takes while it starts and while it rests.

    python benchmarks/rest.py [--data-dir DIR] [--seconds 60] [--json FILE]

Over the bundled papers in a throw-away folder, or over DIR as it is: a first window converts the
model and makes the index, if need be, and ends; what is measured is a second one, with headless
Chromium as its reader. Seconds from the start of the process until a question can be typed, and
those of a processor that took; memory resident then, and after ten questions; then the share of a
core that it takes with the page open, and with none. psutil and playwright come with `[dev]`.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from figures import add_json_option, tell
from playwright.sync_api import Page, sync_playwright

QUESTIONS = (
    "How can the KV cache be compressed?",
    "Which papers prune channels or filters?",
    "What is a Kolmogorov-Arnold network?",
    "Which papers report a speed-up on GPUs?",
    "What is grokking?",
    "How many papers are from 2024?",
    "Compare LoRA and DoRA",
    "What limits low-rank adaptation?",
    "What is new in March 2025?",
    "How does MatryoshkaKV compress the KV cache?",
)
# Milliseconds that a page may take, on a machine that does something else, too.
PATIENCE = 120_000
# What follows a start or an answer is over then.
SETTLED = 5


@contextmanager
def window(data: Path) -> Iterator[tuple[psutil.Process, str]]:
    """A window's process and its address; ended when left."""
    command = [sys.executable, "-m", "ragbot", "chat", "--port", "0"]
    with subprocess.Popen(
        [*command, "--data-dir", str(data)], stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            yield psutil.Process(process.pid), said.split()[3]
        finally:
            process.terminate()


def megabytes(process: psutil.Process) -> float:
    return process.memory_info().rss / 1e6


def processor_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def share(process: psutil.Process, seconds: float) -> float:
    """Per cent of a core taken in so many seconds."""
    time.sleep(SETTLED)
    before, start = processor_seconds(process), time.perf_counter()
    time.sleep(seconds)
    taken = processor_seconds(process) - before
    return 100 * taken / (time.perf_counter() - start)


def ask(page: Page, question: str, number: int) -> None:
    box = page.locator("#question textarea")
    box.fill(question)
    box.press("Enter")
    page.locator(f"#a{number}").wait_for(state="attached", timeout=PATIENCE)
    page.get_by_label("Send").wait_for(timeout=PATIENCE)


def measure(data: Path, page: Page, seconds: float) -> dict[str, float]:
    """Figures by name, in the order they are measured."""
    with window(data):
        pass
    figures = {}
    start = time.perf_counter()
    with window(data) as (process, address):
        page.goto(address)
        page.locator("#question textarea").wait_for(timeout=PATIENCE)
        figures["start to usable (s)"] = time.perf_counter() - start
        figures["processor time of that (s)"] = processor_seconds(process)
        figures["resident after the start (MB)"] = megabytes(process)
        for number, question in enumerate(QUESTIONS, 1):
            ask(page, question, number)
        figures["resident after ten questions (MB)"] = megabytes(process)
        figures["at rest, a page open (% of a core)"] = share(process, seconds)
        page.goto("about:blank")
        figures["at rest, no page open (% of a core)"] = share(process, seconds)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, metavar="DIR")
    parser.add_argument("--seconds", type=float, default=60)
    add_json_option(parser)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        data = args.data_dir or Path(folder) / "data"
        figures = measure(data, browser.new_page(), args.seconds)
        browser.close()
    tell(figures, args.json, digits=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
