"""Deformable networks whose branches say something, as after training."""

import torch

from core.models import Network, build


def restless(key: str, std: float = 0.1, **config: object) -> Network:
    """An untrained network in float64, its branches random with a standard deviation of `std`."""
    torch.manual_seed(0)
    network = build(key, **config).double().eval()
    for name, parameter in network.named_parameters():
        if ".branch." in name:
            torch.nn.init.normal_(parameter, std=std)
    return network
