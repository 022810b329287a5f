"""The server ends, as by `docker stop`, while people look at its pages: they read a sentence, and lose nothing."""

import os
import signal
from contextlib import ExitStack

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from tests.browser.running import end, free_port, running_app, start_app
from tests.browser.seeing import view_at_rest
from tests.browser.tabs import Complaints
from tests.proxying import NGINX, proxy
from tests.visitor import Visitor, told
from tests.waiting import alive, until

pytestmark = pytest.mark.browser

AT_WORK = "network=sesn_vector&open_many=1&count=256&digits=mnist"
CONNECTED = "[data-testid=stApp][data-test-connection-state=CONNECTED]"
SENTENCE = "[data-testid=away] p"


def factor_in(page) -> str:
    return page.evaluate("() => new URL(location.href).searchParams.get('s')")


@pytest.mark.thorough
def test_a_page_says_that_its_server_is_away_and_loses_no_move(root, tmp_path, tabs, settle):
    """Also what is done meanwhile arrives, once the server is back."""
    port, complaints = free_port(), Complaints()
    with ExitStack() as stack:
        with running_app(root, tmp_path, port) as first:
            page = stack.enter_context(tabs.open(first, complaints, own=True))
            page.goto("/maps?network=cnn&digit=3&s=1.26")
            settle(page)
            os.kill(first.pid, signal.SIGTERM)
            until(lambda: not alive(first.pid))
        page.wait_for_selector(SENTENCE)
        assert "goes on by itself" in page.locator(SENTENCE).inner_text()
        page.wait_for_timeout(6000)  # Streamlit's dialog comes after the sixth question
        assert page.locator("[data-testid=stDialog]").count() == 0
        handle = page.get_by_role("slider", name="scale factor")
        handle.focus()
        page.keyboard.press("End")
        shown = handle.get_attribute("aria-valuetext")
        page.wait_for_timeout(5000)  # longer than the browser waits for an answer
        with running_app(root, tmp_path, port):
            page.wait_for_selector(CONNECTED)
            until(lambda: factor_in(page) == "2", 90)
            settle(page)
            assert handle.get_attribute("aria-valuetext") == shown
            assert page.locator(SENTENCE).inner_text() == ""
            page.close()  # before this server goes too
        complaints.console_errors.clear()  # the browser noted that the server was gone


@pytest.mark.thorough
@pytest.mark.skipif(NGINX is None, reason="nginx is not here; on Debian: apt-get install nginx-light")
def test_behind_the_proxy_another_process_takes_over(root, tmp_path, tabs, settle):
    """Two processes are started again one after the other, and the page shows the same all the time."""
    conf, complaints = (root / "deploy" / "nginx.conf").read_text(encoding="utf-8"), Complaints()
    folders = [tmp_path / name for name in ("proxy", "one", "two")]
    for folder in folders:
        folder.mkdir()
    ports, opened = [free_port(), free_port()], []
    with ExitStack() as stack:
        started = [start_app(root, folder, port) for folder, port in zip(folders[1:], ports, strict=True)]
        for _, process in started:
            stack.callback(end, process)
        port = stack.enter_context(proxy(conf, folders[0], ports))
        page = stack.enter_context(tabs.open(started[0][0], complaints, own=True))
        page.on("websocket", lambda websocket: opened.append(websocket.url))
        page.goto(f"http://127.0.0.1:{port}/maps?network=cnn&digit=3&s=1.26")
        settle(page)
        before = view_at_rest(page, settle)
        for (_, process), folder, own in zip(started, folders[1:], ports, strict=True):
            streams = len(opened)
            process.send_signal(signal.SIGTERM)
            process.wait()
            page.wait_for_timeout(1000)
            page.wait_for_selector(CONNECTED)
            if len(opened) > streams:
                until(lambda: view_at_rest(page, settle, before) == before, 60)
            assert page.locator("[data-testid=stDialog]").count() == 0
            _, again = start_app(root, folder, own)
            stack.callback(end, again)
        assert len(opened) > 1, "one of them had the page"
        assert view_at_rest(page, settle, before) == before
        page.close()
        complaints.console_errors.clear()  # the browser noted that a process was gone


def test_a_server_at_work_ends_at_once(root, tmp_path):
    """Nobody waits for a measurement of minutes: what asked for it is told that the server is away."""

    async def story(url: str, pid: int) -> None:
        tab = await Visitor.connected(url, "errors", AT_WORK)
        await tab.ask()
        await tab.hear("Measuring")
        os.kill(pid, signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            await tab.hear("what never comes")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CloseCode.SERVICE_RESTART

    server, process = start_app(root, tmp_path)
    try:
        told(story(server.url, server.pid))
        process.wait(8)  # docker kills after ten
    finally:
        end(process)
