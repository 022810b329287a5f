"""What is found of a file: checks, errors by layer, and what makes them; of an ONNX file, and of weights."""

import warnings
from collections.abc import Callable
from contextlib import suppress

from jaxtyping import Float
from torch import Tensor, nn

from core.equivariance import Budget, budget, measure
from core.foreign.checks import check_all
from core.foreign.network import OnnxNetwork, read_onnx
from core.foreign.pictures import USUAL_CANVASES, digits, seen
from core.foreign.question import LARGEST_CANVAS, LARGEST_CHANNELS, Findings, Question
from core.foreign.safetensors_file import looks_like_safetensors
from core.foreign.weights import read_weights
from core.models import Network, WrappedNetwork, wrap
from core.models.measurable import HasFeatures

_OF_BUDGET = 4  # digits
_ZIP, _PICKLE = b"PK", b"\x80"  # how files of PyTorch begin: an archive of pickles, or a pickle alone
RUNS_CODE = (
    "files of PyTorch (.pt, .pth, .pt2, TorchScript) are never opened, for opening one can run what its author wrote; "
    "export the network to ONNX, or its weights to safetensors, with the lines below"
)


def findings(
    content: bytes, question: Question, built: Network | None = None,
    photographs: Float[Tensor, "n 3 h w"] | None = None, probed: Callable[[], None] = lambda: None,
) -> Findings:  # fmt: skip
    """Args: question: names a network of the registry where the file is to hold its weights.
          built: that network, for a process that can open no file any more.
          photographs: that an ONNX file is shown instead of digits, in [0, 1].
          probed: called when the file is read, and is known to be within the limits of `core.foreign.costs`.

    Raises: ValueError, in one sentence or one for each mismatch, for what cannot be read, placed or measured.
    """
    is_weights = looks_like_safetensors(content)  # first: the length in front may begin as a pickle does
    if not is_weights and content.startswith((_ZIP, _PICKLE)):
        raise ValueError(RUNS_CODE)
    if question.network:
        return _of_weights(content, question, built, probed)
    if is_weights:
        raise ValueError("the file holds weights alone; say above which network of ours they are of")
    return _of_onnx(content, question, photographs, probed)


def sides(network: OnnxNetwork, question: Question) -> tuple[int, int]:
    """Canvas and channels: what the file says, else what was asked for, else the usual canvas and 1."""
    _, channels, height, width = network.shape
    if height != width:
        raise ValueError(f"its images must be square, and the file says {height}×{width}")
    canvas = height or question.canvas or USUAL_CANVASES[question.source]
    if canvas > LARGEST_CANVAS:
        raise ValueError(f"its images have {canvas} pixels a side, at most {LARGEST_CANVAS} are measured")
    if (channels or 1) > LARGEST_CHANNELS:
        raise ValueError(f"its images have {channels} channels, at most {LARGEST_CHANNELS} are measured")
    return canvas, channels or 1


def _of_onnx(
    content: bytes, question: Question, photographs: Float[Tensor, "n 3 h w"] | None, probed: Callable[[], None]
) -> Findings:  # fmt: skip
    """Without a budget of photographs: beyond their edge is no background, so its first part cannot be taken away."""
    network = read_onnx(content)
    canvas, channels = sides(network, question)
    shown: tuple[Tensor, Tensor | None] = digits(question, canvas, channels)
    if photographs is not None:
        shown = seen(photographs, question, canvas, channels), None
    images, labels = shown
    network.probe(images[:1])
    probed()
    blank = (question.low,) * channels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the report has them
        wrapped = wrap(network, canvas=canvas, channels=channels, blank=blank)

        def again(other: nn.Module) -> WrappedNetwork:
            return wrap(other, layers=wrapped.layers, canvas=canvas, channels=channels, blank=blank)

        report = measure(
            wrapped, images, question.amounts, question.resampler, canvas="image", edge=question.edge,
            background=question.low,
        )  # fmt: skip
        checks = check_all(network, wrapped, report, images, labels, again, question.low)
        parts = None if labels is None else _budget(wrapped, images, question, "image")
    return Findings(checks, report, wrapped.left_out, canvas, network.operators, parts)


def _of_weights(
    content: bytes, question: Question, built: Network | None, probed: Callable[[], None]
) -> Findings:  # fmt: skip
    """As on the other pages: on a wide canvas of background, with the maps that the network declares."""
    network, notes = read_weights(content, question.network, question.size, built)
    probed()
    canvas = network.trained_canvas
    images, labels = digits(question, canvas, 1)
    report = measure(network, images, question.amounts, question.resampler)
    checks = check_all(network, network, report, images, labels, _declared)
    parts = _budget(network, images, question, "wide")
    return Findings(checks, report, {}, canvas, {}, parts, notes)


def _declared(network: nn.Module) -> HasFeatures:
    """A network that declares its own maps, and so needs nothing to be measurable."""
    assert isinstance(network, Network)
    return network


def _budget(
    network: HasFeatures, images: Float[Tensor, "b c h w"], question: Question, canvas: str
) -> Budget | None:  # fmt: skip
    """Without the run on a larger canvas for a network that takes its own alone; none if it is not asked for."""
    if question.budget_at is None:
        return None
    few, how = images[:_OF_BUDGET], (question.budget_at, question.resampler)
    low = 0.0 if question.network else question.low
    with suppress(ValueError, RuntimeError):
        return budget(network, few, *how, canvas=canvas, background=low)
    return budget(network, few, *how, canvas=canvas, background=low, larger=1.0)
