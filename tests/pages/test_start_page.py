"""The start page: two networks of its own, put back to the size of the digit, under a handle that plays once."""

import numpy as np

from core.models import MODELS
from core.transforms import TRANSFORMS
from pages.hosting.server import ENTERED
from tests.pages.test_app import component, open_page, panels


def test_the_start_page_shows_both_networks_without_a_choice():
    app = open_page()
    assert not app.exception
    assert not app.warning
    assert [panel["id"] for panel in panels(app)] == ["tx", "cnn", "sesn_antialiased"]
    assert component(app, "equiscope_viewer")["plays_once"]
    image, *acts = panels(app, "act")
    assert not image["values"]
    handle = component(app, "equiscope_viewer")["handle"]
    for act, key in zip(acts, ("cnn", "sesn_antialiased"), strict=True):
        assert act["name"] == MODELS[key].title
        assert act["texts"] == [f"{100 * value:.1f} %" for value in act["values"]]
        assert len(act["values"]) == len(handle["amounts"])
        assert act["values"][handle["amounts"].index(1.0)] == 0
    plain, commutes = (np.array(act["values"]) for act in acts)
    assert commutes.max() < 0.12 < 0.5 < plain[[0, -1]].min()
    assert len(app.title[0].value.split()) <= 25


def test_a_link_with_an_amount_stands_still_and_the_title_asks_for_the_transform():
    app = open_page(transform="rotation", turn="30")
    assert not component(app, "equiscope_viewer")["plays_once"]
    assert app.title[0].value == TRANSFORMS["rotation"].question
    assert len({transform.question for transform in TRANSFORMS.values()}) == len(TRANSFORMS)


def test_the_button_for_a_digit_of_ones_own_asks_for_the_pad():
    app = open_page()
    (button,) = [each for each in app.button if each.label == "Draw your own"]
    del app.session_state[ENTERED]
    button.click().run()
    assert app.session_state["source"] == "draw"
    assert any("Nothing is drawn yet" in each.value for each in app.caption)
