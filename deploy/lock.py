"""The lock files: every package with its version and the SHA-256 of its file, so that pip takes no other.

`python deploy/lock.py write`: makes them anew (`make lock`). `python deploy/lock.py install NAME`: NAME.lock where it
applies, otherwise NAME.txt, whose packages have versions but no hashes.

A lock holds the files of one platform: Linux on x86-64 with glibc, CPython 3.11, and PyTorch for the CPU, which is not
on PyPI. So it applies where pip is offered that build: from a folder or another index (PIP_FIND_LINKS,
PIP_EXTRA_INDEX_URL), and where no other build of PyTorch was installed by hand. Needs nothing but pip.
"""

import json
import platform
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("requirements", "requirements-dev", "requirements-docs", "requirements-ray")
MADE_FOR = ("Linux", "x86_64", "glibc", "CPython", "3.11")
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")
RESOLVE = (*PIP, "install", "--dry-run", "--ignore-installed", "--only-binary", ":all:", "--quiet", "--report", "-")
BUILDS = "torch"  # has several builds of one version
PINNED = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)


def this_platform() -> tuple[str, ...]:
    """What MADE_FOR says, of this machine and interpreter."""
    release = ".".join(platform.python_version_tuple()[:2])
    return platform.system(), platform.machine(), platform.libc_ver()[0], platform.python_implementation(), release


def pins(text: str) -> dict[str, str]:
    """Names, in lower case with hyphens, and versions of what a requirements file or a lock pins."""
    return {normal(name): pinned for name, pinned in PINNED.findall(text)}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def lock_of(report: dict, name: str) -> str:
    """The text of NAME.lock, from pip's report on installing NAME.txt. Raises: ValueError for a file without a hash."""
    what = f"for {' '.join(MADE_FOR)} and PyTorch for the CPU"
    lines = [f"# Made by `make lock` from {name}.txt, {what}: deploy/lock.py."]
    for each in sorted(report["install"], key=lambda each: normal(each["metadata"]["name"])):
        package, file = each["metadata"], each["download_info"]
        sha256 = file.get("archive_info", {}).get("hashes", {}).get("sha256")
        if not sha256:
            raise ValueError(f"{package['name']} came without a SHA-256, from {file['url']}")
        lines.append(f"{normal(package['name'])}=={package['version']} --hash=sha256:{sha256}")
    return "\n".join(lines) + "\n"


def write() -> None:
    """Makes every lock anew. Raises: SystemExit on another platform, or without PyTorch for the CPU."""
    if this_platform() != MADE_FOR:
        sys.exit(f"lock: the locks are made on {' '.join(MADE_FOR)}, this is {' '.join(this_platform())}")
    for name in NAMES:
        resolved = subprocess.run([*RESOLVE, "-r", str(ROOT / f"{name}.txt")], stdout=subprocess.PIPE, check=True)
        text = lock_of(json.loads(resolved.stdout), name)
        if not pins(text).get(BUILDS, "+cpu").endswith("+cpu"):
            sys.exit("lock: pip is not offered PyTorch for the CPU; name its index in PIP_EXTRA_INDEX_URL")
        (ROOT / f"{name}.lock").write_text(text, encoding="utf-8")


def why_not(lock: str) -> str:
    """Why a lock, its text, does not apply here: one sentence, or nothing if it does."""
    if this_platform() != MADE_FOR:
        return f"it is for {' '.join(MADE_FOR)}, this is {' '.join(filter(None, this_platform()))}"
    build = pins(lock).get(BUILDS)
    if build is None:
        return ""
    try:
        installed = version(BUILDS)
    except PackageNotFoundError:
        return "" if build in offered(BUILDS) else f"pip is not offered {BUILDS} {build}"
    return "" if installed == build else f"{BUILDS} {installed} is installed already, and stays"


def offered(package: str) -> list[str]:
    """The versions of a package that pip finds here."""
    asked = subprocess.run([*PIP, "index", "versions", package], capture_output=True, text=True, check=False)
    found = re.search(r"^Available versions: (.*)$", asked.stdout, re.MULTILINE)
    return found[1].split(", ") if found else []


def install(name: str) -> int:
    """Installs the packages of NAME.lock, or says in a sentence why it takes NAME.txt. Returns pip's exit status."""
    lock = ROOT / f"{name}.lock"
    reason = why_not(lock.read_text(encoding="utf-8"))
    if reason:
        print(f"{lock.name} does not apply: {reason}. Installing {name}.txt, without hashes.", flush=True)
    options = ["-r", str(ROOT / f"{name}.txt")] if reason else ["--require-hashes", "-r", str(lock)]
    return subprocess.run([*PIP, "install", *options], check=False).returncode


if __name__ == "__main__":
    if sys.argv[1:2] == ["install"] and sys.argv[2:3] and sys.argv[2] in NAMES:
        sys.exit(install(sys.argv[2]))
    if sys.argv[1:] != ["write"]:
        sys.exit(f"usage: lock.py write | lock.py install {{{','.join(NAMES)}}}")
    write()
