"""The guards before Streamlit's server: hosts, closed addresses, headers."""

import re

import pytest

from pages.hosting.guards import LOOPBACK, Guards, guards
from tests.visitor import told


async def behind(scope, receive, send):
    """What the guards stand before: it answers all that comes through."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"the app"})
    else:
        await send({"type": scope["type"]})


def sent(kind: str, host: str = "localhost:8501", path: str = "/", origin: str = "", **variables: str) -> list[dict]:
    """The messages that a client gets."""
    (guard,) = guards(variables)
    messages = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        messages.append(message)

    named = {"host": host, "origin": origin}
    headers = [(name.encode(), value.encode()) for name, value in named.items() if value]
    scope = {"type": kind, "path": path, "headers": headers, "method": "GET"}
    told(guard.cls(behind, *guard.args, **guard.kwargs)(scope, receive, send))
    return messages


def status(host: str = "localhost:8501", path: str = "/", **variables: str) -> int:
    return sent("http", host, path, **variables)[0]["status"]


def headers(**variables: str) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in sent("http", **variables)[0]["headers"]}


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:80", "[::1]:8501", "[::1]", "LOCALHOST."])
def test_this_machine_is_answered(host):
    assert status(host) == 200
    assert [each["type"] for each in sent("websocket", host)] == ["websocket.accept"]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8501", "", "localhost.evil.example", "127.0.0.1.nip.io", "[::2]", "[evil"]
)
def test_another_host_is_not(host):
    start, body = sent("http", host)
    assert start["status"] == 403
    assert b"EQUISCOPE_HOSTS" in body["body"]
    assert [each["type"] for each in sent("websocket", host)] == ["websocket.close"]


@pytest.mark.parametrize(
    ("origin", "answered"),
    [
        ("http://localhost:8501", True), ("https://LOCALHOST:8501", True), ("http://localhost:9000", False),
        ("https://evil.example", False), ("null", False), ("http://localhost:8501.evil.example", False),
    ],
)  # fmt: skip
def test_only_pages_of_the_app_open_its_websocket(origin, answered):
    (message,) = sent("websocket", origin=origin)
    assert message["type"] == ("websocket.accept" if answered else "websocket.close")
    assert sent("http", origin=origin)[0]["status"] == 200


@pytest.mark.parametrize(
    ("hosts", "host", "answered"),
    [
        ("class.example.org", "class.example.org", True), ("class.example.org", "localhost", False),
        ("a.org, *.example.org", "x.y.example.org:443", True), ("*.example.org", "example.org", False),
        ("*.example.org", "evilexample.org", False), ("*", "anything", True), (" , ", "localhost", True),
    ],
)  # fmt: skip
def test_whoever_runs_it_says_which_hosts(hosts, host, answered):
    assert (status(host, EQUISCOPE_HOSTS=hosts) == 200) == answered


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/maps/_stcore/metrics"])
def test_metrics_are_closed(path):
    assert status(path=path) == 404
    assert status(path="/_stcore/health") == 200


def test_answers_allow_only_ourselves():
    found = headers()
    assert found["x-content-type-options"] == "nosniff"
    assert found["content-type"] == "text/plain"
    policy = dict(each.split(" ", 1) for each in found["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert re.fullmatch(r"'self' blob:( 'sha256-[\w+/]{43}=')+", policy["script-src"])
    assert not re.search(r"https?:|\*|unsafe-eval", found["content-security-policy"])


def test_a_course_page_may_show_the_app():
    found = headers(EQUISCOPE_FRAMED_BY="https://a.example https://b.example")
    assert found["content-security-policy"].endswith("frame-ancestors 'self' https://a.example https://b.example")
    for address in ("https://a;script-src", "'unsafe-inline'", "a,b"):
        with pytest.raises(ValueError, match="EQUISCOPE_FRAMED_BY must be addresses"):
            guards({"EQUISCOPE_FRAMED_BY": address})


def test_what_is_neither_http_nor_websocket_passes():
    assert Guards(behind).hosts == LOOPBACK
    assert sent("lifespan", host="evil.example") == [{"type": "lifespan"}]
