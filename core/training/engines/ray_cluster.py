"""A Ray cluster."""

from core.training.engines.engine import Engine


def ray_cluster(address: str | None, max_minutes: float) -> Engine:
    raise NotImplementedError
