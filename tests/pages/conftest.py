"""Pages as AppTest opens them."""

from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from tests.waiting import PATIENCE


@pytest.fixture
def open_page(root):
    """open_page("errors", s="1") opens a page of the app by a link; it must not end in an exception."""

    def open_page(page: str, **link: str) -> AppTest:
        app = AppTest.from_file(str(root / "app.py"), default_timeout=PATIENCE)
        app.switch_page(f"pages/{page}.py")
        for name, text in link.items():
            app.query_params[name] = text
        app.run()
        assert not app.exception
        return app

    return open_page


@pytest.fixture
def open_scales_page(open_page):
    """open_scales_page(tol_n="5") opens the page by a link with these parameters; it must not end in an exception."""
    return partial(open_page, "scales")
