"""Where the repository's files are, and what the code in them says."""

import ast
import importlib.util
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "custom_components/headroom"
REQUIREMENTS = ROOT / "requirements"


def repository_files() -> list[Path]:
    """Return every file that is, or could be, committed."""
    command = [
        "/usr/bin/env",
        "git",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


@cache
def syntax_trees(folder: Path = PACKAGE) -> dict[Path, ast.Module]:
    """Return the syntax tree of every Python file below a folder."""
    return {path: ast.parse(path.read_text("utf-8")) for path in sorted(folder.rglob("*.py"))}


def nodes[Node: ast.AST](kind: type[Node], folder: Path = PACKAGE) -> Iterator[tuple[Path, Node]]:
    """Yield every piece of syntax of one kind, with the file it is in."""
    for path, tree in syntax_trees(folder).items():
        for node in ast.walk(tree):
            if isinstance(node, kind):
                yield path, node


def load_script(name: str) -> ModuleType:
    """Import a Python script, whose file has no suffix."""
    loader = SourceFileLoader(f"script_{name}", str(ROOT / "scripts" / name))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    script = importlib.util.module_from_spec(spec)
    loader.exec_module(script)
    return script
