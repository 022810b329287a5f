"""What the sweep over scale learning recorded: where internal scales went, epoch by epoch."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.layers.learnable_scales import MODES
from core.models.settings import with_settings
from core.models.toy import SIZES
from core.results.sweeps import FOLDER, EpochLine, ErrorLine, epochs_path, errors_path, number_of, read_both
from core.scales import ScaleSet

ERRORS_TABLE, EPOCHS_TABLE = errors_path(FOLDER / "learning"), epochs_path(FOLDER / "learning")


@dataclass(frozen=True)
class LearnedScales:
    """One run of the toy network of size `small`.

    Attributes:
        data: the range of data scales it learned from. mode: what it learned (core.layers.LearnableScales).
        initial_isr: ISR of its start. seed: of weights and order.
        scales: in pixels of the canvas, ascending, for each epoch from 0, the start.
        test_error: in %, on the test split of the range, with the weights of the best validation epoch.
    """

    data: str
    mode: str
    initial_isr: float
    seed: int
    scales: tuple[ScaleSet, ...]
    test_error: float

    @property
    def isr(self) -> float:
        """The ISR it ended with, of the last epoch."""
        return self.scales[-1].isr


def read_learned_scales(errors: Path = ERRORS_TABLE, epochs: Path = EPOCHS_TABLE) -> list[LearnedScales]:
    """Every run, in the order of the table.

    Raises: OSError; ValueError if a table is damaged or the two do not hold the same runs.
    """
    of_errors, of_epochs = read_both(errors, epochs, _check)
    histories: dict[tuple, list[EpochLine]] = {}
    for line in of_epochs:
        histories.setdefault(_which(line), []).append(line)
    found = {_which(line): line for line in of_errors if line.data_scale is None}
    if found.keys() != histories.keys():
        raise ValueError(f"{errors.name} and {epochs.name} hold different runs")
    if not found:
        raise ValueError(f"{errors.name} holds no runs")
    return [_run(lines, found[which].error) for which, lines in histories.items()]


def _check(line: ErrorLine) -> None:
    if line.setting.get("mode") not in MODES:
        raise ValueError(f"the setting must have a mode, one of {', '.join(MODES)}")
    if "isr" in line.setting:
        number_of(line.setting, "isr")


def _run(lines: Sequence[EpochLine], test_error: float) -> LearnedScales:
    first = lines[0]
    changed = {"isr": float(first.setting["isr"])} if "isr" in first.setting else {}
    start = with_settings(SIZES["small"], **changed).internal_scales
    ordered = sorted(lines, key=lambda line: line.epoch)
    scales = (start, *(ScaleSet(line.internal_scales) for line in ordered))
    if any(len(each) != len(start) for each in scales):
        raise ValueError(f"a run of {first.data} from seed {first.seed} must have {len(start)} scales in each epoch")
    return LearnedScales(first.data, first.setting["mode"], start.isr, first.seed, scales, test_error)


def _which(line: EpochLine | ErrorLine) -> tuple:
    return line.data, line.seed, json.dumps(line.setting, sort_keys=True)
