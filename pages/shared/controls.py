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
from core.models import MODELS, configuration, is_ready
from core.resampling import RESAMPLERS
from pages.shared import cached
from pages.shared.links import Parameter, choice, complain, number, publish, report_ignored, restore
from pages.shared.view import SCALE_FACTORS, Digit, View, factors_with, has_scales, nearest_factor, steps_between

_SOURCES = {"vector": "Vector", "mnist": "MNIST", "upload": "Upload", "draw": "Draw"}
_RANGES = {"unit": "Each map", "layer": "Layer", "global": "All layers"}
_SCALE_SETS = {"trained": "As trained", "chosen": "Choose"}
SCALE_LIMITS: Final = {"sigma_basis": (0.5, 2.5), "isr": (1.1, 8.0), "num_scales": (1, 6)}  # of the three sliders
_USUAL_FACTOR = SCALE_FACTORS[8]  # 0.63, two steps of the trained scales down
_KEEP: Final = "session"  # a control that another choice hides for a while keeps its value
_UPLOAD_ELSEWHERE = (
    "The link shows an uploaded picture, {}, which never left the session it was uploaded in; "
    "a vector digit is shown until you upload the same file."
)
_RANGE_HELP = "Maps can be compared only where they share one range of colours."
_RESAMPLER_HELP = (
    "How the image is resized. The same network has another error under another resampler. "
    "`exact` draws a vector digit or your drawing again and resamples nothing."
)


def shared_controls(with_factor: bool) -> None:
    """Draws the controls, the scale factor only where a page has a use for it, and keeps the current view."""
    parameters = _parameters()
    restore(parameters)
    with st.sidebar:
        network = st.selectbox("Network", list(MODELS), key="network", format_func=_network_title)
        st.caption(MODELS[network].summary)
        scales = _choose_internal_scales(network)
        digit = _choose_digit()
        resampler = _choose_resampler(digit)
        layer = _choose_layer(network)
        colour_range = _segments("Shared colour range", _RANGES, "range", help=_RANGE_HELP)
    report_ignored()
    steps = steps_between(cached.internal_scales(network, tuple(sorted(scales.items()))))
    factors = factors_with(steps)
    choose_factor(nearest_factor(factors, st.session_state["s"]))
    if with_factor:
        st.select_slider(
            "Scale factor s of the image: below 1 shrinks, above 1 enlarges (log2 axis)",
            factors, key="s", format_func=lambda s: f"{s:.2f}", persist_state=_KEEP,
        )  # fmt: skip
    scale_factor = float(st.session_state["s"])
    publish(parameters)
    st.session_state["view"] = View(
        digit, network, scales, scale_factor, factors, steps, resampler, layer, colour_range
    )


def current_view() -> View:
    """The values of the shared controls, as they were drawn in this run."""
    return st.session_state["view"]


def choose_factor(scale_factor: float) -> None:
    """Sets the scale factor; for a callback, or before its slider is drawn."""
    if st.session_state.get("s") != scale_factor:
        st.session_state["s"] = scale_factor


def choose_layer(layer: str) -> None:
    """Sets the layer; for a callback."""
    st.session_state["layer"] = layer


def choose_network(key: str) -> None:
    """Sets the network; for a callback."""
    st.session_state["network"] = key


def choose_scales(sigma_basis: float | None = None, isr: float | None = None, num_scales: int | None = None) -> None:
    """Sets the internal scales of the shown network, within `SCALE_LIMITS`; for the callback of a button."""
    st.session_state["scales"] = "chosen"
    wanted = {"sigma_basis": sigma_basis, "isr": isr, "num_scales": num_scales}
    for (name, value), key in zip(wanted.items(), ("sigma", "isr", "n_scales"), strict=True):
        if value is not None:
            low, high = SCALE_LIMITS[name]
            st.session_state[key] = min(high, max(low, round(value, 2)))


def _parameters() -> list[Parameter]:
    """Every shared control in the URL."""
    trained = configuration("sesn_vector")  # of every network alike, so that a link means the same in any order
    return [
        choice("network", list(MODELS), "sesn_vector"),
        choice("scales", list(_SCALE_SETS), "trained"),
        number("sigma", *SCALE_LIMITS["sigma_basis"], float(trained.sigma_basis)),
        number("isr", *SCALE_LIMITS["isr"], float(trained.isr)),
        number("n_scales", *SCALE_LIMITS["num_scales"], int(trained.num_scales)),
        choice("source", list(_SOURCES), "vector"),
        choice("digit", range(10), 3),
        choice("hand", HANDS, HANDS[0]),
        number("mnist", 0, 9999, 0),
        Parameter("drawn", "", _drawn_text),
        Parameter("upload_name", "", _upload_name, name="upload"),
        number("size", 0.3, 1.0, 0.7),
        choice("resampler", (*RESAMPLERS, "exact"), "bicubic"),
        Parameter("layer", "conv2", _layer_name),
        choice("range", list(_RANGES), "layer"),
        number("s", SCALE_FACTORS[0], SCALE_FACTORS[-1], _USUAL_FACTOR, decimals=4),
    ]


def _layer_name(text: str) -> str:
    if not any(text in cached.layer_names(key) for key in MODELS):
        raise ValueError(text)
    return text


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


def _choose_internal_scales(network: str) -> dict[str, float]:
    if not has_scales(network):
        return {}
    trained = configuration(network)
    trained_set = _scale_text(trained.internal_scales)
    chosen = _segments("Internal scales", _SCALE_SETS, "scales")
    if chosen == "trained":
        st.caption(trained_set)
        return {}
    scales = {
        "sigma_basis": st.slider(
            "σ_basis, smallest scale in pixels", *SCALE_LIMITS["sigma_basis"], step=0.05, key="sigma",
            persist_state=_KEEP,
        ),
        "isr": st.slider(
            "ISR, largest over smallest scale", *SCALE_LIMITS["isr"], step=0.05, key="isr", persist_state=_KEEP
        ),
        "num_scales": st.slider("Number of scales", *SCALE_LIMITS["num_scales"], key="n_scales", persist_state=_KEEP),
    }  # fmt: skip
    if scales == {name: getattr(trained, name) for name in scales}:
        return {}
    shown = _scale_text(configuration(network, "small", **scales).internal_scales)
    weights = "random" if MODELS[network].control else f"trained on another set, {trained_set},"
    st.info(f"Now {shown}. The weights are {weights} and evaluated on the scales you chose.")
    return scales


def _scale_text(internal_scales: tuple[float, ...]) -> str:
    return "σ = " + ", ".join(f"{s:.2f}" for s in internal_scales) + " pixels"


def _choose_digit() -> Digit:
    source = _segments("Digit", _SOURCES, "source")
    if source != "upload" and st.session_state["upload_name"] not in cached.uploads():
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
    if not cached.mnist_is_here():
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
    cached.mnist_is_here.clear()
    st.rerun()


def _choose_upload() -> tuple[str, str, str] | None:
    file = st.file_uploader(
        "A picture of one digit", type=["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"], key="upload",
        max_upload_size=5, on_change=_forget_upload,
    )  # fmt: skip
    if file is not None:
        try:
            st.session_state["upload_name"] = cached.keep_upload(file.getvalue())
        except ImageRefused as refused:
            st.warning(f"{refused} A vector digit is shown instead.")
            return None
    name = st.session_state["upload_name"]  # of this file, of one that was here before, or of the link
    if name not in cached.uploads():
        if name:
            complain(_UPLOAD_ELSEWHERE, f"upload = {name}")
        st.caption("Until a picture is here, a vector digit is shown.")
        return None
    st.caption(" ".join(cached.uploads()[name].notes))
    return "upload", name, "your picture"


def _forget_upload() -> None:
    """Callback: the visitor gave another file, or took this one away."""
    st.session_state["upload_name"] = ""


def _choose_drawing() -> tuple[str, str, str] | None:
    drawn = "draw", str(st.session_state["drawn"]), "your drawing"
    seen = cached.digit_image(Digit(*drawn, float(st.session_state["size"]))) if drawn[1] else None
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


def _choose_resampler(digit: Digit) -> str:
    resamplers = (*RESAMPLERS, "exact") if digit.has_strokes else RESAMPLERS
    if st.session_state["resampler"] not in resamplers:
        st.session_state["resampler"] = "bicubic"
    return st.selectbox("Resampler of the image", resamplers, key="resampler", help=_RESAMPLER_HELP)


def _choose_layer(network: str) -> str:
    layers = cached.layer_names(network)
    if st.session_state["layer"] not in layers:
        st.session_state["layer"] = _same_depth(st.session_state["layer"], layers)
    return st.selectbox("Layer", layers, key="layer")


def _same_depth(wanted: str, layers: list[str]) -> str:
    """The convolution of the same depth where a network has no layer of that name, e.g. projection3 → conv3."""
    return next((layer for layer in layers if layer == f"conv{wanted[-1:]}"), layers[-1])
