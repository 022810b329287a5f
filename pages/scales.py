"""Page: which internal scales suit my data? A bench of scales and data, fit and cost; what was measured and learned."""

import streamlit as st

from core.models import MODELS
from core.tolerance import sigma_of_unit
from pages.bench.axis import scale_axis
from pages.bench.bench import bench_parameters, served_scales, show_numbers
from pages.bench.choose import OF_FIT, chosen_scales, offer_fit, offer_presets, tell_preset
from pages.bench.cost import show_cost
from pages.bench.data import choose_data
from pages.bench.learning import show_learned
from pages.bench.live import show_live_run
from pages.bench.measured import show_measured
from pages.bench.reading import show_reading
from pages.hosting.server import enter_through_app
from pages.panels import pictures
from pages.panels.sections import section
from pages.panels.text import explain, note
from pages.state.links import publish, report_ignored, restore
from pages.state.session import current_view
from pages.state.view import View

enter_through_app(__file__)

_HOW = (
    "Drag a diamond to move an internal scale, double-click the axis to add one, double-click a diamond to remove it; "
    "the round handles move the data. By keyboard: arrows move (with Shift in small steps), Enter adds, Delete removes."
)


@st.fragment
def show_bench(view: View) -> None:
    """The bench and all that follows its handles, in a run of its own: the sidebar does not wait for it."""
    parameters = bench_parameters()
    restore(parameters)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    data = choose_data(row)
    sigma_of_one = sigma_of_unit(st.session_state["tol_unit"])
    with row:
        offer_presets(sigma_of_one)
    publish(parameters)
    report_ignored()
    chosen = chosen_scales()
    mixture = chosen.mixture
    scale_axis(data, chosen, sigma_of_one, served_scales(view, sigma_of_one))
    show_numbers(mixture, data)
    tell_preset(mixture, sigma_of_one)
    note(_HOW)
    place = st.container()  # what is read comes last: the other parts do not wait for it
    with section("Which scales suit these sizes best?", "fit", OF_FIT) as is_open:
        if is_open:
            offer_fit(chosen, data)
    with section(f"What do they cost in {MODELS[view.network].title}?", "cost") as is_open:
        if is_open:
            show_cost(mixture, sigma_of_one, view)
    with place, section("What does this choice do to reading?", "reading") as is_open:
        if is_open:
            show_reading(mixture, sigma_of_one, view)


st.title("Internal scales")
explain("scales")
pictures.style()
show_bench(current_view())
show_measured()
show_learned()
show_live_run()
