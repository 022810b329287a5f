"""What carries out the experiments of a sweep: processes of this machine, or a Ray cluster.

An engine takes experiments and the folder that holds theirs, and yields the name of each that has ended, with what
went wrong, empty if nothing did.
"""

from core.training.engines.engine import Engine, EngineMissing
from core.training.engines.local import processes
from core.training.engines.ray_cluster import ray_cluster

__all__ = ["Engine", "EngineMissing", "processes", "ray_cluster"]
