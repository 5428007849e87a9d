"""scripts/bootstrap.py, run on small trees without dependencies: no network is used."""

import ast
import contextlib
import importlib.util
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "bootstrap.py"

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "tiny"
version = "1"
"""

BACKEND = """\
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    info = "tiny-1.dist-info/"
    with zipfile.ZipFile(folder + "/tiny-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return "tiny-1-py3-none-any.whl"
"""


def make_tree(root: Path) -> Path:
    (root / "scripts").mkdir(parents=True)
    shutil.copy(SCRIPT, root / "scripts")
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND)
    (root / "constraints.txt").write_text("")
    return root


def start(
    root: Path,
    *arguments: str,
    python: str | Path = sys.executable,
    path: str | None = None,
) -> subprocess.Popen[str]:
    environment = {
        "PATH": path or os.environ["PATH"],
        "HOME": str(root),
        "PIP_NO_INDEX": "1",
    }
    return subprocess.Popen(
        [python, "scripts/bootstrap.py", *arguments],
        cwd=root,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit status, stdout and stderr."""
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree that was set up after an earlier set-up had been killed."""
    root = make_tree(tmp_path_factory.mktemp("a folder") / "ready")
    (root / ".venv").mkdir()
    (root / ".venv" / "ragbot-stamp").write_text("unfinished")
    (root / ".venv" / "leftover").touch()
    status, out, err = finish(start(root))
    assert (status, err) == (0, "")
    assert out.startswith("The last set-up did not finish: making .venv again.\n")
    assert "\nReady after " in out
    assert not (root / ".venv" / "leftover").exists()
    return root


@pytest.fixture
def bootstrap(tmp_path: Path) -> ModuleType:
    """The script as a module, working on a tree without a .venv."""
    script = make_tree(tmp_path / "tree") / "scripts" / "bootstrap.py"
    spec = importlib.util.spec_from_file_location("bootstrap", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_second_call_does_nothing_quickly(ready: Path) -> None:
    stamp = ready / ".venv" / "ragbot-stamp"
    before = stamp.stat().st_mtime_ns
    started = time.monotonic()
    assert finish(start(ready)) == (0, "", "")
    assert time.monotonic() - started < 1  # 0.1 s on a quiet machine
    assert stamp.stat().st_mtime_ns == before


def test_dev_updates_in_place_and_can_also_run(ready: Path) -> None:
    kept = ready / ".venv" / "kept"
    kept.touch()
    status, out, err = finish(start(ready, "--dev"))
    assert (status, err) == (0, "")
    assert out.startswith("Updating .venv.\n")
    assert kept.exists()
    assert finish(start(ready)) == (0, "", "")
    assert finish(start(ready, "--dev")) == (0, "", "")


def test_failed_update_names_cause_remedy_and_log_and_is_tried_again(
    ready: Path,
) -> None:
    project = ready / "pyproject.toml"
    project.write_text(
        PYPROJECT.replace("requires = []", 'requires = ["no-such-package-here"]')
    )
    try:
        for _ in range(2):
            status, out, err = finish(start(ready))
            assert status == 1
            assert out == "Updating .venv.\n"
            assert err.count("\n") == 1
            assert "No matching distribution found for no-such-package-here" in err
            assert "run the same command again" in err
            assert err.rstrip().endswith(str(ready / ".venv" / "setup.log"))
    finally:
        project.write_text(PYPROJECT)
    assert finish(start(ready)) == (0, "", "")


@pytest.mark.parametrize("when", ["making .venv", "waiting for another set-up"])
def test_ctrl_c(tmp_path: Path, when: str) -> None:
    fcntl = pytest.importorskip("fcntl", reason="no locks between processes on Windows")
    root = make_tree(tmp_path / "tree")
    with (root / "pyproject.toml").open("r+b") as lock:
        if when == "waiting for another set-up":
            fcntl.flock(lock, fcntl.LOCK_EX)
        process = start(root)
        stream = (
            process.stderr if when == "waiting for another set-up" else process.stdout
        )
        assert stream is not None
        first_line = stream.readline()
        process.send_signal(signal.SIGINT)
        status, _, err = finish(process)
    assert status == 130
    assert err == "\nInterrupted. Run the same command again to continue.\n"
    if when == "making .venv":
        assert first_line.startswith("Setting up Ragbot in .venv")
        assert (root / ".venv" / "ragbot-stamp").read_text() == "unfinished"
    else:
        assert first_line.startswith("Another set-up of this folder is running")
        assert not (root / ".venv").exists()


def test_file_in_the_way(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "tree")
    (root / ".venv").touch()
    status, out, err = finish(start(root))
    assert (status, out) == (1, "")
    assert err.splitlines() == [
        f"Ragbot set-up: {root / '.venv'} is not a folder. Delete it, then run the same command "
        "again."
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes to read-only folders")
def test_read_only_folder(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "tree")
    root.chmod(0o555)
    try:
        status, out, err = finish(start(root))
    finally:
        root.chmod(0o755)
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    assert "Permission denied" in err
    assert "copy the project to a folder you can write in" in err


@pytest.mark.parametrize(
    ("stamp", "flaw"),
    [
        ("unfinished", "The last set-up did not finish"),
        ("", "The last set-up did not finish"),
        (
            "run abc 3.11 /elsewhere",
            "The folder was moved or Python is another version",
        ),
        (None, "The Python in .venv does not work"),
    ],
)
def test_unusable_venv_is_noticed(
    bootstrap: ModuleType, stamp: str | None, flaw: str
) -> None:
    bootstrap.VENV.mkdir()
    if stamp is not None:
        bootstrap.STAMP.write_text(stamp)
    assert not bootstrap.is_ready("run")
    assert bootstrap.find_flaw() == flaw


def test_missing_venv_module_names_the_package(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    version = "{}.{}".format(*sys.version_info)
    with pytest.raises(bootstrap.SetupError, match=f"apt install python{version}-venv"):
        bootstrap.set_up("run")
    assert not bootstrap.VENV.exists()


def test_cpu_torch_unreachable_leaves_it_to_the_default_index(
    bootstrap: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    probes = []

    def time_out(command: tuple[str, ...], timeout: float, **_: object) -> None:
        probes.append(command)
        raise subprocess.TimeoutExpired(command, timeout)

    (bootstrap.ROOT / "constraints.txt").write_text("torch==2.13.0\n")
    monkeypatch.setattr(bootstrap.platform, "system", lambda: "Linux")
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    monkeypatch.setattr(bootstrap.subprocess, "run", time_out)
    monkeypatch.setattr(bootstrap, "NVIDIA", bootstrap.ROOT / "no driver here")
    bootstrap.install_cpu_torch()
    assert len(probes) == 1
    assert capsys.readouterr().out.startswith("PyTorch's CPU index cannot be used;")

    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    bootstrap.install_cpu_torch()
    assert len(probes) == 1  # with a GPU, the default index is the right one


def test_python_3_7_can_read_the_script() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.fixture(scope="module")
def old_python() -> str:
    for python in old_pythons():
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            subprocess.run([python, "-c", ""], check=True, capture_output=True)
            return str(python)
    pytest.skip("needs a Python older than 3.11")


def old_pythons() -> Iterator[Path | str]:
    for minor in range(6, 11):
        pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
        yield from pyenv.glob(f"versions/3.{minor}.*/bin/python")
        yield shutil.which(f"python3.{minor}") or "none"


def test_too_old_python_says_so_in_one_line(tmp_path: Path, old_python: str) -> None:
    root = make_tree(tmp_path / "tree")
    status, out, err = finish(start(root, python=old_python, path=str(tmp_path)))
    assert (status, out) == (2, "")
    assert err.startswith("Ragbot needs Python 3.11 or newer; this is 3.")
    assert err.count("\n") == 1
    assert "make PYTHON=python3.12 run" in err


def test_too_old_python_hands_over_to_a_newer_one_that_works(
    ready: Path, tmp_path: Path, old_python: str
) -> None:
    works = f'exec {shlex.quote(sys.executable)} "$@"'
    for name, command in (("python3.13", "exit 127"), ("python3.12", works)):
        script = tmp_path / name
        script.write_text(f"#!/bin/sh\n{command}\n")
        script.chmod(0o755)
    assert finish(start(ready, python=old_python, path=str(tmp_path))) == (0, "", "")
