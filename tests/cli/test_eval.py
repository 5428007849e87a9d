"""`ragbot eval` as a program: documents, exit codes, what is refused, and going on after Ctrl-C."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ragbot.cli import main
from ragbot.testing import ScriptedServer, wait_until
from ragbot.types import Message

Run = Callable[..., subprocess.CompletedProcess[str]]

KAN = "KAN: Kolmogorov-Arnold Networks"
MATRYOSHKA = "MatryoshkaKV: Adaptive KV Compression via Trainable Orthogonal Projection"
OLINEAR = "OLinear: A Linear Model for Time Series Forecasting in Orthogonally Transformed Domain"
ROWS: list[dict[str, Any]] = [
    {
        "id": "s1",
        "type": "single",
        "question": "How does MatryoshkaKV compress the KV cache?",
        "relevant": {MATRYOSHKA: 2},
    },
    {
        "id": "k1",
        "type": "known_item",
        "question": "Kolmogorov-Arnold Networks",
        "relevant": {KAN: 2},
    },
    {
        "id": "d1",
        "type": "filter",
        "question": "Which papers of 2024 work with orthogonal projections?",
        "relevant": {MATRYOSHKA: 2},
        "date_from": "2024",
        "date_to": "2024",
    },
    {
        "id": "u1",
        "type": "unanswerable",
        "miss": "far",
        "question": "Who won the 1954 football world cup?",
        "relevant": {},
    },
]


def write_set(path: Path, rows: Iterable[dict[str, Any]] = ROWS) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """Four questions on the six papers."""
    return write_set(tmp_path / "four.jsonl")


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    """A BEIR folder of three documents, with a test and a dev split."""
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    titles = (KAN, MATRYOSHKA, OLINEAR)
    corpus = [
        {"_id": str(i), "title": t, "text": f"We present {t}."}
        for i, t in enumerate(titles)
    ]
    write_set(folder / "corpus.jsonl", corpus)
    write_set(
        folder / "queries.jsonl",
        [{"_id": "a", "text": KAN}, {"_id": "b", "text": OLINEAR}],
    )
    heading = "query-id\tcorpus-id\tscore\n"
    (folder / "qrels" / "test.tsv").write_text(
        f"{heading}a\t0\t1\nb\t2\t1\n", encoding="utf-8"
    )
    (folder / "qrels" / "dev.tsv").write_text(f"{heading}b\t2\t1\n", encoding="utf-8")
    return folder


# -- one run ----------------------------------------------------------------------------------


def test_json_is_the_contract(
    ragbot: Run, data: Path, questions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    done = ragbot("eval", questions, "--json", "--out", out, "--data-dir", data)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert list(told) == ["questions", "overall", "by_type", "latency_ms", "run"]
    assert told["questions"] == 4
    assert told["overall"]["ndcg@10_topical"] == 1
    assert told["overall"]["abstention_far"] == 1
    assert list(told["by_type"]) == [
        "single",
        "known_item",
        "filter",
        "filter_dated",
        "unanswerable",
    ]
    assert list(told["latency_ms"]) == [
        "search_p50",
        "search_p95",
        "ask_p50",
        "ask_p95",
    ]
    assert told["run"] == str(out)
    assert {p.name for p in out.iterdir()} == {
        "run.json",
        "results.jsonl",
        "report.html",
    }


def test_a_model_judges_the_answers_that_it_wrote(
    data: Path,
    questions: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def reply(messages: Sequence[Message]) -> str:
        judging = re.search(r"\bYES\b", messages[-1].content)
        return "YES" if judging else "KAN is what it is about [1]."

    out = tmp_path / "judged"
    command = ["eval", str(questions), "--judge", "--json", "--out", str(out)]
    with ScriptedServer(reply) as server:
        monkeypatch.setenv("RAGBOT_LLM__PROVIDER", "openai")
        monkeypatch.setenv("RAGBOT_LLM__MODEL", "scripted")
        monkeypatch.setenv("RAGBOT_LLM__BASE_URL", server.base_url)
        assert main([*command, "--data-dir", str(data)]) == 0
    overall = json.loads(capsys.readouterr().out)["overall"]
    assert overall["judge_faithfulness"] == 1
    assert overall["judge_relevancy"] == 1
    assert "judge_correctness" not in overall, "the set has no references"


def test_a_judge_needs_a_model(
    data: Path, questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", str(questions), "--judge", "--data-dir", str(data)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(
        "ragbot: --judge needs a language model, and llm.provider is 'none'"
    )


def test_a_run_is_told_in_a_table_and_kept_below_the_data_folder(
    ragbot: Run, own: Path, questions: Path
) -> None:
    done = ragbot("eval", questions, "--data-dir", own)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("four: 4 questions")
    assert lines[1].split()[:2] == ["ndcg@10_topical", "1.0000"]
    report = Path(lines[-1].removeprefix("report: "))
    assert report.is_relative_to(own / "runs")
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_bundled_set_needs_the_bundled_papers(ragbot: Run, data: Path) -> None:
    error = refused(ragbot("eval", "--bundled", "--data-dir", data))
    assert "dev.jsonl line" in error
    assert "no paper of the collection has the title" in error


@pytest.mark.parametrize(("split", "asked"), [([], 2), (["--split", "dev"], 1)])
def test_a_beir_folder_leaves_the_collection_alone(
    split: list[str], asked: int, ragbot: Run, empty: Path, beir: Path
) -> None:
    done = ragbot("eval", "--beir", beir, *split, "--json", "--data-dir", empty)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["questions"] == asked
    assert told["overall"]["hit@1"] == 1
    assert sorted(p.name for p in empty.iterdir()) == ["models", "runs"]


# -- ask cases --------------------------------------------------------------------------------

CASES: list[dict[str, Any]] = [
    {
        "id": "c1",
        "kind": "name",
        "turns": ["How does MatryoshkaKV compress the KV cache?", "Who wrote it?"],
        "checks": {"cites_turn": {"turn": 1, "n": 1}, "abstained": False},
        "why": "the paper before",
    },
    {
        "id": "c2",
        "kind": "far",
        "turns": ["Who won the 1954 football world cup?"],
        "checks": {"cited": [KAN]},
        "why": "what cannot be",
    },
]


def test_ask_cases_are_told_by_their_turns(
    ragbot: Run, data: Path, tmp_path: Path
) -> None:
    cases, folders = (
        write_set(tmp_path / "cases.jsonl", CASES),
        [tmp_path / "a", tmp_path / "b"],
    )
    command = ("eval", cases, "--data-dir", data, "--out", folders[0])
    done = ragbot(*command, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["passed"], told["cases"]) == (1, 2)
    assert told["by_kind"] == {
        "name": {"passed": 1, "cases": 1},
        "far": {"passed": 0, "cases": 1},
    }
    assert told["overall"] == {"cases_passed_macro": 0.5, "cases_passed": 0.5}
    assert told["latency_ms"]["ask_p50"] > 0
    assert told["run"] == str(folders[0])
    assert [f["id"] for f in told["failures"]] == ["c2"]

    gates = ("--fail-under", "cases_passed=0.6", "--fail-under", "cases_passed_macro=1")
    done = ragbot(*command[:-1], folders[1], *gates)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "ragbot: cases_passed is 0.5000, below 0.6",
        "ragbot: cases_passed_macro is 0.5000, below 1",
    ]
    lines = done.stdout.splitlines()
    assert lines[0] == "cases: 1 of 2 ask cases pass, mean over 2 kinds 0.500"
    assert f"failed: c2  {CASES[1]['turns'][0]}" in lines
    assert f"  cited: lacks “{KAN}”" in lines

    compared = ragbot("eval", "compare", *folders, "--json", "--data-dir", data)
    assert compared.returncode == 0, compared.stderr
    assert {d["metric"] for d in json.loads(compared.stdout)["differences"]} == {
        "cases_passed"
    }


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([CASES[0], ROWS[0]], "line 2, question: makes it a question among ask cases"),
        ([ROWS[0], CASES[0]], "line 2, turns: makes it an ask case among questions"),
        (
            [{**CASES[0], "checks": {"cite": [KAN]}}],
            "line 1, checks: 'cite' is no chec",
        ),
    ],
)
def test_a_broken_case_is_named(
    rows: list[dict[str, Any]],
    why: str,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cases = write_set(tmp_path / "cases.jsonl", rows)
    assert main(["eval", str(cases), "--data-dir", str(data)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("ragbot: ")
    assert f"cases.jsonl {why}" in printed.err


# -- gates ------------------------------------------------------------------------------------


def test_gates(ragbot: Run, data: Path, tmp_path: Path) -> None:
    """One floor that is missed, one that holds; and false_abstention is a ceiling."""
    wrong = {**ROWS[0], "id": "wrong", "relevant": {OLINEAR: 2}}
    unanswered = {
        **ROWS[3],
        "id": "unanswered",
        "type": "single",
        "relevant": {OLINEAR: 2},
    }
    questions = write_set(tmp_path / "gates.jsonl", [*ROWS, wrong, unanswered])
    done = ragbot(
        *("eval", questions, "--json", "--out", tmp_path / "run", "--data-dir", data),
        *("--fail-under", "hit@1=0.99", "--fail-under", "abstention_far=1"),
        *("--fail-under", "false_abstention=0.05"),
    )
    assert done.returncode == 1
    hit, false = (
        json.loads(done.stdout)["overall"][m] for m in ("hit@1", "false_abstention")
    )
    assert done.stderr.splitlines() == [
        f"ragbot: hit@1 is {hit:.4f}, below 0.99",
        f"ragbot: false_abstention is {false:.4f}, above 0.05",
    ]


def test_gates_that_hold(
    ragbot: Run, data: Path, questions: Path, tmp_path: Path
) -> None:
    done = ragbot(
        *("eval", questions, "--out", tmp_path / "run", "--data-dir", data),
        *("--fail-under", "hit@1=1", "--fail-under", "false_abstention=0"),
    )
    assert (done.returncode, done.stderr) == (0, "")


# -- what is refused --------------------------------------------------------------------------


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that says why a command could not be done."""
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ragbot: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(
    ("args", "why"),
    [
        ([], "name one set of questions"),
        (["SET", "--bundled"], "name one set of questions"),
        (["SET", "--bundled", "cases"], "name one set of questions"),
        (["--bundled", "SET"], "invalid choice"),
        (["SET", "--split", "test"], "only a BEIR folder has splits"),
        (
            ["SET", "--fail-under", "ndgc@10=0.8"],
            "'ndgc@10' is no metric; known: ndcg@10_topical",
        ),
        (["SET", "--fail-under", "ndcg@10=nan"], "a value from 0 to 1"),
        (["SET", "--fail-under", "ndcg@10=80"], "a value from 0 to 1"),
        (["SET", "--fail-under", "ndcg@10"], "a value from 0 to 1"),
        (["SET", "--grid", "k=1,2"], "is no --grid option"),
        (["SET", "--grid", "retrieval.kay=1,2"], "kay"),
        (["SET", "--seed", "-1"], "--seed"),
        (["nowhere.jsonl"], "nowhere.jsonl: no such file"),
        (["--beir", "nowhere"], "nowhere: no such BEIR folder"),
        (
            ["SET", "more.jsonl"],
            "unknown arguments: more.jsonl: see 'ragbot eval --help'",
        ),
    ],
)
def test_what_cannot_be_run(
    args: list[str],
    why: str,
    own: Path,
    questions: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = [str(questions) if arg == "SET" else arg for arg in args]
    assert main(["eval", *given, "--data-dir", str(own)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("ragbot: ")
    assert why in printed.err
    assert not (own / "runs").exists()


def test_a_gate_on_what_the_set_does_not_measure(
    ragbot: Run, data: Path, questions: Path, tmp_path: Path
) -> None:
    error = refused(
        ragbot(
            *("eval", questions, "--out", tmp_path / "run", "--data-dir", data),
            *("--fail-under", "abstention_near=0.5"),
        )
    )
    assert "'abstention_near' is not measured here" in error


@pytest.mark.parametrize("form", [[], ["pool"], ["merge"]])
def test_an_empty_collection_names_ingest(
    form: list[str], ragbot: Run, empty: Path, questions: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.csv"
    more = {"pool": ["-o", labels], "merge": [labels, "-o", tmp_path / "new.jsonl"]}
    done = ragbot(
        "eval", *form, questions, *more.get("".join(form), []), "--data-dir", empty
    )
    assert "ragbot ingest" in refused(done)


# -- several runs -----------------------------------------------------------------------------


def test_a_grid_is_run_and_compared(
    ragbot: Run, data: Path, questions: Path, tmp_path: Path
) -> None:
    command = (
        *("eval", questions, "--out", tmp_path / "grid", "--data-dir", data),
        *("--grid", "retrieval.dense_minimum=-0.1,-0.2"),
    )
    told = json.loads(ragbot(*command, "--json").stdout)
    assert [len(told["runs"]), len(told["comparison"]["runs"])] == [2, 1]
    assert told["comparison"]["base"]["run"] == told["runs"][0]["run"]
    assert Path(told["comparison"]["report"]).is_file()

    text = ragbot(*command).stdout
    assert text.count("four: 4 questions") == 2
    assert "base: retrieval.dense_minimum=-0.1" in text


def test_runs_are_compared(
    ragbot: Run, data: Path, questions: Path, tmp_path: Path
) -> None:
    """The options of the program stand before the command as well, also before one of two words."""
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        assert (
            ragbot("eval", questions, "--out", folder, "--data-dir", data).returncode
            == 0
        )
    report = tmp_path / "report.html"
    done = ragbot(
        "--data-dir", data, "eval", "compare", *folders, "--out", report, "--json"
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert list(told) == ["base", "runs", "differences", "notes", "report"]
    assert told["report"] == str(report)
    assert {d["difference"] for d in told["differences"]} == {0.0}
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")

    lines = ragbot("eval", "compare", *folders, "--data-dir", data).stdout.splitlines()
    assert lines[0] == f"base: {folders[0].name}"
    assert lines[-1] == f"report: {folders[1] / 'comparison.html'}"
    assert (folders[1] / "comparison.html").is_file()


@pytest.mark.parametrize(
    ("folders", "why"),
    [(["a"], "needs two runs"), (["a", "nowhere"], "nowhere: holds no run")],
)
def test_what_cannot_be_compared(
    folders: list[str],
    why: str,
    ragbot: Run,
    data: Path,
    questions: Path,
    tmp_path: Path,
) -> None:
    ragbot("eval", questions, "--out", tmp_path / "a", "--data-dir", data)
    done = ragbot(
        "eval", "compare", *(tmp_path / f for f in folders), "--data-dir", data
    )
    assert why in refused(done)


# -- labelling --------------------------------------------------------------------------------


def test_a_pool_is_labelled_and_merged(ragbot: Run, data: Path, tmp_path: Path) -> None:
    bare = [{k: v for k, v in row.items() if k != "relevant"} for row in ROWS[:2]]
    unlabelled = write_set(tmp_path / "bare.jsonl", bare)
    table, labelled = tmp_path / "pool.csv", tmp_path / "labelled.jsonl"
    done = ragbot(
        *("eval", "pool", unlabelled, "-o", table, "--data-dir", data),
        *("--grid", "retrieval.dense_minimum=-0.1,-0.2"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("12 papers for 2 questions")

    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = {("s1", MATRYOSHKA): "2", ("s1", KAN): "0"}
    for row in rows:
        row["label"] = wanted.get((row["question_id"], row["title"]), "")
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    done = ragbot(
        "eval", "merge", unlabelled, table, "-o", labelled, "--data-dir", data
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"1 question with 2 labels written to {labelled}",
        "10 rows without a label",
        "left out, as no paper answers them: k1",
    ]
    assert json.loads(labelled.read_text(encoding="utf-8"))["relevant"] == {
        MATRYOSHKA: 2
    }


# -- interruption -----------------------------------------------------------------------------


def test_an_interrupted_run_is_taken_up_again(
    ragbot: Run, data: Path, tmp_path: Path
) -> None:
    rows = [{**ROWS[i % 2], "id": str(i)} for i in range(60)]
    questions, out = write_set(tmp_path / "many.jsonl", rows), tmp_path / "run"
    command = ["eval", str(questions), "--out", str(out), "--data-dir", str(data)]
    program = subprocess.Popen(
        [sys.executable, "-m", "ragbot", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    results = out / "results.jsonl"
    wait_until(
        lambda: (
            program.poll() is not None or (results.exists() and results.stat().st_size)
        )
    )
    program.send_signal(signal.SIGINT)
    told, error = program.communicate()
    assert (program.returncode, told) == (130, "")
    assert error == "ragbot: interrupted: the same command takes the run up again\n"
    # The last may be cut short
    kept = results.read_text(encoding="utf-8").split("\n")[:-1]
    assert 0 < len(kept) < len(rows)

    done = ragbot(*command, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["questions"] == len(rows)
    lines = results.read_text(encoding="utf-8").splitlines()
    assert lines[: len(kept)] == kept
    assert [json.loads(line)["id"] for line in lines] == [row["id"] for row in rows]
