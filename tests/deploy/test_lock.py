"""The locks name what the requirements pin, each file by its hash, and are taken only where they apply."""

import importlib.util
import re

import pytest

LINE = re.compile(r"[a-z0-9-]+==\S+ --hash=sha256:[0-9a-f]{64}")


@pytest.fixture(scope="module")
def lock(root):
    """deploy/lock.py as a module."""
    spec = importlib.util.spec_from_file_location("lock", root / "deploy" / "lock.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text_of(root, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


def pinned(root, lock, name: str) -> dict[str, str]:
    """What a requirements file pins, those that it includes among them."""
    text = text_of(root, name)
    found = lock.pins(text.replace("[python]", ""))
    for included in re.findall(r"^-r (\S+)$", text, re.MULTILINE):
        found |= pinned(root, lock, included)
    return found


def test_every_requirements_file_has_a_lock(root, lock):
    optional = {"requirements-foreign"}  # a network of others, for one table: versions, no hashes
    assert {path.stem for path in root.glob("requirements*.txt")} == set(lock.NAMES) | optional
    assert {path.stem for path in root.glob("requirements*.lock")} == set(lock.NAMES)


def test_each_lock_holds_what_is_pinned_and_what_that_needs(root, lock):
    for name in lock.NAMES:
        locked = lock.pins(text_of(root, f"{name}.lock"))
        wanted = pinned(root, lock, f"{name}.txt")
        assert len(wanted) >= 5
        assert {each: locked.get(each, "").removesuffix("+cpu") for each in wanted} == wanted, f"make lock: {name}"
        assert len(locked) > len(wanted), "what the packages need is locked, too"


def test_each_line_has_a_hash(root, lock):
    for name in lock.NAMES:
        comment, *lines = text_of(root, f"{name}.lock").splitlines()
        assert comment.startswith("#")
        assert all(LINE.fullmatch(line) for line in lines)


def test_the_locks_agree_with_each_other(root, lock):
    lines = {line for name in lock.NAMES for line in text_of(root, f"{name}.lock").splitlines() if "==" in line}
    assert len({line.partition("==")[0] for line in lines}) == len(lines)


def test_a_lock_comes_from_what_pip_says(lock):
    def found(name, hashes):
        return {"metadata": {"name": name, "version": "1.2"}, "download_info": {"url": "u", "archive_info": hashes}}

    report = {"install": [found("Zed_b", {"hashes": {"sha256": "b"}}), found("a", {"hashes": {"sha256": "a"}})]}
    assert lock.lock_of(report, "x").splitlines()[1:] == ["a==1.2 --hash=sha256:a", "zed-b==1.2 --hash=sha256:b"]
    with pytest.raises(ValueError, match="zed came without a SHA-256"):
        lock.lock_of({"install": [found("zed", {})]}, "x")


@pytest.mark.parametrize(
    ("platform", "installed", "offered", "reason"),
    [
        (None, None, ["2.0", "2.0+cpu"], ""), (None, "2.0+cpu", [], ""),
        (None, None, ["2.0"], "pip is not offered torch 2.0+cpu"),
        (None, "2.0+cu130", ["2.0+cpu"], "torch 2.0+cu130 is installed already, and stays"),
        (("Darwin", "arm64", "", "CPython", "3.12"), None, ["2.0+cpu"], "it is for Linux x86_64 glibc CPython 3.11, "
         "this is Darwin arm64 CPython 3.12"),
    ],
)  # fmt: skip
def test_a_lock_applies_to_its_own_platform_and_build(lock, monkeypatch, platform, installed, offered, reason):
    def version(name):
        if installed is None:
            raise lock.PackageNotFoundError(name)
        return installed

    monkeypatch.setattr(lock, "this_platform", lambda: platform or lock.MADE_FOR)
    monkeypatch.setattr(lock, "version", version)
    monkeypatch.setattr(lock, "offered", lambda name: offered)
    assert lock.why_not("numpy==1.0\ntorch==2.0+cpu --hash=sha256:0") == reason
    assert lock.why_not("numpy==1.0") == ("" if platform is None else reason)


@pytest.mark.parametrize("reason", ["", "it is for another"])
def test_hashes_are_required_wherever_a_lock_applies(lock, monkeypatch, reason, root, capfd):
    """And a hash that is wrong ends it: nothing is installed instead."""
    commands = []

    class Ended:
        returncode = 1

    monkeypatch.setattr(lock, "why_not", lambda text: reason)
    monkeypatch.setattr(lock.subprocess, "run", lambda command, check: commands.append(command) or Ended)
    assert lock.install("requirements") == 1
    (command,) = commands
    assert ("--require-hashes" in command) == (not reason)
    assert command[-1] == str(root / f"requirements.{'txt' if reason else 'lock'}")
    assert capfd.readouterr().out.count("does not apply") == bool(reason)


def test_the_makefile_installs_through_it(root, lock):
    makefile = text_of(root, "Makefile")
    installed = re.findall(r"^\t\$\(INSTALL\) (\S+)$", makefile, re.MULTILINE)
    assert installed == ["requirements", "requirements-dev", "requirements-docs"]
    assert "pip install" not in makefile
