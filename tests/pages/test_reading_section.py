"""What a choice of scales does to reading, on /scales: the numbers of core, for the scales on the bench."""

import pytest

from core import checkpoints
from core.models import configuration
from core.results.reading_by_size import read_scales
from core.scales import ScaleSet
from core.sentences import tell_reading
from pages.bench.reading import _why_not
from pages.results.digits import source_is_here
from tests.pages.reading import plain
from tests.pages.scales_bench import press, run, said
from tests.pages.test_errors_page import charts, numbers

OWN = configuration("sesn_vector").internal_scales
STEP = OWN[1] / OWN[0]


def read_to_the_end(app) -> None:
    """Run after run, as the page asks for in a browser."""
    for _ in range(50):
        if app.session_state["tol_read"].ended:
            return
        run(app)
    raise AssertionError("reading does not end")


@pytest.fixture
def app(open_scales_page, monkeypatch):
    monkeypatch.setenv("EQUISCOPE_MNIST", "/nowhere")
    source_is_here.clear()
    yield open_scales_page(network="sesn_vector", open_reading="1", tol_scales="0.55")
    source_is_here.clear()


def test_the_figure_follows_the_bench_with_the_numbers_of_core(app):
    press(app, "smaller")
    read_to_the_end(app)
    (figure,) = charts(app)
    wanted = read_scales("sesn_vector", ScaleSet((OWN[0] / STEP, *OWN)), "vector")
    drawn = {trace["name"]: numbers(trace["y"]) for trace in figure["data"] if trace["yaxis"] == "y2"}
    for name, errors in (("as trained", wanted.trained_errors), ("as chosen", wanted.chosen_errors)):
        assert drawn[name] == pytest.approx([max(0.2, each.mean) for each in errors])
    assert plain(tell_reading(wanted)) in said(app)
    assert "n = 40 vector digits" in said(app)
    title = next(each["text"] for each in figure["layout"]["annotations"] if each.get("name") == "signature")
    assert "chosen σ = 0.79, 1.00, 1.26, 1.59, 2.00 px" in title.replace("<br>", " ")
    press(app, "own")
    read_to_the_end(app)
    assert "No difference found** at any size" in said(app)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("cnn", "has no internal scales"),
        ("scale_learning_isr", "has no internal scales"),
        ("random_sesn", "not trained"),
    ],
)
def test_a_network_that_cannot_be_asked_has_a_sentence(key, why):
    assert why in _why_not(key)
    assert not _why_not("sesn_vector")


def test_without_weights_of_one_size_there_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setitem(checkpoints.FOLDERS, "one size", tmp_path)
    assert "no weights that were trained on digits of one size" in _why_not("sesn_vector")
