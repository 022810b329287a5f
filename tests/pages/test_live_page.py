"""The live run on a page: a visitor trains, pauses, resumes, cancels, and is told what happens in sentences."""

import asyncio
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from core.layers.learnable_scales import MODES
from core.training.live_setting import LiveSetting
from pages.bench import live
from tests.browser.running import running_app
from tests.pages.reading import plain
from tests.training.test_live import LONG, TINY
from tests.visitor import Visitor, told
from tests.waiting import PATIENCE, alive, until


def page() -> None:
    import streamlit as st

    from pages.bench.live import show_live_run

    st.session_state.setdefault("open_live", True)
    show_live_run()


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    """Few small digits, so that an epoch takes a moment; `tiny.epochs` sets how many. No MNIST, and an empty pool."""

    def setting(**chosen) -> LiveSetting:
        return replace(TINY, epochs=setting.epochs, **chosen)

    setting.epochs = LONG.epochs
    monkeypatch.setattr(live, "LiveSetting", setting)
    monkeypatch.setattr(live, "source_is_here", lambda key: key == "vector")
    yield setting
    live.pool().close()
    until(lambda: live.pool().processes == 0)


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(page, default_timeout=PATIENCE)
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, name: str) -> AppTest:
    app.button(key=f"live_{name}").click().run()
    assert not app.exception
    return app


def buttons(app: AppTest) -> dict[str, bool]:
    """Those that are drawn, and whether they can be pressed."""
    return {button.label: not button.disabled for button in app.button}


def said(app: AppTest) -> str:
    bars = [bar.proto.text for bar in app.get("progress")]
    alerts = [each.value for each in (*app.info, *app.success, *app.warning)]
    return " ".join([*bars, *alerts, *(plain(each.value) for each in app.markdown)])


def look_until(app: AppTest, words: str) -> AppTest:
    """Runs the page again and again, as the browser does, until it says these words."""
    end = time.monotonic() + PATIENCE
    while words not in said(app.run()):
        assert not app.exception
        assert time.monotonic() < end, said(app)
        time.sleep(0.1)
    return app


def chart(app: AppTest) -> tuple[dict, str]:
    (found,) = app.get("plotly_chart")
    return json.loads(found.proto.spec), found.proto.alt


def lines(app: AppTest) -> list[list[float]]:
    return [trace["y"] for trace in chart(app)[0]["data"]]


def test_every_mode_is_offered():
    assert set(live._MODES) == set(MODES)


def test_nothing_runs_until_a_visitor_presses_train(app):
    assert buttons(app) == {"Train": True}
    assert live.pool().processes == 0
    assert not app.get("plotly_chart")
    assert not app.get("progress")


def test_the_scales_move_epoch_by_epoch_until_the_run_is_cancelled(app):
    assert buttons(press(app, "train")) == {"Train again": False, "Pause": True, "Cancel": True}
    assert "Preparing 64 digits" in said(app)
    look_until(app, "After epoch")
    run = live.pool().of("test session id")
    until(lambda: run.report.epoch >= 3)
    app.run()
    report = run.report
    drawn = lines(app)
    assert len(drawn) == 3
    assert len(drawn[0]) >= 4
    told = list(zip(*(epoch.internal_scales for epoch in report.epochs), strict=True))
    assert [tuple(line) for line in drawn] == [each[: len(drawn[0])] for each in told]
    press(app, "cancel")
    look_until(app, "Cancelled in epoch")
    app.run()
    assert buttons(app) == {"Train again": True}
    last = run.report.epochs[-1]
    assert f"went from ISR 1.50 to **{last.isr:.2f}**" in said(app)
    assert f"validation error {last.validation_error:.2f} %" in said(app)
    figure, alt = chart(app)
    assert "went from ISR 1.50 to" in alt
    assert "pixels of the 24-pixel canvas, log2 axis" in figure["layout"]["yaxis"]["title"]["text"]
    assert "drawn vector digits, as MNIST is not on this machine" in said(app)


def test_pause_and_resume(app):
    look_until(press(app, "train"), "After epoch")
    assert buttons(press(app, "pause")) == {"Train again": False, "Resume": True, "Cancel": True}
    look_until(app, "Paused in epoch")
    before = said(app)
    time.sleep(0.5)
    assert said(app.run()) == before
    assert "Pause" in buttons(press(app, "resume"))
    look_until(app, "Training: epoch")


def test_a_run_of_its_own_settings_finishes_and_can_be_done_again(app, tiny):
    tiny.epochs = 2
    for name, value in {"mode": "direct", "isr": 6.0, "data": "1-2.83"}.items():
        app.session_state[f"live_{name}"] = value
    app.run()
    look_until(press(app, "train"), "Trained for 2 epochs")
    app.run()
    run = live.pool().of("test session id")
    assert (run.setting.mode, run.setting.isr, run.setting.data) == ("direct", 6.0, "1-2.83")
    assert "The scales went from ISR 6.00 to" in said(app)
    assert [line[0] for line in lines(app)] == pytest.approx([1, 6**0.5, 6], abs=1e-4)
    assert all(len(line) == 3 for line in lines(app))
    assert "Preparing" in said(press(app, "train"))
    assert live.pool().of("test session id") is not run


def test_a_third_visitor_is_told_to_wait_and_starts_when_one_ends(app):
    others = [live.pool().enter(name, LONG) for name in ("one", "two", "three")]
    press(app, "train")
    assert "2 others are training on this server; yours starts when one ends (1 more before you)." in said(app)
    assert buttons(app) == {"Train again": False, "Cancel": True}
    others[2].cancel()
    look_until(app, "yours starts when one ends.")
    others[0].cancel()
    look_until(app, "After epoch")


def test_a_process_that_dies_is_one_sentence(app):
    look_until(press(app, "train"), "After epoch")
    os.kill(live.pool().of("test session id").pid, signal.SIGKILL)
    look_until(app, "its process ended unexpectedly, with signal 9.")
    app.run()
    assert buttons(app) == {"Train again": True}
    assert len(app.warning) == 1


def test_the_band_is_where_the_data_are_on_the_84_pixel_canvas(app, monkeypatch):
    """At data scale 1 the digits of that canvas are 10 pixels long."""
    from core.tolerance import sigma_of_unit

    monkeypatch.setattr(live, "LiveSetting", lambda **chosen: LiveSetting(**chosen, epochs=2, images=(32, 8)))
    look_until(press(app, "train"), "Trained for 2 epochs")
    (band,) = chart(app)[0]["layout"]["shapes"]
    assert (band["y0"], band["y1"]) == pytest.approx((sigma_of_unit(10), 8 * sigma_of_unit(10)))


def trainers(server: int) -> set[int]:
    """The live runs among the children of a process; threads and other children may end while one looks."""
    children = [text for each in Path(f"/proc/{server}/task").iterdir() for text in read(each / "children").split()]
    return {int(child) for child in children if "core.training.live" in read(Path(f"/proc/{child}/cmdline"))}


def read(file: Path) -> str:
    """What it holds; nothing if its process or thread has ended."""
    try:
        return file.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


@pytest.mark.thorough
def test_a_visitor_who_leaves_takes_the_run_along_and_one_who_stays_keeps_it(root, tmp_path):
    """On a server of our own; a run ends some 30 seconds after its visitor has left."""

    async def story(server) -> set[int]:
        leaving, staying = [await Visitor.arrive(server.url, "/scales", "open_live=1") for _ in range(2)]
        runs = []
        for visitor in (leaving, staying):
            before = trainers(server.pid)
            (button,) = [e.button for e in visitor.page.elements if e.button.id.endswith("-live_train")]
            await visitor.send(WidgetState(id=button.id, trigger_value=True))
            runs.append(await asyncio.to_thread(until, lambda before=before: trainers(server.pid) - before))
        await leaving.leave()
        await staying.send()
        await asyncio.to_thread(until, lambda: trainers(server.pid) == runs[1])
        await asyncio.sleep(3)  # time for a mistake
        assert trainers(server.pid) == runs[1]
        await staying.leave()
        return runs[1]

    with running_app(root, tmp_path) as server:
        (left,) = told(story(server))
    until(lambda: not alive(left))  # the server has ended, and so has what it started
