"""Pages as AppTest opens them."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.waiting import PATIENCE


@pytest.fixture
def open_scales_page(root):
    """open_scales_page(tol_n="5") opens the page by a link with these parameters; it must not end in an exception."""

    def open_scales_page(**parameters: str) -> AppTest:
        app = AppTest.from_file(str(root / "app.py"), default_timeout=PATIENCE)
        app.switch_page("pages/scales.py")
        for name, text in parameters.items():
            app.query_params[name] = text
        app.run()
        assert not app.exception
        return app

    return open_scales_page
