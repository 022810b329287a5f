"""The networks: one file each, and one line each in the registry."""

from core.models.as_published import AS_PUBLISHED, WIDE, load_published, published, published_parameters
from core.models.feature_map import FeatureMap, Features
from core.models.grids import Grid
from core.models.network import Network
from core.models.own import add_networks, remove_networks
from core.models.registry import (
    GROUPS,
    MODELS,
    Group,
    ModelSpec,
    broken_limit,
    build,
    configuration,
    has_scales,
    is_ready,
    kernel_sides,
    load,
    trainings,
)
from core.models.shown import Shown, titles
from core.models.wrapped import WrappedNetwork, wrap

__all__ = [
    "AS_PUBLISHED",
    "GROUPS",
    "MODELS",
    "WIDE",
    "FeatureMap",
    "Features",
    "Grid",
    "Group",
    "ModelSpec",
    "Network",
    "Shown",
    "WrappedNetwork",
    "add_networks",
    "broken_limit",
    "build",
    "configuration",
    "has_scales",
    "is_ready",
    "kernel_sides",
    "load",
    "load_published",
    "published",
    "published_parameters",
    "remove_networks",
    "titles",
    "trainings",
    "wrap",
]
