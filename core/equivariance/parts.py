"""Measuring many images part by part, so that a page can show how far it is and keep what it has."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.equivariance.report import EquivarianceReport


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
            and first.side == other.side
        )
        if not same:
            raise ValueError("reports of other transforms, layers, amounts, resamplers or canvases cannot be joined")
    blanks = [report.blank for report in reports if report.blank is not None]
    costs = [report.cost_per_image for report in reports if report.cost_per_image is not None]
    images = [report.num_images for report in reports]
    return replace(
        first,
        per_image=np.concatenate([report.per_image for report in reports], axis=2),
        image_cost_per_image=np.concatenate([report.image_cost_per_image for report in reports], axis=1),
        cost_per_image=np.concatenate(costs, axis=2) if len(costs) == len(reports) else None,
        silent=np.average([report.silent for report in reports], axis=0, weights=images),
        blank=np.concatenate(blanks, axis=1) if len(blanks) == len(reports) else None,
    )
