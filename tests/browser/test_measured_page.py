"""The page that `equiscope measure --out` writes, opened from disk: figures alive, no request, no complaint."""

import pytest
import torch
from torch import nn

from core.equivariance import measure
from core.equivariance.own import Measured
from core.measured_page import to_html
from core.models import wrap

pytestmark = pytest.mark.browser


def test_its_figures_are_alive_and_nothing_is_asked_for(browser, tmp_path):
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1))
    report = measure(wrap(module, canvas=16), torch.rand(2, 3, 16, 16), (0.5, 1.0, 2.0))
    path = tmp_path / "report.html"
    path.write_text(to_html([Measured("own:net", report, "2 pictures", {"pool": "a reason"})]), encoding="utf-8")
    page, said, asked = browser.new_page(), [], []
    try:
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        page.locator("#curves-0 .scatterlayer .trace").first.wait_for()
        assert page.locator(".js-plotly-plot").count() == 2
        legend = page.locator("#curves-0 .legendtext").first
        worst = report.layers[int(report.error.mean(1).argmax())]
        assert legend.text_content() == f"own:net: {worst}"
        page.locator("#curves-0 .updatemenu-header").click()
        other = next(layer for layer in report.layers if layer != worst)
        page.locator("#curves-0 .updatemenu-dropdown-button", has_text=other).click()
        page.wait_for_function(f"document.querySelector('#curves-0 .legendtext').textContent === 'own:net: {other}'")
        assert said == []
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    finally:
        page.close()
