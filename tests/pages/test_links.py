"""Parameters of the URL: text and value agree, anything may come in, and a session's own values come first."""

import math

import pytest
from streamlit.testing.v1 import AppTest

from pages.hosting.server import ENTERED
from pages.state.links import Parameter, choice, flag, nearest, number, number_or_word

STEPS = (0.5, 0.71, 1.0, 1.41, 2.0)
KINDS = {
    "choice": (choice("key", ["a", 3, None], "a"), ["a", 3, None]),
    "flag": (flag("key"), [True, False]),
    "number": (number("key", 0.5, 2.5, 1.0), [0.5, 1.25, 2.5]),
    "whole": (number("key", 0, 9999, 0), [0, 17, 9999]),
    "word": (number_or_word("key", "strongest", 0, 31), ["strongest", 0, 31]),
    "nearest": (nearest("key", STEPS, 1.0), STEPS),
}
NONSENSE = ["", " ", "nan", "<script>", "1e999", "-inf", "9" * 5000, "1-", "--", "🖐", "None", "1,5", "0x10", "\n\n# a"]


@pytest.mark.parametrize("kind", KINDS)
def test_text_and_value_agree(kind):
    parameter, values = KINDS[kind]
    for value in values:
        assert parameter.parse(parameter.text(value)) == value
        assert parameter.fit(value) == value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", NONSENSE)
def test_any_text_is_refused_or_becomes_a_possible_value(kind, text):
    parameter, _ = KINDS[kind]
    try:
        value = parameter.fit(parameter.parse(text))
    except (ValueError, OverflowError):
        return
    assert parameter.fit(value) == value
    assert parameter.parse(parameter.text(value)) == value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [None, "x", 1e9, -1e9, (1, 2, 3), (9.0, 9.0)])
def test_any_value_of_the_session_is_made_possible(kind, value):
    parameter, _ = KINDS[kind]
    fitted = parameter.fit(value)
    assert parameter.parse(parameter.text(fitted)) == fitted


def test_numbers_are_clamped_and_keep_their_decimals():
    parameter = number("key", 0.5, 2.5, 1.0)
    assert [parameter.fit(parameter.parse(text)) for text in ("-7", "1.234567", "99")] == [0.5, 1.23, 2.5]
    assert math.isclose(nearest("key", STEPS, 1.0).parse("1.3"), 1.41)


def run(app: AppTest) -> AppTest:
    """The next run, through app.py (AppTest by itself would run the page alone from the second time on)."""
    del app.session_state[ENTERED]
    app.run()
    assert not app.exception
    return app


def link_of(app: AppTest) -> dict[str, str]:
    """The parameters of the URL; AppTest gives a list for one that it was told, a text for one that the app wrote."""
    return {name: text if isinstance(text, str) else text[-1] for name, text in app.query_params.items()}


def warnings(app: AppTest) -> str:
    return " ".join(each.value for each in app.warning)


ERRORS_LINK = {
    "transform": "translation", "count": "8", "digits": "this", "other": "identity", "network": "random_cnn",
}  # fmt: skip


def test_the_controls_of_the_error_page_are_in_the_link(open_page):
    app = open_page("errors", **ERRORS_LINK)
    assert not app.warning
    assert (app.session_state["transform"], app.session_state["errors_count"]) == ("translation", 8)
    assert app.selectbox(key="errors_other").value == "identity"
    assert link_of(app) == ERRORS_LINK


def test_controls_of_one_page_survive_another(open_page):
    app = open_page("errors", **ERRORS_LINK)
    for name in ("count", "digits", "other"):  # as the browser does on the way to another page
        del app.query_params[name]
    run(app.switch_page("pages/about.py"))
    assert link_of(app) == {"network": "random_cnn", "transform": "translation"}
    run(app.switch_page("pages/errors.py"))
    assert app.selectbox(key="errors_other").value == "identity"
    assert link_of(app) == ERRORS_LINK


def test_an_old_address_does_not_undo_what_the_session_shows(open_page):
    app = open_page("about", network="cnn")
    app.query_params["network"] = "disco"  # as Back brings it
    run(app)
    assert app.session_state["view"].network == "cnn"
    assert link_of(app) == {"network": "cnn"}


def test_what_the_compared_network_cannot_be_is_replaced(open_page):
    app = open_page("errors", network="cnn", other="cnn")
    assert "`other = cnn`" in warnings(app)
    assert app.session_state["errors_other"] != "cnn"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [({"s": "99"}, "s = 2"), ({"s": "0.1"}, "s = 0.5"), ({"size": "7"}, "size = 1"), ({"isr": "0"}, "isr = 1.1"),
     ({"mnist": "10000"}, "mnist = 9999"), ({"n_scales": "-2"}, "n_scales = 1")],
)  # fmt: skip
def test_a_number_out_of_range_is_corrected_with_both_values(open_page, asked, shown):
    app = open_page("about", **asked)
    ((name, text),) = asked.items()
    assert f"`{name} = {text}` → `{shown}`" in warnings(app)
    assert link_of(app) == {name: shown.split()[-1]}
    assert not run(app).warning  # said once


def test_a_network_without_a_sigma_of_its_own_leaves_the_link_short(open_page):
    """The usual internal scales are the same for every network, else a link would depend on the way to it."""
    app = open_page("about", network="dss", scales="chosen")
    assert link_of(app) == {"network": "dss", "scales": "chosen"}
    again = open_page("about", **link_of(app))
    assert again.session_state["view"] == app.session_state["view"]


def test_an_upload_that_is_elsewhere_is_said_until_another_digit_is_chosen(open_page):
    link = {"source": "upload", "upload": "0123456789ab"}
    app = open_page("about", **link)
    assert "upload = 0123456789ab" in warnings(app)
    assert app.session_state["view"].digit.source == "vector"
    assert link_of(run(app)) == link
    app.session_state["source"] = "vector"
    assert link_of(run(app)) == {}
    assert not app.warning


@pytest.mark.parametrize("text", ["../../etc/passwd", "0123", "0123456789AB", "x" * 5000])
def test_an_upload_that_no_file_can_have_is_ignored(open_page, text):
    app = open_page("about", source="upload", upload=text)
    assert "which there is not" in warnings(app)
    assert link_of(app) == {"source": "upload"}


def test_parameters_of_others_stay(open_page):
    app = open_page("about", campaign="spring", digit="4")
    app.session_state["digit"] = 5
    assert link_of(run(app)) == {"campaign": "spring", "digit": "5"}


def test_a_parameter_may_have_another_name_in_the_url():
    assert Parameter("key", 0, int).url_name == "key"
    assert flag("key", name="short").url_name == "short"
