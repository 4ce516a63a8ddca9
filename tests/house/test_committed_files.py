"""What may stand in a committed file: nothing of one machine, of one registry, or left for later."""

import re

import pytest

from tests.house.source import ROOT, files, own_files, text

REGISTRIES = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmjs" + ".com", "yarnpkg" + ".com",
              "crates" + ".io", "jsr" + ".io", "jfrog" + ".io"]
INDEX_OPTIONS = re.compile(r"^\s*(-i|--(extra-)?index-url|--find-links|--trusted-host)\b", re.MULTILINE)
MACHINE_PATH = re.compile(r"(?<![\w.:/}>-])/(?:work|root|home|Users|tmp/[a-z]+-\d)/\w")
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")
PRIVATE_KEY = re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----")
TEXT = {".py", ".html", ".md", ".toml", ".txt", ".in", ".cfg", ".yaml", ".yml", ".json", ".css", ".js", ".svg", ".sh", ""}


def offending(pattern, paths):
    return [f"{path}: {match.group()}" for path in paths for match in pattern.finditer(text(path))]


@pytest.fixture(scope="module")
def text_files():
    return [path for path in files() if path.suffix in TEXT]


def test_no_registry_is_named(text_files):
    assert offending(re.compile("|".join(map(re.escape, REGISTRIES)), re.IGNORECASE), text_files) == []


def test_requirements_name_no_index():
    assert offending(INDEX_OPTIONS, [path for path in files() if path.parts[0] == "requirements"]) == []


def test_pins_have_hashes():
    for path in (ROOT / "requirements").glob("*.txt"):
        pins = path.read_text().replace("\\\n", " ").splitlines()
        assert [pin for pin in pins if "==" in pin and "--hash=sha256:" not in pin] == []


def test_no_path_of_a_machine(text_files):
    assert offending(MACHINE_PATH, text_files) == []


def test_nothing_is_left_for_later():
    assert offending(UNFINISHED, own_files(".py", ".html", ".js", ".css", ".md")) == []


def test_no_private_key(text_files):
    assert offending(PRIVATE_KEY, text_files) == []


def test_nothing_generated_is_committed():
    assert [str(path) for path in files() if path.name in {"uv.lock", "pylock.toml", "package-lock.json"}
            or path.suffix in {".pyc", ".sqlite3", ".log"} or path.parts[0] == "var"] == []
