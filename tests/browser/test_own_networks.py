"""Networks of one's own in a browser: a photograph in its colours, and the heat map of a network of one layer."""

import numpy as np
import pytest
from onnx import helper

from core.data.colour_photographs import colour_photograph
from tests.browser.running import running_app
from tests.browser.tabs import Complaints
from tests.foreign.making import file_of
from tests.thorough import rest

pytestmark = pytest.mark.browser

NETWORKS = """
from torch import nn
networks = {"colours": nn.Sequential(nn.Conv2d(3, 4, 5, padding=2), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 32**2, 7))}
"""
PIXELS = """canvas => {
    const {data, width, height} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return {size: [height, width], data: [...data]};
}"""
BOXES = """() => {
    const box = part => document.querySelector(`.js-plotly-plot ${part}`).getBoundingClientRect();
    return {cells: box(".heatmaplayer").bottom, axis: box(".xtitle").bottom, bar: box(".cbfills").top};
}"""


@pytest.fixture(scope="module")
def own_server(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("own_networks")
    file = folder / "my_networks.py"
    file.write_text(NETWORKS, encoding="utf-8")
    with running_app(root, folder, EQUISCOPE_NETWORKS=str(file)) as server:
        yield server


@pytest.mark.parametrize("edge", rest(["masked", "mirrored"], "mirrored"))
def test_a_photograph_has_its_colours_and_keeps_them_under_the_handle(own_server, tabs, settle, edge):
    """To a level of the 255, of red, green and blue alike; the map below has the colours of its sign."""
    with tabs.open(own_server, Complaints()) as page:
        page.goto(f"/commute?network=colours&source=photograph&photograph=coffee&edge={edge}&s=1")
        settle(page)
        page.locator(".viewer[data-ready=true]").wait_for()
        expected = 255 * colour_photograph("coffee.jpg", 32)[0].permute(1, 2, 0).numpy()
        for panel in ("x", "tx"):
            assert np.abs(colours(page, panel) - expected).max() <= 2
        page.get_by_role("slider", name="Scale factor s").press("Home")
        small = colours(page, "tx")
        assert np.abs(colours(page, "x") - expected).max() <= 2
        assert (small[0, 0].sum() > 30) == (edge == "mirrored")
        middle = small[8:24, 8:24]
        coarse = expected.reshape(16, 2, 16, 2, 3).mean((1, 3))
        assert np.abs(middle - coarse).mean() < 6
        assert (middle.max(2) - middle.min(2)).mean() > 20  # it is not grey
        button = page.get_by_role("button", name="the image, a photograph of a cup of coffee")
        button.hover()
        assert "red, green, blue" in page.locator("figure", has=button).inner_text()


def colours(page, panel: str) -> np.ndarray:
    """(h, w, 3) as the browser draws it."""
    found = page.locator(f"canvas[data-panel={panel}]").evaluate(PIXELS)
    return np.array(found["data"], dtype=float).reshape(*found["size"], 4)[..., :3]


@pytest.mark.parametrize("layers", rest([1, 2], 1))
def test_the_colour_bar_lies_below_the_heat_map_of_few_layers(page, visit, settle, layers):
    visit("/yours?example=0")
    page.locator("input[type=file]").first.set_input_files({
        "name": "mine.onnx", "mimeType": "application/octet-stream", "buffer": of_layers(layers)
    })  # fmt: skip
    page.locator(".js-plotly-plot .cbfills").first.wait_for()
    settle(page)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        settle(page)
        boxes = page.evaluate(BOXES)
        assert boxes["cells"] < boxes["axis"] <= boxes["bar"], boxes


def of_layers(count: int) -> bytes:
    """An ONNX file of so many convolutions."""
    nodes = [helper.make_node("Conv", [f"x{k}", "w"], [f"x{k + 1}"], f"conv{k}", pads=[1] * 4) for k in range(count)]
    nodes[0].input[0], nodes[-1].output[0] = "x", "y"
    return file_of(nodes, {"w": np.ones((1, 1, 3, 3), np.float32)}, (1, 1, 28, 28))
