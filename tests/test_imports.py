"""The direction of imports, and no format that runs code when it is read."""

import ast
import subprocess
import sys

import pytest

from tests.waiting import PATIENCE

DIRECTION = {  # package → what it must not import
    "core": ("streamlit", "pages", "app"),
    "core/layers": ("core.models", "core.data", "core.equivariance", "core.training", "core.figures"),
    "core/bases": ("core.layers", "core.models", "core.data"),
    "core/models": ("core.data", "core.equivariance", "core.training", "core.figures"),
    "core/data": ("core.models", "core.layers", "core.equivariance", "core.training", "core.figures"),
    "pages/shared": ("app",),
}
PICKLING = ("pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal")


def sources(root, folder):
    return sorted((root / folder).rglob("*.py"))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_module_of_core_loads_streamlit(root):
    program = """
import importlib, pkgutil, sys
import core
names = [found.name for found in pkgutil.walk_packages(core.__path__, "core.")]
for name in names:
    importlib.import_module(name)
assert len(names) > 20, names
print(sorted(name for name in sys.modules if name.split(".")[0] in ("streamlit", "pages", "app")))
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("folder", DIRECTION)
def test_imports_go_one_way(root, folder):
    files = sources(root, folder)
    assert files
    for path in files:
        for name in imported(path):
            for banned in DIRECTION[folder]:
                assert name != banned, path
                assert not name.startswith(banned + "."), path


@pytest.mark.parametrize("folder", ["core", "pages"])
def test_nothing_is_pickled(root, folder):
    for path in sources(root, folder):
        assert not {name.split(".")[0] for name in imported(path)} & set(PICKLING), path
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "torch":
                assert node.attr not in ("load", "save"), path
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant), path
                assert node.value.value is False, path
            if isinstance(node, ast.ImportFrom) and node.module == "torch":
                assert not {alias.name for alias in node.names} & {"load", "save"}, path
