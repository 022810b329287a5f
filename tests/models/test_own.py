"""Networks from a file of one's own: in the table, measurable, and one sentence for each that is not."""

import contextlib
import io
import sys

import pytest
import torch

from core.equivariance import measure, snippet
from core.models import MODELS, Shown, add_networks, build, has_scales, is_ready, load, remove_networks, trainings
from core.models.receptive_field import receptive_field

GOOD = """
from torch import nn
class Mine(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 5, padding=2)
        self.conv2 = nn.Conv2d(4, 6, 3, padding=1)
        self.head = nn.Linear(6 * 28 * 28, 10)
    def forward(self, x):
        return self.head(self.conv2(self.conv1(x).relu()).relu().flatten(1))
networks = {
    "mine": Mine(),
    "colours": nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1)),
}
"""


@pytest.fixture(autouse=True)
def table_as_it_was(monkeypatch):
    before = dict(MODELS)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    remove_networks()
    assert before == MODELS


@pytest.fixture
def added(tmp_path):
    """added(text) writes a file, takes its networks, and returns what is said of it."""

    def add(text: str, name: str = "my_networks.py") -> tuple[str, ...]:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return add_networks(path)

    return add


def test_they_stand_in_the_table_and_can_be_measured(added):
    assert added(GOOD) == ()
    assert [key for key, spec in MODELS.items() if spec.is_own] == ["mine", "colours"]
    spec, other = MODELS["mine"], MODELS["colours"]
    assert (spec.title, spec.group, spec.reads_digits, spec.has_checkpoints) == ("mine", "yours", True, False)
    assert "ten answers are taken for the digits" in spec.summary
    assert not other.reads_digits
    assert other.not_reading == "does not answer with ten classes"
    assert "takes 3 channels: the grey digit is repeated in each" in other.summary
    assert is_ready("mine")
    assert trainings("mine") == ()
    assert not has_scales("mine")
    for key in ("mine", "colours"):
        network = load(key)
        assert network is build(key) is Shown(key).load()
        assert not network.training
        report = measure(network, torch.rand(2, 1, 28, 28), (0.79, 1.0))
        assert report.error[:, 1] == pytest.approx(0, abs=1e-5)
        assert (report.error[:, 0] > 0.05).all()


def test_a_network_of_one_canvas_has_a_receptive_field(added):
    added(GOOD)
    assert receptive_field(load("mine"), "conv1") == (5,)
    assert receptive_field(load("mine"), "conv2") == (7,)
    assert receptive_field(load("colours"), "0") == (3,)


def test_the_code_that_is_taken_away_gives_the_number(added, tmp_path):
    added("import torch\ntorch.manual_seed(0)\n" + GOOD)
    code = snippet(Shown("mine"), "conv1", 0.79, source="vector", num_images=2, data_scale=0.7)
    assert "from my_networks import networks" in code
    assert "load(" not in code
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(code, {})
    finally:
        sys.modules.pop("my_networks", None)
    from core.data.sources import SOURCES

    images = SOURCES["vector"].first(2, 0.7, False, 0)
    report = measure(load("mine"), images, [0.79])
    assert float(out.getvalue()) == pytest.approx(report.error[report.layers.index("conv1"), 0], rel=1e-5)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("networks = {", r"my_networks\.py: line 1 cannot be read: SyntaxError"),
        ("\nimport nothing_of_that_name", r"it ended in line 2: ModuleNotFoundError \(No module named"),
        ("import sys\nsys.exit(3)", r"it ended in line 2: SystemExit \(3\)"),
        ("def f():\n    raise RuntimeError('a\\nb')\nf()", r"it ended in line 2: RuntimeError \(a\)"),
        ("x = 1", "it must say networks ="),
        ("networks = {}", "it must say networks ="),
        ("networks = [1]", "it must say networks ="),
        ("networks = {'mine': 3}", r"the network 'mine' is left out: it is no module, but int"),
        ("from torch import nn\nnetworks = {'cnn': nn.Conv2d(1, 1, 3)}", "'cnn' is left out: another network has"),
        ("from torch import nn\nnetworks = {'Disco': nn.Conv2d(1, 1, 3)}", "'Disco' is left out: another network has"),
        ("from torch import nn\nnetworks = {'a b': nn.Conv2d(1, 1, 3)}", "'a b' is left out: a name begins with"),
        ("from torch import nn\nnetworks = {3: nn.Conv2d(1, 1, 3)}", "'3' is left out: a name begins with"),
        ("from torch import nn\nnetworks = {'flat': nn.Linear(5, 5)}", "'flat' is left out: the module does not take"),
    ],
)
def test_an_error_is_one_sentence_and_nothing_is_taken(added, text, complaint):
    (said,) = added(text)
    assert "\n" not in said
    assert said.endswith(".")
    import re

    assert re.search(complaint, said), said
    assert not any(spec.is_own for spec in MODELS.values())


def test_a_file_that_is_not_there_or_no_python_is_one_sentence(added, tmp_path):
    (said,) = add_networks(tmp_path / "gone.py")
    assert "there is no such file, as EQUISCOPE_NETWORKS names it" in said
    (said,) = added(GOOD, "networks.txt")
    assert "it is no Python file" in said


def test_one_that_fails_leaves_the_others(added):
    (said,) = added(GOOD + "networks['broken'] = nn.Linear(5, 5)\n")
    assert "'broken' is left out" in said
    assert [key for key, spec in MODELS.items() if spec.is_own] == ["mine", "colours"]


def test_what_lies_beside_the_file_can_be_imported(added, tmp_path):
    (tmp_path / "beside_it.py").write_text(GOOD, encoding="utf-8")
    try:
        assert added("from beside_it import networks") == ()
    finally:
        sys.modules.pop("beside_it", None)
    assert is_ready("mine")


def test_one_that_is_wrapped_already_is_taken_as_it_is(added):
    text = GOOD + "from core.models import wrap\nnetworks = {'few': wrap(networks['mine'], layers=['conv2'])}\n"
    assert added(text) == ()
    assert load("few").layers == ("conv2",)
    assert MODELS["few"].code[-1] == "networks['few']"
