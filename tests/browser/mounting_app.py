"""A page of its own for the tests: every browser component, there or not. Streamlit runs it, and a test imports it."""

import numpy as np
import streamlit as st

from components.concept_test import concept_test
from components.copy_link import copy_link
from components.crop_box import crop_box
from components.curve_pad import Axes, curve_pad
from components.draw_pad import draw_pad
from components.glossary import glossary
from components.lesson_card import Answer, Card, lesson_card
from components.presenting import presenting
from components.scale_axis import bench_data, scale_axis
from components.stack_data import send_stacks
from components.stack_viewer import (
    Arrow,
    Corner,
    Handle,
    Layer,
    Maps,
    Note,
    Number,
    Ribbon,
    Ribbons,
    Row,
    Square,
    show_viewer,
)
from components.take_away import offer_pictures
from core.figures import Plane, stack
from core.lessons import LESSONS, Ask
from core.lessons.concept_test import read_items
from core.tolerance import AXIS, DataScales

AMOUNTS = (0.5, 0.7071, 1.0, 1.4142, 2.0)


def show_all() -> None:
    ramp = np.linspace(0, 1, 64).reshape(8, 8)
    maps = stack([Plane(tuple(s / 2 * ramp for s in AMOUNTS), (0.0, 1.0))])
    now = st.session_state.get("moved", 1.0)
    handle = Handle(
        AMOUNTS, now, (0.7071, 1.4142), 1.0, [(0.5, "0.5"), (1.0, "1"), (2.0, "2")], "Scale factor s", "s", "",
        log=True, points=[(s, 0.0, 0.0, 0.0, s, 0.0) for s in AMOUNTS],
    )  # fmt: skip
    told = Note([f"at {s}" for s in AMOUNTS], live=True, data=[{"error": f"{s:g}"} for s in AMOUNTS])
    row = Row([Maps("x", "x", "a ramp", maps.name, cmap="viridis"), Number([f"{s:g}" for s in AMOUNTS], "s"), told])
    there = [Maps(name, name, "a ramp", maps.name) for name in ("one", "other", "difference")]
    corner, arrow = Corner(*there, mode="flick"), Arrow("T", "scaled")
    square = Square((there[0], there[1]), (there[0], corner), arrow, arrow, arrow)
    ribbons = Ribbons(
        "Shares", "all alike", "s", [Ribbon("one", [(0.5, 0.5) for _ in AMOUNTS])], ("#000000", "#ffffff")
    )
    layer = Layer(there[0], there[1:], there[:1])
    rows = [row, Row([square, ribbons]), Row([layer])]
    show_viewer(handle, rows, lambda amount: st.session_state.update(moved=amount))
    send_stacks([maps])
    bench = bench_data(
        axis=AXIS, sigma_of_one=1.9, data=DataScales.log_uniform(1, 4),
        scales={"reference": 1.0, "isr": 4.0, "num_scales": 3, "tau_tol": 0.459, "free": None},
        limits={"reference": (0.05, 17.0), "isr": (1.1, 34.0), "num_scales": (1, 8), "tau_tol": (0.05, 2.0)},
        network=[1.0, 2.0], alt="three scales",
    )  # fmt: skip
    scale_axis(bench, "", lambda report: None)
    draw_pad("", None, "", lambda drawing, answers: None)
    copy_link()
    offer_pictures("viewer", "A ramp", "n = 1", "ramp")
    presenting(
        present=True, wide=True, views="~vmaps~vabout", pages=["", "maps", "about"], on_report=lambda report: None
    )
    glossary()
    ask = Ask("number", "How large is the error?", truth="error[conv1]", unit="%", high=100.0)
    card = Card(
        at="a/b", lesson="A lesson", place=1, count=2, text="Draw it.", ask=ask, why="", do=False, answer=Answer(),
        truth=None, back="", next="a/c", next_lesson="", copied="mine",
    )  # fmt: skip
    lesson_card(card, {}, [], lambda report: None)
    axes = Axes(
        amounts=[f"{s:g}" for s in AMOUNTS], places=(0.0, 0.25, 0.5, 0.75, 1.0), ticks=[(0.0, "0.5"), (1.0, "2")],
        levels=(0.0, 50.0, 100.0), unit="%", label="The error", across="s", upward="error, %",
    )  # fmt: skip
    curve_pad(axes, lambda heights: None)
    crop_box(np.zeros((30, 40, 3), np.uint8), (10, 20, 90, 80), "", lambda box, answers: None)
    concept_test(read_items(), LESSONS, "/learn")


if __name__ == "__main__":
    if st.toggle("Components", value=True):
        show_all()
    st.text(f"moved to {st.session_state.get('moved')}")
