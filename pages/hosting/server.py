"""Streamlit's defaults that do not suit this app, put right (docs/decisions/0001).

* `streamlit run` leaves Nagle's algorithm on, which can hold back an answer for 40 ms, and collects
  garbage after every run, which costs up to 100 ms once torch is loaded: `tune_server`.
* Python lets a thread go on for 5 ms before another that waits gets its turn; a visitor's run waits so many times.
* glibc gives the threads of the runs many arenas of memory: `core.freed_memory`.
* A folder named pages/ beside app.py is a multipage app of the old kind until app.py has called
  `st.navigation`. So the first link to /maps on a fresh server would run pages/maps.py by itself,
  without the shared controls, and so would all that follow: `enter_through_app`.
"""

import gc
import os
import socket
import stat
import sys
from contextlib import ExitStack, suppress

import streamlit as st

from core.freed_memory import tune_memory

FOLDERS_OF_DESCRIPTORS = ("/proc/self/fd", "/dev/fd")  # Linux, macOS
ENTERED = "server.entered_through_app"
TURN_S = 0.0005  # after which a thread that waits may ask for Python's lock


def tune_server() -> None:
    """First call of app.py, after its imports, in every run: notes that it runs; tunes the process once."""
    st.session_state[ENTERED] = True
    _tune_process()


def enter_through_app(page_file: str) -> None:
    """First call of a page, with its `__file__`: if the page was started without app.py, that runs instead."""
    if ENTERED not in st.session_state:
        st.session_state[ENTERED] = True
        home = st.Page(lambda: None, title="Equiscope", default=True)  # stands in until app.py names the pages
        st.navigation([home, st.Page(page_file)], position="hidden")  # ends the old kind in this process
        st.rerun()


@st.cache_resource(show_spinner=False)
def _tune_process() -> None:
    """Freezing moves all that is alive now (modules, classes) out of reach of the garbage collector,
    so that a later collection looks only at what visitors made."""
    gc.collect()
    gc.freeze()
    send_without_delay()
    tune_memory()
    sys.setswitchinterval(TURN_S)


def send_without_delay() -> int:
    """Turn off Nagle's algorithm on the sockets of this process that serve visitors.

    These are the listening TCP sockets, whose flag every later connection inherits, and the
    connections that they accepted already: the visitor whose run calls this first has one of them.
    Where the system does not list a process's descriptors (Windows), nothing happens.

    Returns: the number of listening sockets found.
    """
    with ExitStack() as stack:
        sockets = [stack.enter_context(sock) for sock in _own_tcp_sockets()]
        listening = {_local_end(sock) for sock in sockets if _listens(sock)} - {None}
        for sock in sockets:
            if _local_end(sock) in listening:
                with suppress(OSError):  # the visitor left meanwhile
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return len(listening)


def _own_tcp_sockets() -> list[socket.socket]:
    """The TCP sockets of this process, each over a duplicate: closing it leaves the owner's open."""
    folder = next(filter(os.path.isdir, FOLDERS_OF_DESCRIPTORS), None)
    found = []
    for name in os.listdir(folder) if folder else ():
        with suppress(OSError):  # closed since it was listed
            if not stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                continue
            sock = socket.socket(fileno=os.dup(int(name)))
            if sock.family in (socket.AF_INET, socket.AF_INET6) and sock.type == socket.SOCK_STREAM:
                found.append(sock)
            else:
                sock.close()
    return found


def _listens(sock: socket.socket) -> bool:
    try:
        return bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False


def _local_end(sock: socket.socket) -> tuple[int, int] | None:
    """Address family and port: a listening socket and the connections it accepted have them in common."""
    try:
        return sock.family, sock.getsockname()[1]
    except OSError:
        return None
