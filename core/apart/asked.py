"""What can be measured in another process, as names and numbers, and how."""

from collections.abc import Sequence
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from core.equivariance import (
    ArgmaxScale,
    Budget,
    EquivarianceReport,
    LieReport,
    argmax_scale,
    budget,
    lie_derivative,
    measure_side_by_side,
)
from core.models import Network, Shown
from core.scales import ScaleSet
from core.transforms import Drawable

Report = EquivarianceReport | Budget | ArgmaxScale | LieReport
KINDS: dict[str, type[Report]] = {
    "errors": EquivarianceReport, "budget": Budget, "argmax": ArgmaxScale, "lie": LieReport,
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One measurement of a network of the registry.

    Attributes:
        kind: of KINDS. key, scales, trained_on: of the network, as `Shown`.
        amounts: of the transform; of a budget its one scale factor, of a Lie derivative none.
        resampler, transform, costs, edge: as `core.equivariance.measure`. layer: of an argmax.
        threads: on which errors are measured.
    """

    kind: str
    key: str
    scales: tuple[float, ...] | None
    trained_on: str
    amounts: tuple[float, ...] = ()
    resampler: str = "bicubic"
    transform: str = "scale"
    costs: bool = True
    edge: str = "masked"
    layer: str = ""
    threads: int = 1

    @property
    def shown(self) -> Shown:
        return Shown(self.key, None if self.scales is None else ScaleSet(self.scales), self.trained_on)


def measured(asked: Asked, network: Network, digits: Float[Tensor, "b c h w"] | Sequence[Drawable]) -> Report:
    """The report. Raises: ValueError as the functions of `core.equivariance`, or for an unknown kind."""
    how = asked.amounts, asked.resampler
    if asked.kind == "errors":
        return measure_side_by_side(
            network, digits, *how, asked.transform, threads=asked.threads, costs=asked.costs, edge=asked.edge
        )
    if asked.kind == "budget":
        return budget(network, digits, asked.amounts[0], asked.resampler)
    if asked.kind == "argmax":
        return argmax_scale(network, digits, asked.amounts, asked.layer, asked.resampler)
    if asked.kind == "lie" and isinstance(digits, Tensor):
        return lie_derivative(network, digits, asked.resampler, side="enlarging")
    raise ValueError(f"nothing is known of a measurement {asked.kind!r} of {type(digits).__name__}")
