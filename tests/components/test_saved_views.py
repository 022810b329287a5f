"""Saved views: the server reads the text that the browser writes, and refuses nonsense."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from components.presenting import Report, read_report
from components.presenting.views import read_views

AGREED = json.loads((Path(__file__).parent / "views.json").read_text("utf-8"))
PAGES = AGREED["pages"]


@pytest.mark.parametrize(("views", "text"), AGREED["right"])
def test_it_reads_what_the_browser_writes(views, text):
    found = read_views(text, PAGES)
    assert [view.page + ("?" + view.query if view.query else "") for view in found] == views
    assert quote(text) == text  # so that the address is as short as the text


@pytest.mark.parametrize("text", [*AGREED["wrong"], "~vnowhere", "~vmaps~v../etc"])
def test_it_refuses_nonsense(text):
    with pytest.raises(ValueError, match="expected"):
        read_views(text, PAGES)


def test_it_keeps_to_the_limits():
    assert len(read_views("~vmaps" * 20, PAGES)) == 20
    with pytest.raises(ValueError, match="21"):
        read_views("~vmaps" * 21, PAGES)
    view = "~vmaps~qdrawing~e"
    assert read_views(view + "1" * (8192 - len(view)), PAGES)
    with pytest.raises(ValueError, match="8192"):
        read_views(view + "1" * (8192 - len(view) + 1), PAGES)


def test_parameters_are_those_of_the_link():
    (view,) = read_views("~verrors~qname~ea~p2Cb~sc~aother~e", PAGES)
    assert view.parameters == {"name": "a,b c", "other": ""}


def test_a_report_is_read():
    told = {"id": "a-1", "present": True, "wide": False, "open": "~vmaps", "edited": False}
    assert read_report(told) == Report(present=True, wide=False, open="~vmaps", edited=False)


@pytest.mark.parametrize(
    "told",
    [None, "on", [], {}, {"present": 1, "wide": True, "open": "", "edited": False},
     {"present": True, "wide": True, "open": None, "edited": False}],
)  # fmt: skip
def test_anything_else_is_no_report(told):
    assert read_report(told) is None
