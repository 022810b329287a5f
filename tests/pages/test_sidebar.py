"""The sidebar: few controls at first, nothing held unseen, and a menu of networks by group."""

import pytest

from core.models import GROUPS, MODELS


def fold(app):
    (found,) = app.sidebar.expander
    return found


def told(app) -> list[str]:
    return [each.value for each in app.sidebar.caption if each.value.startswith("Changed under More")]


def keys(block) -> set[str]:
    kinds = (block.radio, block.get("button_group"), block.selectbox, block.select_slider, block.slider)
    return {each.key for kind in kinds for each in kind}


def test_network_and_digit_stand_first_and_the_rest_is_folded(open_page):
    for page, layer_is_folded in (("about", True), ("maps", False)):
        app = open_page(page)
        folded = keys(fold(app))
        menu = {f"network_{group}" for group in GROUPS}
        assert folded >= {"hand", "size", "transform", "resampler", "scales", "range"}
        assert keys(app.sidebar) - folded - menu == {"trained", "source", "digit"} | ({"layer"} - folded)
        assert ("layer" in folded) == layer_is_folded
        assert told(app) == []


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"hand": "slanted", "size": "0.5"}, "hand slanted, size 0.5"),
        ({"resampler": "exact", "transform": "scale"}, "resampler exact"),
        ({"transform": "rotation", "range": "unit"}, "transform rotation, range unit"),
        ({"layer": "conv3"}, "layer conv3"),
        ({"source": "draw", "hand": "slanted"}, ""),  # that hand draws nothing now
    ],
)
def test_what_a_link_changes_in_the_fold_is_told_below_it(open_page, link, said):
    assert told(open_page("about", **link)) == ([f"Changed under More: {said}."] if said else [])


def test_other_internal_scales_are_told_outside_the_fold(open_page):
    app = open_page("about", scales="chosen", sigma="1.5")
    (notice,) = [each for each in app.sidebar.info if "Now σ = 1.50" in each.value]
    assert notice.value not in [each.value for each in fold(app).info]


def test_the_menu_has_every_network_once_with_a_line_in_its_group(open_page):
    app = open_page("about", network="disco")
    menu = {group: app.radio(key=f"network_{group}") for group in GROUPS if group != "yours"}
    for group, radio in menu.items():
        networks = [spec for spec in MODELS.values() if spec.group == group]
        assert list(radio.options) == [spec.title for spec in networks]
        assert list(radio.proto.captions) == [spec.summary for spec in networks]
    assert [radio.value for radio in menu.values()] == [None, "disco", None, None, None, None]
    menu["learned scales"].set_value("scale_learning_isr").run()
    assert app.session_state["network"] == "scale_learning_isr"


def test_a_summary_is_one_line():
    for key, spec in MODELS.items():
        assert 20 < len(spec.summary) <= 90, key
        assert spec.summary.count(".") == 1, key
        assert spec.summary.endswith("."), key
