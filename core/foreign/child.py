"""The process that reads and computes a file that somebody sent: `python -m core.foreign.child`.

It reads one line of JSON (a `Question`) and then the file from its standard input, and writes one line of JSON. Before
it looks at the file it gives up what it does not need: memory beyond a limit, processor time, opening or writing files.
core.foreign.judge is its other end.
"""

import json
import sys
import warnings
from contextlib import suppress

import torch
from jaxtyping import Float
from torch import Tensor

from core import typed_json
from core.data.colour_photographs import colour_photographs
from core.data.glyphs import GLYPHS, SizedGlyph
from core.data.grey import LUMA
from core.equivariance import measure
from core.foreign.checks import check_all
from core.foreign.network import OnnxNetwork, read_onnx
from core.foreign.question import LARGEST_CANVAS, Findings, Question, to_json
from core.models import wrap
from core.resampling import resize

CPU_SECONDS = 120
MEMORY_BYTES = 3 * 2**30
_USUAL_CANVAS = 28
_USUAL_CANVASES = {"digits": _USUAL_CANVAS, "photographs": 96}  # a photograph of 28 pixels shows little
_DIGITS = 10


def main() -> int:
    """Returns the exit status: 0 with findings, 1 with a sentence."""
    question = typed_json.read(Question, sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    _warm_up()
    photographs = colour_photographs(LARGEST_CANVAS).images if question.source == "photographs" else None
    give_up()
    try:
        told, status = to_json(findings(content, question, photographs)), 0
    except (ValueError, MemoryError, RuntimeError) as error:
        first = next(iter(str(error).splitlines()), "") or "it needs more memory than it may have"
        told, status = json.dumps({"refused": first}), 1
    print(told, flush=True)
    return status


def findings(content: bytes, question: Question, photographs: Float[Tensor, "n 3 h w"] | None = None) -> Findings:
    """Args: photographs: that are shown instead of digits, in [0, 1].

    Raises: ValueError, in one sentence, for what cannot be read, placed or measured.
    """
    network = read_onnx(content)
    canvas, channels = sides(network, question)
    shown: tuple[Tensor, Tensor | None] = digits(question, canvas, channels)
    if photographs is not None:
        shown = seen(photographs, question, canvas, channels), None
    images, labels = shown
    blank = (question.low,) * channels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the report has them
        wrapped = wrap(network, canvas=canvas, channels=channels, blank=blank)
        report = measure(wrapped, images, question.amounts, question.resampler, canvas="image", edge=question.edge)
        checks = check_all(network, wrapped, report, images, labels)
    return Findings(checks, report, wrapped.left_out, canvas, network.operators)


def sides(network: OnnxNetwork, question: Question) -> tuple[int, int]:
    """Canvas and channels: what the file says, else what was asked for, else the usual canvas and 1."""
    _, channels, height, width = network.shape
    if height != width:
        raise ValueError(f"its images must be square, and the file says {height}×{width}")
    canvas = height or question.canvas or _USUAL_CANVASES[question.source]
    if canvas > LARGEST_CANVAS:
        raise ValueError(f"its images have {canvas} pixels a side, at most {LARGEST_CANVAS} are measured")
    return canvas, channels or 1


def digits(question: Question, canvas: int, channels: int) -> tuple[Float[Tensor, "b c h w"], Tensor]:
    """The vector digits 0, 1, 2, … as large on the canvas as they are on 28 pixels, and what they show."""
    hands = len(GLYPHS) // _DIGITS
    order = [GLYPHS[digit * hands + hand] for hand in range(hands) for digit in range(_DIGITS)]
    chosen = order[: question.digits]
    size = question.data_scale * canvas / _USUAL_CANVAS
    ink = torch.cat([SizedGlyph(each, size).render(1.0, canvas) for each in chosen])
    images = question.low + (question.high - question.low) * ink
    return images.expand(-1, channels, -1, -1).contiguous(), torch.tensor([each.digit for each in chosen])


def seen(
    photographs: Float[Tensor, "n 3 h w"], question: Question, canvas: int, channels: int
) -> Float[Tensor, "n c canvas canvas"]:
    """Photographs as a network takes them. Raises: ValueError for other channels than 1 and 3."""
    if channels not in (1, 3):
        raise ValueError(f"its images have {channels} channels, photographs have 3, or 1 in grey")
    images = resize(photographs, (canvas, canvas)).clamp(0, 1)
    if channels == 1:
        images = (images * torch.tensor(LUMA)[:, None, None]).sum(1, keepdim=True)
    return question.low + (question.high - question.low) * images


def give_up() -> None:
    """From here on: no file is opened or written, and memory and time are limited, as far as the system knows limits.

    Linux knows all of them; macOS does not count memory so, and Windows has none: there the time that
    `core.foreign.judge` waits is what holds.
    """
    try:
        import resource
    except ImportError:
        return
    for name, most in (
        ("RLIMIT_AS", _bytes_in_use() + MEMORY_BYTES), ("RLIMIT_CPU", CPU_SECONDS), ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0), ("RLIMIT_NOFILE", 3),
    ):  # fmt: skip
        what = getattr(resource, name)
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError, OSError):  # a limit that this system does not take
            resource.setrlimit(what, (most, most))


def _warm_up() -> None:
    """Measures a network of one layer: what is loaded at first use is loaded now, for later no file can be opened."""
    torch.set_num_threads(1)
    one = wrap(torch.nn.Conv2d(1, 1, 3, bias=False), canvas=12)
    measure(one, torch.rand(1, 1, 12, 12), (0.5,), canvas="image")
    torch.rand(3).unique()


def _bytes_in_use() -> int:
    """Of address space; 0 where the system does not say."""
    import resource

    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


if __name__ == "__main__":
    sys.exit(main())
