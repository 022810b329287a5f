"""Weights of one size: link, state, numbers and Python agree, no page keeps those of other digits, gaps are told."""

import contextlib
import io

import numpy as np
import pytest
import torch

from core.checkpoints import FOLDERS
from core.data.glyphs import GLYPHS, glyph
from core.equivariance import compare, measure
from core.models import Shown, load
from core.results.differences import layer_differences
from pages.comparison.choose import measured_amounts
from pages.panels.taken_view import code_of
from pages.state.trained import trained_parameter
from tests.pages.reading import plain
from tests.pages.test_app import again, notes, open_page, panels, sentences, without_mnist  # noqa: F401
from tests.pages.test_compare_page import means
from tests.pages.test_errors_page import bars, charts, texts
from tests.pages.test_links import link_of

ONE, ALL = "one size", "all sizes"
AMOUNT, LAYER = 0.63, "conv2"
BOTH_WAYS = {"network": "cnn", "trained": "one-size", "other": "cnn"}


def error_of(trained_on: str, amount: float = AMOUNT) -> float:
    report = measure(load("cnn", trained_on=trained_on), glyph("3-round").render(0.7), [amount])
    return report.error[report.layers.index(LAYER), 0]


def told(app) -> list[tuple[str, float]]:
    """The digits of training and the error of each network on /commute."""
    return [(data["trained_on"], float(data["error"])) for _, data in notes(app) if "network" in data]


def amount_of(app) -> float:
    return app.session_state["view"].amount


def test_one_network_trained_two_ways_stands_beside_itself_and_follows_the_control():
    app = open_page("commute", **BOTH_WAYS)
    assert not app.exception
    assert not app.warning
    errors = {digits: pytest.approx(error_of(digits, amount_of(app)), abs=1e-4) for digits in (ONE, ALL)}
    assert told(app) == [(ONE, errors[ONE]), (ALL, errors[ALL])]
    headings = [square["heading"] for square in panels(app, "square")]
    assert headings == ["Plain CNN, trained on one size", "Plain CNN, trained on all sizes"]
    assert link_of(app) == BOTH_WAYS
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code_of(app.session_state["view"], LAYER), {})
    assert float(printed.getvalue()) == errors[ONE]
    app.session_state["trained"] = ALL
    assert told(again(app)) == [(ALL, errors[ALL]), (ONE, errors[ONE])]
    assert link_of(app) == {"network": "cnn", "other": "cnn"}


def test_the_choice_holds_on_every_page_and_in_its_numbers():
    app = open_page("start", trained="one-size")
    assert [data["trained_on"] for _, data in notes(app)] == [ONE, ONE]
    assert link_of(app) == {"trained": "one-size"}
    app.session_state["network"] = "cnn"
    app = again(app.switch_page("pages/maps.py"))
    error = pytest.approx(error_of(ONE, amount_of(app)), abs=1e-4)
    assert told(app) == [(ONE, error)]
    app = again(app.switch_page("pages/errors.py"))
    k = app.session_state["view"].amounts.index(amount_of(app))
    assert bars(app)[LAYER]["values"][k] == error
    assert link_of(app) == {"network": "cnn", "trained": "one-size"}
    app.session_state["trained"] = ALL
    assert bars(again(app))[LAYER]["values"][k] == pytest.approx(error_of(ALL, amount_of(app)), abs=1e-4)


def test_what_there_is_not_is_a_sentence_and_the_page_goes_on(monkeypatch, tmp_path):
    app = open_page("commute", network="cnn", trained="two-sizes", other="identity", other_trained="one-size")
    assert "`trained = two-sizes`, which there is not" in sentences(app)
    assert "`other_trained = one-size`, which there is not" in sentences(app)
    assert [digits for digits, _ in told(app)] == [ALL, ALL]
    monkeypatch.setitem(FOLDERS, ONE, tmp_path)
    app = open_page("commute", network="cnn", trained="one-size")
    assert sentences(app) == "Plain CNN has no weights trained on one size. It is shown as trained on all sizes."
    assert told(app) == [(ALL, pytest.approx(error_of(ALL, amount_of(app)), abs=1e-4))]
    assert link_of(app) == {"network": "cnn", "trained": "one-size"}  # another network may have them
    app = open_page("maps", network="identity", trained="one-size")
    assert sentences(app) == "Identity (control) is never trained. It is shown as it is."


def test_compare_takes_one_network_trained_two_ways():
    link = BOTH_WAYS | {"other_trained": "all-sizes", "count": "8", "size": "0.3"}
    parts = {"open_test_sizes": "1", "open_disagree": "1"}
    app = open_page("compare", **link, **parts)
    assert not app.exception
    assert not app.warning
    assert link_of(app) == link | parts
    digits = torch.cat([each.render(0.3) for each in GLYPHS[:8]])
    amounts = measured_amounts(app.session_state["view"], Shown("cnn"))
    expected = compare(*(measure(load("cnn", trained_on=each), digits, amounts) for each in (ONE, ALL)))
    found = layer_differences(expected)
    np.testing.assert_allclose(means(app), [each.mean for each in found.values()], atol=1e-3)
    assert "**Plain CNN, trained on all sizes commutes better**" in plain(texts(app))
    names = {trace.get("name") for trace in charts(app)[1]["data"]}
    assert names == {"Plain CNN, trained on one size", "Plain CNN, trained on all sizes"}
    button = next(each for each in app.button if (each.key or "").startswith("disagree_"))
    button.click()
    app = again(again(app).switch_page("pages/commute.py"))
    assert [digits for digits, _ in told(app)] == [ONE, ALL]


def test_any_text_or_value_becomes_digits_that_there_are():
    parameter = trained_parameter("key")
    assert [parameter.parse(parameter.text(digits)) for digits in FOLDERS] == list(FOLDERS)
    assert [parameter.fit(value) for value in (None, 3, "two sizes", ["one size"])] == [ALL] * 4
