"""A visitor without a browser: speaks to the app as the browser does, and reads what comes back."""

import asyncio
import json
import re
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.http11 import USER_AGENT
from websockets.typing import Subprotocol

from tests.pages.reading import plain

STOPPED_FOR_ANOTHER_RUN = (ForwardMsg.FINISHED_EARLY_FOR_RERUN,)
DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass(frozen=True)
class Answer:
    """What one run of the script put on the page, and the seconds from the message to its end."""

    elements: list[Element]
    done: bool
    seconds: float

    @cached_property
    def texts(self) -> list[str]:
        return [element.SerializeToString().decode("utf-8", "ignore") for element in self.elements]

    def scale_factors(self) -> set[str]:
        """The scale factors at which the handle stands and of which the HTML on the page tells, with two decimals."""
        bodies = [element.html.body for element in self.elements if element.WhichOneof("type") == "html"]
        factors = [float(s) for body in bodies for s in re.findall(r'data-amount="([^"]+)"', body)]
        return {f"{s:.2f}" for s in (*factors, *(handle["amount"] for _, handle in handles(self)))}

    def digits(self) -> set[int]:
        """The vector digits that anything on the page names."""
        return {int(digit) for text in self.texts for digit in re.findall(r"vector digit (\d)", plain(text))}

    def complaints(self) -> list[str]:
        found = ["" if self.done else "the script did not run to its end"]
        for element in self.elements:
            kind = element.WhichOneof("type")
            if kind == "exception":
                found.append(element.exception.message)
            elif kind == "alert":
                found.append(element.alert.body)
        return [each for each in found if each]


@dataclass
class Visitor:
    """One session of the app over its websocket; `page` is the latest answer."""

    connection: ClientConnection
    page_name: str
    query_string: str
    page: Answer = field(default_factory=lambda: Answer([], True, 0.0))
    _known: dict[str, ForwardMsg] = field(default_factory=dict)  # what the browser's cache holds, by hash
    _fragments: dict[str, str] = field(default_factory=dict)  # of the controls that are in one, by the control's id

    @classmethod
    async def arrive(cls, url: str, path: str, query_string: str = "", agent: str | None = None) -> "Visitor":
        """Opens a page as a link to it does. url: of the server, http://host:port. agent: what the browser is called,
        by which the proxy tells apart visitors of one address that keep no cookie."""
        visitor = await cls.connected(url, path, query_string, agent)
        await visitor.send()
        return visitor

    @classmethod
    async def connected(cls, url: str, path: str, query_string: str = "", agent: str | None = None) -> "Visitor":
        """The same, before anything was sent."""
        address = url.replace("http", "ws", 1) + "/_stcore/stream"
        connection = await connect(
            address, subprotocols=[Subprotocol("streamlit")], max_size=None, proxy=None,
            user_agent_header=agent or USER_AGENT,
        )  # fmt: skip
        return cls(connection, path.strip("/"), query_string)

    async def send(self, *moved: WidgetState) -> Answer:
        """Tells the server which controls have moved and waits until the script has run.

        As in the browser, a control in a fragment asks for a run of that fragment only; what it does not draw again
        stays on the page.
        """
        started = time.perf_counter()
        await self.ask(*moved)
        elements, received = [], {}
        while True:
            answer = await self._receive()
            received[answer.hash] = answer
            kind = answer.WhichOneof("type")
            if kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
                elements.append(answer.delta.new_element)
                if identity := identity_of(answer.delta.new_element):
                    self._fragments[identity] = answer.delta.fragment_id
            elif kind == "page_info_changed":
                self.query_string = answer.page_info_changed.query_string
            elif kind == "script_finished" and answer.script_finished not in STOPPED_FOR_ANOTHER_RUN:
                break
        seconds = time.perf_counter() - started
        self._known = {hash: each for hash, each in received.items() if each.metadata.cacheable}
        self.page = Answer(elements, answer.script_finished in DONE, seconds)
        return self.page

    async def ask(self, *moved: WidgetState) -> None:
        """Tells the server which controls have moved, and no more."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = self.query_string, self.page_name
        state.fragment_id = self._fragments.get(moved[0].id, "") if moved else ""
        state.widget_states.widgets.extend(moved)
        state.cached_message_hashes.extend(self._known)
        await self.connection.send(message.SerializeToString())

    async def hear(self, words: str) -> None:
        """Waits until an element with these words comes."""
        while words.encode() not in (await self._receive()).SerializeToString():
            pass

    async def _receive(self) -> ForwardMsg:
        message = ForwardMsg.FromString(bytes(await self.connection.recv()))  # type: ignore[arg-type]
        if message.WhichOneof("type") == "ref_hash":
            return self._known[message.ref_hash]
        return message

    async def move_factor(self, share: float) -> tuple[str, Answer]:
        """Releases the handle of the scale factor at `share` of its way; the factor with two decimals, the answer."""
        factor, moved = factor_moved(self.page, share)
        return factor, await self.send(moved)

    async def leave(self) -> None:
        with suppress(OSError):
            await self.connection.close()


def factor_moved(page: Answer, share: float) -> tuple[str, WidgetState]:
    """What a browser sends for the handle of the viewer, or for the slider of the empty page that the benchmark knows.

    Raises: LookupError: the page has neither.
    """
    for identity, handle in handles(page):
        factor = handle["amounts"][round(share * (len(handle["amounts"]) - 1))]
        report = {"moved": {"amount": factor, "id": "visitor"}}
        return f"{factor:.2f}", WidgetState(id=identity, json_value=json.dumps(report))
    for slider in (element.slider for element in page.elements if element.WhichOneof("type") == "slider"):
        place = round(share * (len(slider.options) - 1))
        moved = WidgetState(id=slider.id)
        moved.string_array_value.data.append(slider.options[place])
        return slider.options[place], moved
    raise LookupError("this page has no handle for the scale factor")


def handles(page: Answer) -> Iterator[tuple[str, dict[str, Any]]]:
    """The id of the viewer, and its handle."""
    for component in components(page):
        if component.id.endswith("-viewer"):
            yield component.id, json.loads(component.json or component.mixed.json)["handle"]


def identity_of(element: Element) -> str:
    """The id of a control; empty for anything else."""
    kind = element.WhichOneof("type")
    return getattr(getattr(element, kind), "id", "") if kind else ""


def components(page: Answer) -> Iterator:
    return (element.bidi_component for element in page.elements if element.WhichOneof("type") == "bidi_component")


def told(story: Coroutine) -> Any:
    """Runs a story to its end, in a thread of its own: Playwright may have the event loop of this one."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(asyncio.run, story).result()
