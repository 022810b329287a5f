"""The kernels of a layer at every internal scale, and a button that takes them away."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st
from torch import Tensor

from core.equivariance.exports import as_cell, as_csv
from pages.panels import pictures
from pages.panels.charts import provenance
from pages.panels.take_away import Taken, table, take_away
from pages.state.view import View

COLUMNS = ("scale", "channel", "row", "column", "value")
_KEY = "kernels"


def show_kernels(view: View, kernels: Sequence[Tensor], names: Sequence[str]) -> None:
    """Args: as `pages.panels.pictures.kernel_row`."""
    with st.container(key=_KEY):
        pictures.show(pictures.kernel_row(kernels, names))
    take_away(_KEY, partial(_taken, view, kernels, names))


def _taken(view: View, kernels: Sequence[Tensor], names: Sequence[str]) -> Taken:
    heading = f"Kernels of {view.layer} of {view.shown().title}, of its first input channel"
    rests_on = provenance(view.shown(), data=f"n = {len(kernels[0])} output channels")
    return Taken(heading, rests_on, [table(_KEY, partial(kernels_to_csv, kernels, names))])


def kernels_to_csv(kernels: Sequence[Tensor], names: Sequence[str]) -> str:
    """One line for each weight of the first input channel. Columns: `COLUMNS`; row and column from the middle."""
    rows = []
    for level, kernel in enumerate(kernels):
        middle = kernel.shape[-1] // 2
        name = names[level] if len(names) == len(kernels) else ""
        for (channel, i, j), value in np.ndenumerate(kernel[:, 0].double().numpy()):
            rows.append([name, channel + 1, i - middle, j - middle, as_cell(value)])
    return as_csv(COLUMNS, rows)
