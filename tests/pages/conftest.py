"""Pages as AppTest opens them."""

from functools import cache, partial

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from core.transforms import TRANSFORMS
from pages.results.digits import source_is_here
from tests.waiting import PATIENCE

EVERY = {"scale": 4, "rotation": 3, "translation": 2}  # place of the handle: those of the curves and of the steps stay


@pytest.fixture(scope="session", autouse=True)
def packages_read_once():
    """AppTest looks through all installed packages for components, which takes as long as a light page does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="module", autouse=True)
def fewer_amounts():
    """Handles with a part of their places: a page does with each what it does with all, and that takes a while."""
    with pytest.MonkeyPatch.context() as patch:
        for transform in TRANSFORMS.values():
            patch.setattr(transform, "handle_amounts", transform.handle_amounts[:: EVERY[transform.key]])
        yield


@pytest.fixture(autouse=True)
def sources_asked_again():
    """Pages remember for a while whether MNIST is here; the next test may have it elsewhere."""
    source_is_here.clear()


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
