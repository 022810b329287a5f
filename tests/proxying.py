"""nginx with deploy/nginx.conf as it is: only the address it listens on and the processes behind it are ours."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.running import end, free_port
from tests.waiting import until

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


@contextmanager
def proxy(conf: str, folder: Path, ports: list[int]) -> Iterator[int]:
    """nginx with that configuration, as whoever runs the tests; gives its port, and ends it by its process."""
    port = free_port()
    for template, own in (
        ("listen 8080 ", f"listen 127.0.0.1:{port} "),
        ("server app:8501;", " ".join(f"server 127.0.0.1:{each};" for each in ports)),
    ):
        assert conf.count(template) == 1
        conf = conf.replace(template, own)
    (folder / "nginx.conf").write_text(conf, encoding="utf-8")
    assert NGINX is not None
    command = [NGINX, "-e", "stderr", "-p", f"{folder}/", "-c", str(folder / "nginx.conf")]
    if os.geteuid() == 0:  # else its workers become `nobody`, who may not enter the folder
        command += ["-g", "user root;"]
    with (folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(lambda: process.poll() is not None or listens(port))
        assert process.poll() is None, (folder / "nginx.log").read_text()
        yield port
    finally:
        end(process)


def listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0
