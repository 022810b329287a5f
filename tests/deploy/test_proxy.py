"""deploy/nginx.conf as it is, before several processes: only the address it listens on and those behind it are ours."""

import http.client
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
import uvicorn
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from pages.hosting.guards import guards
from tests.browser.running import free_port, running_app
from tests.proxying import NGINX, proxy
from tests.visitor import told
from tests.waiting import PATIENCE, until

HOST = "class.example.org"
STREAM = "/_stcore/stream"
PLACE = "equiscope_place"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NGINX is None, reason="nginx is not here; on Debian: apt-get install nginx-light"),
]


@pytest.fixture(scope="module")
def conf(root) -> str:
    return (root / "deploy" / "nginx.conf").read_text(encoding="utf-8")


def number(conf: str, pattern: str) -> int:
    (found,) = re.findall(pattern, conf)
    return int(found)


class StandIn:
    """A light app behind the real guards: it tells which process it is, over HTTP and over a WebSocket."""

    def __init__(self):
        self.port, self.received = free_port(), []
        (guard,) = guards({"EQUISCOPE_HOSTS": HOST})
        app = guard.cls(self.answer, *guard.args, **guard.kwargs)
        self.server = uvicorn.Server(uvicorn.Config(app, port=self.port, lifespan="off", log_level="critical"))
        self.thread = threading.Thread(target=self.server.run)

    async def answer(self, scope, receive, send):
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept", "subprotocol": next(iter(scope["subprotocols"]), None)})
            await send({"type": "websocket.send", "text": str(self.port)})
            while (await receive())["type"] != "websocket.disconnect":
                pass
            return
        size = 0
        while (message := await receive())["type"] == "http.request":
            size += len(message["body"])
            if not message.get("more_body"):
                break
        self.received.append((scope["path"], dict(scope["headers"]), size))
        body = str(self.port).encode()
        headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def __enter__(self):
        self.thread.start()
        until(lambda: self.server.started or not self.thread.is_alive())
        assert self.server.started
        return self

    def __exit__(self, *_):
        self.server.should_exit = True
        self.server.force_exit = True
        self.thread.join(PATIENCE)


@pytest.fixture(scope="module")
def behind(conf, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """The proxy before three stand-ins."""
    with ExitStack() as stack:
        apps = [stack.enter_context(StandIn()) for _ in range(3)]
        port = stack.enter_context(proxy(conf, tmp_path_factory.mktemp("proxy"), [app.port for app in apps]))
        yield SimpleNamespace(port=port, apps=apps)


def ask(port: int, path: str = "/", method: str = "GET", body: bytes | None = None, **headers: str):
    """Status, headers as pairs in small letters, and text of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, {"Host": HOST, **headers})
        answer = connection.getresponse()
        pairs = [(name.lower(), value) for name, value in answer.getheaders()]
        return answer.status, pairs, answer.read().decode(errors="replace")
    finally:
        connection.close()


def cookie_of(port: int) -> str:
    """What the first answer names the visitor."""
    _, pairs, _ = ask(port)
    (cookie,) = [value for name, value in pairs if name == "set-cookie" and value.startswith(PLACE)]
    assert re.fullmatch(PLACE + r"=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax", cookie)
    return cookie.split(";")[0]


def visit(port: int, host: str = HOST, **headers: str):
    """A WebSocket as a browser opens it."""
    return connect(
        f"ws://{host}:{port}{STREAM}", sock=socket.create_connection(("127.0.0.1", port), timeout=PATIENCE),
        origin=f"http://{host}:{port}", additional_headers=headers, proxy=None, open_timeout=PATIENCE,
    )  # fmt: skip


def test_an_answer_comes_through_with_each_header_once(behind):
    status, pairs, text = ask(behind.port, "/_stcore/health")
    assert status == 200
    assert int(text) in [app.port for app in behind.apps]
    names = [name for name, _ in pairs]
    assert {"content-security-policy", "x-content-type-options", "referrer-policy"} <= set(names)
    assert sorted(names) == sorted(set(names))
    assert dict(pairs)["server"] == "nginx", "its version is nobody's business"


def test_the_app_hears_who_asks_and_for_which_host(behind):
    _, _, text = ask(behind.port, "/told", **{"X-Forwarded-For": "6.6.6.6"})
    (app,) = [app for app in behind.apps if str(app.port) == text]
    headers = next(headers for path, headers, _ in app.received if path == "/told")
    assert headers[b"host"] == HOST.encode()
    assert headers[b"x-forwarded-for"] == b"127.0.0.1", "a visitor cannot claim another address"


def test_a_visitor_stays_with_one_process_and_visitors_are_spread(behind):
    used = set()
    for _ in range(20):  # all on one of three by chance: 3 in 3²⁰
        cookie = cookie_of(behind.port)
        with visit(behind.port, Cookie=cookie) as stream:
            place = stream.recv(PATIENCE)
        answers = [ask(behind.port, f"/media/{i}", Cookie=cookie) for i in range(5)]
        assert {text for _, _, text in answers} == {place}
        assert not any(name == "set-cookie" for _, pairs, _ in answers for name, _ in pairs)
        used.add(place)
    assert len(used) > 1


def test_who_keeps_no_cookie_stays_with_one_process_too(behind):
    for browser in ("a", "b"):
        with visit(behind.port, **{"User-Agent": browser}) as stream:
            place = stream.recv(PATIENCE)
        assert {ask(behind.port, "/upload", "PUT", b"x", **{"User-Agent": browser})[2] for _ in range(5)} == {place}


def test_another_host_gets_403(behind):
    assert ask(behind.port, Host="evil.example")[0] == 403
    with pytest.raises(InvalidStatus) as refused, visit(behind.port, "evil.example"):
        pass
    assert refused.value.response.status_code == 403


def test_an_upload_may_be_as_large_as_the_app_allows_and_no_larger(behind, conf, root):
    limit = number(conf, r"client_max_body_size (\d+)m;")
    allowed = number((root / ".streamlit" / "config.toml").read_text(encoding="utf-8"), r"maxUploadSize = (\d+)")
    assert allowed < limit <= allowed + 2
    assert ask(behind.port, "/upload", "PUT", bytes(allowed << 20))[0] == 200
    assert any(size == allowed << 20 for app in behind.apps for _, _, size in app.received)
    with socket.create_connection(("127.0.0.1", behind.port), timeout=PATIENCE) as sock:  # by what it announces
        sock.sendall(f"PUT /upload HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {(limit << 20) + 1}\r\n\r\n".encode())
        assert sock.recv(100).startswith(b"HTTP/1.1 413 ")


def test_who_falls_silent_is_closed(behind, conf):
    """In the middle of a request, by the time-outs of the configuration; without them only after a minute."""
    assert number(conf, r"client_header_timeout (\d+)s;") <= 10
    assert number(conf, r"client_body_timeout (\d+)s;") <= 10
    head = f"PUT / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 9\r\n\r\n".encode()
    with ExitStack() as stack:
        silent = []
        for sent in (b"", head[:20], head + b"x"):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", behind.port), timeout=45))
            sock.sendall(sent)
            silent.append(sock)
        for sock in silent:
            try:
                answer = sock.recv(100)
            except ConnectionResetError:
                answer = b""
            assert answer == b"" or answer.startswith(b"HTTP/1.1 408 ")


def test_a_link_may_hold_a_drawn_digit(behind):
    assert ask(behind.port, "/?strokes=" + 30_000 * "x")[0] == 200


def test_an_address_has_a_limit_of_connections(behind, conf):
    limit = number(conf, r"limit_conn connections (\d+);")
    assert limit >= 60 * 2, "a class behind one address"

    refused = []

    async def visitors() -> int:
        """Opens one after the other until one is refused."""
        from websockets.asyncio.client import connect

        opened = []
        try:
            while len(opened) <= limit:
                place = {"host": "127.0.0.1", "port": behind.port}
                opened.append(await connect(f"ws://{HOST}{STREAM}", **place, proxy=None, open_timeout=PATIENCE))
            return len(opened)
        except InvalidStatus as answer:
            refused.append(answer.response.status_code)
            return len(opened)
        finally:
            for stream in opened:
                stream.transport.abort()

    assert told(visitors()) == limit
    assert refused == [429]
    until(lambda: ask(behind.port)[0] == 200)  # and who leaves makes room


def test_an_address_has_a_limit_of_requests(conf, tmp_path):
    burst = number(conf, r"burst=(\d+) nodelay;")
    assert burst >= 60 * 50, "a class that opens a page at once"
    few = re.sub(r"rate=\d+r/s", "rate=1r/m", conf).replace(f"burst={burst}", "burst=3")  # no need to send thousands
    with StandIn() as app, proxy(few, tmp_path, [app.port]) as port:
        assert [ask(port)[0] for _ in range(6)] == [200] * 4 + [429] * 2


def test_the_app_itself_behind_it(conf, root, tmp_path):
    """Its page, its policy and its stream, by a name of which only EQUISCOPE_HOSTS tells the app."""
    for folder in ("app", "proxy"):
        (tmp_path / folder).mkdir()
    app_port = free_port()
    with (
        running_app(root, tmp_path / "app", app_port, EQUISCOPE_HOSTS=f"{HOST},127.0.0.1"),
        proxy(conf, tmp_path / "proxy", [app_port]) as port,
    ):
        status, pairs, text = ask(port, "/maps?network=cnn")
        assert status == 200
        assert "<script" in text
        assert [name for name, _ in pairs].count("content-security-policy") == 1
        assert ask(port, Host="evil.example")[0] == 403
        assert ask(port, "/_stcore/metrics")[0] == 404
        with visit(port, Cookie=cookie_of(port)) as stream:
            assert stream.response.status_code == 101
