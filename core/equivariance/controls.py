"""Controls: what the measure must say of networks whose answer is known, each with its bound."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from torch import Tensor

from core.equivariance.measure import measure
from core.equivariance.report import EquivarianceReport
from core.models.measurable import HasFeatures
from core.transforms import Drawable, transform_named

_NOTHING = 1e-5  # of a map: what sums in float32 leave


@dataclass(frozen=True)
class Control:
    """One network at one amount, and a bound on its error.

    Attributes:
        network: its key in the registry. transform, amount, resampler: as `measure` takes them.
        why: what makes the bound hold, as a clause.
        at_most, at_least: bounds of the largest mean error of a layer, relative L2; one of them is None.
    """

    network: str
    transform: str
    amount: float
    resampler: str
    why: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def told(self) -> str:
        """The amount with its symbol."""
        return transform_named(self.transform).told(self.amount)

    @property
    def expected(self) -> str:
        """The bound for a reader, in %."""
        if self.at_least is not None:
            return f"at least {100 * self.at_least:.0f} %"
        assert self.at_most is not None
        return "0 %" if self.at_most <= _NOTHING else f"at most {100 * self.at_most:g} %"


@dataclass(frozen=True)
class Verdict:
    """What a control measured: the largest mean error of a layer, relative L2, and whether that is as expected."""

    control: Control
    measured: float
    layer: str
    holds: bool


CONTROLS = (
    Control("identity", "scale", 2.0, "bicubic", "both ways are the same", at_most=_NOTHING),
    Control("sesn_vector", "scale", 1.0, "bicubic", "nothing changes", at_most=_NOTHING),
    Control("fourier", "scale", 0.5, "ideal", "it sees the whole band at every resolution", at_most=1e-3),
    Control("cnn", "translation", 4.0, "bicubic", "four pixels are a whole step of all its grids", at_most=_NOTHING),
    Control("cnn", "scale", 2.0, "bicubic", "its kernels have one size", at_least=0.3),
)


def check(control: Control, network: HasFeatures, images: Float[Tensor, "b c h w"] | Sequence[Drawable]) -> Verdict:
    """Measures a control on images, with the network that it names. Raises: ValueError as `measure`."""
    return verdict_on(control, measure(network, images, (control.amount,), control.resampler, control.transform))


def verdict_on(control: Control, report: EquivarianceReport) -> Verdict:
    """What a report of the control's network says, measured as the control says."""
    worst = int(np.nanargmax(report.error[:, 0]))
    measured = float(report.error[worst, 0])
    holds = measured <= control.at_most if control.at_most is not None else measured >= (control.at_least or 0.0)
    return Verdict(control, measured, report.layers[worst], holds)
