"""Which network is meant, without loading it: one of the table, the digits it was trained on, and its scales."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.checkpoints import ALL_SIZES
from core.models.network import Network
from core.models.registry import MODELS, load
from core.scales import ScaleSet


@dataclass(frozen=True)
class Shown:
    """A pretrained network at size small, as a value: two that are equal answer every image alike.

    Attributes:
        key: in MODELS.
        scales: internal scales in place of those of training; None for these.
        trained_on: as `load` takes it.
    """

    key: str
    scales: ScaleSet | None = None
    trained_on: str = ALL_SIZES

    @property
    def title(self) -> str:
        """Its name for a reader, who hears which digits it was trained on where these are not the usual ones."""
        return MODELS[self.key].title if self.trained_on == ALL_SIZES else self.title_with_digits

    @property
    def title_with_digits(self) -> str:
        """The same, for a reader who compares digits of training; a control has none."""
        spec = MODELS[self.key]
        return spec.title if not spec.has_checkpoints else f"{spec.title}, trained on {self.trained_on}"

    def load(self) -> Network:
        """Raises: CheckpointError, ValueError."""
        settings: dict[str, Any] = {} if self.scales is None else {"internal_scales": self.scales}
        return load(self.key, trained_on=self.trained_on, **settings)


def titles(networks: Iterable[Shown]) -> dict[Shown, str]:
    """Names of networks that are seen together: where they differ in their digits of training, each says its own."""
    shown = list(networks)
    alike = len({each.trained_on for each in shown}) < 2
    return {each: each.title if alike else each.title_with_digits for each in shown}
