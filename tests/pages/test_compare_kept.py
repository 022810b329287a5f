"""/compare of the first MNIST digits: what core.results.kept_errors has is there at once."""

import pytest

from core.data.mnist import is_available
from core.equivariance import measure
from core.models import load
from pages.results import equivariance
from tests.pages.test_app import open_page


@pytest.mark.thorough
@pytest.mark.skipif(not is_available(), reason="needs MNIST; name a folder by EQUISCOPE_MNIST")
def test_what_is_kept_is_not_measured_again(monkeypatch):
    measured = []

    def watched(network, *how, **more):
        measured.append(network)
        return measure(network, *how, **more)

    equivariance.part_report.clear()  # what other tests left
    monkeypatch.setattr(equivariance, "measure_side_by_side", watched)
    open_page("compare", network="cnn", other="sesn_antialiased", digits="mnist", size="0.7", count="16")
    assert [type(network) for network in measured] == [type(load("cnn"))]
    open_page("compare", network="cnn", other="sesn_antialiased", digits="mnist", size="0.65", count="16")
    assert {type(network) for network in measured[1:]} == {type(load("cnn")), type(load("sesn_antialiased"))}
