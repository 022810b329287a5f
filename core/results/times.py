"""How long each network takes for a digit, kept in assets/results/times-small.csv; `python -m core.results.times`.

All networks are timed in turn, so that what slows the machine down for longer than a turn slows all of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core import files, processor
from core.checkout import output_folder
from core.cost import SPREAD, times_in_turn
from core.models import MODELS, build
from core.results import codec
from core.results.by_size import FOLDER

NAME = "times-small.csv"
_TURNS = 60


@dataclass(frozen=True)
class NetworkTime:
    """One forward pass of a network of size small for one image. Raises: ValueError for a time that is not positive.

    Attributes:
        network: its key in the registry.
        ms: median over the turns. low, high: their 16 % and 84 % quantiles, in ms.
        turns: how many. threads: of the processor. processor, torch: that computed it.
    """

    network: str
    ms: float
    low: float
    high: float
    turns: int
    threads: int
    processor: str
    torch: str

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.ms <= self.high:
            ends = f"{self.low} and {self.high}"
            raise ValueError(f"a time must be positive and between its quantiles {ends}, got {self.ms}")


def measure_times(networks: Iterable[str], turns: int = _TURNS) -> list[NetworkTime]:
    """Of untrained networks, whose weights do not change the work. Raises: ValueError for fewer than one turn."""
    keys = list(networks)
    times = times_in_turn([build(key, "small") for key in keys], turns)
    numbers = np.round([np.median(times, axis=0), *np.quantile(times, SPREAD, axis=0)], 3).T.tolist()
    where = turns, torch.get_num_threads(), processor.name(), torch.__version__
    return [NetworkTime(key, ms, low, high, *where) for key, (ms, low, high) in zip(keys, numbers, strict=True)]


def read_times(folder: Path = FOLDER) -> list[NetworkTime]:
    """The table that is kept. Raises: OSError; ValueError, in one sentence, if it is damaged."""
    return codec.parse(NetworkTime, (folder / NAME).read_bytes(), NAME)


def main() -> None:
    torch.set_num_threads(1)
    found = measure_times(key for key, spec in MODELS.items() if not spec.control)
    files.write(output_folder(FOLDER) / NAME, codec.to_text(NetworkTime, found))


if __name__ == "__main__":
    main()
