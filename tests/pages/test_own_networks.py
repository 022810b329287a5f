"""Networks of whoever started the server: on every page, in every menu, and a sentence where a page needs more."""

import base64
import sys
import zlib

import numpy as np
import pytest
import streamlit as st

from core.data.colour_photographs import colour_photograph
from core.models import MODELS, remove_networks
from core.transforms import TRANSFORMS
from pages import PAGES
from pages.hosting import own_networks
from tests.models.test_own import GOOD
from tests.pages.reading import plain
from tests.pages.test_app import (  # noqa: F401
    again,
    component,
    html,
    notes,
    open_page,
    panels,
    sentences,
    without_mnist,
)
from tests.thorough import rest

LINKS = {  # what a page is asked for, so that it has everything open
    "commute": [{}, {"other": "colours"}, {"other": "cnn", "channel": "2"}],
    "maps": [{}, {"range": "global"}],
    "errors": [
        {"digits": "this", "open_many": "1", "other": "colours", "open_budget": "1", "open_lie": "1",
         "open_controls": "1"},
        {"transform": "rotation", "digits": "this"},
    ],
    "scales": [{"open_cost": "1", "open_reading": "1"}],
    "compare": [
        {"count": "8", "other": "colours", "open_cells": "1", "open_test_sizes": "1", "open_disagree": "1",
         "open_price": "1"},
        {"count": "8", "other": "cnn", "open_disagree": "1", "open_price": "1", "open_test_sizes": "1"},
    ],
    "yours": [{"example": "0"}],
}  # fmt: skip


@pytest.fixture
def started(monkeypatch, tmp_path):
    """started(text) starts the server anew with a file of networks."""

    def start(text: str) -> None:
        path = tmp_path / "my_networks.py"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("EQUISCOPE_NETWORKS", str(path))
        own_networks._read_once.cache_clear()

    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(TRANSFORMS["scale"], "handle_amounts", (0.5, 0.63, 1.0, 1.26, 2.0))
    yield start
    remove_networks()
    own_networks._read_once.cache_clear()
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.mark.parametrize("network", rest(["mine", "colours"], "colours"))
@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_every_page_shows_them_with_all_its_parts(started, page, network):
    started(GOOD)
    for link in LINKS.get(page, [{}]):
        other = {"other": "mine"} if network == "colours" and link.get("other") == "colours" else {}
        app = open_page(page, network=network, **(link | other))
        assert not app.exception, link
        told = [each.value for each in app.error]
        assert told == (["the two networks have no layer in common"] if page == "compare" and not alike(app) else [])
        assert app.session_state["view"].network == network
        assert "asks for" not in sentences(app)


IN_COLOUR = """
import torch
from torch import nn
torch.manual_seed(0)
def body(c):
    return [nn.Conv2d(c, 4, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1), nn.ReLU()]
networks = {
    "headed": nn.Sequential(*body(3), nn.Flatten(), nn.Linear(6 * 16 * 16, 10)),  # 32 pixels alone
    "any_size": nn.Sequential(*body(3)),
    "grey": nn.Sequential(*body(1), nn.Flatten(), nn.Linear(6 * 32 * 32, 10)),  # 64 pixels alone
}
"""


@pytest.mark.parametrize("edge", ["masked", "mirrored"])
@pytest.mark.parametrize(("network", "side"), [("headed", 32), ("any_size", 96)])
def test_a_photograph_is_shown_in_colour_before_and_after_the_transform(started, network, side, edge):
    started(IN_COLOUR)
    link = {"network": network, "source": "photograph", "photograph": "cat", "edge": edge, "layer": "3"}
    app = open_page("commute", **link)
    assert not app.exception
    assert not app.error
    assert not app.warning
    shown = {each["id"]: each for each in panels(app)}
    assert shown["x"]["text"] == "the image, a photograph of a cat"
    assert [shown[key]["in_colour"] for key in ("x", "tx", "before", "moved", "after")] == [True, True, *[False] * 3]
    found = images_of(app, shown["x"]), images_of(app, shown["tx"])
    amounts = component(app, "equiscope_viewer")["handle"]["amounts"]
    for planes in found:
        assert len(planes) == len(amounts)
        assert all(plane.shape == (3, side, side) for plane in planes)
    photograph = colour_photograph("chelsea.jpg", side)[0].numpy()
    assert np.abs(found[0][0] - photograph).max() < 1 / 254
    assert np.abs(found[1][amounts.index(1.0)] - photograph).max() < 1 / 254
    smallest = found[1][0]  # s = 0.5
    assert (smallest[:, 0, 0].sum() > 0) == (edge == "mirrored")
    assert np.abs(smallest.mean((1, 2)) - photograph.mean((1, 2)) / (1 if edge == "mirrored" else 4)).max() < 0.06
    if edge == "mirrored":
        assert not app.session_state["view"].digit.name.endswith("masked")
        assert "grey not known" not in " ".join(each.value for each in app.caption)


@pytest.mark.parametrize("page", ["start", "commute", "maps", "errors", "compare", "scales"])
@pytest.mark.parametrize("edge", rest(["masked", "mirrored"], "mirrored"))
def test_every_page_takes_a_photograph(started, page, edge):
    started(IN_COLOUR)
    for link in LINKS.get(page, [{}]):
        asked = link | {"network": "headed", "source": "photograph", "edge": edge}
        asked |= {"other": "any_size"} if link.get("other") == "colours" else {}
        app = open_page(page, **asked)
        assert not app.exception, link
        expected = []
        if "open_budget" in link:
            expected = ["A budget is measured of digits alone: beyond the edge of a photograph is no background."]
        if "open_lie" in link and edge == "mirrored":
            expected.append("Small changes are measured with a masked edge alone: choose it for the photograph.")
        if page == "compare" and app.session_state["compare_other"] == "cnn":
            expected = ["the two networks have no layer in common"]
        assert [each.value for each in app.error] == expected, link
        if page in ("start", "maps"):
            (image,) = [each for each in panels(app) if each["id"] == "tx"]
            assert image["in_colour"]
            assert len(set(image["planes"])) == 3
    if page == "commute":
        assert "Plain CNN takes grey images, and a photograph of an astronaut is in colour" in sentences(app)


def test_a_network_of_grey_images_is_shown_no_photograph(started):
    started(IN_COLOUR)
    app = open_page("commute", network="grey", source="photograph")
    assert not app.exception
    assert "Photographs are for networks of three channels; a digit is shown." in sentences(app)
    assert "Photograph" not in next(each for each in app.button_group if each.key == "source").options
    (x, *_) = panels(app)
    assert not x["in_colour"]
    assert images_of(app, x)[0].shape == (1, 64, 64)  # of its own canvas
    ink = images_of(app, x)[0][0] > 0.5
    rows = np.flatnonzero(ink.any(1))
    assert rows[-1] - rows[0] + 1 == pytest.approx(0.7 * 20 / 28 * 64, abs=4)  # as much of it as of 28 pixels


def test_exact_and_many_digits_are_drawn_on_its_canvas(started):
    started(IN_COLOUR)
    app = open_page("commute", network="grey", resampler="exact")
    assert not app.exception
    assert not app.error
    usual = open_page("commute", network="grey")
    exact, resampled = (images_of(each, panels(each)[0])[0] for each in (app, usual))
    assert exact.shape == (1, 64, 64)
    assert np.abs(exact - resampled).max() < 1 / 254
    app = open_page("errors", network="grey", digits="vector", open_many="1", count="8")
    assert not app.error
    assert not app.exception


def images_of(app, panel):
    """The frames of a panel as they were sent, (channel, h, w) each, in the unit of the image."""
    stacks = {each["name"]: each for each in component(app, "equiscope_stack")["stacks"]}
    described = stacks[panel["stack"]]
    raw, at, planes = zlib.decompress(base64.b64decode(described["levels"])), 0, []
    for plane in described["planes"]:
        frames = []
        for h, w in plane["sizes"]:
            frames.append(np.frombuffer(raw, np.uint8, h * w, at).reshape(h, w) / 254)
            at += h * w
        planes.append(frames)
    return [np.stack(frames) for frames in zip(*(planes[each] for each in panel["planes"]), strict=True)]


def alike(app) -> bool:
    """Whether two networks have a layer in common."""
    return "colours" not in {app.session_state["view"].network, app.session_state["compare_other"]}


def test_menu_sentences_and_links(started):
    started(GOOD)
    app = open_page("commute", network="colours", other="mine")
    radio = app.radio(key="network_yours")
    assert (list(radio.options), radio.value) == (["mine", "colours"], "colours")
    assert "the grey digit is repeated in each" in " ".join(each.value for each in app.sidebar.caption)
    said = " ".join(text for text, _ in notes(app))
    assert "colours" in said
    assert "it does not answer with ten classes, so it reads no digits" in said
    assert "reads x as" in said
    assert "mine" in next(each for each in app.selectbox if each.label == "Beside it").options
    assert app.query_params["network"] in ("colours", ["colours"])


NO_CLASSES = """
from torch import nn
networks = {"maps_only": nn.Sequential()}
networks["maps_only"].add_module("conv1", nn.Conv2d(1, 4, 5, padding=2))
networks["maps_only"].add_module("relu1", nn.ReLU())
"""


def test_compare_says_what_a_network_without_classes_has_not(started):
    started(NO_CLASSES)
    app = open_page("compare", network="maps_only", other="cnn", count="8", open_disagree="1", open_price="1")
    assert not app.exception
    assert not app.error
    said = plain(" ".join(each.value for each in app.main.markdown))
    assert "maps_only does not answer with ten classes, so it reads no digits." in said
    assert "104" in list(app.main.table[0].value["Parameters"])
    assert "0.1 million" in list(app.main.table[0].value["Multiply-adds an image"])


def test_a_server_without_them_says_so_of_a_link(monkeypatch):
    monkeypatch.delenv("EQUISCOPE_NETWORKS", raising=False)
    own_networks._read_once.cache_clear()
    app = open_page("commute", network="mine", networks="/etc/passwd", EQUISCOPE_NETWORKS="/etc/passwd")
    assert not app.exception
    assert "The link asks for `network = mine`, which there is not" in sentences(app)
    assert app.session_state["view"].network == "sesn_vector"
    assert "yours" not in [radio.label.lower() for radio in app.radio]
    assert not any(spec.is_own for spec in MODELS.values())


def test_an_error_in_the_file_is_one_sentence_and_the_app_goes_on(started, caplog):
    started("networks = {\n")
    app = open_page("maps")
    assert not app.exception
    said = [each.value for each in app.warning]
    assert said == [next(each for each in said if each.startswith("my_networks.py: line"))]
    assert "/" not in said[0]
    assert caplog.text.count("my_networks.py: line") == 1
    app = again(app)
    assert len(app.warning) == 1
    assert caplog.text.count("my_networks.py: line") == 1
