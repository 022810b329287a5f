"""The shared controls. They live in the entry script, since only there do they survive a change of page."""

import re
from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from components.draw_pad import draw_pad
from core.data.drawing import Drawing
from core.data.glyphs import HANDS
from core.data.images import ImageRefused
from core.data.mnist import MnistMissing, download_mnist
from core.models import MODELS, broken_limit, configuration, has_scales, is_ready
from core.resampling import RESAMPLERS
from core.scales import SCALE_LIMITS, ScaleSet
from core.transforms import EXACT, TRANSFORMS, Transform
from pages.results.digits import digit_image, keep_upload, mnist_is_here, uploads
from pages.results.networks import layer_names, steps
from pages.state.links import Parameter, choice, complain, number, publish, report_ignored, restore
from pages.state.session import AMOUNTS, choose_amount, current_amount
from pages.state.view import Digit, View

_SOURCES = {"vector": "Vector", "mnist": "MNIST", "upload": "Upload", "draw": "Draw"}
_TITLES = {key: transform.title for key, transform in TRANSFORMS.items()}
_RANGES = {"unit": "Each map", "layer": "Layer", "global": "All layers"}
_SCALE_SETS = {"trained": "As trained", "chosen": "Equal steps", "free": "List"}
_LOG_STEPS = 72  # of a slider on a log axis
_KEEP: Final = "session"  # a control that another choice hides for a while keeps its value
_UPLOAD_ELSEWHERE = (
    "The link shows an uploaded picture, {}, which never left the session it was uploaded in; "
    "a vector digit is shown until you upload the same file."
)
_RANGE_HELP = "Maps can be compared only where they share one range of colours."
_RESAMPLER_HELP = (
    "How the image is resampled. The same network has another error under another resampler. "
    "`exact` draws a vector digit or your drawing again and resamples nothing."
)


def shared_controls(with_slider: bool) -> None:
    """Draws the controls, that of the amount only where a page has no handle for it, and keeps the current view."""
    parameters = _parameters()
    restore(parameters)
    with st.sidebar:
        network = st.selectbox("Network", list(MODELS), key="network", format_func=_network_title)
        st.caption(MODELS[network].summary)
        scales = _choose_internal_scales(network)
        digit = _choose_digit()
        transform = TRANSFORMS[_segments("Transform of the image", _TITLES, "transform")]
        resampler = _choose_resampler(transform, digit)
        layer = _choose_layer(network)
        colour_range = _segments("Shared colour range", _RANGES, "range", help=_RANGE_HELP)
    report_ignored()
    marks = steps(network, scales, transform.key)
    amounts = transform.handle(marks)
    choose_amount(transform, transform.nearest(amounts, current_amount(transform)))
    if with_slider:
        st.select_slider(
            f"{transform.label}: {transform.axis_title}", amounts, key=transform.parameter,
            format_func=transform.number, persist_state=_KEEP,
        )  # fmt: skip
    amount = current_amount(transform)
    publish(parameters)
    st.session_state["view"] = View(
        digit, network, scales, transform.key, amount, amounts, marks, resampler, layer, colour_range
    )


def _parameters() -> list[Parameter]:
    """Every shared control in the URL."""
    usual = configuration("sesn_vector").internal_scales  # of every network alike: a link means the same in any order
    return [
        choice("network", list(MODELS), "sesn_vector"),
        choice("scales", list(_SCALE_SETS), "trained"),
        number("sigma", *SCALE_LIMITS.sigma, float(usual.smallest)),
        number("isr", *SCALE_LIMITS.isr, float(usual.isr)),
        number("n_scales", *SCALE_LIMITS.num_scales, len(usual)),
        Parameter("scale_set", "", _scale_list, name="set"),
        choice("source", list(_SOURCES), "vector"),
        choice("digit", range(10), 3),
        choice("hand", HANDS, HANDS[0]),
        number("mnist", 0, 9999, 0),
        Parameter("drawn", "", _drawn_text),
        Parameter("upload_name", "", _upload_name, name="upload"),
        number("size", 0.3, 1.0, 0.7),
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


def _upload_name(text: str) -> str:
    if not re.fullmatch("[0-9a-f]{12}", text):
        raise ValueError(text)
    return text


def _drawn_text(text: str) -> str:
    if text:
        Drawing.from_text(text)
    return text


def _network_title(key: str) -> str:
    return MODELS[key].title + ("" if is_ready(key) else " (not trained yet)")


def _choose_internal_scales(network: str) -> ScaleSet | None:
    """The set that is chosen in place of the trained one; None for that, and where a choice cannot be shown."""
    if not has_scales(network):
        return None
    trained = configuration(network).internal_scales
    kind = _segments("Internal scales", _SCALE_SETS, "scales")
    if kind == "trained":
        st.caption(_scale_text(trained))
        return None
    chosen = _choose_list(trained) if kind == "free" else _choose_equal_steps()
    if chosen is None or chosen == trained:
        return None
    if broken := broken_limit(network, internal_scales=chosen):
        st.warning(f"These scales are beyond what is built here, {broken}; the trained ones are shown instead.")
        return None
    weights = "random" if MODELS[network].control else f"trained on another set, {_scale_text(trained)},"
    st.info(f"Now {_scale_text(chosen)}. The weights are {weights} and evaluated on the scales you chose.")
    return chosen


def _choose_equal_steps() -> ScaleSet:
    sigma = _log_slider("σ_basis, smallest scale in pixels (log axis)", SCALE_LIMITS.sigma, "sigma")
    isr = _log_slider("ISR, largest over smallest scale (log axis)", SCALE_LIMITS.isr, "isr")
    count = st.slider("Number of scales", *SCALE_LIMITS.num_scales, key="n_scales", persist_state=_KEEP)
    return ScaleSet.log_uniform(sigma, isr, count)


def _choose_list(trained: ScaleSet) -> ScaleSet | None:
    """Scales one by one; None until there are some that can be read."""
    if not st.session_state["scale_set"]:
        st.session_state["scale_set"] = trained.to_text()
    text = st.text_input(
        "σ in pixels, smallest first, e.g. 1-1.3-2.4", key="scale_set", persist_state=_KEEP,
        help="Any number of scales up to eight, in equal steps or not; a dash stands between two.",
    )  # fmt: skip
    try:
        return ScaleSet.from_text(text)
    except ValueError as error:
        st.warning(f"These scales cannot be read: {error}. The trained ones are shown instead.")
        return None


def _log_slider(label: str, limits: tuple[float, float], key: str) -> float:
    """A slider of equal ratios; a value from a link that lies between two of its stops becomes a stop too."""
    low, high = limits
    stops = {round(low * (high / low) ** (i / _LOG_STEPS), 2) for i in range(_LOG_STEPS + 1)}
    options = sorted(stops | {float(st.session_state[key])})
    return float(st.select_slider(label, options, key=key, format_func=lambda x: f"{x:.2f}", persist_state=_KEEP))


def _scale_text(internal_scales: ScaleSet) -> str:
    return "σ = " + ", ".join(f"{s:.2f}" for s in internal_scales) + " pixels"


def _choose_digit() -> Digit:
    source = _segments("Digit", _SOURCES, "source")
    if source != "upload" and st.session_state["upload_name"] not in uploads():
        st.session_state["upload_name"] = ""  # another digit was chosen instead of one that is not here
    chosen = {"vector": _choose_glyph, "mnist": _choose_mnist, "upload": _choose_upload, "draw": _choose_drawing}[
        source
    ]()
    if chosen is None:  # not there: this was said; go on with a vector digit
        chosen = ("vector", f"3-{HANDS[0]}", "vector digit 3")
    data_scale = st.slider(
        "Size of the digit before scaling, × MNIST", 0.3, 1.0, step=0.05, key="size",
        help="1 is the size of an MNIST digit, 20 of 28 pixels, and of a drawing as you drew it. "
        "A smaller digit has room to grow.",
    )  # fmt: skip
    return Digit(*chosen, data_scale)


def _choose_glyph() -> tuple[str, str, str]:
    digit = _segments("Which digit", {i: str(i) for i in range(10)}, "digit", label_visibility="collapsed")
    hand = _segments("Hand", {hand: hand for hand in HANDS}, "hand")
    return "vector", f"{digit}-{hand}", f"vector digit {digit}, {hand}"


def _choose_mnist() -> tuple[str, str, str] | None:
    if not mnist_is_here():
        _offer_download()
        return None
    index = st.number_input("Test image, 0 to 9999", 0, 9999, key="mnist", persist_state=_KEEP)
    return "mnist", str(index), f"MNIST test image {index}"


def _offer_download() -> None:
    st.info("MNIST is not on this machine; a vector digit is shown instead.")
    if not st.button("Download MNIST (11 MB)", key="mnist_download"):
        return
    bar = st.progress(0.0, "Downloading MNIST …")

    def show(share: float, text: str) -> None:
        bar.progress(min(1.0, share), text)

    try:
        download_mnist(progress=show)
    except (OSError, ValueError, MnistMissing) as error:
        bar.empty()
        st.warning(str(error))
        return
    mnist_is_here.clear()
    st.rerun()


def _choose_upload() -> tuple[str, str, str] | None:
    file = st.file_uploader(
        "A picture of one digit", type=["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"], key="upload",
        max_upload_size=5, on_change=_forget_upload,
    )  # fmt: skip
    if file is not None:
        try:
            st.session_state["upload_name"] = keep_upload(file.getvalue())
        except ImageRefused as refused:
            st.warning(f"{refused} A vector digit is shown instead.")
            return None
    name = st.session_state["upload_name"]  # of this file, of one that was here before, or of the link
    if name not in uploads():
        if name:
            complain(_UPLOAD_ELSEWHERE, f"upload = {name}")
        st.caption("Until a picture is here, a vector digit is shown.")
        return None
    st.caption(" ".join(uploads()[name].notes))
    return "upload", name, "your picture"


def _forget_upload() -> None:
    """Callback: the visitor gave another file, or took this one away."""
    st.session_state["upload_name"] = ""


def _choose_drawing() -> tuple[str, str, str] | None:
    drawn = "draw", str(st.session_state["drawn"]), "your drawing"
    seen = digit_image(Digit(*drawn, float(st.session_state["size"]))) if drawn[1] else None
    draw_pad(drawn[1], seen, st.session_state.get("drawn_answers", ""), _take_drawing)
    if seen is None:
        st.caption("Nothing is drawn yet, so a vector digit is shown.")
        return None
    return drawn


def _take_drawing(drawing: Drawing | None, answers: str) -> None:
    """Callback: the visitor drew. Args: answers: the report that the server changed, if it did."""
    st.session_state["drawn"] = drawing.to_text() if drawing else ""
    st.session_state["drawn_answers"] = answers


def _segments(label: str, options: Mapping[Any, str], key: str, **more: Any) -> Any:
    """One of a few options side by side."""
    return st.segmented_control(
        label, list(options), key=key, format_func=lambda option: options[option], required=True,
        persist_state=_KEEP, **more,
    )  # fmt: skip


def _choose_resampler(transform: Transform, digit: Digit) -> str:
    choices = transform.choices(digit.has_strokes)
    if len(choices) == 1:  # the choice for other transforms stays
        st.selectbox("Resampler of the image", choices, key="only_resampler", disabled=True)
        return choices[0]
    st.session_state["resampler"] = transform.fitting(st.session_state["resampler"], digit.has_strokes)
    return st.selectbox(
        "Resampler of the image", choices, key="resampler", help=_RESAMPLER_HELP, persist_state=_KEEP
    )  # fmt: skip


def _choose_layer(network: str) -> str:
    layers = layer_names(network)
    if st.session_state["layer"] not in layers:
        st.session_state["layer"] = _same_depth(st.session_state["layer"], layers)
    return st.selectbox("Layer", layers, key="layer")


def _same_depth(wanted: str, layers: list[str]) -> str:
    """The convolution of the same depth where a network has no layer of that name, e.g. projection3 → conv3."""
    return next((layer for layer in layers if layer == f"conv{wanted[-1:]}"), layers[-1])
