"""The command `equiscope`: what it lists, where it leads, and the app that it serves from any folder."""

import os
import subprocess
import sys
import tomllib

import pytest
from streamlit.web import cli

import equiscope
from equiscope.__main__ import COMMANDS, app_script, main
from tests.browser.running import Server, free_port, wait_until_healthy

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
    assert app_script() == root / "server.py"
    assert calls == [["run", str(root / "server.py"), "--server.port", port]]


@pytest.mark.slow
def test_another_folder_changes_nothing_of_the_app(tmp_path, root):
    """Streamlit also reads the configuration of the folder it is started in; that of the app must win."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text('[server]\naddress = "0.0.0.0"\nport = 1\n', encoding="utf-8")
    port, log = free_port(), tmp_path / "log.txt"
    variables = {name: value for name, value in os.environ.items() if not name.startswith("STREAMLIT_")}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "equiscope", "--port", str(port)],
            cwd=tmp_path, env=variables | {"PYTHONPATH": str(root)}, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        wait_until_healthy(Server(f"http://127.0.0.1:{port}", log, process.pid), process)
    finally:
        process.terminate()
        process.wait(PATIENCE)
    assert f"http://127.0.0.1:{port}" in log.read_text(encoding="utf-8")
    assert "0.0.0.0" not in log.read_text(encoding="utf-8")
