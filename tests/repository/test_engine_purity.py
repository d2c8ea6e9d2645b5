"""The engine stays plain: what import contracts cannot see."""

import ast

from .files import PACKAGE, nodes

ENGINE = PACKAGE / "engine"

ALLOWED = {
    "abc",
    "bisect",
    "collections",
    "collections.abc",
    "dataclasses",
    "datetime",
    "enum",
    "fractions",
    "functools",
    "heapq",
    "itertools",
    "json",
    "math",
    "operator",
    "typing",
}
CLOCKS = {"now", "today", "utcnow", "fromtimestamp", "utcfromtimestamp"}


def test_imports_are_known_to_do_no_io_and_read_no_clock() -> None:
    imported = {alias.name for _, node in nodes(ast.Import, ENGINE) for alias in node.names}
    imported |= {node.module or "" for _, node in nodes(ast.ImportFrom, ENGINE) if not node.level}
    assert "dataclasses" in imported
    assert imported <= ALLOWED


def test_relative_imports_stay_inside_the_engine() -> None:
    for path, node in nodes(ast.ImportFrom, ENGINE):
        depth = len(path.relative_to(ENGINE).parts)
        assert node.level <= depth, f"{path.name} reaches out of the engine"


def test_nothing_asks_what_time_it_is() -> None:
    attributes = {node.attr for _, node in nodes(ast.Attribute, ENGINE)}
    assert not attributes & (CLOCKS - {"now"})
    calls = [
        f"{path.name}:{node.lineno}"
        for path, node in nodes(ast.Call, ENGINE)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "now"
    ]
    assert calls == []
