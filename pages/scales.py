"""Page: which internal scales suit my data? The tolerance mixture against the data, its fit, and what it costs."""

from typing import Final

import numpy as np
import streamlit as st

from core.figures import describe_tolerance, plot_tolerance
from core.models import MODELS
from core.tolerance import DataScales, ToleranceModel
from pages.shared.cached_tolerance import PUBLISHED, best_fit, kernel_table, published_fit, served_scales
from pages.shared.controls import choose_scales, current_view
from pages.shared.links import Parameter, choice, flag, interval, number, page_parameters
from pages.shared.links import nearest as nearest_of
from pages.shared.server import enter_through_app
from pages.shared.text import explain
from pages.shared.view import View, has_scales

enter_through_app(__file__)


def log_steps(low: float, high: float, count: int) -> list[float]:
    """Round numbers for a slider whose every move is about the same ratio."""
    return sorted({round(float(value), 2) for value in np.geomspace(low, high, count)})


KEEP: Final = "session"  # a control that another choice hides for a while keeps its value
OWN, OWN_ENDS = "own range", (1.0, 4.0)
DATA_ENDS, REFERENCES, ISRS = log_steps(0.5, 16, 161), log_steps(0.5, 16, 401), log_steps(1.1, 34, 401)
TAU_RANGE = (0.1, 2.0)
CANVAS = 28  # pixels


def two_digits(value: float) -> str:
    return f"{value:.2f}"


def nearest(steps: list[float], value: float) -> float:
    return min(steps, key=lambda step: abs(step - value))


def controls_of(start: ToleranceModel) -> list[Parameter]:
    """The controls of this page in the URL; the model stands at `start` until it is moved."""
    return [
        choice("tol_data", [*PUBLISHED, OWN], "1 to 4.76"),
        interval("tol_range", DATA_ENDS, OWN_ENDS),
        number("tol_n", 1, 8, start.num_scales),
        nearest_of("tol_ref", REFERENCES, nearest(REFERENCES, start.reference)),
        nearest_of("tol_isr", ISRS, nearest(ISRS, start.isr)),
        number("tol_tau", *TAU_RANGE, round(start.tau_tol, 3), decimals=3),
        flag("tol_joint_shown", name="tol_joint"),
    ]


def choose_data() -> tuple[float, float]:
    """A range of data scales: a published one, or the visitor's own."""
    chosen = st.selectbox("Data scales, ×", [*PUBLISHED, OWN], key="tol_data")
    if chosen != OWN:
        return PUBLISHED[chosen]
    # a pair makes it a slider of two ends; where they stand is in the session
    return st.select_slider("From, to (×, log2 axis)", DATA_ENDS, OWN_ENDS, two_digits, "tol_range", persist_state=KEEP)


def choose_model() -> ToleranceModel:
    """Four sliders."""
    count = st.slider("Number of internal scales", 1, 8, key="tol_n")
    reference = st.select_slider(
        "Reference: data scale of the smallest internal scale, ×",
        REFERENCES, key="tol_ref", format_func=two_digits,
    )  # fmt: skip
    isr = st.select_slider(
        "ISR: largest over smallest internal scale",
        ISRS, key="tol_isr", format_func=two_digits, disabled=count == 1,
    )  # fmt: skip
    tau = st.slider("τ_tol: tolerance, octaves", *TAU_RANGE, step=0.001, format="%.3f", key="tol_tau")
    return ToleranceModel(reference, isr, count, tau)


def move_to_fit(low: float, high: float, num_scales: int, tau_tol: float | None = None) -> None:
    """Callback: moves the sliders to the best fit, or keeps the reason why there is none."""
    try:
        found = best_fit(low, high, num_scales, tau_tol)
    except ValueError as error:
        st.session_state["tol_failed"] = str(error)
        return
    st.session_state["tol_ref"] = nearest(REFERENCES, found.reference)
    st.session_state["tol_tau"] = round(min(found.tau_tol, TAU_RANGE[1]), 3)
    if num_scales > 1:
        st.session_state["tol_isr"] = nearest(ISRS, found.isr)


def show_mixture(model: ToleranceModel, ends: tuple[float, float], view: View) -> None:
    """The chart, KL, and what the best fit would reach."""
    data = DataScales.log_uniform(*ends)
    best = best_fit(*ends, model.num_scales)
    served = served_scales(view.network, view.settings, model.reference) if has_scales(view.network) else None
    st.plotly_chart(plot_tolerance(model, data, served), key="tol_chart", alt=describe_tolerance(model, data))
    number, sentence = st.columns([1, 3], vertical_alignment="center")
    number.metric("KL, nats", f"{model.kl(data):.4f}")
    sentence.markdown(
        "KL(mixture ‖ data) says how badly the blue curve matches the grey area: 0 is a perfect match. "
        f"The best fit with {model.num_scales} scale{'s' * (model.num_scales > 1)} reaches **{best.kl(data):.4f}**, at "
        f"reference {best.reference:.2f}, ISR {best.isr:.2f} and τ_tol {best.tau_tol:.3f}."
    )


def ask_for_joint_fit() -> None:
    """Callback: the joint fit stays on the page for the rest of the session."""
    st.session_state["tol_joint_shown"] = True


def show_joint_fit() -> None:
    fits = published_fit()
    tau = next(iter(fits.values())).tau_tol
    st.markdown(
        f"Three scales for each range, one tolerance for all: **τ_tol = {tau:.3f} octaves** (published: 0.459)."
    )
    rows = {
        "Data scales, ×": list(fits),
        "Reference, ×": [two_digits(each.reference) for each in fits.values()],
        "ISR": [two_digits(each.isr) for each in fits.values()],
        "KL, nats": [f"{each.kl(DataScales.log_uniform(*PUBLISHED[name])):.4f}" for name, each in fits.items()],
    }
    st.table(rows, hide_index=True, alt="Joint fit of three internal scales to the three published ranges")


def show_cost(model: ToleranceModel, view: View) -> None:
    """Kernels of the chosen network, with the scales of this page and as it is now; a button takes them over."""
    title = MODELS[view.network].title
    st.header(f"What they cost in {title}")
    if not has_scales(view.network):
        st.markdown("This network has no internal scales; the sidebar offers others that have.")
        return
    wanted = {"isr": model.isr, "num_scales": model.num_scales}
    for column, (heading, scales) in zip(
        st.columns(2), {"With the scales above": view.scales | wanted, "As it is now": view.scales}.items(), strict=True
    ):
        column.markdown(f"**{heading}**")
        try:
            table = kernel_table(view.network, tuple(sorted(scales.items())))
        except ValueError as error:
            column.warning(f"This network cannot have these scales: {error}.")
            continue
        column.table(table, hide_index=True, alt=f"Kernels of {title}, {heading.lower()}")
        if max(map(int, table.get("Kernel side, pixels", ["0"]))) > CANVAS:
            column.caption(f"Kernels wider than the canvas of {CANVAS} pixels see mostly background.")
    reach = "The controls of the network take them over, as far as their sliders reach."
    st.button("Use these scales in the network", "tol_use", reach, on_click=choose_scales, kwargs=wanted)


st.title("Internal scales")
explain("scales")
view = current_view()
page_parameters(controls_of(best_fit(*PUBLISHED["1 to 4.76"], 3)))
published_tau = round(next(iter(published_fit().values())).tau_tol, 3)
controls, chart = st.columns([2, 3], gap="large")
try:
    with controls:
        ends = choose_data()
        model = choose_model()
        with st.container(horizontal=True):
            fit_to = (*ends, model.num_scales)
            st.button("Fit", "tol_fit", on_click=move_to_fit, args=fit_to)
            st.button(
                f"Fit at τ_tol = {published_tau}", "tol_fit_at", on_click=move_to_fit, args=(*fit_to, published_tau)
            )
            st.button("Joint fit of the three published ranges", "tol_joint", on_click=ask_for_joint_fit)
        if "tol_failed" in st.session_state:
            st.warning(f"There is no fit: {st.session_state.pop('tol_failed')}.")
        if st.session_state["tol_joint_shown"]:
            show_joint_fit()
    with chart:
        show_mixture(model, ends, view)
    show_cost(model, view)
except ValueError as error:
    st.warning(f"This cannot be shown: {error}.")
