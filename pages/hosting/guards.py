"""What stands before Streamlit's own server: which hosts are answered, what pages may do, and what nobody may ask.

Streamlit sends no Content-Security-Policy, and checks names of hosts for its WebSocket only; a page that a name was
rebound to would read this machine's app. `guards()` is given to `st.App` by server.py.
"""

import base64
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1", "::1")
_CLOSED = ("/_stcore/metrics",)  # how many visitors there are, and what memory they take, is nobody's business
_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' blob:",  # components come as blobs
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' data: blob:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'self' blob: data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}


def guards(environment: Mapping[str, str] = os.environ) -> list[Middleware]:
    """The middleware of the app, by two variables of the environment.

    EQUISCOPE_HOSTS: names of hosts that are answered, separated by commas, `*.` before one for all below it, `*` for
    any; by default those of this machine. EQUISCOPE_FRAMED_BY: addresses of pages that may show the app in a frame,
    such as `https://course.example.org`, separated by spaces; by default those of the app itself.
    Raises: ValueError for an address that is none.
    """
    hosts = [host.strip().lower() for host in environment.get("EQUISCOPE_HOSTS", "").split(",") if host.strip()]
    framed_by = environment.get("EQUISCOPE_FRAMED_BY", "").split()
    for address in framed_by:
        if any(sign in address for sign in ";,'\"") or not address.isprintable():
            raise ValueError(f"EQUISCOPE_FRAMED_BY must be addresses separated by spaces, got {address!r}")
    return [Middleware(Guards, hosts=hosts or LOOPBACK, framed_by=framed_by)]


@cache
def _own_scripts() -> tuple[str, ...]:
    """The hashes of the scripts that stand in Streamlit's page itself, as a policy allows them."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    found = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    return tuple(f"'sha256-{base64.b64encode(hashlib.sha256(each).digest()).decode()}'" for each in found)


class Guards:
    """Answers 403 to other hosts and origins, 404 to what is closed; else passes on, and adds headers to the answer."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = LOOPBACK, framed_by: Iterable[str] = ()):
        self.app, self.hosts = app, tuple(hosts)
        policy = _POLICY | {
            "script-src": " ".join((_POLICY["script-src"], *_own_scripts())),
            "frame-ancestors": " ".join(("'self'", *framed_by)),
        }
        self.headers = {
            "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif not self._answers(scope):
            await self._refuse(scope, receive, send)
        elif scope["path"].rstrip("/").endswith(_CLOSED):
            await PlainTextResponse("Not found", 404)(scope, receive, send)
        else:
            await self.app(scope, receive, self._sending(send))

    def _answers(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        foreign = scope["type"] == "websocket" and self._is_foreign(headers)
        return self.knows(headers.get("host", "")) and not foreign

    def knows(self, host: str) -> bool:
        """Whether a host, as the header `Host` names it, is answered."""
        name = host.rsplit("]", 1)[0].lstrip("[") if host.startswith("[") else host.rsplit(":", 1)[0]
        name = name.lower().rstrip(".")
        return any(
            known == "*" or name == known or (known.startswith("*.") and name.endswith(known[1:]))
            for known in self.hosts
        )

    @staticmethod
    def _is_foreign(headers: Headers) -> bool:
        """Whether a page of another host opened a WebSocket; Streamlit would ask the network who that is.

        A program that is no browser names no origin, and a page that shows the app in a frame is not its origin.
        """
        origin = headers.get("origin")
        return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()

    @staticmethod
    async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before it was accepted: the client sees 403
            return
        told = "This server does not answer to that name; whoever runs it can allow it by EQUISCOPE_HOSTS.\n"
        await PlainTextResponse(told, 403)(scope, receive, send)

    def _sending(self, send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        return with_headers
