"""Networks as they were published: batch norm, biases and every constant, so that published weights fit.

    network = load_published(published("mnist_ses_vector_56"), torch.load(path, weights_only=True))

takes the `state_dict()` that the published training script saves, and gives the published logits.
"""

from core.models.as_published.parameters import load_published, published_parameters
from core.models.as_published.table import AS_PUBLISHED, Published
from core.models.as_published.wide import WIDE, WideConfig, WideResidual, published_wide
from core.models.registry import MODELS
from core.models.staged import StagedNetwork

__all__ = [
    "AS_PUBLISHED",
    "WIDE",
    "Published",
    "WideConfig",
    "WideResidual",
    "load_published",
    "published",
    "published_parameters",
    "published_wide",
]


def published(name: str) -> StagedNetwork | WideResidual:
    """A published network in eval mode, its random weights by torch's seed; images are values in [0, 1], as everywhere.

    Those of `AS_PUBLISHED` read digits, those of `WIDE` photographs in colour.

    The mean of the pixels is subtracted and their deviation divided out by the network itself. The basis of DISCO is
    ours, solved for the published scales, until `load_published` brings the published one.
    Args: name: of `AS_PUBLISHED` or `WIDE`, as the published code has it, such as `mnist_ses_vector_56`.
    Raises: ValueError for an unknown name.
    """
    if name in WIDE:
        return published_wide(name)
    if name not in AS_PUBLISHED:
        raise ValueError(f"unknown published network {name!r}; known are {', '.join((*AS_PUBLISHED, *WIDE))}")
    key, config = AS_PUBLISHED[name]
    network = MODELS[key].network(config).eval()
    assert isinstance(network, StagedNetwork)  # as all that have the layout
    return network
