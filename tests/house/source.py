"""The project's own files, as the house tests read them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("config", "catalog", "orders", "funding", "monitoring")


@cache
def files():
    """Every file that is committed or would be, relative to the project's root."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [Path(name) for name in listed.split("\0") if name]
    return [path for path in paths if (ROOT / path).is_file()]


def own_files(*suffixes):
    """Those we wrote ourselves: no vendored files and no generated migrations."""
    return [path for path in files()
            if path.suffix in suffixes and "vendor" not in path.parts and "migrations" not in path.parts]


def production_python():
    """Python of the five code folders."""
    return [path for path in own_files(".py") if path.parts[0] in CODE]


@cache
def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path):
    return ast.parse(text(path), filename=str(path))


def module(path):
    """The dotted name of the module in `path`."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path):
    """The dotted names a file imports, absolute, each as (name, line); `from a import b` counts as `a.b`."""
    package = path.with_suffix("").parts[:-1]
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[:len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *((node.module,) if node.module else ())))
            found += [(f"{base}.{alias.name}", node.lineno) for alias in node.names]
    return found
