"""What the wheel holds: everything that the app needs, under two names, and nothing else."""

import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import PurePosixPath

import pytest

PATIENCE = 600  # seconds


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", str(root), "--wheel-dir", str(folder)]
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    run = subprocess.run([*command, *offline], capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 0, run.stdout + run.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as opened:
        yield opened


BESIDE = ("app.py", "server.py", ".streamlit/config.toml")


def tracked(root, *folders):
    """Paths below the root that git tracks or would track, without those that are gone."""
    command = ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        pytest.skip("this is no git repository")
    return sorted(path for path in run.stdout.splitlines() if (root / path).is_file())


@pytest.mark.slow
def test_every_module_and_asset_comes_along(wheel, root):
    names = set(wheel.namelist())
    expected = {path for path in tracked(root, "core", "equiscope") if path.endswith(".py")}
    expected |= {f"equiscope/{path}" for path in tracked(root, "pages", "components") if path.endswith(".py")}
    expected |= {f"equiscope/{path}" for path in tracked(root, "assets", *BESIDE)}
    assert len(expected) > 150
    assert expected <= names, sorted(expected - names)


def test_only_two_names_can_be_imported(wheel):
    folders = {PurePosixPath(name).parts[0] for name in wheel.namelist()}
    assert {name for name in folders if not name.endswith(".dist-info")} == {"core", "equiscope"}


def test_nothing_comes_along_that_is_not_needed(wheel, root):
    known = set(tracked(root, "core", "equiscope", "pages", "components", "assets", *BESIDE))
    for name in wheel.namelist():
        path = PurePosixPath(name)
        if path.parts[0].endswith(".dist-info"):
            continue
        assert name in known or name.removeprefix("equiscope/") in known, name
        assert not {"tests", "benchmarks", "docs", "node_modules", "__pycache__", "runs"} & set(path.parts), name
        assert path.suffix not in {".pyc", ".part", ".pt", ".pkl"}, name
        assert "test" not in path.stem.split("_")[0], name
        assert path.name != "secrets.toml"


def test_what_it_needs_is_what_requirements_say(wheel, root):
    (name,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    metadata = message_from_bytes(wheel.read(name))
    lines = (root / "requirements.txt").read_text(encoding="utf-8").splitlines()
    needed = {line for line in lines if line and not line.startswith("#")}
    stated = metadata.get_all("Requires-Dist")
    assert {line for line in stated if "extra" not in line} == needed
    extras = {f"{line}; extra == '{name}'" for name in ("ray", "foreign") for line in _extra(root, name)}
    assert {line for line in stated if "extra" in line} - {f"{line}; extra == 'foreign'" for line in needed} == extras
    assert metadata["Requires-Python"] == ">=3.11"


def _extra(root, name):
    """What it adds to requirements.txt."""
    lines = (root / f"requirements-{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if "==" in line]


def test_it_brings_one_command(wheel):
    (name,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert wheel.read(name).decode().split() == ["[console_scripts]", "equiscope", "=", "equiscope.__main__:main"]


@pytest.mark.slow
def test_it_runs_from_another_folder(wheel, tmp_path):
    """Unpacked as pip would: names, assets and the command, without the checkout on the path."""
    pytest.importorskip("core.files", reason="core finds installed assets by it")
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    wheel.extractall(site)
    elsewhere.mkdir()
    program = f"""
import sys; sys.path.insert(0, {str(site)!r})
import core
from core.data.glyphs import glyph
from core.equivariance import measure
from core.models import load
from core.checkout import output_folder
from core import checkpoints
from equiscope.__main__ import app_script
assert core.__file__.startswith({str(site)!r})
assert app_script().is_file() and app_script().parent.name == "equiscope", app_script()
assert str(output_folder(checkpoints.FOLDER)) == "checkpoints"
report = measure(load("cnn"), [glyph("3-round")], [0.5])
assert report.error.max() > 0
"""
    run = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=elsewhere, capture_output=True, text=True, timeout=PATIENCE
    )
    assert run.returncode == 0, run.stderr
    assert not list(elsewhere.iterdir())
