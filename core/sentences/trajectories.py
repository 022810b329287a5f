"""Where training moved internal scales, in a sentence."""

from collections.abc import Sequence

from core.figures import Trajectory


def explain_trajectories(runs: Sequence[Trajectory]) -> str:
    """Where each run went, in one sentence."""
    told = [f"{run.name} went from ISR {run.isrs[0]:.2f} to {run.isrs[-1]:.2f}, σ = {_row(run)} px" for run in runs]
    return "; ".join(told) + "."


def _row(run: Trajectory) -> str:
    return ", ".join(f"{scale:.2f}" for scale in run.scales[-1])
