"""`python deploy/check_dockerfile.py`: takes the steps of the Dockerfile in an empty folder, as far as that goes
without Docker: copies what it copies, starts what it starts, asks what it asks, and tells whether anything was written.

What it cannot tell: whether the base image and the packages can be had, and what is missing for want of them.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
Step = tuple[str, str]  # an instruction and what follows it


def steps(text: str) -> list[Step]:
    """The instructions of a Dockerfile in their order, comments left out and continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(first, rest) for first, _, rest in (line.strip().partition(" ") for line in joined.splitlines()) if first]


def those(all_steps: list[Step], instruction: str) -> list[str]:
    return [rest for first, rest in all_steps if first == instruction]


def context(root: Path = ROOT) -> set[str]:
    """The files that Docker is sent: all below `root` that .dockerignore leaves, whose last fitting line decides."""
    lines = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [(line.startswith("!"), _pattern(line.lstrip("!"))) for line in lines if line and line[0] != "#"]
    sent = set()
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in (".git", ".venv", "node_modules")]
        for name in files:
            path = (Path(folder) / name).relative_to(root).as_posix()
            if next((kept for kept, pattern in reversed(rules) if pattern.match(path)), True):
                sent.add(path)
    return sent


def _pattern(line: str) -> re.Pattern[str]:
    """A line of .dockerignore: `*` stays in one folder, `**/` is any number of them, a folder is all below it."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", line.strip("/"))
    return re.compile("".join(parts.get(piece) or re.escape(piece) for piece in pieces) + "(?:/|$)")


def copy(all_steps: list[Step], folder: Path, root: Path = ROOT) -> set[str]:
    """Does every COPY into `folder`, which stands for WORKDIR. Returns the files.

    Raises: ValueError for a source that is not sent.
    """
    sent, copied = context(root), set()
    for rest in those(all_steps, "COPY"):
        *sources, target = rest.split()
        for source in sources:
            found = {path for path in sent if path == source or path.startswith(f"{source}/")}
            if not found:
                raise ValueError(f"COPY {rest}: {source} is not there, or .dockerignore keeps it out")
            for path in found:
                into = Path(target) / Path(path).name if target.endswith("/") else Path(target + path[len(source) :])
                (folder / into).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(root / path, folder / into)
                copied.add(into.as_posix())
    return copied


def compile_sources(all_steps: list[Step], folder: Path) -> None:
    """The one RUN that needs neither Docker nor a network. Raises: CalledProcessError if it fails."""
    (command,) = [rest for rest in those(all_steps, "RUN") if rest.startswith("python -m compileall ")]
    subprocess.run([sys.executable, *command.split()[1:]], cwd=folder, check=True)


@contextmanager
def started(all_steps: list[Step], folder: Path, home: Path, port: int) -> Iterator[subprocess.Popen]:
    """CMD in `folder`, on this machine's own address and a port of ours, until the block ends."""
    (command,) = those(all_steps, "CMD")
    inside = {"python": sys.executable, "0.0.0.0": "127.0.0.1", "8501": str(port)}
    variables = dict(re.findall(r"(\w+)=(\S+)", " ".join(those(all_steps, "ENV"))))
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("EQUISCOPE_", "STREAMLIT_"))}
    with (home / "app.log").open("wb") as log:
        process = subprocess.Popen(
            [inside.get(word, word) for word in json.loads(command)],
            cwd=folder, env={**ours, **variables, "HOME": str(home)}, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def is_healthy(all_steps: list[Step], folder: Path, port: int) -> bool:
    """What HEALTHCHECK answers."""
    (check,) = those(all_steps, "HEALTHCHECK")
    _, script = json.loads(check.partition("CMD ")[2])
    return subprocess.run([sys.executable, script, str(port)], cwd=folder, check=False).returncode == 0


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file below a folder: equal before and after where nothing was written."""
    found = ((path.relative_to(folder).as_posix(), path.stat()) for path in folder.rglob("*") if path.is_file())
    return {path: (status.st_size, status.st_mtime_ns) for path, status in found}


def main(port: int = 8599, patience: float = 120) -> int:
    all_steps = steps((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as name:
        folder, home = Path(name) / "app", Path(name) / "home"
        home.mkdir()
        files = copy(all_steps, folder)
        size = sum((folder / path).stat().st_size for path in files) / 1e6
        print(f"copied: {len(files)} files, {size:.1f} MB")
        compile_sources(all_steps, folder)
        before, end = contents(folder), time.monotonic() + patience
        with started(all_steps, folder, home, port) as process:
            while not (healthy := is_healthy(all_steps, folder, port)) and time.monotonic() < end:
                if process.poll() is not None:
                    break
                time.sleep(0.5)
        print("healthy" if healthy else f"not healthy:\n{(home / 'app.log').read_text(errors='replace')}")
        unwritten = contents(folder) == before
        print("nothing was written beside it" if unwritten else "it wrote beside itself")
        return 0 if healthy and unwritten else 1


if __name__ == "__main__":
    sys.exit(main())
