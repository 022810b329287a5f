"""The page of the commuting square: what its corner shows, and the probabilities that its ribbons draw."""

import numpy as np
import pytest
import torch

from core.data.glyphs import SizedGlyph, glyph
from core.models import MODELS, load
from core.resampling import rescale
from core.sentences import tell_first_errors
from core.transforms import TRANSFORMS
from tests.pages.test_app import component, open_page, panels

SENT = 5e-5  # a probability is sent with four decimals


def test_the_ribbons_are_the_softmax_of_the_network_at_every_amount():
    app = open_page("commute", network="cnn", other="sesn_vector", digit="8", hand="slanted")
    (figure,) = panels(app, "ribbons")
    amounts = component(app, "equiscope_viewer")["handle"]["amounts"]
    x = SizedGlyph(glyph("8-slanted"), 0.7).render()
    sentences = []
    for key, ribbon in zip(("cnn", "sesn_vector"), figure["ribbons"], strict=True):
        sent = np.array(ribbon["probabilities"])
        assert sent.shape == (len(amounts), 10)
        np.testing.assert_allclose(sent.sum(1), 1, atol=10 * SENT)
        with torch.no_grad():
            expected = load(key)(torch.cat([rescale(x, s) for s in amounts])).softmax(1).numpy()
            read = int(load(key)(x).argmax())
        np.testing.assert_allclose(sent, expected, atol=SENT + 1e-4)  # float32, in other batches
        digits = sent.argmax(1).tolist()
        sentences.append(tell_first_errors(MODELS[key].title, TRANSFORMS["scale"], amounts, digits, read))
        assert all(digits[frame] != read for frame in ribbon["marks"])
    assert figure["text"] == " ".join(sentences)
    assert len(figure["colours"]) == 10


@pytest.mark.parametrize(("other", "count"), [("none", 0), ("cnn", 1)])
def test_a_control_without_training_has_no_ribbon(other, count):
    app = open_page("commute", network="random_cnn", other=other)
    assert not app.exception
    figures = panels(app, "ribbons")
    assert [len(figure["ribbons"]) for figure in figures] == [1] * count


@pytest.mark.parametrize("mode", ["wipe", "flick", "difference"])
def test_the_link_chooses_how_the_corner_is_shown(mode):
    app = open_page("commute", other="cnn", corner=mode)
    assert [corner["mode"] for corner in panels(app, "corner")] == [mode] * 2
    assert app.session_state["commute_corner"] == mode
    assert app.query_params.get("corner") == (None if mode == "wipe" else mode)


def test_a_corner_that_there_is_not_is_told():
    app = open_page("commute", corner="fade")
    assert "corner = fade" in app.warning[0].value
    (corner,) = panels(app, "corner")
    assert corner["mode"] == "wipe"


@pytest.mark.parametrize("key", TRANSFORMS)
def test_the_square_is_drawn_for_every_transform(key):
    app = open_page("commute", transform=key, network="so2_cnn", other="cnn")
    one, other = panels(app, "square")
    for square, title in ((one, "so2_cnn"), (other, "cnn")):
        assert square["heading"] == MODELS[title].title
        assert [square[arrow]["symbol"] for arrow in ("above", "down", "below")] == ["T", "Φ", "T′"]
        assert square["above"]["words"] == TRANSFORMS[key].doing
        assert [panel["id"] for panel in square["top"]] == ["x", "tx"]
    frames = len(component(app, "equiscope_viewer")["handle"]["amounts"])
    assert all(len(corner["number"]["values"]) == frames for corner in panels(app, "corner"))


@pytest.mark.parametrize("undo", ["0", "1"])
def test_a_network_that_changes_its_canvas_has_a_square_too(undo):
    """Its T′⁻¹Φ(T x) may end on another grid than Φ(x), so that their difference is not known."""
    app = open_page("commute", network="fourier", untransform=undo)
    assert not app.exception
    assert not app.warning
    assert len(panels(app, "square")) == 1
