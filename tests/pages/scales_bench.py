"""The hands and eyes of the tests of the scale bench: what its page shows, and what a visitor does there."""

import json
import re

import numpy as np
from streamlit.testing.v1 import AppTest

from core.tolerance import DataScales
from pages.hosting.server import ENTERED
from tests.pages.reading import plain

DATA = DataScales.log_uniform(1, 4.76)
SIZES = np.round(20 * np.random.default_rng(0).lognormal(0.7, 0.5, 400), 2)  # pixels


def run(app: AppTest) -> AppTest:
    """The next run of the page. AppTest takes the folder pages/ for pages of the old kind before each run, so the
    session must enter through app.py again (pages/hosting/server.py)."""
    del app.session_state[ENTERED]
    app.run()
    assert not app.exception
    return app


def kl(app: AppTest) -> float:
    found = re.findall(r"\*\*([\d.]+) nats\*\* says", said(app))
    assert len(found) == 1
    return float(found[0])


def axis(app: AppTest) -> dict:
    """What the component was given."""
    (found,) = [each.proto for each in app.get("bidi_component") if each.proto.component_name == "equiscope_scale_axis"]
    return json.loads(found.json)


def move(app: AppTest, **values) -> AppTest:
    for name, value in values.items():
        app.session_state[f"tol_{name}"] = value
    return run(app)


def press(app: AppTest, name: str) -> AppTest:
    app.button(key=f"tol_{name}").click()
    return run(app)


def said(app: AppTest) -> str:
    return " ".join(plain(each.value) for each in (*app.markdown, *app.caption))


def warnings(app: AppTest) -> list[str]:
    return [each.value for each in app.warning]


def table(app: AppTest, column: str) -> dict:
    return next(each.value for each in app.table if column in each.value)


def upload(app: AppTest, name: str, content: bytes, uploader: str = "file") -> AppTest:
    app.file_uploader(key=f"tol_{uploader}").upload(name, content, "application/octet-stream")
    return run(app)


def csv(sizes) -> bytes:
    return "\n".join(["size", *map(str, sizes)]).encode()
