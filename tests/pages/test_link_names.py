"""A name in a link means one control: two that share it would change each other when the link is opened."""

import pytest

from pages import PAGES
from pages.state.links import Parameter


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_two_controls_of_a_page_share_a_name(page, open_page, monkeypatch):
    keys: dict[str, set[str]] = {}

    def recorded(parameter: Parameter) -> str:
        name = parameter.name or parameter.key
        keys.setdefault(name, set()).add(parameter.key)
        return name

    monkeypatch.setattr(Parameter, "url_name", property(recorded))
    open_page(page.name)
    assert len(keys) > 5
    assert {name: found for name, found in keys.items() if len(found) > 1} == {}
