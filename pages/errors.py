"""Page: which layer breaks equivariance, and why? Every layer's error under the handle; what explains it, folded."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.equivariance import EXPLAINED
from pages.hosting.server import enter_through_app
from pages.laboratory.causes import show_budget, show_small_changes
from pages.laboratory.controls import offer_controls
from pages.laboratory.layers import show_layers, tell_ideal
from pages.laboratory.many import show_many
from pages.laboratory.sample import Choices, chosen_sample, take_link
from pages.panels import cell, pictures
from pages.panels.sections import drawn_or_told, section
from pages.panels.text import explain
from pages.results.equivariance import digit_report
from pages.state.links import Parameter
from pages.state.session import current_view
from pages.state.view import View

Part = tuple[str, str, Sequence[Parameter], Callable[[], None]]  # as `section` takes it, and what draws it


def show_parts(view: View, choices: Choices, layer: str) -> None:
    """What explains the error of a layer, each part computed while it is open."""
    sample, many = chosen_sample(view), partial(show_many, view, choices)
    parts: list[Part] = [
        ("many", "Is it so for many digits, and for another network?", choices.of_sample, many),
        ("budget", "Where does the error come from?", choices.of_budget, partial(show_budget, view, sample, layer)),
        ("lie", "Do small changes foretell large ones?", [], partial(show_small_changes, view, sample, layer)),
        ("controls", "Can these numbers be trusted?", [], offer_controls),
    ]  # fmt: skip
    for name, question, controls, draw in parts:
        if name in ("budget", "lie") and view.key not in EXPLAINED:
            continue
        with section(question, name, controls) as is_open:
            if is_open:
                drawn_or_told(draw)


def show(view: View, choices: Choices) -> None:
    """The figure, and all that explains it. Raises: CheckpointError, ValueError."""
    with st.spinner("Measuring every layer at every amount …"):
        report = digit_report(view.shown(), view.digit, view.amounts, view.resampler, view.key)
    show_layers(view, report, follows=("many",))
    tell_ideal(view)
    show_parts(view, choices, view.layer if view.layer in report.layers else report.layers[-1])


enter_through_app(__file__)
view = current_view()
if cell.was_clicked():
    st.switch_page("pages/commute.py")
st.title("Which layer breaks equivariance?")
explain("errors")
pictures.style()
drawn_or_told(partial(show, view, take_link(view)))
