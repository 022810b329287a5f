"""/compare of the first MNIST digits: what core.results.kept_errors has is there at once."""

import pytest

from core.data.mnist import is_available
from pages.hosting.aside import measured_aside
from pages.results import equivariance
from tests.pages.test_app import open_page


@pytest.mark.thorough
@pytest.mark.skipif(not is_available(), reason="needs MNIST; name a folder by EQUISCOPE_MNIST")
def test_what_is_kept_is_not_measured_again(monkeypatch):
    measured = []

    def watched(asked, *how):
        measured.append(asked.key)
        return measured_aside(asked, *how)

    equivariance.part_report.clear()  # what other tests left
    monkeypatch.setattr(equivariance, "measured_aside", watched)
    open_page("compare", network="cnn", other="sesn_antialiased", digits="mnist", size="0.7", count="16")
    assert measured == ["cnn"]
    open_page("compare", network="cnn", other="sesn_antialiased", digits="mnist", size="0.65", count="16")
    assert set(measured[1:]) == {"cnn", "sesn_antialiased"}
