"""What is taken away of the bench: a file that works by itself, its curves, and code."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from components.standalone import bench_file
from core.equivariance.exports import as_cell, as_csv
from core.tolerance import AXIS, DataScales, LogNormal, LogUniform, Mixture, TruncatedNormal
from pages.panels.take_away import Taken, interactive, signed, table
from pages.panels.taken_view import theme_now

_POINTS = 241  # of a curve, as the page draws it
_HEADING = "Internal scales against the sizes in the data"


def bench_taken(mixture: Mixture, data: DataScales, given: Mapping[str, Any]) -> Taken:
    """The bench as it stands. Args: given: what it is drawn from."""
    rests_on, theme = f"data {data.name}", theme_now()

    def alone() -> str:
        return bench_file(given, _HEADING, signed(rests_on), theme)

    files = [interactive("bench", alone), table("bench", lambda: curves_to_csv(mixture, data))]
    return Taken(_HEADING, rests_on, files, code_of(mixture, data))


def curves_to_csv(mixture: Mixture, data: DataScales) -> str:
    """Densities per octave over the axis of data scale: of the data, of the mixture, of each internal scale."""
    scales = np.geomspace(*AXIS, _POINTS)
    parts = mixture.components(scales)
    head = ["data_scale", "data", "mixture", *(f"centre {centre:.4g}" for centre in mixture.centres)]
    curves = np.stack([scales, data.density(scales), mixture.density(scales), *parts], axis=1)
    return as_csv(head, [[as_cell(float(value)) for value in row] for row in curves])


def code_of(mixture: Mixture, data: DataScales) -> str:
    """Python that prints the divergence; empty for measured data, whose sizes are the visitor's own."""
    match data:
        case LogUniform():
            made = f"log_uniform({data.low!r}, {data.high!r})"
        case LogNormal():
            made = f"log_normal({data.median!r}, {data.std_octaves!r})"
        case TruncatedNormal():
            made = f"normal({data.mean!r}, {data.std!r})"
        case _:
            return ""
    centres = ", ".join(repr(float(centre)) for centre in mixture.centres)
    return (
        "from core.tolerance import DataScales, ScaleMixture\n\n"
        f"mixture = ScaleMixture(({centres},), {float(mixture.tau_tol)!r})\n"
        f"print(mixture.kl(DataScales.{made}))\n"
    )
