"""The state that all pages share: which digit, which network, which transform and how much of it."""

from dataclasses import dataclass

from core.checkpoints import ALL_SIZES
from core.data.sources import SOURCES
from core.models import Shown, trainings
from core.scales import ScaleSet
from core.transforms import TRANSFORMS, Transform


@dataclass(frozen=True)
class Digit:
    """What is shown.

    Attributes:
        source: a key of core.data.sources. name: of the digit there.
        data_scale: its size before T; 1 is the size of an MNIST digit, or of a drawing as it was drawn.
    """

    source: str
    name: str
    data_scale: float

    @property
    def title(self) -> str:
        """The digit in a sentence."""
        return SOURCES[self.source].title_of(self.name)

    @property
    def told(self) -> str:
        """The same with its size, or with what is taken for what lies beyond its edge."""
        source = SOURCES[self.source]
        if not source.has_size:
            return f"{self.title}, its edge {source.edge_of(self.name)}"
        return f"{self.title} at {self.data_scale:.2f} of its size"

    @property
    def has_strokes(self) -> bool:
        """Whether it can be drawn again at any scale, so that T can be exact."""
        return SOURCES[self.source].has_strokes


@dataclass(frozen=True)
class View:
    """All shared controls as one value; pages read it and never the widgets.

    Attributes:
        scales: internal scales in place of those of training; None for these.
        trained_on: the digits whose weights are shown where there are such.
        key: of the transform. amount: one of `amounts`, those that the handle can take, ascending.
        steps: those of them that T' moves by whole places of an axis.
    """

    digit: Digit
    network: str
    scales: ScaleSet | None = None
    key: str = "scale"
    amount: float = 1.0
    amounts: tuple[float, ...] = TRANSFORMS["scale"].handle_amounts
    steps: tuple[float, ...] = ()
    resampler: str = "bicubic"
    layer: str = "conv2"
    colour_range: str = "layer"
    trained_on: str = ALL_SIZES

    @property
    def transform(self) -> Transform:
        return TRANSFORMS[self.key]

    def shown(self, key: str = "") -> Shown:
        """The view's network, or another one beside it; chosen scales belong to the first alone.

        A network without weights of the chosen digits is shown with those of all sizes.
        """
        key = key or self.network
        trained_on = self.trained_on if self.trained_on in trainings(key) else ALL_SIZES
        return Shown(key, self.scales if key == self.network else None, trained_on)

    @property
    def told(self) -> str:
        """The amount for a reader, e.g. `s = 0.63`."""
        return self.transform.told(self.amount)
