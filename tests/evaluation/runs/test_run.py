"""A run over the real stores: its folder, its figures, and going on after an interruption."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ragbot.config import load_settings
from ragbot.errors import EmptyCollection, InputError
from ragbot.evaluation.runs.records import Run, read_run
from ragbot.evaluation.runs.run import run_questions
from ragbot.evaluation.scores.metrics import paper_figures
from ragbot.evaluation.sets.questions import Question, QuestionSet
from ragbot.pipeline import Ragbot
from ragbot.testing import HashEmbedder
from ragbot.types import Answer, Progress


def test_a_run_is_a_folder_that_reads_back(tiny_run: Run) -> None:
    again = read_run(tiny_run.folder)

    assert again == tiny_run
    assert {p.name for p in tiny_run.folder.iterdir()} == {
        "run.json",
        "results.jsonl",
        "report.html",
    }
    assert tiny_run.summary.keys() == {
        "questions",
        "overall",
        "by_type",
        "latency_ms",
        "run",
    }
    assert tiny_run.summary["run"] == str(tiny_run.folder)
    assert json.loads(json.dumps(tiny_run.summary)) == tiny_run.summary
    assert tiny_run.told["seed"] == 0
    assert tiny_run.told["settings"]["retrieval"]["k"] == 10
    assert "data" not in tiny_run.told["settings"]


def test_figures_are_averages_over_questions(
    tiny_run: Run, questions: QuestionSet
) -> None:
    overall, by_type = tiny_run.told["overall"], tiny_run.told["by_type"]
    found = {o.key: [f.id for f in o.found] for o in tiny_run.outcomes}

    assert tiny_run.told["questions"] == len(questions.questions)
    own = [
        figures["ndcg@10"]
        for q in questions.questions
        if (figures := paper_figures(q, found[q.id, q.type]))
    ]
    assert len(own) == 7  # five topical ones, the filter, and one from the corpus
    assert overall["ndcg@10"] == pytest.approx(sum(own) / 7)
    assert overall["ndcg@10_topical"] == pytest.approx(
        sum(
            by_type[t]["ndcg@10"]
            for t in ("single", "known_item", "follow_up", "list", "compare")
        )
        / 5
    )
    assert tiny_run.told["ci"].keys() == overall.keys()
    for low, high in tiny_run.told["ci"].values():
        assert low <= high
    assert all(
        low <= overall[m] <= high for m, (low, high) in tiny_run.told["ci"].items()
    )


def test_filter_questions_are_asked_twice_and_counted_once(tiny_run: Run) -> None:
    plain, dated = (o for o in tiny_run.outcomes if o.id == "d1")

    assert (plain.type, dated.type) == ("filter", "filter_dated")
    assert [f.title.split(":")[0] for f in dated.found] == ["MatryoshkaKV"]
    assert tiny_run.told["by_type"]["filter_dated"]["hit@1"] == 1.0
    assert tiny_run.told["by_type"].keys() >= {"filter", "filter_dated"}


@pytest.mark.parametrize("ask_only", [None, 0])
def test_a_follow_up_is_searched_for_with_its_history(
    tiny: Ragbot, questions: QuestionSet, tmp_path: Path, ask_only: int | None
) -> None:
    run = run_questions(tiny, questions, tmp_path / "run", ask_only=ask_only)

    (outcome,) = (o for o in run.outcomes if o.id == "f1")
    assert outcome.found[0].title.startswith("Channel Pruning")
    assert outcome.found[0].grade == 2


def test_the_same_seed_gives_the_same_numbers(
    tiny: Ragbot, questions: QuestionSet, tiny_run: Run, tmp_path: Path
) -> None:
    again = run_questions(tiny, questions, tmp_path / "again")
    other = run_questions(tiny, questions, tmp_path / "other", seed=1)

    for key in ("questions", "overall", "by_type", "ci", "fingerprint", "mark"):
        assert again.told[key] == tiny_run.told[key]
    assert other.told["overall"] == tiny_run.told["overall"]
    assert other.told["mark"] != tiny_run.told["mark"]


def test_an_interrupted_run_goes_on_where_it_stopped(
    tiny: Ragbot, questions: QuestionSet, tiny_run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "cut"

    def interrupt(progress: Progress) -> None:
        if progress.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_questions(tiny, questions, folder, progress=interrupt)
    results = folder / "results.jsonl"
    kept = results.read_text(encoding="utf-8").splitlines()
    assert len(kept) == 4
    with pytest.raises(InputError, match="was interrupted"):
        read_run(folder)
    # As if the machine had gone down amid a line.
    results.write_text("\n".join(kept) + '\n{"id": "l', encoding="utf-8")

    steps: list[int] = []
    finished = run_questions(
        tiny, questions, folder, progress=lambda p: steps.append(p.done)
    )

    assert steps == list(range(4, 12))
    assert results.read_text(encoding="utf-8").splitlines()[:4] == kept
    assert finished.told["overall"] == tiny_run.told["overall"]
    assert [o.key for o in finished.outcomes] == [o.key for o in tiny_run.outcomes]


def test_another_run_in_the_folder_starts_anew(
    tiny: Ragbot, questions: QuestionSet, tiny_run: Run
) -> None:
    steps: list[int] = []
    again = run_questions(
        tiny,
        questions,
        tiny_run.folder,
        seed=5,
        progress=lambda p: steps.append(p.done),
    )

    assert steps[0] == 0
    assert len(again.outcomes) == len(tiny_run.outcomes)


def test_a_folder_of_other_things_is_left_alone(
    tiny: Ragbot, questions: QuestionSet, tmp_path: Path
) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("keep")

    with pytest.raises(InputError, match="holds other files"):
        run_questions(tiny, questions, tmp_path / "notes")
    with pytest.raises(InputError, match="no run"):
        read_run(tmp_path / "notes")
    assert [p.name for p in (tmp_path / "notes").iterdir()] == ["mine.txt"]


def test_without_a_folder_it_lies_below_the_data_folder(
    tiny: Ragbot, questions: QuestionSet
) -> None:
    run = run_questions(tiny, questions, ask_only=0)

    assert run.folder.parent == tiny.settings.data_dir / "runs"
    assert run.folder.name.startswith("tiny-")


def test_only_some_are_asked_and_the_others_searched_for(
    tiny: Ragbot, questions: QuestionSet, tmp_path: Path
) -> None:
    run = run_questions(tiny, questions, tmp_path / "some", ask_only=3, seed=2)

    asked = {o.id for o in run.outcomes if o.ask_ms is not None}
    assert len(asked) == 3
    assert all(o.found for o in run.outcomes if "ndcg@10" in o.figures)


def test_an_empty_collection_is_an_error(
    questions: QuestionSet, tmp_path: Path
) -> None:
    settings = load_settings(data_dir=tmp_path / "empty", environ={})
    with (
        Ragbot.open(settings, load=HashEmbedder) as bot,
        pytest.raises(EmptyCollection),
    ):
        run_questions(bot, questions, tmp_path / "run")


def test_a_refused_question_is_recorded_and_counts_as_a_failure(
    tiny: Ragbot, tmp_path: Path
) -> None:
    blank = QuestionSet(
        "blank",
        tmp_path,
        "0",
        (
            Question("b", "adversarial", " \n ", {}, expect="no_crash"),
            Question(
                "g", "adversarial", "equiangular basis vectors", {}, expect="no_crash"
            ),
        ),
    )

    run = run_questions(tiny, blank, tmp_path / "run")

    assert run.told["errors"] == 1
    assert "empty" in (run.outcomes[0].error or "")
    assert run.told["overall"]["adversarial_ok"] == 0.5


def test_what_a_judge_cannot_say_is_missing(
    tiny: Ragbot, questions: QuestionSet, tmp_path: Path
) -> None:
    def judge(question: Question, answer: Answer) -> Mapping[str, float | None]:
        return {"judge_relevancy": 1.0 if question.id == "k1" else None}

    run = run_questions(tiny, questions, tmp_path / "run", judge=judge)

    judged: Callable[[str], int] = lambda key: sum(  # noqa: E731
        bool(o.unjudged if key == "missing" else "judge_relevancy" in o.figures)
        for o in run.outcomes
        if o.type != "filter_dated"
    )
    assert run.told["overall"]["judge_relevancy"] == 1.0
    assert judged("given") == 1
    assert run.told["unjudged"] == {"judge_relevancy": judged("missing")}
    assert judged("missing") > 1
