"""Tabs of one browser, and what a page must not do in them.

A tab is used by one test after the other, since an app costs a third of the time where its scripts are known already.
In between it forgets what a page kept: storage, cookies, permissions. A test that needs more asks for a tab of its own.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.browser.running import THIS_MACHINE, Server
from tests.waiting import PATIENCE

DESK = {"width": 1440, "height": 900}
USES = 20  # of a tab, at most: far below the 50 pages that a history holds
# Opened at /maps, Streamlit's own script first looks for its server under /maps/, then at the root. The 404 of
# that look is in the console of every multipage app.
STREAMLIT_PROBES = re.compile(r"/\w+/_stcore/(health|host-config)")
# Streamlit asks Google for the symbol of a page as its favicon, before the app names its own; the policy stops that.
STOPPED = "Loading the image 'https://fonts.gstatic.com/s/i/short-term/release/materialsymbolsrounded/"


@dataclass
class Complaints:
    """What a page must not do; a test that provokes one on purpose clears the list."""

    console_errors: list[str] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)
    foreign_requests: list[str] = field(default_factory=list)

    def note_message(self, message) -> None:
        url = message.location.get("url", "")
        if message.text.startswith(STOPPED):
            return
        if message.type == "error" and not STREAMLIT_PROBES.fullmatch(urlsplit(url).path):
            self.console_errors.append(f"{message.text} ({url})")

    def note_request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in THIS_MACHINE:
            self.foreign_requests.append(url)


class Tab:
    """A page in a context of its own, which complains to whoever uses it."""

    def __init__(self, browser, server: Server, **options):
        self.complaints = Complaints()
        self.uses = 0
        self.server = server
        self.context = browser.new_context(base_url=server.url, **options)
        self.context.set_default_timeout(1000 * PATIENCE)
        self.context.on("request", lambda request: self.complaints.note_request(request.url))
        self.page = self.context.new_page()
        self.page.on("websocket", lambda websocket: self.complaints.note_request(websocket.url))
        self.page.on("console", lambda message: self.complaints.note_message(message))
        self.page.on("pageerror", lambda error: self.complaints.page_errors.append(str(error)))

    def forget(self) -> None:
        """Leaves the app, and all that it kept in the browser."""
        page = self.page
        page.goto(f"{self.server.url}/_stcore/health")
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        self.context.clear_cookies()
        self.context.clear_permissions()
        page.mouse.move(0, 0)
        page.goto("about:blank")


class Tabs:
    """The tabs of a browser that nobody uses at the moment."""

    def __init__(self, browser):
        self._browser = browser
        self._idle: dict[tuple, list[Tab]] = defaultdict(list)

    @contextmanager
    def open(
        self,
        server: Server,
        complaints: Complaints,
        own: bool = False,
        viewport: dict[str, int] = DESK,
        color_scheme: str = "light",
        reduced_motion: str = "no-preference",
        **options,
    ) -> Iterator:
        """A page on which `page.goto("/maps")` leads to the server; it must end without complaints.

        Args: own: in a tab that nobody used, and nobody will. options: of its context.
        """
        kind = (server.url, *sorted(options.items()))
        idle = [] if own else self._idle[kind]
        tab = idle.pop() if idle else Tab(self._browser, server, **options)
        tab.complaints = complaints
        tab.uses += 1
        tab.page.set_viewport_size(viewport)
        tab.page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
        keep = not own and tab.uses < USES
        try:
            yield tab.page
            if keep:
                tab.forget()
        except BaseException:
            keep = False
            raise
        finally:
            if not keep:
                tab.context.close()
        if keep:
            idle.append(tab)
        assert complaints == Complaints()
