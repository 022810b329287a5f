"""The command `equiscope`: what it lists, where it leads, and the app that it serves from any folder."""

import os
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request

import pytest
from streamlit.web import cli

import equiscope
from equiscope.__main__ import COMMANDS, app_script, main

PATIENCE = 180  # seconds until a busy machine counts as a failure


def test_help_has_a_sentence_for_each_command(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    text = capsys.readouterr().out
    assert list(COMMANDS) == ["measure", "train", "sweep"]
    for name, command in COMMANDS.items():
        assert f"  {name:<9}{command.summary}\n" in text
        assert command.summary.endswith(".")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_its_own_help_under_its_own_name(name, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])
    assert capsys.readouterr().out.startswith(f"usage: equiscope {name} [-h]")


def test_arguments_after_a_command_are_its_own(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["train", "no_such_network"])
    assert "equiscope train: error" in capsys.readouterr().err
    assert main(["sweep", "no_such_grid.json"]) == 2
    assert "no_such_grid.json cannot be read" in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys, root):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"equiscope {equiscope.__version__}\n"
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["version"]["path"] == "equiscope/__init__.py"


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["--port", "0"], ["--port", "65536"], ["--port", "-1"], ["--port", "1", "sweep"]]
)
def test_what_is_not_understood_is_refused(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "equiscope: error: " in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "port"), [([], "8501"), (["--port", "65535"], "65535")])
def test_without_a_command_the_app_is_served(arguments, port, monkeypatch, root):
    calls = []
    monkeypatch.setattr(cli, "main", lambda given, **_: calls.append(given))
    assert main(arguments) == 0
    assert app_script() == root / "app.py"
    assert calls == [["run", str(root / "app.py"), "--server.port", port]]


def test_another_folder_changes_nothing_of_the_app(tmp_path, root):
    """Streamlit also reads the configuration of the folder it is started in; that of the app must win."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text('[server]\naddress = "0.0.0.0"\nport = 1\n', encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "equiscope", "--port", str(port)]
    log = tmp_path / "log.txt"
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment(root), stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    try:
        assert wait_for_answer(f"http://127.0.0.1:{port}/_stcore/health", process) == "ok", log.read_text()
    finally:
        process.terminate()
        process.wait(PATIENCE)
    assert f"http://127.0.0.1:{port}" in log.read_text()
    assert "0.0.0.0" not in log.read_text()


def environment(root):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STREAMLIT_")}
    return kept | {"PYTHONPATH": str(root)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_answer(address: str, process: subprocess.Popen) -> str:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                return answer.read().decode()
        except OSError:
            time.sleep(0.1)
    return f"ended with {process.poll()}" if process.poll() is not None else "no answer"
