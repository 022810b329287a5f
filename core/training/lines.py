"""The small example in one dimension: trains on lines of 64 samples, reads them at other rates.

`python -m core.training.lines` takes seconds. One head is shared by all rates, with the published consistency term.
"""

import argparse
import sys
from collections.abc import Callable

import torch

from core.data.lines import lines
from core.models.fourier_lines import FourierLines, LineConfig
from core.training.optimiser import AdamW
from core.training.shared_head import shared_head_loss

TRAINED = (16, 24, 40, 64)  # samples of a line: the rates that the head is trained for
READ = (16, 20, 31, 48, 64)  # and those that are read afterwards
_OTHERS = 1  # the seed of lines that were not trained on


def train_on_lines(
    config: LineConfig,
    count: int = 96,
    steps: int = 80,
    seed: int = 0,
    progress: Callable[[int, float], None] | None = None,
) -> FourierLines:
    """A network trained on `count` lines, all of them in every step.

    Args: progress: is called with the step and the loss.
    """
    torch.manual_seed(seed)
    network = FourierLines(config)
    optimizer = AdamW(network.parameters(), lr=0.02)
    found, kinds = lines(count, config.samples, seed)
    for step in range(steps):
        loss = shared_head_loss(network.logits_by_rate(found, TRAINED), kinds).total
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if progress:
            progress(step, float(loss.detach()))
    return network.eval()


@torch.no_grad()
def errors_by_rate(network: FourierLines, count: int = 300, seed: int = _OTHERS) -> dict[int, float]:
    """Error in % of other lines, at each of `READ`."""
    errors = {}
    for rate in READ:
        found, kinds = lines(count, rate, seed)
        errors[rate] = 100 * float((network(found).argmax(1) != kinds).float().mean())
    return errors


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.training.lines", description=__doc__)
    parser.parse_args(arguments)
    network = train_on_lines(LineConfig(), progress=lambda step, loss: print(f"step {step}: loss {loss:.3f}"))
    for rate, error in errors_by_rate(network).items():
        trained = "trained" if rate in TRAINED else "not trained"
        print(f"{rate} samples ({trained}): {error:.1f} % of 300 other lines misread")
    return 0


if __name__ == "__main__":
    sys.exit(main())
