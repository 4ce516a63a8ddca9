"""How a file may look: small, one noun, imports at the top, and no way round the rules of the database."""

import ast

from tests.house.source import own_files, production_python, text, tree

FILE_LINES = 300
FUNCTION_LINES = 60
VAGUE = {"utils", "util", "helpers", "helper", "services", "service", "common", "misc", "base_utils"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def nodes(*kinds, paths=None):
    return [(path, node) for path in paths or production_python() for node in ast.walk(tree(path))
            if isinstance(node, kinds)]


def test_files_are_short():
    counts = {str(path): text(path).count("\n") for path in own_files(".py", ".html", ".css", ".js")}

    assert {path: count for path, count in counts.items() if count >= FILE_LINES} == {}


def test_functions_fit_a_screen():
    long = {f"{path}:{node.name}": node.end_lineno - node.lineno + 1
            for path, node in nodes(*FUNCTIONS, paths=own_files(".py"))}

    assert {name: count for name, count in long.items() if count > FUNCTION_LINES} == {}


def test_files_are_named_by_what_they_do():
    assert [str(path) for path in own_files(".py", ".html", ".js") if path.stem in VAGUE] == []


def test_imports_stand_at_the_top():
    assert [f"{path}:{inner.lineno}" for path, node in nodes(*FUNCTIONS, paths=own_files(".py"))
            for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)] == []


def test_imports_name_what_they_take():
    assert [f"{path}:{node.lineno}" for path, node in nodes(ast.ImportFrom)
            if any(alias.name == "*" for alias in node.names)] == []


def test_rules_are_not_asserts():
    """`python -O` removes asserts; a rule about money must not go with them."""
    assert [f"{path}:{node.lineno}" for path, node in nodes(ast.Assert)] == []


def test_models_have_no_hidden_order():
    metas = [(path, node) for path, node in nodes(ast.ClassDef) if node.name == "Meta" and "models" in str(path)]

    assert [f"{path}:{line.lineno}" for path, meta in metas for line in meta.body
            if isinstance(line, ast.Assign) and line.targets[0].id == "ordering"] == []


def test_nothing_happens_behind_a_signal():
    assert [str(path) for path in production_python() if "models.signals" in text(path) or "@receiver" in text(path)] == []


def test_sql_takes_values_only_as_parameters():
    runs = [(path, node) for path, node in nodes(ast.Call) if isinstance(node.func, ast.Attribute)
            and node.func.attr in {"execute", "executemany", "raw", "RunSQL", "RawSQL", "extra"} and node.args]

    assert [f"{path}:{node.lineno}" for path, node in runs if _is_composed(node.args[0])] == []


def _is_composed(sql):
    """Whether the text of a statement is put together from pieces in place."""
    is_format = isinstance(sql, ast.Call) and isinstance(sql.func, ast.Attribute) and sql.func.attr == "format"
    return is_format or isinstance(sql, ast.JoinedStr | ast.BinOp)
