"""The Evaluate tab: sets and runs without a window, then a set from drop to comparison in one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ragbot.config import load_settings
from ragbot.errors import EmptyCollection, InputError
from ragbot.evaluation.sets.questions import read_lines
from ragbot.llm import LanguageModel
from ragbot.papers.identity import title_key
from ragbot.pipeline import Ragbot
from ragbot.resources import bundled_listings, bundled_questions
from ragbot.testing import HashEmbedder, tiny_collection
from ragbot.types import Answer, Filters, Message
from ragbot.window.html.figures import ending_html, progress_html
from ragbot.window.runs import (
    Job,
    Runner,
    comparison_report,
    finished_runs,
    keep_set,
    question_sets,
    read_set,
    run_title,
    same_run,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

Row = dict[str, Any]

PRUNING = "Channel Pruning for Accelerating Very Deep Neural Networks"
ROWS: list[Row] = [
    {
        "id": f"q{n}",
        "type": "known_item",
        "question": question,
        "relevant": {title: 2},
    }
    for n, (question, title) in enumerate(
        [
            ("recognizing image style", "Recognizing Image Style"),
            ("channel pruning", PRUNING),
            ("equiangular basis vectors", "Equiangular Basis Vectors"),
            ("lasso regression based channel selection", PRUNING),
            ("predicting the style of images", "Recognizing Image Style"),
        ]
    )
]


def write_set(path: Path, rows: Sequence[Row]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def wait(job: Job) -> Job:
    assert job.over.wait(60)
    return job


def test_a_set_is_kept_below_the_data_folder(tmp_path: Path) -> None:
    with tiny_collection(tmp_path) as bot:
        assert keep_set(bot, write_set(tmp_path / "mine.jsonl", ROWS)) == "mine"
        sets = question_sets(bot)
    assert list(sets) == ["mine", "dev (bundled)"]
    assert sets["mine"].is_relative_to(bot.settings.data_dir)


def test_no_set_replaces_another_of_its_name(tmp_path: Path) -> None:
    with tiny_collection(tmp_path) as bot:
        for folder, rows in (
            ("a", ROWS),
            ("b", ROWS[:1]),
            ("c", ROWS[:1]),
            ("d", ROWS),
        ):
            (tmp_path / folder).mkdir()
            name = keep_set(bot, write_set(tmp_path / folder / "mine.jsonl", rows))
            assert name == ("mine (2)" if rows == ROWS[:1] else "mine")
        sets = question_sets(bot)
        assert list(sets) == ["mine (2)", "mine", "dev (bundled)"]
        assert len(read_set(bot, sets["mine"]).questions) == len(ROWS)
        assert len(read_set(bot, sets["mine (2)"]).questions) == 1


def test_a_broken_set_is_one_line_and_not_kept(tmp_path: Path) -> None:
    broken = write_set(
        tmp_path / "broken.jsonl", [ROWS[0], ROWS[1] | {"relevant": {"Nosuch": 2}}]
    )
    with tiny_collection(tmp_path) as bot:
        with pytest.raises(InputError) as caught:
            keep_set(bot, broken)
        assert str(caught.value).startswith("broken.jsonl line 2, relevant: no paper")
        assert "\n" not in str(caught.value)
        assert list(question_sets(bot)) == ["dev (bundled)"]


def test_an_empty_collection_is_said_before_any_title_is_missed(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, environ={})
    with (
        Ragbot.open(settings, load=HashEmbedder) as bot,
        pytest.raises(EmptyCollection),
    ):
        read_set(bot, bundled_questions() / "dev.jsonl")


class StoppedAtTheThird(Ragbot):
    """Whose third question is the last: somebody presses Stop meanwhile."""

    runner: Runner
    asked = 0

    def ask(
        self,
        question: str,
        history: Sequence[Message] = (),
        filters: Filters | None = None,
        *,
        dates_in_words: bool = True,
        model: LanguageModel | None = None,
    ) -> Answer:
        self.asked += 1
        # The first is asked to load the model.
        if self.asked == 4 and self.runner.current:
            self.runner.current.stop()
        return super().ask(
            question, history, filters, dates_in_words=dates_in_words, model=model
        )


def test_stop_keeps_what_is_done_and_the_next_run_goes_on_there(tmp_path: Path) -> None:
    path = write_set(tmp_path / "mine.jsonl", ROWS)
    tiny_collection(tmp_path).close()
    settings = load_settings(data_dir=tmp_path / "data", environ={})
    with StoppedAtTheThird.open(settings, load=HashEmbedder) as bot:
        bot.runner = Runner()
        questions = read_set(bot, path)
        stopped, begun = bot.runner.begin(bot, "mine", questions)
        assert begun
        wait(stopped)
        assert stopped.run is None
        assert "Stopped after 3 of 5 questions" in ending_html(stopped)
        assert finished_runs(bot, path) == {}
        assert same_run(bot, questions) is None

    with Ragbot.open(settings, load=HashEmbedder) as bot:
        went_on = wait(Runner().begin(bot, "mine", questions)[0])
        assert went_on.run is not None
        assert went_on.first is not None
        assert went_on.first.done == 3
        assert [o.id for o in went_on.run.outcomes] == [row["id"] for row in ROWS]
        assert same_run(bot, questions) == went_on.run.folder.name


def test_one_run_at_a_time(tmp_path: Path) -> None:
    path = write_set(tmp_path / "mine.jsonl", ROWS)
    with tiny_collection(tmp_path) as bot:
        runner, questions = Runner(), read_set(bot, path)
        first, begun = runner.begin(bot, "mine", questions)
        second, begun_too = runner.begin(bot, "mine", questions)
        assert (begun, begun_too) == (True, False)
        assert second is first
        assert "<b>mine</b>" in progress_html(first)
        wait(first)
        third, begun = runner.begin(bot, "mine", questions)
        assert begun
        wait(third)


def test_a_failure_is_one_line(tmp_path: Path) -> None:
    path = write_set(tmp_path / "mine.jsonl", ROWS)
    with tiny_collection(tmp_path) as bot:
        questions = read_set(bot, path)
        (bot.settings.data_dir / "runs").write_text("a file where the folder should be")
        job = wait(Job(bot, "mine", questions))
    assert job.problem
    assert 'class="problem" role="alert"' in ending_html(job)


def test_earlier_runs_are_of_the_same_set_whatever_its_name_and_newest_first(
    tmp_path: Path,
) -> None:
    path = write_set(tmp_path / "mine.jsonl", ROWS)
    renamed = write_set(tmp_path / "renamed.jsonl", ROWS)
    other = write_set(tmp_path / "other.jsonl", ROWS[:2])
    with tiny_collection(tmp_path) as bot:
        jobs = [wait(Job(bot, "", read_set(bot, p))) for p in (path, renamed, other)]
        folders = [job.run.folder for job in jobs if job.run]
        # As an interrupted one, another program's file and an older run look.
        broken = folders[0].parent / "broken"
        broken.mkdir()
        (broken / "run.json").write_text('{"finished": null}', encoding="utf-8")
        told = json.loads((folders[1] / "run.json").read_text(encoding="utf-8"))
        older = {
            **told,
            "finished": "2025-03-01T12:00:00+00:00",
            "label": "retrieval.k=20",
        }
        (folders[1] / "run.json").write_text(json.dumps(older), encoding="utf-8")

        runs = finished_runs(bot, path)
        assert list(runs) == [folders[0].name, folders[1].name]
        figure = f"ndcg@10_topical {told['overall']['ndcg@10_topical']:.3f}"
        assert run_title(older).startswith("2025-03-01 ")
        assert run_title(older).endswith(f" · {figure} · retrieval.k=20")
        comparison, page = comparison_report(bot, list(runs))
    assert comparison.base.folder == folders[1]
    assert {d.verdict for d in comparison.differences} == {"even"}
    assert "(retrieval.k=20)" in page


PLANTED = (
    '<img src="http://tracker.invalid/q.png" onerror="top.planted=1"><script>top.planted=1</script>'
    "</iframe><b>{{7*7}} ${7*7}</b> @children"
)


@pytest.fixture(scope="module")
def window(serve: Callable[..., Any]) -> Any:
    return serve(sorted(bundled_listings().glob("00[02]_*.txt")))


def rows_over(data: Path) -> list[Row]:
    """Five real questions that this collection answers, and one that plants tags in the report."""
    with Ragbot.open(load_settings(data_dir=data, environ={})) as bot:
        titles = {title_key(p.title) for p in bot.papers()}
    known = [
        row
        for _, row in read_lines(bundled_questions() / "dev.jsonl")
        if row["relevant"] and {title_key(t) for t in row["relevant"]} <= titles
    ][:5]
    missed = {"evidence": ["No abstract says so."], "type": "single", "id": "planted"}
    return [
        *known,
        {**known[0], **missed, "question": f"{PLANTED} {known[0]['question']}"},
    ]


@pytest.mark.browser
@pytest.mark.slow
def test_a_set_from_drop_to_comparison(
    open_page: Callable[..., Page], window: Any, tmp_path: Path
) -> None:
    expect = pytest.importorskip("playwright.sync_api").expect
    rows = rows_over(window.data)
    dropped = write_set(tmp_path / "six.jsonl", rows)
    drop = """([name, text]) => {
      const files = new DataTransfer();
      files.items.add(new File([text], name, { type: "text/plain" }));
      document.querySelector("#bench").dispatchEvent(
        new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
    }"""
    page = open_page()
    page.get_by_role("tab", name="Evaluate").click()
    expect(page.locator("#set input")).to_have_value("dev (bundled)")

    broken = json.dumps(rows[0] | {"relevant": {"No such paper": 2}})
    page.evaluate(drop, ["broken.jsonl", broken])
    alert = page.locator("#run-notice").get_by_role("alert")
    expect(alert).to_contain_text("broken.jsonl line 1, relevant: no paper")

    page.evaluate(drop, [dropped.name, dropped.read_text(encoding="utf-8")])
    expect(page.locator("#set input")).to_have_value("six")
    expect(alert).to_have_count(0)

    # An earlier run, from a terminal and with another setting.
    done = subprocess.run(
        [sys.executable, "-m", "ragbot", "--data-dir", window.data, "eval", dropped],
        env={**os.environ, "RAGBOT_RETRIEVAL__LEXICAL_WEIGHT_MAX": "0.1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr

    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#status progress")).to_be_visible()
    expect(page.locator("#run-notice")).to_contain_text(
        "6 questions asked", timeout=60_000
    )
    expect(page.locator("#figures tbody tr").first).to_contain_text("ndcg@10_topical")
    values = page.locator("#figures tbody tr").first.locator("td").all_inner_texts()
    frame = page.frame_locator("#sheet iframe")
    expect(frame.locator(".card.first b")).to_have_text(values[0])
    assert PLANTED in str(frame.locator("body").text_content())
    assert frame.locator("img, script, iframe").count() == 0
    assert page.evaluate("window.planted") is None
    assert page.locator("#sheet iframe").get_attribute("sandbox") == ""

    with page.expect_download() as download:
        page.get_by_role("button", name="Download the report").click()
    (report,) = window.data.glob(
        f"runs/{download.value.suggested_filename.removesuffix('.html')}"
    )
    assert (
        Path(download.value.path()).read_bytes()
        == (report / "report.html").read_bytes()
    )

    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#run-notice")).to_contain_text(
        "Nothing has changed since this run"
    )
    page.get_by_role("button", name="Run it anew").click()
    expect(page.locator("#run-notice")).to_contain_text(
        "6 questions asked", timeout=60_000
    )
    assert len(list(window.data.glob("runs/six-*"))) == 2

    page.locator("#against label", has_text="20").click()
    expect(page.locator("#figures")).to_contain_text(
        "retrieval.lexical_weight_max: 0.1 → 0.5"
    )
    expect(frame.locator("h1")).to_have_text("six")
    expect(frame.locator(".kicker")).to_contain_text("comparison")

    # Another visitor finds it all, on a phone.
    phone = open_page(390, 844)
    phone.get_by_role("tab", name="Evaluate").click()
    phone.locator("#set input").click()
    phone.get_by_role("option", name="six").click()
    expect(phone.locator("#figures tbody tr").first.locator("td").first).to_have_text(
        values[0]
    )
    phone.locator("#against label").first.click()
    expect(phone.locator("#figures")).to_contain_text("retrieval.lexical_weight_max")
    for part in ("#setup", "#figures table", "#sheet iframe"):
        box = phone.locator(part).bounding_box()
        assert box
        assert box["x"] >= 12
        assert box["x"] + box["width"] <= 390 - 12, part


@pytest.mark.browser
@pytest.mark.slow
def test_a_run_is_watched_from_another_window_which_asks_meanwhile(
    open_page: Callable[..., Page], window: Any
) -> None:
    expect = pytest.importorskip("playwright.sync_api").expect
    rows = rows_over(window.data)
    many = [{**row, "id": f"{row['id']}-{n}"} for n in range(40) for row in rows]
    write_set(window.data / "questions" / "many.jsonl", many)
    one, two = open_page(), open_page()
    one.get_by_role("tab", name="Evaluate").click()
    one.locator("#set input").click()
    one.get_by_role("option", name="many").click()
    one.get_by_role("button", name="Run", exact=True).click()
    expect(one.locator("#status")).to_contain_text("of 240 questions", timeout=30_000)

    two.locator("#question textarea").fill("How can the KV cache be compressed?")
    two.locator("#question textarea").press("Enter")
    expect(two.locator("#a1")).to_be_visible(timeout=30_000)
    two.get_by_role("tab", name="Evaluate").click()
    expect(two.locator("#set input")).to_have_value("many")
    expect(two.locator("#status")).to_contain_text("left", timeout=30_000)
    two.get_by_role("button", name="Stop", exact=True).click()
    for page in (one, two):
        expect(page.locator("#run-notice")).to_contain_text(
            "of 240 questions", timeout=30_000
        )
        expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
