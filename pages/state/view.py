"""The state that all pages share: which digit, which network, which change of scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.models import configuration

# 0.5 to 2 in 49 steps, 24 to the octave: both third and half octaves, so the steps of most scale sets, are among them
SCALE_FACTORS = tuple(round(2 ** (i / 24), 4) for i in range(-24, 25))
_ALIKE = 0.003  # of a factor: closer than this, one stands for the other


@dataclass(frozen=True)
class Digit:
    """What is shown: `source` is vector, mnist, upload or draw; `name` says which one, or is the drawing as text."""

    source: str
    name: str
    title: str
    data_scale: float  # its size before T_s; 1 is the size of an MNIST digit, or of a drawing as it was drawn

    @property
    def has_strokes(self) -> bool:
        """Whether it can be drawn again at any scale, so that T_s can be exact."""
        return self.source in ("vector", "draw")


@dataclass(frozen=True)
class View:
    """All shared controls as one value; pages read it and never the widgets."""

    digit: Digit
    network: str
    scales: dict[str, float] = field(default_factory=dict)  # overrides of the trained internal scales
    scale_factor: float = 1.0  # one of `factors`
    factors: tuple[float, ...] = SCALE_FACTORS  # that the handle can take, ascending
    steps: tuple[float, ...] = ()  # those of them that move one internal scale onto another
    resampler: str = "bicubic"
    layer: str = "conv2"
    colour_range: str = "layer"

    @property
    def settings(self) -> tuple[tuple[str, float], ...]:
        """`scales` as a key for caches."""
        return tuple(sorted(self.scales.items()))


def steps_between(internal_scales: Sequence[float]) -> tuple[float, ...]:
    """The factors in [0.5, 2] other than 1 that move one internal scale onto another, ascending."""
    ratios = sorted(a / b for a in internal_scales for b in internal_scales)
    low, high = SCALE_FACTORS[0], SCALE_FACTORS[-1]
    steps: list[float] = []
    for ratio in ratios:
        inside = low * (1 - 1e-4) <= ratio <= high * (1 + 1e-4) and abs(ratio - 1) > _ALIKE
        if inside and not (steps and ratio / steps[-1] < 1 + _ALIKE):
            steps.append(round(ratio, 4))
    return tuple(steps)


def factors_with(steps: Sequence[float]) -> tuple[float, ...]:
    """The usual factors and the given steps, which take the place of neighbours that they can hardly be told from."""
    others = [s for s in SCALE_FACTORS if all(abs(s / step - 1) > _ALIKE for step in steps)]
    return tuple(sorted([*others, *steps]))


def nearest_factor(factors: Sequence[float], wanted: float) -> float:
    """The factor that is nearest on the log axis."""
    return min(factors, key=lambda s: abs(math.log(s / wanted)))


def has_scales(network: str) -> bool:
    """Whether a network has internal scales to choose."""
    return hasattr(configuration(network), "sigma_basis")
