"""The shared controls. They live in the entry script, since only there do they survive a change of page.

Network and digit stand first, and the layer where a page is about one; the rest is folded under "More". What was
changed there, by hand or by a link, is told below it, so that nothing holds unseen.
"""

from collections.abc import Collection
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.checkpoints import CheckpointError
from core.data.sources import SOURCES, PictureFile
from core.glossary import define
from core.models import MODELS, broken_limit, configuration, has_scales
from core.resampling import RESAMPLERS
from core.scales import SCALE_LIMITS, ScaleSet
from core.transforms import EXACT, TRANSFORMS, Transform
from pages import Page
from pages.panels.digit import choose_digit, digit_parameters, shown_parameters
from pages.panels.network import offer_networks
from pages.panels.segments import KEEP, segments
from pages.panels.terms import SIDEBAR
from pages.panels.text import note
from pages.panels.trained import offer_training
from pages.results.digits import amounts_apart, doubt_of_reading
from pages.results.networks import layer_names, steps
from pages.state.links import Parameter, choice, number, publish, report_ignored, restore
from pages.state.session import AMOUNTS, choose_amount, current_amount
from pages.state.trained import TRAINED
from pages.state.view import Digit, View

_TITLES = {key: transform.title for key, transform in TRANSFORMS.items()}
_RANGES = {"unit": "Each map", "layer": "Layer", "global": "All layers"}
_SCALE_SETS = {"trained": "As trained", "chosen": "Equal steps", "free": "List"}
_LOG_STEPS = 72  # of a slider on a log axis
_RANGE_HELP = "Maps can be compared only where they share one range of colours."
_RESAMPLER_HELP = (
    f"{define('resampler')} The same network has another error under another resampler. "
    "`exact` draws a vector digit or your drawing again and resamples nothing."
)


def shared_controls(page: Page) -> None:
    """Draws the controls, but for the amount, whose handle is the page's, and keeps the current view."""
    parameters = shared_parameters()
    restore(parameters)
    with st.sidebar:
        if page.sidebar:
            note(page.sidebar, part=SIDEBAR)
        network = offer_networks()
        first, more, below = st.container(), st.expander("More", key="more"), st.container()
        with first:
            trained_on = offer_training(network, below)
            digit = choose_digit(more, MODELS[network].takes_colour)
        with more:
            transform = TRANSFORMS[segments("Transform of the image", _TITLES, "transform")]
            resampler = _choose_resampler(transform, digit)
            scales = _choose_internal_scales(network, below)
        with first if page.is_about_layer else more:
            layer = _choose_layer(network)
        with more:
            colour_range = segments("Shared colour range", _RANGES, "range", help=_RANGE_HELP)
        if told := _tell_changed(folded=() if page.is_about_layer else ("layer",)):
            below.caption(told)
    report_ignored()
    view = View(
        digit, network, scales, transform.key, resampler=resampler, layer=layer, colour_range=colour_range,
        trained_on=trained_on,
    )  # fmt: skip
    _doubt_reading(view, below)
    marks = steps(view.shown(), transform.key)
    amounts = transform.handle(marks, amounts_apart(view))
    choose_amount(transform, transform.nearest(amounts, current_amount(transform)))
    amount = current_amount(transform)
    publish(parameters)
    st.session_state["view"] = replace(view, amount=amount, amounts=amounts, steps=marks)


def _doubt_reading(view: View, below: DeltaGenerator) -> None:
    """Says where the network is not sure of a picture that the visitor brought."""
    if not any(isinstance(field, PictureFile) for field in SOURCES[view.digit.source].fields):
        return
    try:
        doubt = doubt_of_reading(view.shown(), view.digit)
    except (CheckpointError, ValueError):  # the page says so
        return
    if doubt:
        below.warning(doubt)


def shared_parameters() -> list[Parameter]:
    """Every shared control in the URL."""
    usual = configuration("sesn_vector").internal_scales  # of every network alike: a link means the same in any order
    return [
        choice("network", list(MODELS), "sesn_vector"),
        TRAINED,
        choice("scales", list(_SCALE_SETS), "trained"),
        number("sigma", *SCALE_LIMITS.sigma, float(usual.smallest)),
        number("isr", *SCALE_LIMITS.isr, float(usual.isr)),
        number("n_scales", *SCALE_LIMITS.num_scales, len(usual)),
        Parameter("scale_set", "", _scale_list, name="set"),
        *digit_parameters(),
        choice("transform", list(TRANSFORMS), "scale"),
        choice("resampler", (*RESAMPLERS, EXACT), "bicubic"),
        Parameter("layer", "conv2", _layer_name),
        choice("range", list(_RANGES), "layer"),
        *AMOUNTS.values(),
    ]


def _layer_name(text: str) -> str:
    if not any(text in layer_names(key) for key in MODELS):
        raise ValueError(text)
    return text


def _scale_list(text: str) -> str:
    return ScaleSet.from_text(text).to_text() if text else text


def _tell_changed(folded: Collection[str]) -> str:
    """What is not as usual under "More", as the address has it; empty if all is.

    Args: folded: keys that stand there on this page only.
    """
    keys = {"transform", "resampler", "range", *folded}
    parameters = [*shown_parameters(), *(each for each in shared_parameters() if each.key in keys)]
    values = [(each, st.session_state[each.key]) for each in parameters]
    told = [f"{each.url_name} {each.text(value)}" for each, value in values if value != each.usual]
    return f"Changed under More: {', '.join(told)}." if told else ""


def _choose_internal_scales(network: str, below: DeltaGenerator) -> ScaleSet | None:
    """The set that is chosen in place of the trained one; None for that, and where a choice cannot be shown.

    Args: below: where it is told that others than the trained ones are shown, or why not.
    """
    if not has_scales(network):
        return None
    trained = configuration(network).internal_scales
    kind = segments("Internal scales", _SCALE_SETS, "scales")
    if kind == "trained":
        note(_scale_text(trained), part=SIDEBAR)
        return None
    chosen = _choose_list(trained, below) if kind == "free" else _choose_equal_steps()
    if chosen is None or chosen.to_text() == trained.to_text():  # a list has the digits of its text only
        return None
    if broken := broken_limit(network, internal_scales=chosen):
        below.warning(f"These scales are beyond what is built here, {broken}; the trained ones are shown instead.")
        return None
    weights = "random" if MODELS[network].control else f"trained on another set, {_scale_text(trained)},"
    below.info(f"Now {_scale_text(chosen)}. The weights are {weights} and evaluated on the scales you chose.")
    return chosen


def _choose_equal_steps() -> ScaleSet:
    sigma = _log_slider("σ_basis, smallest scale in pixels (log axis)", SCALE_LIMITS.sigma, "sigma")
    isr = _log_slider("ISR, largest over smallest scale (log axis)", SCALE_LIMITS.isr, "isr")
    count = st.slider("Number of scales", *SCALE_LIMITS.num_scales, key="n_scales", persist_state=KEEP)
    return ScaleSet.log_uniform(sigma, isr, count)


def _choose_list(trained: ScaleSet, below: DeltaGenerator) -> ScaleSet | None:
    """Scales one by one; None until there are some that can be read."""
    if not st.session_state["scale_set"]:
        st.session_state["scale_set"] = trained.to_text()
    text = st.text_input(
        "σ in pixels, smallest first, e.g. 1-1.3-2.4", key="scale_set", persist_state=KEEP,
        help="Any number of scales up to eight, in equal steps or not; a dash stands between two.",
    )  # fmt: skip
    try:
        return ScaleSet.from_text(text)
    except ValueError as error:
        below.warning(f"These scales cannot be read: {error}. The trained ones are shown instead.")
        return None


def _log_slider(label: str, limits: tuple[float, float], key: str) -> float:
    """A slider of equal ratios; a value from a link that lies between two of its stops becomes a stop too."""
    low, high = limits
    stops = {round(low * (high / low) ** (i / _LOG_STEPS), 2) for i in range(_LOG_STEPS + 1)}
    options = sorted(stops | {float(st.session_state[key])})
    return float(st.select_slider(label, options, key=key, format_func=lambda x: f"{x:.2f}", persist_state=KEEP))


def _scale_text(internal_scales: ScaleSet) -> str:
    return "σ = " + ", ".join(f"{s:.2f}" for s in internal_scales) + " pixels"


def _choose_resampler(transform: Transform, digit: Digit) -> str:
    choices = transform.choices(digit.has_strokes)
    if len(choices) == 1:  # the choice for other transforms stays
        st.selectbox("Resampler of the image", choices, key="only_resampler", disabled=True)
        return choices[0]
    st.session_state["resampler"] = transform.fitting(st.session_state["resampler"], digit.has_strokes)
    return st.selectbox(
        "Resampler of the image", choices, key="resampler", help=_RESAMPLER_HELP, persist_state=KEEP
    )  # fmt: skip


def _choose_layer(network: str) -> str:
    layers = layer_names(network)
    if st.session_state["layer"] not in layers:
        st.session_state["layer"] = _same_depth(st.session_state["layer"], layers)
    return st.selectbox("Layer", layers, key="layer")


def _same_depth(wanted: str, layers: list[str]) -> str:
    """The convolution of the same depth where a network has no layer of that name, e.g. projection3 → conv3."""
    return next((layer for layer in layers if layer == f"conv{wanted[-1:]}"), layers[-1])
