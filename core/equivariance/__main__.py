"""Prints the equivariance error of networks as a Markdown table: `python -m core.equivariance`.

They are the pretrained ones, by their keys, and those of the published layout with random weights, by their published
names. The images are the first MNIST test digits, shown at a share of their size so that they have room to grow.
"""

import argparse
import sys

import torch

from core.checkpoints import CheckpointError
from core.data.mnist import MnistMissing, load_mnist
from core.equivariance.measure import EquivarianceReport, measure
from core.models import AS_PUBLISHED, MODELS, Network, configuration, has_scales, load, published
from core.resampling import RESAMPLERS, rescale
from core.scales import ScaleSet

_READ = "classifier"


def main(arguments: list[str] | None = None, prog: str = "python -m core.equivariance") -> int:
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    parser.add_argument(
        "networks",
        nargs="*",
        default=["sesn_vector", "cnn"],
        metavar="network",
        help=f"{', '.join(MODELS)}; with random weights {', '.join(AS_PUBLISHED)}",
    )
    parser.add_argument("--images", type=int, default=64, help="MNIST test digits")
    parser.add_argument("--data-scale", type=float, default=0.7, help="their size, × MNIST")
    parser.add_argument("--resampler", choices=RESAMPLERS, default="bicubic")
    parser.add_argument(
        "--layers",
        default=f"conv1,conv2,conv3,{_READ}",
        help=f"of the networks that have them; {_READ}: the map that it reads",
    )
    options = parser.parse_args(arguments)
    try:
        images = rescale(load_mnist("test").images[: options.images].float() / 255, options.data_scale)
        networks = {name: _network(name) for name in options.networks}
    except (MnistMissing, CheckpointError, KeyError) as error:
        print(error, file=sys.stderr)
        return 2
    scales = next(found for found in map(_scales, (*networks, "sesn_vector")) if found)
    factors = scales.steps_between(0.5, 2.0)
    reports = {key: measure(network, images, factors, options.resampler) for key, network in networks.items()}
    print("\n".join(table(reports, options.layers.split(","))))
    return 0


def _network(name: str) -> Network:
    """Raises: KeyError for an unknown name; CheckpointError."""
    if name not in AS_PUBLISHED:
        return load(name)
    torch.manual_seed(0)
    return published(name)


def _scales(name: str) -> ScaleSet | None:
    if name in AS_PUBLISHED:
        return getattr(AS_PUBLISHED[name].config, "internal_scales", None)
    return configuration(name).internal_scales if has_scales(name) else None


def table(reports: dict[str, EquivarianceReport], layers: list[str]) -> list[str]:
    """One row for each layer and network, a column for each factor; % with the 16–84 % band."""
    factors = next(iter(reports.values())).scale_factors
    lines = ["| layer | network | " + " | ".join(f"s = {s:.2f}" for s in factors) + " |"]
    lines.append("|---" * (len(factors) + 2) + "|")
    for layer in layers:
        for key, report in reports.items():
            shown = report.classifier_map if layer == _READ else layer
            if shown in report.layers:
                i = report.layers.index(shown)
                cells = [
                    f"{100 * mean:.1f} ({100 * low:.1f}–{100 * high:.1f})"
                    for mean, (low, high) in zip(report.error[i], report.spread[i], strict=True)
                ]
                name = f"{shown}, read by the classifier" if layer == _READ else layer
                lines.append(f"| {name} | {key} | " + " | ".join(cells) + " |")
    cost = next(iter(reports.values())).image_cost
    lines.append("| image | there and back | " + " | ".join(f"{100 * value:.1f}" for value in cost) + " |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
