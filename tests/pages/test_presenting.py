"""Present mode on the server: flag and saved views are parameters of the link, and charts read the flag."""

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from pages.hosting.server import ENTERED
from pages.state.presenting import NARROW, PRESENT, VIEWS

LEAST = 24  # pixels
LIST = "~vmaps~qdigit~e4~vabout"


def again(app: AppTest) -> AppTest:
    """The next run, through app.py."""
    del app.session_state[ENTERED]
    app.run()
    assert not app.exception
    return app


def chart_fonts(app: AppTest) -> list[list[int]]:
    """The sizes of type that each chart's layout names, in pixels."""
    layouts = [json.loads(chart.proto.spec)["layout"] for chart in app.get("plotly_chart")]
    return [[int(size) for size in re.findall(r'font": {"size": (\d+)', json.dumps(layout))] for layout in layouts]


def test_the_link_keeps_the_flag_and_the_list(open_page):
    app = open_page("about", present="1", views=LIST)
    assert (app.session_state[PRESENT.key], app.session_state[VIEWS.key]) == (True, LIST)
    assert app.query_params == {"present": "1", "views": LIST}
    assert not app.warning
    app.session_state[PRESENT.key] = False
    assert again(app).query_params == {"views": LIST}


def test_usual_links_are_without_them(open_page):
    app = open_page("about")
    assert app.query_params == {}
    assert (app.session_state[PRESENT.key], app.session_state[VIEWS.key]) == (False, "")


@pytest.mark.parametrize("views", ["nonsense", "~vnowhere", "~v~", "~vmaps" * 21, "~v" + "a" * 8192])
def test_a_list_that_cannot_be_read_is_one_sentence_and_is_dropped(open_page, views):
    app = open_page("about", views=views)
    assert [each.value.split(":")[0] for each in app.warning] == [
        "The saved views in the link cannot be read, so there are none"
    ]
    assert app.query_params == {}
    assert not again(app).warning


def test_charts_have_large_type_in_present_mode_only(open_page):
    app = open_page("scales", present="1", open_theory="1", open_learned="1")
    sizes = chart_fonts(app)
    assert len(sizes) >= 3
    assert all(len(each) > 8 and min(each) >= LEAST for each in sizes), sizes
    app.session_state[NARROW] = True  # a phone
    assert all(not each or min(each) < LEAST for each in chart_fonts(again(app)))
    app.session_state[NARROW], app.session_state[PRESENT.key] = False, False
    assert all(not each or min(each) < LEAST for each in chart_fonts(again(app)))


def test_the_cards_are_a_table_whose_type_grows(open_page):
    assert len(open_page("about", present="1").dataframe) == 0
    assert len(open_page("about").dataframe) == 1
