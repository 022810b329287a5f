"""What browsers report is taken over or refused, whatever is in it."""

import math

import pytest
import streamlit as st

from components import crop_box, draw_pad, scale_axis, stack_viewer
from components.reports import id_of, is_number, mount, take_late_reports
from components.stack_viewer import Handle
from core.data.drawing import MAX_POINTS, MAX_STROKES, Drawing

STROKE = [[0, 0], [1.5, -2]]
HUGE = 10**400  # beyond every float
NO_NUMBERS = [None, True, "1", [], {}, math.nan, math.inf, -math.inf, HUGE, -HUGE, 1j]


@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda value: repr(value)[:9])
def test_what_no_float_can_hold_is_no_number(value):
    assert not is_number(value)
    assert stack_viewer.read_report({"amount": value, "id": "a-1"}) is None


@pytest.mark.parametrize("value", [0, -3, 0.5, 1e300, 5e-324])
def test_numbers_are_numbers(value):
    assert is_number(value)
    assert stack_viewer.read_report({"amount": value}) == value


@pytest.mark.parametrize("report", [None, 0.5, "0.5", [0.5], {}, {"s": 0.5}])
def test_a_report_without_an_amount_is_none(report):
    assert stack_viewer.read_report(report) is None


@pytest.mark.parametrize("opened", ["", "3", "3.2", "32.4"])
def test_an_open_map_is_a_channel_and_a_place(opened):
    assert stack_viewer.read_opened({"opened": opened}) == opened


@pytest.mark.parametrize("opened", [None, 3.2, "3.", ".2", "3.2.1", "-1", "٣", "3 ", "9" * 5, ["3"]])
def test_anything_else_is_no_open_map(opened):
    assert stack_viewer.read_opened({"opened": opened}) == ""
    assert stack_viewer.read_opened(opened) == ""


@pytest.mark.parametrize(
    ("report", "expected"),
    [({"id": "a-1"}, "a-1"), ({"id": "x" * 999}, "x" * 40), ({"id": 1}, ""), ({}, ""), (None, ""), ("a", "")],
)
def test_an_id_is_a_short_text(report, expected):
    assert id_of(report) == expected


class Mounted:
    """A component as Streamlit keeps it: its report can be read once it was drawn on the page that is shown."""

    def __init__(self, monkeypatch):
        self.state: dict = {}
        self.taken: list = []
        self.reruns = 0
        self.reported = None
        monkeypatch.setattr(st, "session_state", self.state)
        monkeypatch.setattr(st, "rerun", self._rerun)

    def _rerun(self):
        self.reruns += 1

    def draw(self) -> None:
        mount(self._component, "pad", {}, "drawn", self.taken.append)

    def _component(self, *, key, data, on_drawn_change):
        self.on_change = on_drawn_change
        self.state["pad"] = {"drawn": self.reported}
        return {"drawn": self.reported}

    def report(self, report) -> None:
        """A run with that report begins; without one a component's state is empty."""
        self.reported = report
        if "pad" in self.state:
            self.state["pad"] = {"drawn": report}
        take_late_reports()
        if report is not None:
            self.on_change()


@pytest.fixture
def pad(monkeypatch) -> Mounted:
    pad = Mounted(monkeypatch)
    pad.draw()
    return pad


def test_a_report_is_taken_before_its_run_and_once(pad):
    pad.report("a curve")
    assert pad.taken == ["a curve"]
    pad.draw()
    pad.report(None)
    pad.draw()
    assert (pad.taken, pad.reruns) == (["a curve"], 0)


def test_a_report_that_comes_between_two_pages_begins_another_run(pad):
    del pad.state["pad"]
    pad.report("a curve")
    assert pad.taken == []
    pad.draw()
    assert (pad.taken, pad.reruns) == ([], 1)
    pad.report(None)
    assert pad.taken == ["a curve"]
    pad.draw()
    pad.report("another")
    pad.draw()
    pad.report(None)
    pad.draw()
    assert (pad.taken, pad.reruns) == (["a curve", "another"], 1)


def test_a_report_for_a_page_that_was_left_is_dropped(pad):
    del pad.state["pad"]
    pad.report("a curve")
    pad.report(None)  # on a page without the pad
    pad.draw()
    pad.report(None)
    assert (pad.taken, pad.reruns) == ([], 0)


def test_every_report_comes_by_way_of_mount(root):
    own = {path.parent.name for path in root.glob("components/*/__init__.py") if "_change=" in path.read_text("utf-8")}
    assert own == {"copy_link"}  # which only asks for a run


@pytest.fixture
def put(monkeypatch):
    """put(module, state) shows a component with that session; its arguments, and its callback at `on`."""

    def put(module, state: dict, **arguments):
        given: dict = {}
        monkeypatch.setattr(st, "session_state", state)
        monkeypatch.setattr(module, "_component", lambda **values: given.update(values))
        show = {draw_pad: draw_pad.draw_pad, scale_axis: scale_axis.scale_axis, stack_viewer: stack_viewer.show_viewer}
        show[module](**arguments)
        (on,) = [value for name, value in given.items() if name.startswith("on_")]
        return given["data"], on

    return put


def handle(**more) -> Handle:
    points = [(s, 0.0, 0.0, 0.0, s, 0.0) for s in (0.5, 1.0, 2.0)]
    values = {
        "amounts": (0.5, 1.0, 2.0), "amount": 1.0, "steps": (), "identity": 1.0, "ticks": [], "label": "Scale factor s",
        "symbol": "s", "unit": "", "log": True, "points": points,
    }  # fmt: skip
    return Handle(**{**values, **more})


def test_a_release_gives_the_amount_and_the_open_map_and_is_answered_by_its_id(put):
    state: dict = {}
    moved: list[float] = []
    opened: list[str] = []
    arguments = {"handle": handle(), "rows": [], "on_move": moved.append, "on_open": opened.append}
    given, on = put(stack_viewer, state, **arguments)
    assert given["answers"] == ""
    state["viewer"] = {"moved": {"amount": 2, "opened": "3.2", "id": "a-1"}}
    on()
    assert (moved, opened) == ([2.0], ["3.2"])
    assert put(stack_viewer, state, **arguments)[0]["answers"] == "a-1"
    state["viewer"] = {"moved": {"amount": HUGE, "id": "a-2"}}
    on()
    assert moved == [2.0]
    assert put(stack_viewer, state, **arguments)[0]["answers"] == "a-1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"amounts": ()}, {"amounts": (1.0, 1.0, 2.0)}, {"amounts": (2.0, 1.0, 0.5)}, {"amounts": (0.0, 1.0, 2.0)},
        {"amounts": (1.0, 2.0)},
    ],
)  # fmt: skip
def test_a_handle_needs_ascending_amounts_and_a_point_for_each(wrong):
    with pytest.raises(ValueError, match="amounts"):
        handle(**wrong)


def test_a_linear_handle_takes_any_amount():
    assert handle(amounts=(-90.0, 0.0, 90.0), log=False).amounts[0] == -90


def test_drawings_are_given_and_only_centred_ones_are_answered(put):
    state: dict = {}
    drawn: list = []
    _, on = put(draw_pad, state, text="", seen=None, answers="", on_drawing=lambda *given: drawn.append(given))
    for report, answers in (
        ({"id": "a-1", "strokes": [STROKE], "pen": 2.5, "centre": False}, ""),
        ({"id": "a-2", "strokes": [STROKE], "pen": 2.5, "centre": True}, "a-2"),
        ({"id": "a-3", "strokes": [], "pen": 2.5, "centre": False}, ""),
    ):
        state["draw_pad"] = {"drawing": report}
        on()
        assert drawn[-1][1] == answers
    plain, centred, empty = (drawing for drawing, _ in drawn)
    assert plain.strokes == (((0.0, 0.0), (1.5, -2.0)),)
    assert centred == plain.centred() != plain
    assert empty is None


def test_a_drawing_that_cannot_be_read_is_said_until_the_next_one(put, monkeypatch):
    state: dict = {}
    warnings: list[str] = []
    monkeypatch.setattr(st, "warning", warnings.append)
    arguments = {"text": "", "seen": None, "answers": "", "on_drawing": lambda *given: None}
    _, on = put(draw_pad, state, **arguments)
    state["draw_pad"] = {"drawing": {"id": "a-1", "strokes": [[[0, 99]]], "pen": 2.5}}
    on()
    put(draw_pad, state, **arguments)
    assert len(warnings) == 1
    assert "off the canvas" in warnings[0]
    assert warnings[0].endswith("So the last change was not taken over.")
    state["draw_pad"] = {"drawing": {"id": "a-2", "strokes": [STROKE], "pen": 2.5}}
    on()
    put(draw_pad, state, **arguments)
    assert len(warnings) == 1


def test_a_drawing_that_the_page_refuses_is_said(put, monkeypatch):
    def refuse(drawing, answers):
        raise ValueError("The drawing has too many strokes to be kept in a link.")

    state: dict = {}
    warnings: list[str] = []
    monkeypatch.setattr(st, "warning", warnings.append)
    arguments = {"text": "", "seen": None, "answers": "", "on_drawing": refuse}
    _, on = put(draw_pad, state, **arguments)
    state["draw_pad"] = {"drawing": {"id": "a-1", "strokes": [STROKE], "pen": 2.5}}
    on()
    put(draw_pad, state, **arguments)
    assert warnings == ["The drawing has too many strokes to be kept in a link. So the last change was not taken over."]


@pytest.mark.parametrize(
    "report",
    [
        None, [], "7", {}, {"strokes": None, "pen": 2}, {"strokes": [STROKE]}, {"strokes": [STROKE], "pen": "2"},
        {"strokes": [STROKE], "pen": math.nan}, {"strokes": [STROKE], "pen": 99}, {"strokes": [STROKE], "pen": HUGE},
        {"strokes": [[[0, HUGE]]], "pen": 2}, {"strokes": [[]], "pen": 2}, {"strokes": [[[0, "1"]]], "pen": 2},
        {"strokes": [[[0, 1, 2]]], "pen": 2}, {"strokes": [[[0, None]]], "pen": 2}, {"strokes": [[[0, 15]]], "pen": 2},
        {"strokes": [[[0, math.inf]]], "pen": 2}, {"strokes": [{"0": 1}], "pen": 2},
        {"strokes": [STROKE] * (MAX_STROKES + 1), "pen": 2}, {"strokes": [[[0, 0]] * (MAX_POINTS + 1)], "pen": 2},
    ],
)  # fmt: skip
def test_a_report_that_is_no_drawing_is_one_sentence(report):
    with pytest.raises(ValueError, match=r"^[^\n]{10,120}\.$"):
        draw_pad.read_report(report)


def test_a_drawing_comes_as_it_was_drawn():
    found = draw_pad.read_report({"strokes": [STROKE], "pen": 2, "centre": "yes"})
    assert found == Drawing((((0.0, 0.0), (1.5, -2.0)),), 2.0)


@pytest.mark.parametrize("report", [None, "scales", {}, {"id": "a"}, {"id": "a", "moved": "scales"}, {"moved": []}])
def test_a_report_of_the_bench_says_what_was_moved(report):
    with pytest.raises(ValueError, match=r"^The browser sent no report that can be read\.$"):
        scale_axis.read_report(report)


def test_a_refusal_of_the_bench_is_said_and_the_rest_is_handed_on(put, monkeypatch):
    from core.tolerance import AXIS, DataScales

    state: dict = {}
    warnings: list[str] = []
    taken: list[dict] = []
    monkeypatch.setattr(st, "warning", warnings.append)

    def take(report):
        if report["moved"] == ["data"]:
            raise ValueError("These are no sizes.")
        taken.append(report)

    bench = scale_axis.bench_data(
        axis=AXIS, sigma_of_one=1.9, data=DataScales.log_uniform(1, 4), scales={}, limits={}, network=(1.0,), alt=""
    )
    arguments = {"given": bench, "answers": "a-0", "on_report": take}
    given, on = put(scale_axis, state, **arguments)
    assert given["answers"] == "a-0"
    assert given["data"] == {"kind": "log-uniform", "low": 1, "high": 4}
    for report, warned in (
        ({"id": "a-1", "moved": ["data"]}, "These are no sizes. So the last change was not taken over."),
        ({"id": "a-2", "moved": ["scales"]}, None),
        (None, "The browser sent no report that can be read. So the last change was not taken over."),
    ):
        warnings.clear()
        state["scale_axis"] = {"bench": report}
        on()
        put(scale_axis, state, **arguments)
        assert warnings == ([warned] if warned else [])
    assert taken == [{"id": "a-2", "moved": ["scales"]}]


@pytest.mark.parametrize(
    "told",
    [
        *NO_NUMBERS, {"box": None}, {"box": [0, 0, 100]}, {"box": [0, 0, 100, 101]}, {"box": [-1, 0, 100, 100]},
        {"box": [50, 0, 54, 100]}, {"box": [0, 60, 100, 40]}, *({"box": [0, 0, 100, each]} for each in NO_NUMBERS),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_box_on_the_picture_crops_nothing(told):
    assert crop_box.read_report(told) is None


def test_a_box_is_in_whole_percent():
    assert crop_box.read_report({"box": [0, 10.2, 54.6, 100], "id": "a-1"}) == (0, 10, 55, 100)
