"""A table of measurements that is kept once for each size of the networks."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from core import files
from core.results import codec

FOLDER = files.ASSETS / "results"
DECIMALS = 5  # of every number
Line = TypeVar("Line")


@dataclass(frozen=True)
class TableBySize(Generic[Line]):
    """`equivariance-<size><suffix>.csv`, which `python -m core.results.equivariance` writes.

    Attributes:
        kind: a frozen dataclass, one for each line.
        suffix: of its name.
    """

    kind: type[Line]
    suffix: str = ""

    def read(self, size: str, folder: Path) -> tuple[Line, ...]:
        """The lines that are kept, in the order in which they were written.

        Raises: FileNotFoundError if none are kept for that size; ValueError, in one sentence, if they are damaged.
        """
        path = self._path(size, folder)
        if not path.is_file():
            raise FileNotFoundError(
                f"There are no results of size {size}; `python -m core.results.equivariance` makes them."
            )
        return tuple(codec.parse(self.kind, path.read_bytes(), path.name))

    def write(self, lines: Iterable[Line], size: str, folder: Path) -> Path:
        """Keeps the lines, every number with five decimals. Raises: OSError."""
        path = self._path(size, folder)
        files.write(path, codec.to_text(self.kind, map(_rounded, lines)))
        return path

    def _path(self, size: str, folder: Path) -> Path:
        return folder / f"equivariance-{size}{self.suffix}.csv"


def _rounded(line: Line) -> Line:
    numbers = {name: round(value, DECIMALS) for name, value in vars(line).items() if isinstance(value, float)}
    return cast(Line, replace(cast(Any, line), **numbers))
