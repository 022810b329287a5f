"""The presets: every set is where it comes from, in pixels of 28×28."""

from dataclasses import replace
from itertools import pairwise

import pytest

from core import presets
from core.checkpoints import CheckpointError, read_card
from core.models import MODELS, configuration, load
from core.presets import PRESETS
from core.scales import scale_step
from core.tolerance import published_fit

BY_NAME = {preset.name: preset for preset in PRESETS}


def test_every_preset_is_named_once_and_ascends():
    assert len(BY_NAME) == len(PRESETS)
    for preset in PRESETS:
        assert len(preset.internal_scales) >= 2
        assert all(0 < a < b for a, b in pairwise(preset.internal_scales))
        assert preset.source
        assert preset.note.endswith(".")


def test_every_network_that_chooses_its_scales_has_one():
    for key, spec in MODELS.items():
        chooses = "paper" in spec.sizes and hasattr(configuration(key, "paper"), "internal_scales")
        assert (spec.title in BY_NAME) == (chooses and not spec.control), key


@pytest.mark.parametrize(
    ("title", "pixels"),
    [
        ("SESN, vector", (2, 2.52, 3.17, 4)),  # as in the published code, on a canvas of 56×56
        ("SESN, scalar", (2, 2.83, 4)),
        ("SiCNN", tuple(0.3 ** (1 - i / 3) for i in range(7))),
    ],
)
def test_published_scales_are_halved_where_the_network_enlarges_by_2(title, pixels):
    assert BY_NAME[title].internal_scales == pytest.approx([scale / 2 for scale in pixels], rel=0.003)


def test_the_joint_fits_have_their_isr():
    presets = [preset for preset in PRESETS if preset.name.startswith("Joint fit")]
    ranges = [preset.internal_scales[-1] / preset.internal_scales[0] for preset in presets]
    assert ranges == pytest.approx([model.isr for model in published_fit()])
    assert [preset.internal_scales[0] for preset in presets] == [2, 2, 2]


def test_the_table_of_the_thesis_is_log_uniform_up_to_its_two_decimals():
    presets = [preset for preset in PRESETS if "Table 6" in preset.name]
    assert len(presets) == 2
    for preset in presets:
        ratios = [b / a for a, b in pairwise(preset.internal_scales)]
        assert max(ratios) / min(ratios) < 1.01
    with pytest.raises(ValueError, match="not log-uniform"):
        scale_step(BY_NAME["Scale learning, direct, as learned here"].internal_scales)


@pytest.mark.parametrize("key", [key for key in MODELS if key.startswith("scale_learning")])
def test_learned_presets_are_the_scales_of_the_trained_network(key):
    network = load(key)
    assert BY_NAME[f"{MODELS[key].title}, as learned here"].internal_scales == pytest.approx(
        network.internal_scales, rel=1e-4
    )


def test_of_equally_good_epochs_the_last_was_kept(monkeypatch):
    history = [
        {"epoch": number, "validation_error": error, "internal_scales": [1.0, 1.0 + number]}
        for number, error in enumerate((4.0, 3.0, 3.0, 5.0), start=1)
    ]
    monkeypatch.setattr(presets, "read_card", lambda key: replace(read_card(key), history=history))
    for preset in presets._learned_here():
        assert preset.internal_scales == (1, 4)
        assert "epoch 3" in preset.note


def test_without_checkpoints_there_is_nothing_learned(monkeypatch):
    def missing(key):
        raise CheckpointError("There is no checkpoint.")

    monkeypatch.setattr(presets, "read_card", missing)
    assert list(presets._learned_here()) == []
