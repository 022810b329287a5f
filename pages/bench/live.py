"""Training to watch: a visitor starts a small network, and its internal scales move epoch by epoch."""

from functools import partial

import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.data.dynamic_scale_mnist import CANVAS, RANGES
from core.figures import Trajectory, enlarge, figure_to_csv, plot_trajectories
from core.from_environment import positive
from core.sentences import explain_trajectories, plain
from core.tolerance import sigma_of_unit
from core.training.live import LiveRun, Report
from core.training.live_pool import LivePool
from core.training.live_setting import SOURCES, LiveSetting
from pages.hosting.address import address_of_visitor
from pages.panels.sections import section
from pages.panels.take_away import Taken, table, take_away
from pages.panels.text import say
from pages.results.digits import source_is_here
from pages.state.links import choice, nearest, page_parameters
from pages.state.presenting import has_large_type

PLACES = 2  # runs at once on this server: each takes one core
_POLL = 1.0  # seconds between two looks at a run that goes on
_DIGIT = 20.0  # pixels: longer side of a digit at data scale 1, on the canvas of 168 pixels
_MODES = {"isr": "ISR", "spacings": "Each spacing", "direct": "Each scale"}
_STARTS = (1.5, 3.0, 6.0)
_HOW = (
    "Train a small network here and watch its three internal scales move: the loss pulls them like any weight. The "
    "grey band is where they would match the sizes of the digits.\n\n"
    "As epochs are few, scales learn twice as fast as weights here. It goes on while you look at other pages and ends "
    f"soon after you have left, or after {LiveSetting.max_minutes:g} minutes."
)
_SOURCES = {
    "mnist": "Dynamic Scale MNIST",
    "vector": "drawn vector digits, as MNIST is not on this machine; the same shapes validate, at other sizes",
}
_PARAMETERS = [
    choice("live_mode", tuple(_MODES), "isr"),
    nearest("live_isr", _STARTS, 1.5),
    choice("live_data", tuple(RANGES), "1-8"),
]


@st.cache_resource(show_spinner=False)
def pool() -> LivePool:
    """One for all visitors of this server."""
    return LivePool(PLACES, _is_connected, per_address=max(1, round(positive("EQUISCOPE_LIVE_PER_ADDRESS", 1.0))))


@st.fragment
def show_live_run() -> None:
    """The folded part about learning live."""
    page_parameters(_PARAMETERS)
    with section("How do scales move while they are learned?", "live", _PARAMETERS) as is_open:
        if is_open:
            _show()


def _show() -> None:
    """Controls, and the visitor's run as it is now."""
    say(_HOW)
    run = pool().of(_visitor())
    ended = run is None or run.report.ended
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "What is learned", tuple(_MODES), key="live_mode", required=True, format_func=_MODES.__getitem__,
            disabled=not ended,
        )  # fmt: skip
        st.segmented_control(
            "ISR of the start", _STARTS, key="live_isr", required=True, format_func="{:g}".format, disabled=not ended
        )  # fmt: skip
        st.segmented_control(
            "Data scales, ×", tuple(RANGES), key="live_data", required=True, format_func=_words, disabled=not ended
        )  # fmt: skip
        st.button("Train again" if run else "Train", "live_train", disabled=not ended, on_click=_start)
    if run is not None:
        # A run that goes on is looked at again and again, in a fragment of its own: nothing else is drawn anew.
        st.fragment(_follow, run_every=None if ended else _POLL)(run, polls=not ended)


def _follow(run: LiveRun, polls: bool) -> None:
    report = run.report
    _tell(run, report)
    if not report.ended:
        _offer(run, report)
    if report.epochs:
        _draw(run.setting, report)
    if report.ended and polls:
        st.rerun()  # the controls are free again, and nobody looks any more


def _tell(run: LiveRun, report: Report) -> None:
    """How far it is."""
    epochs = run.setting.epochs
    share = min(1.0, (report.epoch + report.share) / epochs)
    where = f"epoch {min(report.epoch + 1, epochs)} of {epochs}"
    loss = "" if report.loss is None else f", loss {report.loss:.3f}"
    match report.phase:
        case "waiting":
            before = pool().ahead_of(_visitor())
            queue = f" ({before} more before you)" if before else ""
            others = (
                "Others are training from your address" if pool().waits_for_its_address(_visitor())
                else f"{PLACES} others are training on this server"
            )  # fmt: skip
            st.info(f"{others}; yours starts when one ends{queue}.")
        case "preparing":
            st.progress(0.0, f"Preparing {sum(run.setting.images):,} digits …")
        case "training":
            wish = "Cancelling" if run.wants_cancel else "Pausing" if run.wants_pause else "Training"
            st.progress(share, f"{wish}: {where}{loss}")
        case "paused":
            st.progress(share, f"Paused in {where}{loss}; it keeps its place until its time is up.")
        case "finished":
            st.success(f"Trained for {epochs} epochs.")
        case "cancelled":
            st.info(f"Cancelled in {where}.")
        case "expired":
            st.info(f"Ended in {where}: {run.setting.max_minutes:g} minutes were up.")
        case "failed":
            st.warning(f"The training stopped in {where}: {report.problem}.")


def _offer(run: LiveRun, report: Report) -> None:
    if run.wants_cancel:
        return
    with st.container(horizontal=True):
        if run.wants_pause:
            st.button("Resume", "live_resume", on_click=run.resume)
        elif report.phase != "waiting":
            st.button("Pause", "live_pause", on_click=run.pause)
        st.button("Cancel", "live_cancel", on_click=run.cancel)


def _draw(setting: LiveSetting, report: Report) -> None:
    name = f"{_MODES[setting.mode]}, from {setting.isr:g}"
    trajectory = Trajectory(name, tuple(epoch.internal_scales for epoch in report.epochs), setting.mode)
    canvas = setting.canvas
    sigma_per_unit = sigma_of_unit(_DIGIT * canvas / CANVAS)
    figure = plot_trajectories([trajectory], RANGES[setting.data], sigma_per_unit, epochs=setting.epochs, canvas=canvas)
    said = _said(setting, report)
    alt = f"Internal scales over epochs: {explain_trajectories([trajectory])} {said}"
    figure = enlarge(figure) if has_large_type() else figure
    config = {"modeBarButtonsToRemove": ["toImage"], "displaylogo": False}
    st.plotly_chart(figure, key="live_chart", alt=plain(alt), config=config)
    say(said, place="live")
    if report.ended:
        rests_on = f"{name} · {_SOURCES[setting.source].split(',')[0]} · n = {setting.images[0]:,} digits"
        files = [table("live_chart", partial(figure_to_csv, figure))]
        take_away("live_chart", partial(Taken, "Internal scales while a small network learns", rests_on, files))


def _said(setting: LiveSetting, report: Report) -> str:
    """Where the scales are, how well the network reads, and what it learns from."""
    first, last = report.epochs[0], report.epochs[-1]
    scales = ", ".join(f"{scale:.2f}" for scale in last.internal_scales)
    went = f"from ISR {first.isr:.2f} to **{last.isr:.2f}**"
    if last.loss is None or last.validation_error is None:
        found = f"The scales start at σ = {scales} pixels, ISR {first.isr:.2f}."
    elif report.ended:
        found = (
            f"The scales went {went}, to σ = {scales} pixels, in {last.epoch} epochs; at the end the loss is "
            f"{last.loss:.3f} and the validation error {last.validation_error:.2f} %."
        )
    else:
        found = (
            f"After epoch {last.epoch} the scales have gone {went}, to σ = {scales} pixels; the loss is "
            f"{last.loss:.3f}, the validation error {last.validation_error:.2f} %."
        )
    return f"{found} {setting.images[0]:,} digits train and {setting.images[1]:,} validate: {_SOURCES[setting.source]}."


def _start() -> None:
    chosen = {name: st.session_state[f"live_{name}"] for name in ("mode", "isr", "data")}
    source = next(key for key in SOURCES if source_is_here(key))
    pool().enter(_visitor(), LiveSetting(**chosen, source=source), address_of_visitor())


def _visitor() -> str:
    """The session, which a run belongs to."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def _is_connected(session: str) -> bool:
    """Whether the browser of a session still has its page open, whichever that is."""
    return not exists() or get_instance().is_active_session(session)


def _words(data: str) -> str:
    return data.replace("-", " to ")
