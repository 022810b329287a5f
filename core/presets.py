"""Sets of internal scales to start from: those of the published networks, of the thesis, and those learned here.

All are σ in pixels of a canvas of 28×28: a network that first enlarges its images by 2 has scales of half the size
there. So sets are comparable whatever a network does first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.checkpoints import CheckpointError, read_card
from core.models import MODELS, configuration, has_scales
from core.models.copies import CopiesConfig
from core.models.dss import DssConfig
from core.scales import ScaleSet
from core.tolerance import PUBLISHED_RANGES, TOY_SIGMA_BASIS, published_fit

_THESIS = "Basting, Scale Learning in Scale-Equivariant Convolutional Networks (2024)"
_TOY_ISR, _TOY_SCALES = 3.0, 3  # of the network for Dynamic Scale MNIST, which does not enlarge

# Table 6: internal scales that the network for MNIST-Scale had learned (range of log-uniform scales), in pixels of
# its canvas enlarged by 2; without and with scale augmentation.
_TABLE_6 = {"learned": (1.39, 1.89, 2.57, 3.50), "learned with augmentation": (1.38, 2.07, 3.09, 4.63)}
_TABLE_6_ENLARGED = 2


@dataclass(frozen=True)
class Preset:
    """A set of internal scales.

    Attributes:
        name: of the set, unique.
        internal_scales: in pixels at 28×28, ascending.
        source: the publication or checkpoint it comes from.
        note: one sentence: what the numbers mean in that network.
    """

    name: str
    internal_scales: ScaleSet
    source: str
    note: str


def _of_networks() -> Iterator[Preset]:
    """The published configuration of every network with internal scales of its own."""
    for key, spec in MODELS.items():
        if not spec.control and "paper" in spec.sizes and has_scales(key, "paper"):
            config = configuration(key, "paper")
            scales = config.internal_scales.scaled_by(1 / config.enlarge)
            yield Preset(spec.title, scales, spec.source, _meaning(config))


def _meaning(config: Any) -> str:
    if isinstance(config, CopiesConfig):
        what = f"sizes relative to a canonical kernel, which stands at {config.reference_sigma / config.enlarge:g}"
    elif isinstance(config, DssConfig):
        what = "the blur of each level of its scale-space"
    else:
        what = "σ of the envelope of its kernels"
    enlarged = f" in a network that enlarges images by {config.enlarge}" if config.enlarge > 1 else ""
    return f"Size `paper`: {what}{enlarged}."


def _of_the_thesis() -> Iterator[Preset]:
    toy = ScaleSet.log_uniform(TOY_SIGMA_BASIS, _TOY_ISR, _TOY_SCALES)
    note = f"Where the network for Dynamic Scale MNIST starts: σ_basis {TOY_SIGMA_BASIS:g}, ISR {_TOY_ISR:g}."
    yield Preset("Toy network", toy, _THESIS, note)
    for (low, high), model in zip(PUBLISHED_RANGES, published_fit(), strict=True):
        scales = ScaleSet.log_uniform(TOY_SIGMA_BASIS, float(model.isr), model.num_scales)
        note = (
            f"σ_basis 2 as in the toy network, with the ISR of {model.isr:.2f} that the joint fit finds for this range."
        )
        yield Preset(f"Joint fit, data scales {low:g} to {high:g}", scales, _THESIS, note)
    for name, printed in _TABLE_6.items():
        note = "Learned range of log-uniform scales on MNIST-Scale, as printed; the network enlarges by 2."
        halved = ScaleSet(printed).scaled_by(1 / _TABLE_6_ENLARGED)
        yield Preset(f"Thesis, Table 6, {name}", halved, f"{_THESIS}, Table 6", note)


def _learned_here() -> Iterator[Preset]:
    """The scales of each checkpoint that learned them, from the history of its card; without a card there is none."""
    for key, spec in MODELS.items():
        if not hasattr(config := configuration(key), "initial_scales"):
            continue
        try:
            card = read_card(key)
        except CheckpointError:
            continue
        epochs = [entry for entry in card.history if "internal_scales" in entry]
        if epochs:  # the weights kept are those of the best validation epoch, the last of equals
            kept = min(reversed(epochs), key=lambda entry: entry["validation_error"])
            scales = ScaleSet(kept["internal_scales"]).scaled_by(1 / config.enlarge)
            note = f"Learned by the network of this dashboard, from seed {card.seed}, kept from epoch {kept['epoch']}."
            yield Preset(f"{spec.title}, as learned here", scales, f"checkpoint {key}-small, {spec.source}", note)


PRESETS: tuple[Preset, ...] = (*_of_networks(), *_of_the_thesis(), *_learned_here())
