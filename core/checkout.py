"""Is this code a checkout of the repository or an installed package, and where may its commands write?"""

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
