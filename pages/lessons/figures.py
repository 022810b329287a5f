"""The live figures beside a card: those of the other pages, with parts that stand out and parts that are covered."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from components.stack_viewer import Layer, Row
from core.equivariance import EquivarianceReport
from core.figures import plot_error_curves, plot_size_curves
from core.lessons import Step
from core.models import MODELS, Shown, titles
from core.results.findings import size_curves
from core.sentences import plain
from core.tolerance import sigma_of_unit
from pages.bench.axis import scale_axis
from pages.bench.bench import bench_parameters, served_scales, show_numbers
from pages.bench.choose import chosen_scales
from pages.bench.data import choose_data
from pages.findings import tables
from pages.laboratory.layers import layer_bars, told_layers
from pages.lessons.cover import Cover, covered_bars, covered_layer, covered_square
from pages.lessons.drawn import Drawn, add_drawn, draw_curve
from pages.lessons.own import BESIDE, TRAINED
from pages.panels import cell
from pages.panels.following import follow_rows
from pages.panels.layer import layer_part
from pages.panels.square import square_of, told_numbers
from pages.panels.square_choices import CHANNEL, CORNER, LEVEL, UNDO, chosen_map, square_rows
from pages.panels.stage import stage_of
from pages.panels.text import note
from pages.results.equivariance import digit_report
from pages.results.kernels import kernel_stack
from pages.results.numbers import Numbers
from pages.results.stacks import layer_stack
from pages.state.links import publish, restore
from pages.state.view import View

_ALL_ERRORS = (math.log10(0.5), math.log10(100))  # %, so that the axis gives nothing away
Errors = Mapping[str, Mapping[str, Sequence[float]]]  # of a network, by layer, at each amount of the view


@dataclass(frozen=True)
class Scene:
    """What a figure draws.

    Attributes:
        view: shared by all pages. step: beside which it stands. cover: of its parts.
        at_rest: told the errors that the figure has, after every release of its handle. drawn: into it, by the visitor.
    """

    view: View
    step: Step
    cover: Cover
    at_rest: Callable[[Errors], None]
    drawn: Drawn

    @property
    def tells(self) -> bool:
        """Whether sentences may say what the figure shows."""
        return not self.cover.hidden


def show_figure(scene: Scene) -> None:
    """Raises: CheckpointError, ValueError."""
    _DRAWN[scene.step.figure](scene)


def _square(scene: Scene) -> None:
    view, state = scene.view, st.session_state
    chosen = chosen_map(state[CHANNEL], state[LEVEL])
    squares = {shown: square_of(view, shown, **chosen) for shown in _networks(view, state[cell.OTHER])}
    (row,) = square_rows(squares, view, state[CORNER], state[UNDO], brief=True)
    rows = [replace(row, panels=[covered_square(panel, scene.cover) for panel in row.panels])]  # type: ignore[arg-type]
    numbers = {shown: square.numbers for shown, square in squares.items()}
    _follow(scene, rows, [square.stack for square in squares.values()], numbers)


def _layers(scene: Scene) -> None:
    view = scene.view
    with st.spinner("Measuring every layer at every amount …"):
        reports = _reports(view)
    rows, names = [], titles(reports)
    for shown, report in reports.items():
        bars = covered_bars(layer_bars(view, report), scene.cover)
        rows.append(Row([bars], names[shown] if len(reports) > 1 else ""))
    if scene.tells:
        rows.append(Row([told_layers(replace(view, network=each.key), report) for each, report in reports.items()]))
    errors = {
        shown.key: {layer: values.tolist() for layer, values in zip(report.layers, report.error, strict=True)}
        for shown, report in reports.items()
    }
    follow_rows(view, rows, [], at_rest=lambda: scene.at_rest(errors))


def _curve(scene: Scene) -> None:
    """Of one layer over all amounts."""
    if scene.cover.hidden:
        draw_curve(scene.step, scene.drawn)
        return
    view = scene.view
    found = _reports(view)
    reports = {name: found[shown] for shown, name in titles(found).items()}
    layers = {
        title: view.layer if view.layer in report.layers else report.layers[-1] for title, report in reports.items()
    }
    told = f"Equivariance error of {', '.join(f'{layer} of {title}' for title, layer in layers.items())}"
    figure = plot_error_curves(reports, layers, marker=view.amount)
    add_drawn(figure, scene.step, scene.drawn)
    st.plotly_chart(figure, key="lesson_chart", alt=plain(f"{told} over {view.transform.noun}."))


def _maps(scene: Scene) -> None:
    view = scene.view
    kernels = kernel_stack(view.shown(), view.layer)
    found = layer_stack(view.shown(), view.digit, view.resampler, view.layer, view.colour_range, view.amounts, view.key)
    layer: Layer = covered_layer(layer_part(found, kernels, view), scene.cover)
    h, w = found.sizes
    heading = f"{view.layer} of {view.shown().title}: {found.num_channels} channels of {h}×{w}"
    stacks = [found.stack, *([kernels.stack] if kernels else [])]
    _follow(scene, [Row([layer], heading)], stacks, {view.shown(): found.numbers})


def _stage(scene: Scene) -> None:
    everyone = ("tx", "cnn", "sesn_antialiased")
    covered, dimmed = ([part for part in everyone if asks(part)] for asks in (scene.cover.covers, scene.cover.dims))
    found = stage_of(scene.view, covered, dimmed)
    if found is not None:
        _follow(scene, found.rows, found.stacks, found.numbers, brief=True)


def _sizes(scene: Scene) -> None:
    """Test error over size of the networks that the step names; of a covered one no more than training showed."""
    state, part = st.session_state, st.session_state[TRAINED.key]
    keys = [scene.view.network, *filter(None, [state[BESIDE.key]])]
    found = [curve for curve in size_curves(tables.study(), part) if curve.network in keys]
    if not found:
        st.info("The study has no curve of these networks.")
        return
    covered = [curve for curve in found if scene.cover.covers(curve.network)]
    shown = [curve.only_seen() if curve in covered else curve for curve in found]
    if covered:
        note("Each network at the size that it was trained on; the other sizes come with your answer.")
    told = ", ".join(MODELS[curve.network].title for curve in shown)
    alt = plain(f"Test error of {told} over the size of the digits; trained on {part}.")
    ends = [math.log10(end) for end in (found[0].data_scales[0] / 1.06, found[0].data_scales[-1] * 1.06)]
    figure = plot_size_curves(shown).update_xaxes(range=ends).update_yaxes(range=_ALL_ERRORS)
    st.plotly_chart(figure, key="lesson_chart", alt=alt)


@st.fragment
def _scales(scene: Scene) -> None:
    """The bench, in a run of its own as on its page."""
    restore(parameters := bench_parameters())
    data = choose_data(st.container(horizontal=True, vertical_alignment="bottom"))
    publish(parameters)
    chosen, sigma_of_one = chosen_scales(), sigma_of_unit(st.session_state["tol_unit"])
    scale_axis(data, chosen, sigma_of_one, served_scales(scene.view, sigma_of_one))
    if scene.tells:
        show_numbers(chosen.mixture, data)


def _follow(
    scene: Scene, rows: Sequence[Row], stacks: Sequence, numbers: Mapping[Shown, Numbers], brief: bool = False
) -> None:  # fmt: skip
    """Rows of maps under the handle, and what is said of each network unless something is covered."""
    said = [told_numbers(scene.view, numbers, brief)] if scene.tells else []
    errors = {shown.key: {each.layer: each.errors} for shown, each in numbers.items()}
    follow_rows(scene.view, [*rows, *said], stacks, at_rest=lambda: scene.at_rest(errors))


def _networks(view: View, other: str | None) -> list[Shown]:
    """That of the view, and the one beside it if there is another."""
    return list(dict.fromkeys([view.shown(), *([view.shown(other)] if other else [])]))


def _reports(view: View) -> dict[Shown, EquivarianceReport]:
    """Of every layer of the networks. Raises: CheckpointError, ValueError."""
    return {
        shown: digit_report(shown, view.digit, view.amounts, view.resampler, view.key)
        for shown in _networks(view, st.session_state[BESIDE.key])
    }


_DRAWN: Mapping[str, Callable[[Scene], None]] = {
    "square": _square,
    "errors.layers": _layers,
    "errors.curve": _curve,
    "maps": _maps,
    "stage": _stage,
    "scales": _scales,
    "sizes": _sizes,
}
