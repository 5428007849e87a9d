"""Question sets and their runs, without a window: kept, run, stopped, compared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ragbot.config import load_settings
from ragbot.errors import EmptyCollection, InputError
from ragbot.llm import LanguageModel
from ragbot.pipeline import Ragbot
from ragbot.service import Service
from ragbot.service.trials import Evaluation, run_title
from ragbot.testing import HashEmbedder, tiny_collection
from ragbot.types import Answer, Filters, Message
from ragbot.window.html.measures import (
    comparison_html,
    ending_html,
    figures_html,
    progress_html,
)

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


def wait(job: Evaluation) -> Evaluation:
    assert job.over.wait(60)
    return job


def test_a_set_is_kept_below_the_data_folder(tmp_path: Path) -> None:
    with Service(tiny_collection(tmp_path)) as service:
        mine = write_set(tmp_path / "mine.jsonl", ROWS)
        assert service.trials.keep(mine) == "mine"
        assert service.trials.sets() == ["mine", "cases (bundled)", "dev (bundled)"]
        kept = service.trials.read("mine").path
        assert kept.is_relative_to(service.settings.data_dir)


def test_ask_cases_are_kept_run_and_compared_like_questions(tmp_path: Path) -> None:
    cases: list[Row] = [
        {"id": f"c{n}", "kind": "<b>", "turns": ["channel pruning?"], "checks": checks}
        for n, checks in enumerate(({"cited": [PRUNING]}, {"cited": ["Nosuch"]}))
    ]
    with Service(tiny_collection(tmp_path)) as service:
        trials = service.trials
        name = trials.keep(write_set(tmp_path / "mine.jsonl", cases))
        job, _ = trials.begin(name, trials.read(name))
        assert wait(job).run is not None
        (run,) = trials.finished(name)
        made, page = trials.report(run)
        assert "cases_passed_macro 0.500" in run_title(made.told)
        assert "<small>2 ask cases</small>" in figures_html(made.told)
        assert "Cases that failed" in page
        assert "&lt;b&gt;" in page
        compared, _ = trials.comparison([run, run])
        assert "cases_<wbr>passed" in comparison_html(compared)


def test_no_set_replaces_another_of_its_name(tmp_path: Path) -> None:
    with Service(tiny_collection(tmp_path)) as service:
        for folder, rows in (
            ("a", ROWS),
            ("b", ROWS[:1]),
            ("c", ROWS[:1]),
            ("d", ROWS),
        ):
            (tmp_path / folder).mkdir()
            mine = write_set(tmp_path / folder / "mine.jsonl", rows)
            name = service.trials.keep(mine)
            assert name == ("mine (2)" if rows == ROWS[:1] else "mine")
        assert service.trials.sets() == [
            "mine (2)",
            "mine",
            "cases (bundled)",
            "dev (bundled)",
        ]
        assert len(service.trials.read("mine").questions) == len(ROWS)
        assert len(service.trials.read("mine (2)").questions) == 1


def test_a_broken_set_is_one_line_and_not_kept(tmp_path: Path) -> None:
    broken = write_set(
        tmp_path / "broken.jsonl", [ROWS[0], ROWS[1] | {"relevant": {"Nosuch": 2}}]
    )
    with Service(tiny_collection(tmp_path)) as service:
        with pytest.raises(InputError) as caught:
            service.trials.keep(broken)
        assert str(caught.value).startswith("broken.jsonl line 2, relevant: no paper")
        assert "\n" not in str(caught.value)
        assert service.trials.sets() == ["cases (bundled)", "dev (bundled)"]


def test_an_empty_collection_is_said_before_any_title_is_missed(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, environ={})
    with (
        Service(Ragbot.open(settings, load=HashEmbedder)) as service,
        pytest.raises(EmptyCollection),
    ):
        service.trials.read("dev (bundled)")


class StoppedAtTheThird(Ragbot):
    """Whose third question is the last: somebody presses Stop meanwhile."""

    service: Service
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
        current = self.service.trials.current
        if self.asked == 4 and current:
            current.stop()
        return super().ask(
            question, history, filters, dates_in_words=dates_in_words, model=model
        )


def test_stop_keeps_what_is_done_and_the_next_run_goes_on_there(tmp_path: Path) -> None:
    path = write_set(tmp_path / "mine.jsonl", ROWS)
    tiny_collection(tmp_path).close()
    settings = load_settings(data_dir=tmp_path / "data", environ={})
    bot = StoppedAtTheThird.open(settings, load=HashEmbedder)
    with Service(bot) as service:
        bot.service, trials = service, service.trials
        questions = trials.read(trials.keep(path))
        stopped, begun = trials.begin("mine", questions)
        assert begun
        wait(stopped)
        assert stopped.run is None
        assert "Stopped after 3 of 5 questions" in ending_html(stopped)
        assert trials.finished("mine") == {}
        assert trials.same_run(questions) is None

    with Service(Ragbot.open(settings, load=HashEmbedder)) as service:
        trials = service.trials
        went_on = wait(trials.begin("mine", questions)[0])
        assert went_on.run is not None
        assert went_on.first is not None
        assert went_on.first.done == 3
        assert [o.id for o in went_on.run.outcomes] == [row["id"] for row in ROWS]
        assert trials.same_run(questions) == went_on.run.folder.name


def test_one_run_at_a_time(tmp_path: Path) -> None:
    path = write_set(tmp_path / "mine.jsonl", ROWS)
    with Service(tiny_collection(tmp_path)) as service:
        trials = service.trials
        questions = trials.read(trials.keep(path))
        first, begun = trials.begin("mine", questions)
        second, begun_too = trials.begin("mine", questions)
        assert (begun, begun_too) == (True, False)
        assert second is first
        assert "<b>mine</b>" in progress_html(first)
        wait(first)
        third, begun = trials.begin("mine", questions)
        assert begun
        wait(third)


def test_a_failure_is_one_line(tmp_path: Path) -> None:
    path = write_set(tmp_path / "mine.jsonl", ROWS)
    with Service(tiny_collection(tmp_path)) as service:
        questions = service.trials.read(service.trials.keep(path))
        runs = service.settings.data_dir / "runs"
        runs.write_text("a file where the folder should be")
        job = wait(service.trials.begin("mine", questions)[0])
    assert job.problem
    assert 'class="problem" role="alert"' in ending_html(job)


def test_a_set_that_is_gone_is_said(tmp_path: Path) -> None:
    with Service(tiny_collection(tmp_path)) as service:
        for use in (service.trials.read, service.trials.finished):
            with pytest.raises(InputError, match="the set mine is gone: add it again"):
                use("mine")


def test_earlier_runs_are_of_the_same_set_whatever_its_name_and_newest_first(
    tmp_path: Path,
) -> None:
    with Service(tiny_collection(tmp_path)) as service:
        trials, runs = service.trials, []
        for name, rows in (("mine", ROWS), ("renamed", ROWS), ("other", ROWS[:2])):
            trials.keep(write_set(tmp_path / f"{name}.jsonl", rows))
            runs.append(wait(trials.begin(name, trials.read(name))[0]).run)
        folders = [run.folder for run in runs if run]
        assert len(folders) == 3
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

        finished = trials.finished("mine")
        assert list(finished) == [folders[0].name, folders[1].name]
        figure = f"ndcg@10_topical {told['overall']['ndcg@10_topical']:.3f}"
        assert run_title(older).startswith("2025-03-01 ")
        assert run_title(older).endswith(f" · {figure} · retrieval.k=20")
        comparison, page = trials.comparison(list(finished))
    assert comparison.base.folder == folders[1]
    assert {d.verdict for d in comparison.differences} == {"even"}
    assert "(retrieval.k=20)" in page
