"""Is this code a checkout of the repository or an installed package, of which revision, and where may it write?"""

import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]  # of a checkout; otherwise the folder that packages are installed in


def is_checkout() -> bool:
    """Whether `core` lies in the repository, whose assets are there to be written again."""
    return (ROOT / "pyproject.toml").is_file()


def output_folder(kept: Path) -> Path:
    """Where a command writes by default what a checkout keeps in the folder `kept`.

    In a checkout that is `kept`. An installed package leaves its own folders alone: there it is a folder of the same
    name where one stands, unless `kept` lies elsewhere.
    """
    return kept if is_checkout() or not kept.is_relative_to(ROOT) else Path(kept.name)


def git_commit() -> str:
    """The commit of the code, with a mark if files of `core` that it tracks are changed; empty outside a checkout."""
    if not is_checkout():  # an installed package may lie inside the repository of something else
        return ""
    try:
        commit = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", "core")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return commit + (" with changes" if changed else "")


def _git(*arguments: str) -> str:
    """Raises: OSError, subprocess.CalledProcessError."""
    told = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True)
    return told.stdout.strip()


@cache
def revision() -> str:
    """What a figure says of the code that drew it: the short commit, else the version of the package, else nothing."""
    commit, _, changes = git_commit().partition(" ")
    if commit:
        return f"revision {commit[:9]} {changes}".strip()
    try:
        return f"version {metadata.version('equiscope')}"
    except metadata.PackageNotFoundError:
        return ""
