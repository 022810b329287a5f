"""Under the bench: what was measured and learned, as the committed tables say, and a sentence where one is damaged."""

import pytest

from core.data.dynamic_scale_mnist import RANGES
from core.results.isr import read_isr_errors
from core.results.learned import read_learned_scales
from core.sentences import (
    compare_isrs,
    explain_error_against_isr,
    explain_error_over_scale,
    explain_learned_scales,
)
from core.tolerance import PUBLISHED_ISRS, published_fit
from pages.bench import learning, measured
from tests.pages.reading import plain
from tests.pages.scales_bench import run, said, table, warnings
from tests.pages.test_app import open_page
from tests.test_words import long_paragraphs

THEORY = {"open_theory": "1"}


@pytest.fixture(scope="module")
def whole():
    """The page with every part open; for tests that only look."""
    return open_page("scales", **{f"open_{part}": "1" for part in ("fit", "cost", "theory", "learned", "live")})


def test_the_sentences_are_those_of_the_tables(whole):
    app, errors = whole, read_isr_errors()
    fits = dict(zip(RANGES, published_fit(), strict=True))
    assert explain_error_against_isr(errors, fits) in said(app)
    assert explain_error_over_scale(errors[-1]) in said(app)
    learned = read_learned_scales()
    data = [name for name in RANGES if any(each.data == name for each in learned)][-1]
    assert explain_learned_scales([each for each in learned if each.data == data]) in said(app)
    assert len(app.get("plotly_chart")) == 4
    assert not app.warning


def test_another_range_shows_its_errors_and_is_in_the_link(open_scales_page):
    app, errors = open_scales_page(**THEORY), read_isr_errors()
    assert "measured_range" not in app.query_params
    app.session_state["measured_range"] = errors[0].data
    assert explain_error_over_scale(errors[0]) in said(run(app))
    assert app.query_params["measured_range"] in (errors[0].data, [errors[0].data])
    assert explain_error_over_scale(errors[1]) in said(open_scales_page(measured_range=errors[1].data))
    assert any("measured_range = 7" in each for each in warnings(open_scales_page(measured_range="7")))


def test_no_paragraph_is_long(whole):
    assert [long for each in (*whole.markdown, *whole.caption) for long in long_paragraphs(plain(each.value))] == []


def test_the_joint_fit_shows_one_tolerance_for_three_ranges(whole):
    app = whole
    assert "τ_tol = 0.459 octaves" in said(app)
    assert list(table(app, "Reference, ×")["Data scales, ×"]) == ["1 to 2.83", "1 to 4.76", "1 to 8"]


def test_the_isrs_of_the_thesis_stand_beside_ours_and_are_told_apart(whole):
    app, rows = whole, table(whole, "ISR, our fit")
    assert [float(isr) for isr in rows["ISR, our fit"]] == pytest.approx(
        [fit.isr for fit in published_fit()], abs=0.006
    )
    assert tuple(map(float, rows["ISR, printed in the thesis"])) == PUBLISHED_ISRS
    assert compare_isrs(dict(zip(RANGES, published_fit(), strict=True)), PUBLISHED_ISRS) in said(app)


@pytest.mark.parametrize("text", ["", "network,data\n", "network,data,seed,setting,data_scale,images,error\ntoy,1-8,x"])
def test_a_damaged_table_is_one_sentence_and_the_theory_stays(open_scales_page, monkeypatch, tmp_path, text):
    for module, name in ((measured, "TABLE"), (learning, "ERRORS_TABLE"), (learning, "EPOCHS_TABLE")):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        monkeypatch.setattr(module, name, tmp_path / f"{name}.csv")
    app = open_scales_page(**THEORY, open_learned="1")
    first, second = warnings(app)
    assert first.startswith("The measured table cannot be shown: ")
    assert second.startswith("The learned scales cannot be shown: ")
    assert first.count("\n") == second.count("\n") == 0
    assert "τ_tol = 0.459 octaves" in said(app)


def test_a_table_that_is_gone_is_one_sentence(open_scales_page, monkeypatch, tmp_path):
    monkeypatch.setattr(measured, "TABLE", tmp_path / "none.csv")
    (first,) = [text for text in warnings(open_scales_page(**THEORY)) if "measured" in text]
    assert first == "The measured table cannot be shown: none.csv is missing."
