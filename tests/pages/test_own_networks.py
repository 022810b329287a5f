"""Networks of whoever started the server: on every page, in every menu, and a sentence where a page needs more."""

import sys

import pytest
import streamlit as st

from core.models import MODELS, remove_networks
from core.transforms import TRANSFORMS
from pages import PAGES
from pages.hosting import own_networks
from tests.models.test_own import GOOD
from tests.pages.reading import plain
from tests.pages.test_app import again, html, notes, open_page, sentences, without_mnist  # noqa: F401

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


@pytest.mark.parametrize("network", ["mine", "colours"])
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
