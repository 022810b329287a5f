"""The shared controls. They live in the entry script, since only there does a link survive a change of page."""

import streamlit as st

from core.data.glyphs import HANDS
from core.data.images import ImageRefused
from core.data.mnist import MnistMissing, download_mnist
from core.models import MODELS, configuration
from core.resampling import RESAMPLERS
from pages.shared import cached
from pages.shared.links import drop_bad_parameters
from pages.shared.view import SCALE_FACTORS, Digit, View, has_scales

_URL = {"bind": "query-params", "persist_state": "session"}
_SOURCES = {"vector": "Vector", "mnist": "MNIST", "upload": "Upload"}
_RANGES = {"unit": "Each map", "layer": "Layer", "global": "All layers"}
_RESAMPLER_HELP = (
    "How the image is resized. The same network has another error under another resampler. "
    "`exact` draws a vector digit again and resamples nothing."
)


def shared_controls(page: str) -> View:
    """Draws the controls and keeps their values as the current view."""
    drop_bad_parameters()
    with st.sidebar:
        network = st.selectbox(
            "Network", list(MODELS), index=list(MODELS).index("sesn_vector"), key="network",
            format_func=lambda key: MODELS[key].title, **_URL,
        )  # fmt: skip
        st.caption(MODELS[network].summary)
        scales = _choose_internal_scales(network)
        digit = _choose_digit()
        resamplers = (*RESAMPLERS, "exact") if digit.source == "vector" else RESAMPLERS
        resampler = st.selectbox(
            "Resampler of the image", resamplers, index=1, key="resampler", help=_RESAMPLER_HELP, **_URL
        )
        layer = _choose_layer(network, tuple(sorted(scales.items())))
        colour_range = st.segmented_control(
            "Shared colour range", list(_RANGES), default="layer", key="range", format_func=_RANGES.get,
            required=True, **_URL, help="Maps can be compared only where they share one range of colours.",
        )  # fmt: skip
    scale_factor = 1.0
    if page not in ("Internal scales", "About"):
        scale_factor = _choose_scale_factor()
    view = View(digit, network, scales, scale_factor, resampler, layer, colour_range or "layer")
    st.session_state["view"] = view
    return view


def current_view() -> View:
    """The values of the shared controls, as they were drawn in this run."""
    return st.session_state["view"]


def choose_scales(
    sigma_basis: float | None = None, isr: float | None = None, num_scales: int | None = None
) -> None:
    """Sets the internal scales of the shown network; for the callback of a button."""
    st.session_state["scales"] = "chosen"
    for key, value in (("sigma", sigma_basis), ("isr", isr), ("n_scales", num_scales)):
        if value is not None:
            st.session_state[key] = type(value)(round(value, 2))


def _choose_scale_factor() -> float:
    return float(
        st.select_slider(
            "Scale factor s of the image: left of 1 shrinks, right of 1 enlarges (log2 axis)",
            SCALE_FACTORS, value=_DEFAULT_FACTOR, key="s", format_func=lambda s: f"{s:.2f}", **_URL,
        )
    )  # fmt: skip


_DEFAULT_FACTOR = SCALE_FACTORS[11]  # 0.71, where every network has something to show


def _choose_internal_scales(network: str) -> dict[str, float]:
    if not has_scales(network):
        return {}
    trained = configuration(network)
    chosen = st.segmented_control(
        "Internal scales", ["trained", "chosen"], default="trained", key="scales", required=True,
        format_func={"trained": "As trained", "chosen": "Choose"}.get, **_URL,
    )  # fmt: skip
    if chosen != "chosen":
        st.caption("σ = " + ", ".join(f"{s:.2f}" for s in trained.internal_scales) + " pixels")
        return {}
    sigma = st.slider("σ_basis, smallest scale in pixels", 0.5, 3.0, trained.sigma_basis, 0.05, key="sigma", **_URL)
    isr = st.slider("ISR, largest over smallest scale", 1.1, 6.0, trained.isr, 0.05, key="isr", **_URL)
    count = st.slider("Number of scales", 1, 6, trained.num_scales, key="n_scales", **_URL)
    scales = {"sigma_basis": sigma, "isr": isr, "num_scales": count}
    if scales == {name: getattr(trained, name) for name in scales}:
        return {}
    if not MODELS[network].control:
        st.caption(
            "⚠ The weights were trained on another set of scales, σ = "
            + ", ".join(f"{s:.2f}" for s in trained.internal_scales)
            + " pixels; here they are evaluated on the set you chose."
        )
    return scales


def _choose_digit() -> Digit:
    source = st.segmented_control(
        "Digit", list(_SOURCES), default="vector", key="source", format_func=_SOURCES.get, required=True, **_URL
    )
    data_scale = 0.7
    chosen = {"mnist": _choose_mnist, "upload": _choose_upload}.get(source or "vector", _choose_glyph)()
    if chosen is None:  # not there: say so (done) and go on with a vector digit
        chosen = ("vector", f"3-{HANDS[0]}", "vector digit 3")
    data_scale = st.slider(
        "Size of the digit before scaling, × MNIST", 0.3, 1.0, 0.7, 0.05, key="size", **_URL,
        help="1 is the size of an MNIST digit, 20 of 28 pixels. A smaller digit has room to grow.",
    )  # fmt: skip
    return Digit(*chosen, data_scale)


def _choose_glyph() -> tuple[str, str, str]:
    number = st.segmented_control(
        "Which digit", list(range(10)), default=3, key="digit", required=True, label_visibility="collapsed", **_URL
    )
    hand = st.segmented_control("Hand", HANDS, default=HANDS[0], key="hand", required=True, **_URL)
    return "vector", f"{number}-{hand}", f"vector digit {number}, {hand}"


def _choose_mnist() -> tuple[str, str, str] | None:
    if not cached.mnist_is_here():
        _offer_download()
        return None
    index = st.number_input("Test image, 0 to 9999", 0, 9999, 0, key="mnist", **_URL)
    return "mnist", str(index), f"MNIST test image {index}"


def _offer_download() -> None:
    st.info("MNIST is not on this machine; a vector digit is shown instead.")
    if not st.button("Download MNIST (11 MB)", key="mnist_download"):
        return
    bar = st.progress(0.0, "Downloading MNIST …")
    try:
        download_mnist(progress=lambda share, text: bar.progress(min(1.0, share), text))
    except (OSError, ValueError, MnistMissing) as error:
        bar.empty()
        st.warning(str(error))
        return
    cached.mnist_is_here.clear()
    st.rerun()


def _choose_upload() -> tuple[str, str, str] | None:
    file = st.file_uploader(
        "A picture of one digit", type=["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"], key="upload",
        max_upload_size=5,
    )  # fmt: skip
    if file is None:
        st.caption("Until a picture is here, a vector digit is shown.")
        return None
    try:
        name = cached.keep_upload(file.getvalue())
    except ImageRefused as refused:
        st.warning(f"{refused} A vector digit is shown instead.")
        return None
    st.caption(" ".join(cached.uploads()[name].notes))
    return "upload", name, "your picture"


def _choose_layer(network: str, settings: cached.Settings) -> str:
    layers = cached.layer_names(network, settings)
    wanted = st.session_state.get("layer")
    if wanted is not None and wanted not in layers:
        st.session_state["layer"] = _nearest_layer(wanted, layers)
    default = layers.index("conv2") if "conv2" in layers else 0
    return st.selectbox("Layer", layers, index=default, key="layer", **_URL)


def _nearest_layer(wanted: str, layers: list[str]) -> str:
    """The same depth if another network calls its layers otherwise, e.g. projection3 → conv3."""
    depth = wanted[-1]
    return next((layer for layer in layers if layer == f"conv{depth}"), layers[-1])
