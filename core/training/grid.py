"""Which experiments a sweep does: a grid, or a study of several grids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from core import typed_json
from core.training.datasets import SPLITS
from core.training.experiment import Experiment


@dataclass(frozen=True)
class Grid:
    """Every combination of networks, data, seeds and settings is one experiment. Attributes: as of `Experiment`."""

    networks: Sequence[str]
    data: Sequence[str]
    seeds: Sequence[int] = (0,)
    settings: Sequence[Mapping[str, Any]] = ({},)
    size: str = "small"
    recipe: Mapping[str, Any] = field(default_factory=dict)
    images: Sequence[int | None] = (None, None, None)
    images_per_scale: int = 0

    def experiments(self) -> list[Experiment]:
        """Seeds vary last, so that a sweep that is stopped early has a whole round; each is there once.

        Raises: ValueError as Experiment, or if something is of the wrong kind.
        """
        try:
            images: Any = tuple(self.images)
            every = [
                Experiment(network, data, seed, self.size, setting, self.recipe, images, self.images_per_scale)
                for seed, network, data, setting in product(self.seeds, self.networks, self.data, self.settings)
            ]
        except TypeError as error:
            raise ValueError(f"the grid holds something of the wrong kind: {error}") from error
        return list({experiment.name: experiment for experiment in every}.values())


@dataclass(frozen=True)
class Study:
    """Grids by name, whose finished runs are rows of one table. A run of it that the table has is never done again."""

    parts: Mapping[str, Grid]

    def experiments(self) -> list[Experiment]:
        """Seeds vary last, so that a study that is stopped early has whole rounds of all its parts.

        Raises: ValueError as `Grid.experiments`, or if two parts share a run.
        """
        every = [experiment for _, experiment in self._planned]
        if len({experiment.name for experiment in every}) < len(every):
            raise ValueError("two parts of the study share a run")
        return sorted(every, key=lambda experiment: experiment.seed)

    def part_of(self, experiment: Experiment) -> str:
        """The name of the part that has this run."""
        return self._parts[experiment.name]

    @cached_property
    def _parts(self) -> dict[str, str]:
        return {experiment.name: part for part, experiment in self._planned}

    @cached_property
    def _planned(self) -> list[tuple[str, Experiment]]:  # once: an experiment builds its network to see whether it can
        return [(name, experiment) for name, grid in self.parts.items() for experiment in grid.experiments()]


def smoke(plan: Grid | Study) -> Grid | Study:
    """The same lines for the first seed, one epoch on 200 images each: whether they run, not what they find."""
    if isinstance(plan, Study):
        return Study({name: _brief(part) for name, part in plan.parts.items()})
    return _brief(plan)


def _brief(part: Grid) -> Grid:
    recipe = {**part.recipe, "epochs": 1}
    return replace(part, seeds=part.seeds[:1], recipe=recipe, images=(200, 100, 100), images_per_scale=0)


def read(path: Path) -> Grid | Study:
    """A file of JSON; one that names `parts` is a study.

    Raises: ValueError, in one sentence, if the file cannot be read or is neither.
    """
    try:
        values = typed_json.loads(path.read_bytes())
        if not isinstance(values, dict) or "parts" not in values:
            return _grid(values)
        if not isinstance(values["parts"], dict) or len(values) > 1:
            raise ValueError("a study has nothing but its parts, by name")
        return Study({name: _grid(part) for name, part in values["parts"].items()})
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{path} is no grid: {error}") from error


def _grid(values: Any) -> Grid:
    """Raises: ValueError."""
    grid = typed_json.build(Grid, values)
    if len(grid.images) != len(SPLITS):
        raise ValueError(f"images must be numbers (or null) for {', '.join(SPLITS)}, got {grid.images}")
    return grid
