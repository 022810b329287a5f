"""/maps without a browser: what the viewer gets of a layer, and the open map in the link."""

import base64
import zlib

import numpy as np
import pytest

from core.models import load
from pages.panels.layer import opened_map
from tests.pages.test_app import component, open_page, panels, sentences

LAYER, CHANNEL, PLACE = "conv2", 2, 1


@pytest.mark.parametrize(
    ("asked", "places", "shown"),
    [("3.2", 4, "3.2"), ("3", 4, "3.1"), ("3", 1, "3"), ("99.9", 4, "32.4"), ("0.0", 4, "1.1"), ("3.2", 1, "3")],
)
def test_an_open_map_is_one_that_there_is(asked, places, shown):
    parameter = opened_map(32, places)
    assert parameter.fit(parameter.parse(asked)) == shown
    assert parameter.fit(shown) == shown
    assert parameter.fit("") == ""


def pictures(stack: dict) -> list[np.ndarray]:
    """The first frame of every plane, as values."""
    levels = np.frombuffer(zlib.decompress(base64.b64decode(stack["levels"])), np.uint8)
    found, at = [], 0
    for plane in stack["planes"]:
        (h, w), (low, high) = plane["sizes"][0], plane["limits"]
        found.append(low + (high - low) * levels[at : at + h * w].reshape(h, w) / 254.0)
        at += sum(a * b for a, b in plane["sizes"])
    return found


def test_every_scale_comes_with_its_kernels():
    app = open_page("maps", map=f"{CHANNEL + 1}.{PLACE + 1}")
    assert not app.exception
    assert not app.warning
    (layer,) = panels(app, "layer")
    assert component(app, "equiscope_viewer")["opened"] == "3.2"
    assert [place["title"] for place in layer["places"]] == [f"σ = {s} px" for s in ("1.00", "1.26", "1.59", "2.00")]
    panel = layer["kernels"][PLACE]
    stacks = {stack["name"]: stack for stack in component(app, "equiscope_stack")["stacks"]}
    shown = pictures(stacks[panel["stack"]])[panel["planes"][CHANNEL]]
    kernel = load("sesn_vector").kernels()[LAYER][PLACE][CHANNEL, 0].detach().numpy()
    assert np.abs(shown - kernel).max() <= 1.01 * np.abs(kernel).max() / 254  # half a level of 254
    assert panel["text"].startswith("13×13 px")


@pytest.mark.parametrize(("asked", "told"), [("banana", "map = banana"), ("3.9", "map = 3.4")])
def test_a_map_that_there_is_not_becomes_a_sentence(asked, told):
    app = open_page("maps", map=asked)
    assert not app.exception
    assert told in sentences(app)


def test_a_layer_without_kernels_has_none():
    (layer,) = panels(open_page("maps", layer="relu2"), "layer")
    assert layer["kernels"] == []


@pytest.mark.parametrize(("network", "opened"), [("dss", ["open_deep=1"]), ("sesn_vector", [])])
def test_deep_scale_spaces_lead_to_their_levels(network, opened):
    links = [each.proto for each in open_page("maps", network=network).get("page_link")]
    told = [link.query_string for link in links if link.page.endswith("results")]
    assert told == opened
