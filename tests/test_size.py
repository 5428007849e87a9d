"""How much there is to read at once: of a module, of a function, of a line."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import ragbot

PACKAGE = Path(ragbot.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

MOST_LINES = 400
MOST_BRANCHES = 15
# Functions that may have more, where a table of cases reads better in one piece.
MOST_EXCEPTIONS = 8
# Branches in a hundred lines of functions, docstrings apart: how much is thought in a line.
MOST_IN_A_HUNDRED = 32.0

Function = ast.FunctionDef | ast.AsyncFunctionDef
BRANCHING = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.IfExp,
    ast.match_case,
)


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """What a function is made of, functions inside it apart."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, Function):
            yield node
            yield from own_nodes_below(node)


def own_nodes_below(node: ast.AST) -> Iterator[ast.AST]:
    for below in ast.iter_child_nodes(node):
        if not isinstance(below, Function):
            yield below
            yield from own_nodes_below(below)


def branches(function: Function) -> int:
    """Ways through it: one, and one more for each condition, loop, handler and case."""
    total = 1
    for node in own_nodes(function):
        if isinstance(node, BRANCHING):
            total += 1
        elif isinstance(node, ast.comprehension):
            total += 1 + len(node.ifs)
        elif isinstance(node, ast.BoolOp):
            total += len(node.values) - 1
    return total


def lines(function: Function) -> set[int]:
    """The lines of a function, its docstring and functions inside it apart."""
    assert function.end_lineno is not None
    own = set(range(function.lineno, function.end_lineno + 1))
    if ast.get_docstring(function) is not None:
        own -= span(function.body[0])
    for node in ast.walk(function):
        if isinstance(node, Function) and node is not function:
            own -= span(node)
    return own


def span(node: ast.stmt) -> set[int]:
    assert node.end_lineno is not None
    return set(range(node.lineno, node.end_lineno + 1))


def test_a_module_is_read_at_one_go() -> None:
    long = {
        path.relative_to(PACKAGE).as_posix(): count
        for path in FILES
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert not long


def test_no_two_modules_have_one_name() -> None:
    names = Counter(path.stem for path in FILES if path.stem != "__init__")
    names.update(path.parent.name for path in FILES if path.stem == "__init__")
    assert not [name for name, times in names.items() if times > 1]


def test_functions_have_few_ways_through_them() -> None:
    many = [
        f"{path.relative_to(PACKAGE)}: {function.name}"
        for path in FILES
        for function in functions(path)
        if branches(function) > MOST_BRANCHES
    ]
    assert len(many) <= MOST_EXCEPTIONS, many


def test_a_line_holds_one_thought() -> None:
    every = [function for path in FILES for function in functions(path)]
    ways = sum(map(branches, every))
    length = sum(len(lines(function)) for function in every)
    assert 100 * ways / length <= MOST_IN_A_HUNDRED
