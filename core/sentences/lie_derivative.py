"""How the Lie derivative compares with a finite error, in a sentence."""

import numpy as np

from core.equivariance import EquivarianceReport, LieReport


def explain_lie_derivative(found: LieReport, finite: EquivarianceReport, layer: str, network: str) -> str:
    """How the local error of a layer compares with its finite one. Raises: ValueError for an unknown layer."""
    if layer not in found.layers:
        raise ValueError(f"unknown layer {layer!r}; there are {', '.join(found.layers)}")
    if layer in found.reasons:
        return f"{layer} of {network} has no Lie derivative: {found.reasons[layer]}."
    at = found.layers.index(layer)
    s, local = finite.scale_factors[0], found.error[at]
    foretold, measured = 100 * found.near(s)[at], 100 * finite.error[at, 0]
    if np.isnan(local) or np.isnan(measured):
        return f"{layer} of {network} is silent, so it has no Lie derivative to compare."
    return (
        f"{layer} of {network} changes by {100 * local:.0f} % per unit of ln s where s is near 1, which foretells "
        f"{foretold:.1f} % at s = {s:.3g}; measured are {measured:.1f} %."
    )
