"""The bench and its numbers, as /scales and the lessons show them."""

import streamlit as st

from core.models import configuration, has_scales
from core.sentences import paragraphs, tell_dips
from core.tolerance import AXIS, PUBLISHED_TAU_TOL, DataScales, Mixture, dips
from pages.bench.choose import scale_parameters
from pages.bench.data import PUBLISHED, data_parameters
from pages.panels.text import note, say
from pages.results.tolerance import best_fit
from pages.state.links import Parameter
from pages.state.view import View


def bench_parameters() -> list[Parameter]:
    """Data and scales in the link; the scales stand at the best fit of the published data until they are moved."""
    start = best_fit(DataScales.log_uniform(*PUBLISHED["1 to 4.76"]), 3, PUBLISHED_TAU_TOL)
    return [*data_parameters(), *scale_parameters(start)]


def served_scales(view: View, sigma_of_one: float) -> list[float]:
    """The data scales (×) that the shown network's internal scales serve."""
    if not has_scales(view.network):
        return []
    return [sigma / sigma_of_one for sigma in view.scales or configuration(view.network).internal_scales]


def show_numbers(mixture: Mixture, data: DataScales) -> None:
    """KL, and the dips in words."""
    try:
        kl = mixture.kl(data)
    except ValueError as error:
        st.warning(f"KL cannot be given: {error}.")
        return
    said = (
        f"KL(mixture ‖ data) = **{kl:.4f} nats** says how badly the blue curve matches the grey area: 0 is a perfect "
        "match."
    )
    say(paragraphs(said, tell_dips(dips(mixture, data))), place="KL")
    if hidden := [f"{centre:.2f}×" for centre in mixture.centres if not AXIS[0] <= centre <= AXIS[1]]:
        note(f"Beyond this axis, and so left out of KL: the centres at {', '.join(hidden)}.")
