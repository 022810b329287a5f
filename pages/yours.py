"""Page: what about my network? A file of one's own: five checks, then its error by layer."""

from functools import partial

import streamlit as st

from pages.foreign.choose import KIND, WEIGHTS, Brought, asked, chosen_file, chosen_network, parameters
from pages.foreign.findings import (
    show_budget,
    show_checks,
    show_curve,
    show_errors,
    show_expected,
    show_left_out,
    show_pictures,
)
from pages.foreign.judging import judged
from pages.hosting.server import enter_through_app
from pages.panels import pictures
from pages.panels.sections import drawn_or_told, section
from pages.panels.text import explain, say
from pages.state.links import page_parameters

_EXPORT = """import torch
image = torch.zeros(1, 1, 28, 28)  # as your network takes it
torch.onnx.export(network.eval(), image, "network.onnx", external_data=False)"""
_EXPORT_WEIGHTS = """from safetensors.torch import save_file
weights = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
save_file(weights, "weights.safetensors")"""


def show(brought: Brought) -> None:
    """Checks beside the figure, and what explains both. Raises: ValueError."""
    found = judged(brought, asked(brought))
    left, right = st.columns([1, 2], gap="medium")
    with left:
        show_checks(found.checks)
        show_pictures(brought, found)
    with right:
        show_errors(brought, found)
    with section("How does one layer err?", "curve") as is_open:
        if is_open:
            show_curve(brought, found)
    with section("Where does the error come from?", "parts") as is_open:
        if is_open:
            show_budget(brought, found)
    with section("What was left out?", "left") as is_open:
        if is_open:
            show_left_out(found)


def bring() -> None:
    """The file, what was found of it, or the way to one. Raises: CheckpointError, ValueError."""
    brought = chosen_file()
    if brought is not None:
        drawn_or_told(partial(show, brought))
    with st.expander("How do I bring a network of my own?", expanded=brought is None or brought.is_ours):
        explain("yours")
        st.code(_EXPORT, language="python", wrap_lines=True)
        say("And these write the weights of a network of ours that you trained yourself:")
        st.code(_EXPORT_WEIGHTS, language="python", wrap_lines=True)
    if st.session_state[KIND.key] == WEIGHTS:
        with section("Which names and shapes must the file have?", "names") as is_open:
            if is_open:
                show_expected(*chosen_network())


enter_through_app(__file__)
page_parameters(parameters())
st.title("What about my network?")
pictures.style()
drawn_or_told(bring)
