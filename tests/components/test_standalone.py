"""A figure as one HTML file: everything is in it, nothing is fetched, and no text of it ends a script."""

import json
import re

import numpy as np
import pytest

from components.stack_viewer import Handle, Maps, Row, viewer_data
from components.standalone import bench_file, viewer_file
from core.figures import Plane, stack

EVIL = "</script><script>alert(1)</script> & {braces}"
MEGABYTE = 2**20


@pytest.fixture
def maps():
    return stack([Plane(tuple(np.full((4, 4), s) for s in (0.25, 0.5)), (0.0, 1.0))])


@pytest.fixture
def data(maps):
    points = [(s, 0.0, 0.0, 0.0, s, 0.0) for s in (0.5, 1.0)]
    handle = Handle((0.5, 1.0), 1.0, (), 1.0, [(1.0, "1")], "Scale factor s", "s", "", log=True, points=points)
    return viewer_data(handle, [Row([Maps("x", EVIL, "a map", maps.name)])])


def told(page: str) -> dict:
    """What the script of a file draws from."""
    return json.loads(re.search(r'<script type="application/json" id="told">(.*?)</script>', page, re.DOTALL)[1])


def test_a_file_holds_the_data_and_every_stack_once(data, maps):
    found = told(viewer_file(data, [maps, maps], "A title", "n = 1"))
    assert found["figure"] == "viewer"
    assert found["data"] == json.loads(json.dumps(data))
    assert [each["name"] for each in found["stacks"]] == [maps.name]
    assert found["stacks"][0]["levels"] == maps.levels


def test_no_text_ends_a_script_or_adds_an_element(data, maps):
    page = viewer_file(data, [maps], EVIL, EVIL)
    assert page.count("<script") == page.count("</script>") == 2
    assert told(page)["data"]["rows"][0]["panels"][0]["title"] == EVIL


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_file_fetches_nothing_and_is_small(data, maps, theme):
    for page in (viewer_file(data, [maps], "A", "b", theme), bench_file({"axis": [0.5, 17]}, "A", "b", theme)):
        outside = re.sub(r"http://www\.w3\.org/\d+/\w+", "", page)  # names of XML, which nobody fetches
        assert not re.search(r"https?:|\bimport\s*\(|\bfetch\s*\(|src=|@import", outside)
        assert "default-src 'none'" in page
        assert f"color-scheme: {theme}" in page
        assert len(page) < MEGABYTE
