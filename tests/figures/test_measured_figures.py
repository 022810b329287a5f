"""Theory against measurement: the figures draw the table, and the sentences say what it holds, agreeing or not."""

import numpy as np
import pytest

from core.figures import plot_error_against_isr, plot_error_over_scale, plot_joint_fits
from core.results.isr import IsrErrors
from core.results.learned import LearnedScales
from core.scales import ScaleSet
from core.sentences import explain_error_against_isr, explain_error_over_scale, explain_learned_scales
from core.tolerance import ToleranceModel, published_fit

ISRS = (2.0, 4.0, 8.0)


def measured(data, mean, seeds=(-0.1, 0.1), images=10_000):
    error = np.array(mean)[:, None] + np.array(seeds)
    over_scale = error[..., None] * np.array([4.0, 1.0, 2.0])
    return IsrErrors(data, ISRS, (0, 1), images, error, (0.5, 1.0, 8.0), 1_000, over_scale)


def fit(isr):
    return ToleranceModel(1.0, isr, 3, 0.459)


NARROW, WIDE = measured("1-2.83", (2.0, 3.0, 4.0)), measured("1-8", (5.0, 4.0, 3.0))


def test_lines_are_means_and_their_bars_reach_every_seed():
    figure = plot_error_against_isr([NARROW, WIDE], {"1-2.83": fit(2.5), "1-8": fit(6.0)})
    narrow, fitted, wide, _ = figure.data
    np.testing.assert_allclose(narrow.y, (2, 3, 4))
    np.testing.assert_allclose(wide.y, (5, 4, 3))
    np.testing.assert_allclose(narrow.error_y.array, 0.1)
    np.testing.assert_allclose(narrow.error_y.arrayminus, 0.1)
    assert set(fitted.x) == {2.5}
    assert figure.layout.xaxis.type == "log"
    assert "%" in figure.layout.yaxis.title.text


def test_one_line_for_each_isr_over_data_scale():
    figure = plot_error_over_scale(WIDE)
    assert [line.name for line in figure.data] == ["ISR 2", "ISR 4", "ISR 8"]
    np.testing.assert_allclose(figure.data[2].y, (12.0, 3.0, 6.0))
    np.testing.assert_allclose(figure.data[2].x, (0.5, 1, 8))
    shaded = figure.layout.shapes[0]
    assert (shaded.x0, shaded.x1) == (1.0, 8.0)


def test_joint_fits_have_a_panel_each_and_the_density_of_the_model():
    fits = dict(zip(("1-2.83", "1-4.76", "1-8"), published_fit(), strict=True))
    figure = plot_joint_fits(fits)
    mixtures = [line for line in figure.data if line.name == "all internal scales"]
    assert len(mixtures) == 3
    for line, model in zip(mixtures, fits.values(), strict=True):
        np.testing.assert_allclose(line.y, model.density(np.array(line.x)))
    assert [a.text for a in figure.layout.annotations] == ["1 to 2.83 ×", "1 to 4.76 ×", "1 to 8 ×"]


def test_the_sentence_says_what_agrees():
    text = explain_error_against_isr([NARROW, WIDE], {"1-2.83": fit(2.2), "1-8": fit(7.0)})
    assert "the lowest mean error, 2.00 %, is at ISR **2** (seed by seed: 2, 2; within two standard errors" in text
    assert "the lowest mean error, 3.00 %, is at ISR **8**" in text
    assert "A wider range of data scales wants a larger ISR, as the theory says: 8 for 1 to 8 against 2" in text
    assert "Each fitted ISR lies among those" in text
    assert "disagree" not in text
    assert "The fits are 1.10, 0.88 times the best measured ISRs." in text
    assert "the worst ISR for 1 to 2.83 raises the error from 2.0 to 4.0 % only." in text


def test_a_fit_that_asks_for_more_everywhere_is_told():
    text = explain_error_against_isr([NARROW, WIDE], {"1-2.83": fit(2.2), "1-8": fit(8.8)})
    assert "In every range the fit asks for more than the best measured ISR (1.10, 1.10 times it)." in text
    text = explain_error_against_isr([NARROW, WIDE], {"1-2.83": fit(1.8), "1-8": fit(7.2)})
    assert "In every range the fit asks for less than the best measured ISR (0.90, 0.90 times it)." in text


def test_the_sentence_says_what_does_not_agree():
    values = explain_error_against_isr([NARROW, WIDE], {"1-2.83": fit(4.1), "1-8": fit(7.0)})
    assert "**Theory and measurement disagree on the value** for 1 to 2.83 (fit 4.10, measured 2)." in values
    order = explain_error_against_isr([WIDE, NARROW], {"1-2.83": fit(2.2), "1-8": fit(7.0)})
    assert "**Here theory and measurement disagree**: the best ISR for 1 to 2.83, 2, is not larger" in order


def test_the_ends_of_the_range_are_told():
    text = explain_error_over_scale(WIDE)
    assert "At the large end of the range (8.00×) ISR 2 misreads 10.0 % and ISR 8 6.0 %" in text
    assert "at its small end (1.00×) they misread 5.0 and 3.0 %" in text
    assert "at 0.50× to 12 to 20 %" in text


def test_unknown_ranges_are_refused():
    with pytest.raises(KeyError):
        plot_error_against_isr([NARROW], {"1-8": fit(2.0)})


def learned(mode, start, end, error):
    scales = ScaleSet((1.0, start**0.5, start)), ScaleSet((1.0, end**0.5, end))
    return LearnedScales("1-8", mode, start, 0, scales, error)


def test_learning_that_forgets_its_start_is_told_from_one_that_does_not():
    far = explain_learned_scales([learned("isr", 1.5, 1.6, 5.0), learned("isr", 6.0, 5.9, 4.0)])
    assert "`isr` 1.5 → 1.60 (5.00 %), 6 → 5.90 (4.00 %)" in far
    assert "starts differ 4.0-fold in ISR and the ends 3.7-fold: the start still decides." in far
    assert "The lowest test error, 4.00 %, is that of `isr` from ISR 6." in far
    near = explain_learned_scales([learned("isr", 1.5, 3.0, 3.0), learned("direct", 6.0, 3.6, 4.0)])
    assert "the ends 1.2-fold: learning forgets most of its start" in near
    assert "`direct` 6 → 3.60 (4.00 %)" in near
