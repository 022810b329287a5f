"""The state that all pages share: which digit, which network, which change of scale."""

from dataclasses import dataclass, field

from core.models import configuration

# 0.5 to 2 in 49 steps, 24 to the octave: both third and half octaves, so the steps of most scale sets, are among them
SCALE_FACTORS = tuple(round(2 ** (i / 24), 4) for i in range(-24, 25))


@dataclass(frozen=True)
class Digit:
    """What is shown: `source` is vector, mnist or upload; `name` says which one of it."""

    source: str
    name: str
    title: str
    data_scale: float  # its size before T_s; 1 is the size of an MNIST digit


@dataclass(frozen=True)
class View:
    """All shared controls as one value; pages read it and never the widgets."""

    digit: Digit
    network: str
    scales: dict[str, float] = field(default_factory=dict)  # overrides of the trained internal scales
    scale_factor: float = 1.0
    resampler: str = "bicubic"
    layer: str = "conv2"
    colour_range: str = "layer"

    @property
    def settings(self) -> tuple[tuple[str, float], ...]:
        """`scales` as a key for caches."""
        return tuple(sorted(self.scales.items()))


def has_scales(network: str) -> bool:
    """Whether a network has internal scales to choose."""
    return hasattr(configuration(network), "sigma_basis")
