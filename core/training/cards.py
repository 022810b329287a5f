"""What a finished training says of its weights: the card beside them."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import torch

from core.checkout import git_commit
from core.checkpoints import Card
from core.training.evaluate import glyph_error_rate
from core.training.fit import Fit


def card_of(
    fit: Fit, key: str, size: str, *, data: Mapping[str, Any], test_error: float, test_images: int, command: str
) -> Card:
    """Args: fit: finished. data: name, realisation and split. test_error: in %. command: that trains it again."""
    network = fit.network
    return Card(
        key=key,
        size=size,
        config=asdict(network.config),
        recipe=asdict(fit.recipe),
        data=dict(data),
        seed=fit.seed,
        epochs=fit.epoch,
        device=fit.device,
        wall_time_s=round(fit.elapsed, 1),
        test_error=round(test_error, 3),
        test_images=test_images,
        parameters=sum(p.numel() for p in network.parameters()),
        sha256="",
        git_commit=git_commit(),
        command=command,
        versions={"python": sys.version.split()[0], "torch": torch.__version__},
        glyph_error=round(glyph_error_rate(network), 3),
        history=fit.history,
    )
