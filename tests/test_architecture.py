"""The rules of the design that are broken without noticing, held by looking at the source."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ragbot

PACKAGE = Path(ragbot.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# A module may import what stands above it, never what stands beside or below it.
LAYERS = (
    {"catalog_types", "paper_types"},
    {"errors", "types"},
    {"conversation_types", "text", "json_object"},
    {"ahead", "resources", "serialise", "jobs", "web_errors", "whole_file"},
    {"config"},
    {"papers"},
    {"readers", "embedding", "question"},
    {"reading"},
    {"index", "fetching"},
    {"conversations", "retrieval"},
    {"llm", "citing"},
    {"support"},
    {"answer"},
    {"pipeline"},
    {"adapters", "doctor", "guard", "testing"},
    {"mending"},
    {"evaluation"},
    {"service"},
    {"window"},
    {"cli"},
    {"__main__"},
)
LAYER = {name: i for i, names in enumerate(LAYERS) for name in names}

# Third-party packages and the only modules that may know them.
OWNERS = {
    "chromadb": ("index/chroma_folder.py", "index/chroma_server.py"),
    "tantivy": ("index/lexical.py", "index/snapshot.py"),
    "openvino": (
        "embedding/openvino_engine.py",
        "embedding/conversion.py",
        "embedding/int8.py",
    ),
    "ray": ("embedding/ray_engine.py",),
    "pyarrow": ("embedding/parquet_file.py",),
    "tokenizers": ("embedding/openvino_engine.py", "embedding/ways.py"),
    "torch": ("embedding/", "llm/"),
    "sentence_transformers": ("embedding/torch_engine.py", "retrieval/rerank.py"),
    "transformers": ("embedding/", "llm/"),
    "gradio": ("window/",),
    "fastapi": ("window/server.py",),
    "uvicorn": ("window/server.py", "window/idle.py"),
    "llama_index": ("adapters.py", "llm/", "evaluation/"),
    "openai": ("llm/",),
    "markdown_it": ("support/statements.py",),
    "filelock": (
        "embedding/conversion.py",
        "embedding/ways.py",
        "index/edition.py",
        "index/writer.py",
        "fetching/kept_replies.py",
    ),
    "httpx": (
        "index/chroma_server.py",
        "llm/",
        "fetching/web_client.py",
        "fetching/web_failures.py",
    ),
    "tenacity": ("llm/", "fetching/web_client.py"),
    "sqlite3": (
        "conversations/conversation_file.py",
        "index/catalog.py",
        "index/chroma_files.py",
        "index/database.py",
        "index/migrations.py",
    ),
}
# Seconds each, and most commands need none of them.
HEAVY = {
    "torch",
    "sentence_transformers",
    "transformers",
    "openvino",
    "chromadb",
    "gradio",
    "llama_index",
    "pandas",
    "pyarrow",
    "ray",
    "openai",
}


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of what is imported below a node; ``from ragbot import x`` is ``ragbot.x``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            if node.module == "ragbot":
                yield from (f"ragbot.{alias.name}" for alias in node.names)
            elif node.module:
                yield node.module


def imported_at_once(tree: ast.Module) -> Iterator[str]:
    """What importing the module imports: nothing inside functions or under TYPE_CHECKING."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.ClassDef):
            yield from imported_at_once(ast.Module(node.body, []))
        elif not (
            isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        ):
            yield from imports(node)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    """``index/vectors.py``"""
    return path.relative_to(PACKAGE).as_posix()


# What window and command line know: the service, what a user types in, and what is shown as it is.
# What is done, they have the service do.
FRONT_ENDS = {"window", "cli"}
KNOWN_TO_FRONT_ENDS = (
    "ragbot.service",
    "ragbot.jobs",
    "ragbot.window",
    "ragbot.cli",
    "ragbot.errors",
    "ragbot.types",
    "ragbot.conversation_types",
    "ragbot.text",
    "ragbot.papers",
    "ragbot.question",
    "ragbot.config",
    "ragbot.resources",
    "ragbot.serialise",
    "ragbot.guard",
    "ragbot.evaluation.scores",
    "ragbot.evaluation.report.tables",
    "ragbot.llm.integrations",
)
# Values and tables of modules that do more.
VALUES = {
    "ragbot.answer.doubts": {"MARK", "doubted"},
    "ragbot.doctor": {"Check"},
    "ragbot.evaluation.runs.grid": {"Variant"},
    "ragbot.evaluation.runs.records": {"Run"},
    "ragbot.evaluation.sets.draft": {"SHORTEST"},
    "ragbot.evaluation.sets.questions": {"EXPECTATIONS", "TYPES"},
    "ragbot.llm": {"PROVIDERS"},
}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_arrows_run_one_way(path: Path) -> None:
    own = name_of(path).partition("/")[0].removesuffix(".py")
    if own == "__init__":
        return  # the front door names what lies behind it
    assert own in LAYER, f"{own} has no place in the order of layers"
    for name in imports(parse(path)):
        package, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if package == "ragbot" and other and other != own:
            assert LAYER[other] < LAYER[own], f"{own} must not import {other}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_front_ends_have_the_service_do_it(path: Path) -> None:
    if name_of(path).partition("/")[0] not in FRONT_ENDS:
        return
    for node in ast.walk(parse(path)):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        if not node.module.startswith("ragbot.") or node.module.startswith(
            KNOWN_TO_FRONT_ENDS
        ):
            continue
        names = {alias.name for alias in node.names}
        assert names <= VALUES.get(node.module, set()), f"{node.module}: {names}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_library_is_known_to_its_adapter_only(path: Path) -> None:
    for name in imports(parse(path)):
        owners = OWNERS.get(name.partition(".")[0])
        if owners:
            assert name_of(path).startswith(owners), (
                f"{name} belongs in {', '.join(owners)}"
            )


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    heavy = {n for n in imported_at_once(parse(path)) if n.partition(".")[0] in HEAVY}
    assert not heavy, "import it inside the function that uses it"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_the_command_line_prints(path: Path) -> None:
    calls = [
        node.lineno
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"print", "sys.stdout.write"}
    ]
    assert not calls or name_of(path).startswith("cli/"), f"prints in line {calls[0]}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_is_swallowed(path: Path) -> None:
    """Whoever catches everything raises again."""
    for node in ast.walk(parse(path)):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = ast.unparse(node.type) if node.type else "BaseException"
        if caught in {"Exception", "BaseException"}:
            assert any(isinstance(n, ast.Raise) for n in ast.walk(node)), (
                f"line {node.lineno}"
            )


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_module_says_what_it_owns(path: Path) -> None:
    tree = parse(path)
    assert not tree.body or ast.get_docstring(tree), "no module docstring"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_what_is_exported_exists(path: Path) -> None:
    tree = parse(path)
    if "__all__" not in {
        ast.unparse(t)
        for n in tree.body
        if isinstance(n, ast.Assign)
        for t in n.targets
    }:
        return
    dotted = ".".join(["ragbot", *name_of(path).removesuffix(".py").split("/")])
    module = importlib.import_module(dotted.removesuffix(".__init__"))
    missing = [name for name in module.__all__ if not hasattr(module, name)]
    assert not missing
    assert len(set(module.__all__)) == len(module.__all__)


def test_values_between_stages_are_plain_python() -> None:
    """types.py and its parts import the standard library alone: no library's type is there."""
    parts = ("ragbot.catalog_types", "ragbot.paper_types")
    for name in ("types.py", "catalog_types.py", "paper_types.py"):
        others = set(imports(parse(PACKAGE / name)))
        others = {n for n in others if not n.startswith(parts)}
        assert {n.partition(".")[0] for n in others} <= sys.stdlib_module_names


@pytest.mark.parametrize(
    "module", ["ragbot", "ragbot.cli", "ragbot.pipeline", "ragbot.testing"]
)
def test_a_cold_start_is_light(module: str) -> None:
    loaded = {n.partition(".")[0] for n in modules_after(f"import {module}").split()}
    assert not loaded & HEAVY


def test_the_command_line_loads_no_library_before_a_command_needs_it() -> None:
    bare, loaded = (
        {name.partition(".")[0] for name in modules_after(first).split()}
        for first in ("", "import ragbot.cli")
    )
    assert loaded - bare - sys.stdlib_module_names == {"ragbot"}


def test_a_question_that_is_answered_by_quotes_loads_what_it_needs() -> None:
    """Neither the readers of files nor what checks a language model's words: 0.2 s of a start."""
    loaded = modules_after("import ragbot.service").split()
    needless = (
        "ragbot.readers",
        "ragbot.support",
        "ragbot.citing",
        "ragbot.evaluation",
    )
    assert not [name for name in loaded if name.startswith(needless)]


def modules_after(statement: str) -> str:
    """The names of the modules that an interpreter has loaded after a statement."""
    told = subprocess.run(
        [sys.executable, "-c", f"import sys\n{statement}\nprint(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    return told.stdout
