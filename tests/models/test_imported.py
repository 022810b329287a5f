"""A module by its name: what is found, and that every other name ends in one sentence."""

import sys

import pytest
from torch import nn

from core.models.imported import imported, is_import_name

CODE = """
import torch
from torch import nn
network = nn.Conv2d(3, 4, 3)
class Net(nn.Module):
    best = nn.Linear(2, 2)
def make(): return nn.Linear(3, 1)
def needs(size): return nn.Linear(size, 1)
def breaks(): raise RuntimeError("no weights here.\\nmore")
def leaves(): raise SystemExit(3)
def gives(): return {"state": 1}
weights = [1]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    (tmp_path / "own_networks.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "own_broken.py").write_text("def f(:\n", encoding="utf-8")
    (tmp_path / "own_lacking.py").write_text("import not_installed_here\n", encoding="utf-8")
    (tmp_path / "own_leaving.py").write_text("raise SystemExit('bye')\n", encoding="utf-8")
    (tmp_path / "own_package").mkdir()
    (tmp_path / "own_package" / "deep.py").write_text(CODE, encoding="utf-8")
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("own_networks:network", nn.Conv2d),
        ("own_networks:make", nn.Linear),
        ("own_networks:Net", nn.Module),
        ("own_networks:Net.best", nn.Linear),
        ("own_package.deep:make", nn.Linear),
    ],
)
def test_modules_classes_and_functions_are_found_in_the_folder(name, kind, folder):
    assert is_import_name(name)
    assert isinstance(imported(name, folder), kind)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("own_network:network", "there is no module own_network in "),
        ("own_nothing.deep:network", "there is no module own_nothing in "),
        ("own_package.deeper:network", "there is no module own_package.deeper in "),
        ("own_networks:net", "the module own_networks has no net; it has torch, nn, network, Net, make"),
        ("own_networks:network.nowhere", "has no network.nowhere"),
        ("own_networks:weights", "must be a torch.nn.Module, or a function that returns one; it is a list"),
        ("own_networks:gives", "it gives a dict"),
        ("own_networks:needs", "own_networks:needs cannot be called without arguments: TypeError: "),
        ("own_networks:breaks", "cannot be called without arguments: RuntimeError: no weights here"),
        ("own_networks:leaves", "cannot be called without arguments: SystemExit: 3"),
        ("own_broken:f", "the module own_broken cannot be imported: SyntaxError: "),
        ("own_lacking:f", "cannot be imported: ModuleNotFoundError: No module named 'not_installed_here'"),
        ("own_leaving:f", "cannot be imported: SystemExit: bye"),
        ("own_networks:", "expected a name such as my_module:network, got 'own_networks:'"),
        (":network", "expected a name such as my_module:network"),
        ("own networks:f", "expected a name such as my_module:network"),
        ("a:b:c", "expected a name such as my_module:network"),
        ("../own_networks:f", "expected a name such as my_module:network"),
    ],
)
def test_every_other_name_ends_in_one_sentence(name, said, folder):
    with pytest.raises(ValueError, match=r".") as refused:
        imported(name, folder)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
