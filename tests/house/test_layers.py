"""Imports lead only downwards, and the outside is reached through one door."""

import pytest

from tests.house.source import imports, module, production_python

# Highest first: a layer may import itself and whatever stands after it.
LAYERS = ("config", "monitoring", "orders", "funding", "catalog", "catalog.suppliers")
FRAMEWORK = ("django", "django_q", "django_htmx", "csp", "axes", "whitenoise", "environ")
LAB_USERS = ("catalog.management.commands.lab", "monitoring.management.commands.demo", "monitoring.demo")


def layer_of(name):
    """The layer that the dotted `name` belongs to, or None outside the house."""
    fitting = [layer for layer in LAYERS if name == layer or name.startswith(layer + ".")]
    return max(fitting, key=len, default=None)


def is_lab(name):
    return name.startswith("catalog.suppliers.") and any(
        part == "lab" or part.startswith("lab_") for part in name.split("."))


def all_imports():
    return [(path, name, line) for path in production_python() for name, line in imports(path)]


def test_imports_lead_only_downwards():
    upward = []
    for path, name, line in all_imports():
        here, there = layer_of(module(path)), layer_of(name)
        if there and LAYERS.index(there) < LAYERS.index(here):
            upward.append(f"{path}:{line} ({here}) imports {name} ({there})")

    assert upward == []


def test_nobody_imports_config():
    assert [f"{path}:{line}" for path, name, line in all_imports()
            if layer_of(name) == "config" and path.parts[0] != "config"] == []


def test_modules_import_in_no_circle():
    modules = {module(path): path for path in production_python()}
    graph = {name: {target for found, _ in imports(path) for target in _targets(found, modules)} - {name}
             for name, path in modules.items()}

    while graph:  # take away, again and again, what imports nothing that is left
        free = [name for name, targets in graph.items() if not targets & graph.keys()]
        if not free:
            pytest.fail(f"These modules import each other in a circle: {sorted(graph)}")
        for name in free:
            del graph[name]


def test_only_the_transport_imports_httpx():
    assert {module(path) for path, name, _ in all_imports() if name.split(".")[0] in ("httpx", "httpcore")} <= {
        "catalog.suppliers.http"}


def test_only_the_lab_speaks_http2_by_itself():
    assert {module(path) for path, name, _ in all_imports() if name.split(".")[0] == "h2"} <= {
        "catalog.suppliers.lab_http2"}


def test_suppliers_are_plain_python():
    assert [f"{path}:{line} imports {name}" for path, name, line in all_imports()
            if layer_of(module(path)) == "catalog.suppliers" and name.split(".")[0] in FRAMEWORK] == []


def test_only_lab_and_demo_import_the_lab():
    assert [f"{path}:{line} imports {name}" for path, name, line in all_imports()
            if is_lab(name) and not is_lab(module(path)) and not module(path).startswith(LAB_USERS)] == []


def test_one_supplier_knows_no_other():
    strangers = []
    for path, name, line in all_imports():
        here, there = module(path).split("."), name.split(".")
        if here[:2] == there[:2] == ["catalog", "suppliers"] and _folder(path) and is_folder(there[2]):
            strangers += [f"{path}:{line} imports {name}"] if there[2] != here[2] else []

    assert strangers == []


def is_folder(name):
    return any(path.parts[:3] == ("catalog", "suppliers", name) and len(path.parts) == 4 for path in production_python())


def _folder(path):
    return len(path.parts) == 4


def _targets(found, modules):
    """The module an import leads to: `a.b.c` is `a.b.c` if that is a module, else the name `c` in `a.b`."""
    if found in modules:
        return {found}
    parent = found.rpartition(".")[0]
    return {parent} if parent in modules else set()
