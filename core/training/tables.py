"""The table that a sweep leaves in assets/results: the errors of a grid, or the rows of a study."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from core.results import sweeps
from core.results.study import RunLine, line_of, read_runs, write_runs
from core.training.experiment import Experiment
from core.training.grid import Grid, Study
from core.training.run_folder import result_of


def experiment_of(line: RunLine) -> Experiment:
    """The run that a row is of. Raises: ValueError if there is no such network, data, setting or recipe now."""
    counts = line.images
    if len(counts) != 3:
        raise ValueError(f"a run has three numbers of images, got {counts}")
    return Experiment(
        line.network, line.data, line.seed, line.size, line.setting, line.recipe, counts, line.images_per_scale
    )


def rows_of(plan: Grid | Study, table: Path) -> dict[str, RunLine]:
    """The rows that a study has already, on whatever machine they were made, by the name of the run.

    Raises: OSError; ValueError, in one sentence, if the table is damaged.
    """
    if isinstance(plan, Grid) or not table.is_file():
        return {}
    return {experiment_of(line).name: line for line in read_runs(table)}


def write(plan: Grid | Study, experiments: Sequence[Experiment], runs: Path, path: Path) -> None:
    """What is finished, in the order of the experiments; rows of a study that were there before stay as they are.

    Args: runs: folder of the runs. path: of the table, without its ending.
    Raises: OSError; ValueError as `rows_of`.
    """
    results = {e.name: result for e in experiments if (result := result_of(e, runs / e.name)) is not None}
    if isinstance(plan, Grid):
        sweeps.write(list(results.values()), path)
        return
    table = sweeps.errors_path(path)
    write_runs(_rows(plan, experiments, results, rows_of(plan, table)), table)


def _rows(
    plan: Study, experiments: Sequence[Experiment], results: Mapping[str, Mapping], before: dict[str, RunLine]
) -> list[RunLine]:
    found = {e.name: line_of(plan.part_of(e), results[e.name]) for e in experiments if e.name in results} | before
    order = {experiment.name: k for k, experiment in enumerate(experiments)}
    return [found[name] for name in sorted(found, key=lambda name: order.get(name, len(order)))]
