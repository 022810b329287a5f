"""Measuring many images part by part, so that a page can show how far it is and keep what it has."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float
from torch import Tensor

from core.equivariance.measure import measure
from core.equivariance.report import EquivarianceReport
from core.models.measurable import HasFeatures
from core.transforms import Drawable


def measure_side_by_side(
    network: HasFeatures,
    images: Float[Tensor, "b c h w"] | Sequence[Drawable],
    *how: Any,
    threads: int = 2,
    **more: Any,
) -> EquivarianceReport:
    """`measure` of many images on several cores, so many images a thread; the network is shared and stays as it is.

    Args: how, more: as `measure`. Raises: ValueError as `measure`.
    """
    share = max(1, -(-len(images) // threads))
    parts = [images[start : start + share] for start in range(0, len(images), share)]
    if len(parts) < 2:
        return measure(network, images, *how, **more)
    with ThreadPoolExecutor(threads) as pool:
        measured = partial(_measured, network, how, more)
        running = [pool.submit(copy_context().run, measured, part) for part in parts]
        return join([each.result() for each in running])


def _measured(
    network: HasFeatures, how: Sequence[Any], more: dict[str, Any], part: Float[Tensor, "b c h w"] | Sequence[Drawable]
) -> EquivarianceReport:
    return measure(network, part, *how, **more)


def join(reports: Sequence[EquivarianceReport]) -> EquivarianceReport:
    """One report of the images of several, in order. Raises: ValueError if there is none, or they differ otherwise."""
    if not reports:
        raise ValueError("expected at least one report, got none")
    first = reports[0]
    for other in reports[1:]:
        same = (
            first.transform == other.transform
            and first.layers == other.layers
            and first.amounts == other.amounts
            and first.resampler == other.resampler
            and (first.side, first.edge) == (other.side, other.edge)
            and first.blank_name == other.blank_name
        )
        if not same:
            raise ValueError("reports of other transforms, layers, amounts, resamplers or canvases cannot be joined")
    blanks = [report.blank for report in reports if report.blank is not None]
    costs = [report.cost_per_image for report in reports if report.cost_per_image is not None]
    shares = [each.blank_share_per_image for each in reports if each.blank_share_per_image is not None]
    images = [report.num_images for report in reports]
    return replace(
        first,
        per_image=np.concatenate([report.per_image for report in reports], axis=2),
        image_cost_per_image=np.concatenate([report.image_cost_per_image for report in reports], axis=1),
        cost_per_image=np.concatenate(costs, axis=2) if len(costs) == len(reports) else None,
        silent=np.average([report.silent for report in reports], axis=0, weights=images),
        blank=np.concatenate(blanks, axis=1) if len(blanks) == len(reports) else None,
        blank_share_per_image=np.concatenate(shares, axis=1) if len(shares) == len(reports) else None,
    )
