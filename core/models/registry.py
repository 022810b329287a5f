"""The one visible table of all networks; menus, tests, benchmark and training read it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch

from core import checkpoints
from core.models import (
    cnn,
    deformable_cnn,
    disco,
    dss,
    fourier,
    identity,
    scale_learning,
    sesn,
    sesn_antialiased,
    sesn_deformable,
    sevf,
    si_convnet,
    sicnn,
    so2_cnn,
    ss_cnn,
)
from core.models.network import Network
from core.models.over_scales import ScalesConfig
from core.models.settings import setting_names, with_settings
from core.scales import ScaleSet

Group = Literal["plain", "scale-equivariant", "learned scales", "other symmetries", "ours", "controls", "yours"]
GROUPS: tuple[Group, ...] = get_args(Group)  # as the menu shows them


@dataclass(frozen=True)
class ModelSpec:
    """One network of the menu.

    Attributes:
        title: its name on a page.
        network: builds it from a configuration.
        sizes: the configuration of each size, `small` and, where it can be built, `paper`.
        source: the publication that defines it.
        group: where the menu shows it.
        summary: one line for a visitor: what it does.
        answers_digits: whether its answers are ten, one for each digit.
        code: imports, and last an expression that makes it, of a network of one's own (core.models.own); else empty.
        canvas: side of its images in pixels, and channels: of them, at the size `small`.
    """

    title: str
    network: Callable[[Any], Network]
    sizes: Mapping[str, Any]
    source: str
    group: Group
    summary: str
    answers_digits: bool = True
    code: tuple[str, ...] = ()
    canvas: int = Network.trained_canvas
    channels: int = Network.channels

    @property
    def takes_colour(self) -> bool:
        """Whether a photograph can be shown to it in its colours."""
        return self.channels == 3

    @property
    def control(self) -> bool:
        """Whether it is never trained and shows what a measure should say."""
        return self.group == "controls"

    @property
    def has_checkpoints(self) -> bool:
        """Whether weights of it can be stored and read, as of every network that is trained here."""
        return not self.control and not self.is_own

    @property
    def is_own(self) -> bool:
        """Whether it came from a file of whoever started this process (core.models.own)."""
        return self.group == "yours"

    @property
    def reads_digits(self) -> bool:
        """Whether what it says of a digit means anything."""
        return self.answers_digits and not self.control

    @property
    def not_reading(self) -> str:
        """Why what it says of a digit means nothing, to follow its name; empty if it does."""
        if self.reads_digits:
            return ""
        return "is not trained" if self.control else "does not answer with ten classes"


_SESN = "Sosnovik et al., arXiv:1910.11093"
_BASTING = "Basting, Scale Learning in Scale-Equivariant Convolutional Networks (2024)"
MODELS: dict[str, ModelSpec] = {
    "cnn": ModelSpec(
        "Plain CNN", cnn.Cnn, {"small": cnn.SMALL, "paper": cnn.PAPER}, _SESN + ", baseline",
        "plain", "Ordinary convolutions: they commute with shifts, not with a change of size.",
    ),
    "cnn_small": ModelSpec(
        "Plain CNN, 47,000 weights", cnn.Cnn, {"small": cnn.NARROW}, _SESN + ", baseline",
        "plain", "The plain CNN with fewer channels: as many weights as SESN, a fairer comparison.",
    ),
    "deformable_cnn": ModelSpec(
        "Deformable CNN", deformable_cnn.DeformableCnn,
        {"small": deformable_cnn.SMALL, "paper": deformable_cnn.PAPER}, "Zhu et al., arXiv:1811.11168",
        "plain", "Kernels that the image bends: free to follow a size, but not made to.",
    ),
    "so2_cnn": ModelSpec(
        "Rotation group CNN", so2_cnn.So2Cnn, {"small": so2_cnn.SMALL, "paper": so2_cnn.PAPER},
        "Weiler et al., arXiv:1711.07289",
        "other symmetries", "Every filter at eight turns: it commutes with quarter turns, not with a change of size.",
    ),
    "dss": ModelSpec(
        "Deep scale-spaces", dss.Dss, {"small": dss.SMALL, "paper": dss.PAPER}, "Worrall & Welling, arXiv:1905.11697",
        "scale-equivariant", "Reads the image at several levels of blur, each filter at steps as wide as the blur.",
    ),
    "sesn_vector": ModelSpec(
        "SESN, vector", sesn.Sesn, {"small": sesn.SMALL_VECTOR, "paper": sesn.PAPER_VECTOR}, _SESN,
        "scale-equivariant", "Every filter at several internal scales; the scale axis is kept to the last layer.",
    ),
    "sesn_scalar": ModelSpec(
        "SESN, scalar", sesn.Sesn, {"small": sesn.SMALL_SCALAR, "paper": sesn.PAPER_SCALAR}, _SESN,
        "scale-equivariant", "Every filter at several internal scales; each layer keeps the strongest response.",
    ),
    "sesn_antialiased": ModelSpec(
        "SESN, antialiased", sesn_antialiased.SesnAntialiased, {"small": sesn_antialiased.SMALL},
        "ours, from arXiv:1910.11093 and 1904.11486",
        "ours", "SESN that blurs before it leaves out pixels, and picks the scale by the response.",
    ),
    "disco": ModelSpec(
        "DISCO", disco.Disco, {"small": disco.SMALL, "paper": disco.PAPER}, "Sosnovik et al., arXiv:2106.02733",
        "scale-equivariant", "SESN with filters made for the pixel grid: at each scale the copy that errs least.",
    ),
    "sicnn": ModelSpec(
        "SiCNN", sicnn.Sicnn, {"small": sicnn.SMALL, "paper": sicnn.PAPER}, "Xu et al., arXiv:1411.6369",
        "scale-equivariant", "One kernel resized to every scale; the largest response is taken at the end.",
    ),
    "si_convnet": ModelSpec(
        "SI-ConvNet", si_convnet.SiConvNet, {"small": si_convnet.SMALL, "paper": si_convnet.PAPER},
        "Kanazawa et al., arXiv:1412.5104",
        "scale-equivariant", "Every layer resizes its input to every scale and keeps the strongest response.",
    ),
    "sevf": ModelSpec(
        "SEVF", sevf.Sevf, {"small": sevf.SMALL, "paper": sevf.PAPER}, "Marcos et al., arXiv:1807.11783",
        "scale-equivariant", "As SI-ConvNet, but the scale of the largest response is kept as the angle of a vector.",
    ),
    "ss_cnn": ModelSpec(
        "SS-CNN", ss_cnn.SsCnn, {"small": ss_cnn.SMALL, "paper": ss_cnn.PAPER}, "Ghosh & Gupta, arXiv:1906.03861",
        "scale-equivariant", "Waves as filters, turned from one size to the next; each layer keeps the strongest.",
    ),
    "fourier": ModelSpec(
        "Fourier layers", fourier.Fourier, {"small": fourier.SMALL, "paper": fourier.PAPER},
        "Rahman and Yeh, arXiv:2311.02922",
        "scale-equivariant", "Filters waves instead of pixels: exact where a smaller image has fewer pixels.",
    ),
    "scale_learning_isr": ModelSpec(
        "Scale learning, range", scale_learning.ScaleLearning, scale_learning.sizes("isr"), _BASTING,
        "learned scales", "SESN that learns its smallest internal scale and how far the others reach.",
    ),
    "scale_learning_spacings": ModelSpec(
        "Scale learning, spacings", scale_learning.ScaleLearning, scale_learning.sizes("spacings"), _BASTING,
        "learned scales", "SESN that learns its smallest internal scale and the ratio of each two neighbours.",
    ),
    "scale_learning_direct": ModelSpec(
        "Scale learning, direct", scale_learning.ScaleLearning, scale_learning.sizes("direct"), _BASTING,
        "learned scales", "SESN that learns each of its internal scales by itself.",
    ),
    "sesn_deformable": ModelSpec(
        "SESN, deformable", sesn_deformable.SesnDeformable,
        {"small": sesn_deformable.SMALL, "paper": sesn_deformable.PAPER}, "ours, from arXiv:1910.11093 and 1811.11168",
        "ours", "SESN whose kernels bend with the image, each in units of its internal scale.",
    ),
    "identity": ModelSpec(
        "Identity (control)", identity.Identity, {"small": identity.IdentityConfig()}, "control",
        "controls", "Hands the image on: its error must be 0.",
    ),
    "random_cnn": ModelSpec(
        "Plain CNN, random weights (control)", cnn.Cnn, {"small": cnn.SMALL, "paper": cnn.PAPER}, "control",
        "controls", "The plain CNN before training: what the architecture alone does.",
    ),
    "random_sesn": ModelSpec(
        "SESN, random weights (control)", sesn.Sesn, {"small": sesn.SMALL_VECTOR, "paper": sesn.PAPER_VECTOR},
        "control", "controls", "SESN before training: equivariance by construction, not learned.",
    ),
}  # fmt: skip

_CONTROL_SEED = 0


def configuration(key: str, size: str = "small", **config: object) -> Any:
    """The configuration of a network with single values replaced.

    Args: config: settings by name (core.models.settings), such as `internal_scales=(1, 1.2, 2.5)`; `sigma_basis`, `isr`
              and `num_scales` are shorthand for a log-uniform set, those not named being those of the size's own set.
    Raises: KeyError for an unknown network; ValueError for a size it cannot be built at, an unknown setting, or scales
        that are no set.
    """
    if key not in MODELS:
        raise KeyError(f"unknown network {key!r}; known are {', '.join(MODELS)}")
    sizes = MODELS[key].sizes
    if size not in sizes:
        raise ValueError(f"{key} cannot be built at size {size!r}; it has {', '.join(sizes)}")
    base = sizes[size]
    known = setting_names(base)
    if unknown := set(config) - known:
        raise ValueError(f"{key} has no setting {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    return with_settings(base, **config)


def has_scales(key: str, size: str = "small") -> bool:
    """Whether a network has internal scales to choose; learned ones are part of the weights. Errors: as above."""
    return isinstance(configuration(key, size), ScalesConfig)


def broken_limit(key: str, size: str = "small", **config: object) -> str | None:
    """Which of `core.scales.SCALE_LIMITS` a network would break, as a clause; None for none. Nothing is built.

    The limits hold where a visitor chooses; `build` and `load` do not ask. Errors: as `configuration`.
    """
    chosen = configuration(key, size, **config)
    if not isinstance(chosen, ScalesConfig):
        return None
    return chosen.internal_scales.broken_limit(chosen.kernel_side)


def kernel_sides(key: str, scales: ScaleSet, size: str = "small") -> tuple[int, ...]:
    """The side in pixels of the kernel of each scale in the first convolution, before anything is built.

    Raises: as `configuration`; AttributeError for a network that has no scales to choose.
    """
    return tuple(configuration(key, size, internal_scales=ScaleSet((scale,))).kernel_side for scale in scales)


def is_ready(key: str, size: str = "small") -> bool:
    """Whether `load` has weights for a network: a checkpoint is there, or it needs none."""
    return not MODELS[key].has_checkpoints or checkpoints.available(key, size)


def trainings(key: str, size: str = "small") -> tuple[str, ...]:
    """The digits that there are weights for, as `load` takes them; none of a network that is not trained here."""
    if not MODELS[key].has_checkpoints:
        return ()
    return tuple(digits for digits, folder in checkpoints.FOLDERS.items() if checkpoints.available(key, size, folder))


def build(key: str, size: str = "small", **config: object) -> Network:
    """An untrained network; its random weights follow torch's seed. Errors as `configuration`."""
    return MODELS[key].network(configuration(key, size, **config)) if key in MODELS else configuration(key)


def load(key: str, size: str = "small", *, trained_on: str = checkpoints.ALL_SIZES, **config: object) -> Network:
    """A pretrained network in eval mode, without gradients; the controls come with the same random weights always.

    `trained_on` is `all sizes` of MNIST-Scale, or `one size`: realisation 0 of that part of the study.
    `config` may change what leaves the weights' shapes alone: the internal scales, as in `configuration`. The
    weights are then those of the trained set, evaluated on the new basis.
    Raises: as `configuration`; CheckpointError if there is no valid checkpoint; ValueError for other digits.
    """
    chosen, folder = configuration(key, size, **config), checkpoints.folder_of(trained_on)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_CONTROL_SEED)
        network = MODELS[key].network(chosen)
    if MODELS[key].has_checkpoints:
        checkpoints.load_weights(network, key, size, folder)
    return network.eval().requires_grad_(False)
