"""The app as a visitor meets it, without a browser: every page, every network, links and uploads gone wrong."""

import io
import json
import zlib
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from core import checkpoints
from core.models import MODELS
from core.scales import ScaleSet
from core.transforms import TRANSFORMS
from pages import PAGES
from pages.hosting.server import ENTERED
from tests.pages.reading import plain
from tests.thorough import rest
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def without_mnist(monkeypatch, tmp_path):
    monkeypatch.setenv("EQUISCOPE_MNIST", str(tmp_path))


def open_page(page: str = "start", **link: str) -> AppTest:
    app = AppTest.from_file(ROOT / "app.py", default_timeout=PATIENCE)
    app.switch_page(f"pages/{page}.py")
    for key, value in link.items():
        app.query_params[key] = value
    return app.run()


def again(app: AppTest) -> AppTest:
    """Another run of the app; AppTest by itself would run the page alone from the second time on."""
    del app.session_state[ENTERED]
    return app.run()


def sentences(app: AppTest) -> str:
    return " ".join(str(each.value) for each in (*app.warning, *app.error, *app.info))


def html(app: AppTest) -> str:
    return " ".join(plain(each.proto.body) for each in app.get("html"))


def component(app: AppTest, name: str) -> dict:
    """What one of our components was given."""
    (found,) = [each.proto for each in app.get("bidi_component") if each.proto.component_name == name]
    return json.loads(found.json)


def parts(given: object, kind: str) -> list[dict]:
    """Every part of a kind, however deep it lies, from above and from the left."""
    if isinstance(given, dict):
        inside = [found for each in given.values() for found in parts(each, kind)]
        return [given, *inside] if given.get("kind") == kind else inside
    return [found for each in given for found in parts(each, kind)] if isinstance(given, list) else []


def panels(app: AppTest, kind: str = "maps") -> list[dict]:
    return parts(component(app, "equiscope_viewer")["rows"], kind)


def notes(app: AppTest) -> list[tuple[str, dict[str, str]]]:
    """What the viewer says where its handle stands, with the numbers for programs."""
    handle = component(app, "equiscope_viewer")["handle"]
    k = handle["amounts"].index(handle["amount"])
    return [(f"{each['lead']} {each['text'][k]}", each["data"][k]) for each in panels(app, "note") if each["data"]]


def said(app: AppTest) -> str:
    return " ".join(text for text, _ in notes(app))


SHOWN = {  # by page, where not all
    "start": ("cnn", "dss"),  # it shows networks of its own, whichever is chosen
    "learn": ("cnn", "dss"),  # what the pages show whose figures it has
    "_results": ("cnn",),  # all of them
    "yours": ("cnn",),  # that of a file
    "compare": ("cnn", "fourier", "identity"),  # /errors measures them all; these have layers of their own
}
FEW = {"errors": {"digits": "this"}, "compare": {"count": "8", "other": "sesn_vector"}}  # many take some seconds


DRAWN = [(page.name, key) for page in PAGES for key in SHOWN.get(page.name, MODELS)]
OFTEN = [case for case in DRAWN if case[1] in ("cnn", "sesn_vector", "so2_cnn", "identity")]


@pytest.mark.parametrize("drawn", rest(DRAWN, *OFTEN), ids="-".join)
def test_every_page_draws_every_network(monkeypatch, drawn):
    """At few amounts: all of them take some networks seconds."""
    monkeypatch.setattr(TRANSFORMS["scale"], "handle_amounts", (0.5, 0.63, 1.0, 1.26, 2.0))
    page, network = drawn
    app = open_page(page, network=network, **FEW.get(page, {}))
    assert not app.exception
    assert len(app.title) == 1
    assert app.session_state["view"].network == network


@pytest.mark.parametrize("page", ["start", "commute", "maps", "errors"])
@pytest.mark.parametrize("key", TRANSFORMS)
def test_every_page_that_shows_a_transform_offers_each(page, key):
    transform = TRANSFORMS[key]
    amount = {transform.parameter: str(transform.curve_amounts[-2])}
    app = open_page(page, transform=key, network="so2_cnn", **amount)
    assert not app.exception
    assert not app.warning
    view = app.session_state["view"]
    assert (view.key, view.amount) == (key, pytest.approx(transform.curve_amounts[-2], abs=1e-4))
    assert {data["amount"] for _, data in notes(app)} == {f"{view.amount:g}"}
    handle = component(app, "equiscope_viewer")["handle"]
    assert (handle["label"], handle["unit"], handle["amount"]) == (transform.label, transform.unit, view.amount)
    if page != "start":  # whose handle says it
        assert transform.told(view.amount) in said(app)


def test_the_number_under_the_handle_is_that_of_the_sentence():
    for key, transform in TRANSFORMS.items():
        app = open_page(transform=key)
        k = component(app, "equiscope_viewer")["handle"]["amounts"].index(transform.usual)
        told = [f"{100 * float(data['error']):.1f} %" for _, data in notes(app)]
        assert [act["texts"][k] for act in panels(app, "act")[1:]] == told


def test_a_list_of_scales_is_taken_as_it_is_and_nonsense_becomes_a_sentence():
    app = open_page(scales="free", set="1-1.3-2.4")
    assert app.session_state["view"].scales == ScaleSet((1.0, 1.3, 2.4))
    assert "σ = 1.00, 1.30, 2.40 pixels" in sentences(app)
    app.session_state["scale_set"] = "1-one"
    assert again(app).session_state["view"].scales is None
    assert "must read like 1-1.26-1.59-2" in sentences(app)
    assert len(panels(app)) == 3
    nonsense = open_page(scales="free", set="two")
    assert "set = two" in sentences(nonsense)
    assert nonsense.session_state["view"].scales is None  # the list begins with the trained ones
    assert "trained on another set" not in sentences(nonsense)


@pytest.mark.parametrize("network", ["dss", "sesn_vector", "sicnn"])
def test_scales_that_take_minutes_to_build_are_refused_before_they_are_built(network):
    app = open_page(network=network, scales="chosen", sigma="16", isr="34", n_scales="8")
    assert not app.exception
    assert app.session_state["view"].scales is None
    assert "at most 16 pixels" in sentences(app)


def test_the_error_page_measures_turns_too():
    app = open_page("errors", network="so2_cnn", digits="this")
    app.session_state["transform"] = "rotation"
    app = again(app)
    assert not app.exception
    heatmap, curves, *_ = (json.loads(chart.proto.spec) for chart in app.get("plotly_chart"))
    for figure in (heatmap, curves):
        assert figure["layout"]["xaxis"]["title"]["text"] == "turn, degrees counter-clockwise"
    assert MODELS["so2_cnn"].title in " ".join(trace.get("name", "") for trace in curves["data"])


def test_every_picture_has_a_text_and_is_no_jpeg():
    app = open_page("maps")
    body = html(app)
    assert body.count("<img") == body.count('alt="') == body.count("data:image/png") == 4  # kernels
    assert all(panel["title"] and panel["text"] for panel in panels(app))


def test_at_factor_one_the_error_on_the_page_is_zero():
    app = open_page("commute", s="1", other="cnn")
    assert said(app).count("differs by 0.0 %") == 2  # both networks
    one = component(app, "equiscope_viewer")["handle"]["amounts"].index(1)
    assert [number["values"][one] for number in panels(app, "number")] == 2 * ["0.0 %"]
    start = open_page(s="1")
    assert [act["texts"][one] for act in panels(start, "act")[1:]] == 2 * ["0.0 %"]


def test_a_link_sets_every_control():
    link = {"network": "sesn_scalar", "digit": "7", "hand": "slanted", "size": "0.5", "layer": "projection2",
            "range": "global", "s": "1.41", "resampler": "ideal", "scales": "chosen", "sigma": "1.5", "isr": "3",
            "n_scales": "3"}  # fmt: skip
    app = open_page(**link)
    assert not app.exception
    assert not app.warning
    view = app.session_state["view"]
    assert (view.network, view.digit.name, view.digit.data_scale) == ("sesn_scalar", "7-slanted", 0.5)
    assert (view.layer, view.colour_range, view.resampler) == ("projection2", "global", "ideal")
    assert view.amount == pytest.approx(2**0.5, abs=1e-4)
    assert view.scales == ScaleSet.log_uniform(1.5, 3.0, 3)
    assert "trained on another set" in sentences(app)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("s", "99"), ("s", "nan"), ("s", "1e999"), ("network", "<script>"), ("digit", "-1"), ("layer", "conv99"),
        ("sigma", "abc"), ("n_scales", "2.5"), ("size", ""), ("hand", "🖐"), ("mnist", "10000"), ("range", "x" * 5000),
    ],
)  # fmt: skip
def test_a_bad_value_in_a_link_becomes_a_sentence(key, text):
    app = open_page(**{key: text})
    assert not app.exception
    assert f"{key} = {text[:40]}" in sentences(app)
    assert len(panels(app)) == 3
    again(app)
    assert "The link asks" not in sentences(app)  # said once


def test_several_bad_values_are_named_in_one_sentence():
    app = open_page(s="no", digit="no")
    assert len(app.warning) == 1


def png(image: Image.Image, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, **({"format": "PNG"} | options))
    return buffer.getvalue()


def huge_png() -> bytes:
    """20,000×20,000 pixels in 50 kB: the header and the rows are right."""
    rows = zlib.compress(bytes((20_000 // 8 + 1) * 20_000), 9)
    header = (20_000).to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def drawn(mode: str, ink, paper) -> Image.Image:
    image = Image.new(mode, (80, 100), paper)
    for y in range(20, 80):
        for x in range(38, 46):
            image.putpixel((x, y), ink)
    return image


UPLOADS = {
    "a text file": (b"this is no picture", False),
    "an empty file": (b"", False),
    "one pixel": (png(Image.new("L", (1, 1), 255)), False),
    "too large": (huge_png(), False),
    "cut off": (png(drawn("L", 0, 255))[:60], False),
    "16 bit": (png(Image.fromarray(np.array(drawn("L", 255, 0)).astype(np.uint16) * 257)), True),
    "CMYK": (png(drawn("CMYK", (0, 0, 0, 255), (0, 0, 0, 0)), format="JPEG"), True),
    "dark on light": (png(drawn("L", 0, 255)), True),
}


@pytest.mark.parametrize("kind", UPLOADS)
def test_an_upload_becomes_a_picture_or_a_sentence(kind):
    data, readable = UPLOADS[kind]
    app = open_page(source="upload")
    app.file_uploader(key="upload").upload("digit.png", data, "image/png")
    again(app)
    assert not app.exception
    assert len(panels(app)) == 3
    assert ("your picture" in panels(app)[0]["text"]) == readable
    if not readable:
        assert len(app.warning) == 1
        assert "A vector digit is shown instead" in app.warning[0].value
        assert "\n" not in app.warning[0].value


def test_mnist_is_offered_but_not_fetched_without_asking():
    app = open_page(source="mnist")
    assert not app.exception
    assert "not on this machine" in sentences(app)
    assert any("Download MNIST" in button.label for button in app.button)
    assert len(panels(app)) == 3


@pytest.mark.parametrize("page", ["start", "maps", "errors", "about"])
@pytest.mark.parametrize("harm", ["corrupt", "swapped", "missing"])
def test_a_bad_checkpoint_becomes_a_sentence(page, harm, tmp_path, monkeypatch):
    for path in checkpoints.FOLDER.glob("*-small.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    victim = "sesn_antialiased" if page == "start" else "sesn_vector"
    weights = tmp_path / f"{victim}-small.safetensors"
    if harm == "corrupt":
        data = bytearray(weights.read_bytes())
        data[len(data) // 2] ^= 255
        weights.write_bytes(bytes(data))
    elif harm == "swapped":
        weights.write_bytes((tmp_path / "cnn-small.safetensors").read_bytes())
    else:
        weights.unlink()
        weights.with_suffix(".json").unlink()
    read = checkpoints.read_card
    monkeypatch.setitem(checkpoints.FOLDERS, "all sizes", tmp_path)
    monkeypatch.setattr(checkpoints, "read_card", lambda key, size, folder=tmp_path: read(key, size, tmp_path))
    st.cache_resource.clear()
    st.cache_data.clear()
    try:
        app = open_page(page)
        assert not app.exception
        if page == "start":
            assert [panel["id"] for panel in panels(app)] == ["tx", "cnn"]  # the other network goes on
        if page != "about":
            assert victim in sentences(app)
    finally:
        st.cache_resource.clear()
        st.cache_data.clear()


@pytest.mark.parametrize("page", ["start", "commute", "maps"])
def test_every_map_of_the_viewer_is_sent_and_fits_the_handle(page):
    app = open_page(page, network="sesn_vector", scales="chosen", isr="3.1", other="fourier")
    handle, sent = component(app, "equiscope_viewer")["handle"], component(app, "equiscope_stack")
    stacks = {stack["name"]: stack for stack in sent["stacks"]}
    assert handle["amount"] in handle["amounts"]
    assert set(handle["steps"]) <= set(handle["amounts"])
    for panel in panels(app):
        for plane in panel["planes"]:
            assert len(stacks[panel["stack"]]["planes"][plane]["sizes"]) in (1, len(handle["amounts"]))
        for told in (panel["text"], panel["receptive"]):
            assert not isinstance(told, list) or len(told) == len(handle["amounts"])


def test_a_move_of_the_handle_sends_no_maps_again():
    app = open_page("commute")
    before = component(app, "equiscope_stack")
    app.session_state["s"] = 1.4142
    app = again(app)
    assert component(app, "equiscope_viewer")["handle"]["amount"] == 1.4142
    assert component(app, "equiscope_stack") == before


def test_panels_of_one_network_share_one_range():
    app = open_page("commute", network="cnn", range="layer")
    planes = component(app, "equiscope_stack")["stacks"][0]["planes"]
    ranges = {tuple(planes[panel["planes"][0]]["limits"]) for panel in panels(app) if panel["cmap"] == "diverging"}
    assert len(ranges) == 1
    ((low, high),) = ranges
    assert low == -high
    app = open_page("commute", network="cnn", range="unit")
    planes = component(app, "equiscope_stack")["stacks"][0]["planes"]
    assert len({tuple(planes[panel["planes"][0]]["limits"]) for panel in panels(app)}) > 3


def test_between_two_steps_the_page_says_so():
    app = open_page("commute", network="sesn_vector", s="1.12")
    (note,) = between(app)
    factors = component(app, "equiscope_viewer")["handle"]["amounts"]
    told = dict(zip(factors, note["text"], strict=True))
    assert "1.00 and 1.26" in told[1.1225]
    assert told[1.0] == told[1.2599] == told[2.0] == ""
    assert not between(open_page("commute", network="cnn"))


def between(app: AppTest) -> list[dict]:
    """The notes that are about no network."""
    return [note for note in panels(app, "note") if not note["data"]]


@pytest.mark.parametrize(
    ("page", "link", "legend", "difference"),
    [
        ("maps", {}, False, False),  # Φ(T x) alone
        ("commute", {"network": "cnn"}, False, False),
        ("commute", {"network": "sesn_vector"}, False, False),  # shows a scale that both sides know
        ("commute", {"network": "sesn_vector", "untransform": "1"}, True, True),
        ("commute", {"network": "sesn_vector", "scale": "1"}, True, True),  # at s = 2 it is beyond the axis
        ("commute", {"network": "sesn_vector", "scale": "1", "transform": "translation"}, False, False),
        ("commute", {"network": "fourier"}, True, True),  # has a mask near the edges
    ],
)
def test_grey_is_explained_where_something_can_be_grey(page, link, legend, difference):
    app = open_page(page, **link)
    assert not app.exception
    (said,) = [each.value for each in app.caption if each.value.startswith("Colours:")]
    assert ("grey not known" in said) == legend
    texts = [panel["text"] for panel in panels(app) if panel["id"] in ("difference", "rest")]
    assert [text.endswith(", grey where it is not known") for text in texts] == len(texts) * [difference]


def test_untransform_shows_what_comes_back():
    app = open_page("commute", untransform="1")
    assert [panel["id"] for panel in panels(app)] == ["x", "tx", "before", "undone", "rest", "after"]
    (square,) = panels(app, "square")
    assert (square["back"], square["below"]["symbol"]) == (True, "T′⁻¹")
    assert "T′⁻¹" in html(app)


def test_a_cost_that_is_not_known_is_not_told():
    """At s = 2 no scale of SI-ConvNet, 0.8 to 2 pixels, is known both there and back."""
    pages = [open_page("commute", network="si_convnet", layer="conv2", s=s) for s in ("2", "1.26")]
    assert ["there and back costs" in said(app) for app in pages] == [False, True]
    assert notes(pages[0])[0][1]["cost"] == "nan"
