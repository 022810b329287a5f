"""Where an equivariance error comes from, in a sentence."""

import numpy as np

from core.equivariance import Budget

_WORDS = {
    "border": "the border",
    "projection": "the projection over an axis that ends",
    "scale axis": "the end of the scale axis",
    "off-grid step": "the step between two scales",
}


def explain_budget(found: Budget, layer: str, network: str) -> str:
    """What makes the error of one layer, in the order of the runs. Raises: ValueError for an unknown layer."""
    if layer not in found.layers:
        raise ValueError(f"unknown layer {layer!r}; there are {', '.join(found.layers)}")
    at = found.layers.index(layer)
    total, parts = 100 * found.errors[0, at], 100 * found.parts[:, at]
    if np.isnan(total):
        return f"{layer} of {network} cannot be measured at s = {found.scale_factor:.3g}."
    if np.isnan(parts).any():
        return (
            f"{layer} of {network} differs by {total:.1f} % at s = {found.scale_factor:.3g}; "
            "no position or scale is left to say where it comes from."
        )
    told = [
        f"{_WORDS[cause]} makes {part:.1f}" if part >= 0 else f"{_WORDS[cause]} hides {-part:.1f}"
        for cause, part, applies in zip(found.causes, parts, found.applies[1:, at], strict=False)
        if applies and abs(part) >= 0.05
    ]
    start = f"{layer} of {network} differs by {total:.1f} % at s = {found.scale_factor:.3g}"
    if not told:
        return f"{start}; no cause that can be taken away makes any of it."
    return f"{start}, of which {', '.join(told)} points; {parts[-1]:.1f} points remain."
