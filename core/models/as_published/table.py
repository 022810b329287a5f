"""The published networks by their published names, as settings of ours.

Source: `models/mnist_ses.py` and `models/mnist_cnn.py` of github.com/ISosnovik/sesn (deaa16c); `models/
mnist_disco_models.py` and `exp_mnist.sh` of github.com/ISosnovik/disco (f832fa0), without the augmentation. 28 or 56 is
the side of the canvas that kernels see; the networks with a `p` have the scales that were chosen for training with
the augmentation `+`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from core.bases import published_supports
from core.models import cnn, disco, sesn
from core.models.layouts import PUBLISHED
from core.models.settings import with_settings


class Published(NamedTuple):
    """A network of `core.models.MODELS` and its configuration."""

    key: str
    config: Any


def _sesn(kind: str, canvas: int, scales: tuple[float, ...], side: int, mult: float) -> Published:
    """Args: scales: in pixels of the canvas, as printed by the published code. side: of all kernels, in pixels."""
    base = sesn.PAPER_VECTOR if kind == "vector" else sesn.PAPER_SCALAR
    config = with_settings(
        base, layout=PUBLISHED, enlarge=canvas // 28, internal_scales=scales, filter_side=side, mult=mult,
        reference_sigma=scales[0], reference_support=published_supports(side)(scales)[0],
    )  # fmt: skip
    return Published(f"sesn_{kind}", config)


def _cnn(canvas: int) -> Published:
    return Published("cnn", with_settings(cnn.PAPER, layout=PUBLISHED, enlarge=canvas // 28))


# The cells of DISCO are pixels at its smallest scale, where σ of the Hermite functions on them is 1.9.
_CELLS, _SIGMA = (1.0, 1.26, 1.59, 2.0), 1.9

# fmt: off
AS_PUBLISHED: Mapping[str, Published] = {
    "mnist_ses_vector_28": _sesn("vector", 28, (1.5, 2.6, 4.5), 13, 1.5),
    "mnist_ses_vector_28p": _sesn("vector", 28, (1.5, 2.6, 4.5), 15, 1.4),
    "mnist_ses_vector_56": _sesn("vector", 56, (2.0, 2.52, 3.17, 4.0), 15, 1.5),
    "mnist_ses_vector_56p": _sesn("vector", 56, (1.5, 1.89, 2.38, 3.0), 13, 1.4),
    "mnist_ses_scalar_28": _sesn("scalar", 28, (1.7, 2.45, 3.54, 5.1), 15, 1.5),
    "mnist_ses_scalar_28p": _sesn("scalar", 28, (1.5, 2.16, 3.12, 4.5), 13, 1.4),
    "mnist_ses_scalar_56": _sesn("scalar", 56, (2.0, 2.83, 4.0), 15, 1.4),
    "mnist_ses_scalar_56p": _sesn("scalar", 56, (1.0, 1.73, 3.0), 17, 1.4),
    "mnist_cnn_28": _cnn(28),
    "mnist_cnn_56": _cnn(56),
    "mnist_disco_vector_56": Published("disco", with_settings(
        disco.PAPER, layout=PUBLISHED, internal_scales=[_SIGMA * cell for cell in _CELLS], filter_side=15,
    )),
}
# fmt: on
