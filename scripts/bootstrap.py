"""Make .venv hold what Ragbot needs, as pinned in constraints.txt.

    python3 scripts/bootstrap.py          what `make run` needs
    python3 scripts/bootstrap.py --dev    and the tools of `make test` and `make check`

A stamp in .venv says what it was made from, so a second call does nothing. Standard library only,
and nothing an old Python (3.6) cannot read: it has to say that it is too old.
Exit: 0 ready, 1 the set-up failed, 2 no suitable Python, 130 interrupted.
"""

import argparse
import contextlib
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

OLDEST = (3, 11)
# In order of preference
CANDIDATES = (
    "python3.13",
    "python3.12",
    "python3.11",
    "python3",
)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOG = VENV / "setup.log"
STAMP = VENV / "ragbot-stamp"  # UNFINISHED, FOREIGN or what stamp() returns
UNFINISHED, FOREIGN = "unfinished", "foreign"  # FOREIGN: somebody made .venv by hand
CPU_INDEX = "https://download.pytorch.org/whl/cpu"  # PyTorch without gigabytes of CUDA
NVIDIA = Path("/proc/driver/nvidia")  # there when the driver is loaded
CPU_INDEX_PATIENCE = 15  # seconds to find out whether it can be reached
STEP = re.compile(
    r"\s*(Collecting|Downloading|Installing) (\S*/)?([\w. -]+?)(-[cp][py]|[^\w. -])"
)
OFFLINE = re.compile(
    "NewConnection|NameResolution|Max retries|ProxyError|timed out", re.IGNORECASE
)


class SetupError(Exception):
    """An expected problem, told in one line: the cause, then the remedy."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Make .venv hold what Ragbot needs.")
    parser.add_argument(
        "--dev", action="store_true", help="add the tools for tests and checks"
    )
    level = "dev" if parser.parse_args().dev else "run"
    try:
        if sys.version_info < OLDEST:
            return rerun_with_newer_python()
        if not is_ready(level):
            with only_one_at_a_time():
                # Another set-up may have done it while this one waited
                if not is_ready(level):
                    set_up(level)
    except SetupError as error:
        return fail(str(error))
    except OSError as error:
        return fail(
            f"cannot use {error.filename or ROOT} ({error.strerror or error}). Mend that, or copy "
            "the project to a folder you can write in; then run the same command again."
        )
    except KeyboardInterrupt:
        print("\nInterrupted. Run the same command again to continue.", file=sys.stderr)
        return 130
    return 0


def fail(message: str) -> int:
    print(f"Ragbot set-up: {message}", file=sys.stderr)
    return 1


def rerun_with_newer_python() -> int:
    """Become a newer Python from PATH. Returns only if there is none, having said what to do."""
    test = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    for name in CANDIDATES:
        python = shutil.which(name)
        # A version manager puts names on PATH that only say "not installed": try it first.
        if python and succeeds(python, "-c", test):
            os.execv(python, [python, *sys.argv])
    print(
        "Ragbot needs Python 3.11 or newer; this is {}.{}. Install one (python.org, or your "
        "package manager), or name one: make PYTHON=python3.12 run".format(
            *sys.version_info
        ),
        file=sys.stderr,
    )
    return 2


def succeeds(*command) -> bool:
    """Whether a command can be started and ends well, whatever it prints."""
    try:
        return (
            subprocess.call(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            == 0
        )
    except OSError:
        return False


def stamp(level: str) -> str:
    """What a finished .venv was made from."""
    pinned = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        pinned.update((ROOT / name).read_bytes())
    return f"{level} {pinned.hexdigest()} {birthplace()}"


def birthplace() -> str:
    """Its Python and its folder: a .venv that would change these must be made again."""
    return "{}.{} {}".format(*sys.version_info[:2], ROOT)


def read_stamp() -> str:
    return (
        (STAMP.read_text(encoding="utf-8") or UNFINISHED)
        if STAMP.is_file()
        else FOREIGN
    )


def is_ready(level: str) -> bool:
    """Whether .venv is complete, up to date and starts. One made for dev can also run."""
    return read_stamp() in (stamp(level), stamp("dev")) and succeeds(
        PYTHON, "-S", "-c", ""
    )


@contextlib.contextmanager
def only_one_at_a_time():
    """Wait for a set-up of the same folder in another process."""
    try:
        import fcntl
    except ImportError:  # Windows has no such lock
        yield
        return
    # Never written, but NFS wants it writable
    with (ROOT / "pyproject.toml").open("r+b") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(
                "Another set-up of this folder is running; waiting for it.",
                file=sys.stderr,
            )
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def set_up(level: str) -> None:
    """Make, mend or update .venv, then stamp it."""
    started = time.monotonic()
    flaw = find_flaw()
    if flaw:
        print(f"{flaw}: making .venv again.", flush=True)
        shutil.rmtree(str(VENV))
    if VENV.exists():
        print("Updating .venv.", flush=True)
    else:
        make_venv()
    before = read_stamp()
    STAMP.write_text(UNFINISHED, encoding="utf-8")
    try:
        install_cpu_torch()
        target = ".[dev]" if level == "dev" else "."
        follow(
            "install the packages",
            *pip("install", "-c", "constraints.txt", "-e", target),
        )
    except SetupError:  # pip has undone what it could not finish
        STAMP.write_text(before, encoding="utf-8")
        raise
    STAMP.write_text(stamp(level), encoding="utf-8")
    print("Ready after {:.0f} s.".format(time.monotonic() - started), flush=True)


def find_flaw():
    """Why the .venv that is there cannot be updated in place; None if it can, or is not there."""
    if not os.path.lexists(str(VENV)):
        return None
    if not VENV.is_dir():
        raise SetupError(
            f"{VENV} is not a folder. Delete it, then run the same command again."
        )
    found = read_stamp()
    if found == UNFINISHED:
        return "The last set-up did not finish"
    if found != FOREIGN and not found.endswith(" " + birthplace()):
        return "The folder was moved or Python is another version"
    test = "import pip, sys; sys.exit(sys.version_info[:2] != {})".format(
        sys.version_info[:2]
    )
    return None if succeeds(PYTHON, "-c", test) else "The Python in .venv does not work"


def make_venv() -> None:
    if not importlib.util.find_spec("ensurepip"):
        raise SetupError(
            "this Python lacks its venv module. Install it (Debian and Ubuntu: apt install "
            "python{}.{}-venv), then run the same command again.".format(
                *sys.version_info
            )
        )
    VENV.mkdir()
    STAMP.write_text(UNFINISHED, encoding="utf-8")
    print(
        "Setting up Ragbot in .venv, once. It takes some minutes and 3 GB.", flush=True
    )
    follow("make .venv", sys.executable, "-m", "venv", str(VENV))


def install_cpu_torch() -> None:
    """On Linux the default index has PyTorch with CUDA. Without an NVIDIA GPU take it without."""
    has_gpu = shutil.which("nvidia-smi") or NVIDIA.exists()
    pinned = re.search(
        r"^torch==(\S+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE
    )
    if platform.system() != "Linux" or has_gpu or not pinned:
        return
    if any(VENV.glob(f"lib/python*/site-packages/torch-{pinned.group(1)}*.dist-info")):
        return
    index = ("--index-url", CPU_INDEX, "--retries", "1")
    probe = pip("index", "versions", "torch", "--timeout", "5", *index)
    try:
        subprocess.run(
            probe, timeout=CPU_INDEX_PATIENCE, check=True, capture_output=True
        )
        follow("install PyTorch", *pip("install", "--no-deps", pinned.group(), *index))
    except (subprocess.SubprocessError, SetupError):
        print(
            "PyTorch's CPU index cannot be used; the default may add CUDA, 4 GB.",
            flush=True,
        )


def pip(*arguments) -> tuple:
    return (str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments)


def follow(purpose: str, *command) -> None:
    """Run a command, its output in LOG and its latest step on screen; SetupError if it fails."""
    output, finished = [], threading.Event()

    def show_progress() -> None:
        started = time.monotonic()
        every, begin, end = (
            (1, "\r\033[K", "") if sys.stdout.isatty() else (20, "", "\n")
        )
        while not finished.wait(every):
            latest = next(filter(None, map(STEP.match, reversed(output))), None)
            what = latest.group(3).strip() if latest else purpose
            print(
                f"{begin}  {time.monotonic() - started:3.0f} s  {what}",
                end=end,
                flush=True,
            )
        print(begin, end="", flush=True)

    screen = threading.Thread(target=show_progress, daemon=True)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with LOG.open("ab") as log, subprocess.Popen(
        command, cwd=str(ROOT), **pipes
    ) as process:
        try:
            screen.start()
            for raw in process.stdout:
                log.write(raw)
                output.append(raw.decode(errors="replace"))
        except KeyboardInterrupt:
            process.terminate()
            raise
        finally:
            finished.set()
            if screen.is_alive():
                screen.join()
    if process.returncode != 0:
        raise SetupError(explain(purpose, "".join(output)))


def explain(purpose: str, output: str) -> str:
    cause = (re.findall("ERROR: (.+)", output) or output.splitlines() or [""])[
        -1
    ].rstrip(".")
    remedy = "Mend that"
    if OFFLINE.search(output):
        cause, remedy = (
            "no package index can be reached",
            "Check the network or set HTTPS_PROXY",
        )
    return f"could not {purpose}: {cause}. {remedy}, then run the same command again. Log: {LOG}"


if __name__ == "__main__":
    sys.exit(main())
