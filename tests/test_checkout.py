"""Commands write into a checkout, and never into an installed package."""

import subprocess

import pytest

from core import checkout


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    checkout.revision.cache_clear()
    yield
    checkout.revision.cache_clear()


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """As if `core` lay in a folder of installed packages."""
    monkeypatch.setattr(checkout, "ROOT", tmp_path / "site-packages")
    (tmp_path / "site-packages").mkdir()
    return tmp_path / "site-packages"


def test_a_checkout_writes_into_its_own_folders(root):
    assert root == checkout.ROOT
    assert checkout.output_folder(root / "assets" / "checkpoints") == root / "assets" / "checkpoints"


def test_an_installed_package_writes_where_one_stands(installed):
    written = checkout.output_folder(installed / "equiscope" / "assets" / "checkpoints")
    assert not written.is_absolute()
    assert str(written) == "checkpoints"


def test_a_folder_that_is_no_part_of_the_package_is_written_to(installed, tmp_path):
    own = tmp_path / "own assets" / "checkpoints"
    assert checkout.output_folder(own) == own


def test_the_commit_says_whether_core_was_changed(monkeypatch, tmp_path):
    """Elsewhere a change counts for nothing."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    for name in ("pyproject.toml", "core/code.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("first\n", encoding="utf-8")
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *command], check=True)
    monkeypatch.setattr(checkout, "ROOT", tmp_path)
    commit = checkout.git_commit()
    assert len(commit) == 40
    (tmp_path / "pyproject.toml").write_text("second\n", encoding="utf-8")
    assert checkout.git_commit() == commit
    (tmp_path / "core" / "code.py").write_text("second\n", encoding="utf-8")
    assert checkout.git_commit() == f"{commit} with changes"


def test_the_commit_is_never_that_of_another_repository(installed, root):
    inside = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    assert checkout.git_commit() == "" or inside.returncode


def test_a_figure_names_the_commit_that_git_names(root):
    asked = ["git", "-C", str(root), "rev-parse", "--short=9", "HEAD"]
    commit = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    assert checkout.revision().startswith(f"revision {commit}" if commit else "")


def test_an_installed_package_is_named_by_its_version(installed, monkeypatch):
    monkeypatch.setattr(checkout.metadata, "version", lambda name: f"1.2.3 of {name}")
    assert checkout.revision() == "version 1.2.3 of equiscope"
